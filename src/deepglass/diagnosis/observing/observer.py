"""Watches whatever trains in this process: hooks on modules, losses, backward passes and optimisers.

Nothing that is computed changes: no random number is drawn, no tensor is written to. What is kept is bounded.
"""

import copy
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.overrides import TorchFunctionMode

from deepglass.diagnosis.observing.observed import EvalCall, LossCall, Observed, SoftmaxCall, StepFact, WeightFact
from deepglass.diagnosis.observing.tape import LOSSES, Entry, Tape, pruned, tensors

MOST_TAPES, MOST_EVALS, MOST_NUMBERS = 64, 24, 20_000_000  # steps and calls that are kept, and numbers in their inputs
MOST_ENTRIES = 3000  # of one step
SAMPLED_FIRST, SAMPLED_EVERY = 3, 10  # steps whose gradients and updates are measured
SOFTMAX_STEPS = 3  # in which every softmax is looked at
SOFTMAXES = ("softmax", "log_softmax", "softmin")


class Stopped(BaseException):
    """Enough was seen."""


class Observer(TorchFunctionMode):
    """Records what happens while it is active.

    Args:
        enough: Called after every step; raises `Stopped` to end what runs.
    """

    def __init__(self, enough: Callable[[Observed], None] = lambda observed: None):
        super().__init__()
        self.observed, self.enough, self.process = Observed(), enough, os.getpid()
        self.entries: list[Entry] = []
        self.depth, self.is_busy, self.kept = 0, False, 0
        self.calls_before_backward: list[Entry] = []
        self.after_step: list[tuple[nn.Parameter, Tensor]] = []
        self.by_hand: list[tuple[nn.Parameter, Tensor, Tensor]] = []  # weights and gradients behind the last backward
        self.before_update: dict[int, Tensor] = {}
        self.eval_call: EvalCall | None = None
        self.optimizer_steps = 0

    # -- functions ----------------------------------------------------------------------------------------------

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if self.is_busy or os.getpid() != self.process:
            return result
        name = getattr(func, "__name__", "")
        if name in SOFTMAXES and len(self.observed.steps) < SOFTMAX_STEPS:
            self._note_softmax(name, args, kwargs)
        if self.depth == 0 and name not in ("__get__", "size", "dim", "item", "tolist", "numpy", "backward"):
            self._note(Entry(func, tuple(args), kwargs, result))
            if name in LOSSES:
                self._note_loss(name, args, kwargs, result)
        return result

    def _note(self, entry: Entry) -> None:
        if self.eval_call is not None and len(self.eval_call.entries) < 50:
            self.eval_call.entries.append(entry)
        if len(self.entries) >= MOST_ENTRIES and not self.calls_before_backward:
            del self.entries[: MOST_ENTRIES // 2]  # made before the step: data that are prepared call by call
        if len(self.entries) < MOST_ENTRIES and self.keeps:
            self.entries.append(entry)

    @property
    def keeps(self) -> bool:
        """Whether another step is kept."""
        return len(self.observed.tapes) < MOST_TAPES and self.kept < MOST_NUMBERS

    def _note_loss(self, name: str, args: Any, kwargs: Any, result: Tensor) -> None:
        step = len(self.observed.steps)
        value = args[0] if args else kwargs.get("input")
        if not torch.is_grad_enabled() or not isinstance(result, Tensor) or not result.requires_grad:
            if isinstance(result, Tensor) and result.numel() == 1:
                self.observed.eval_losses.append((step, self._number(result)))
                if self.eval_call is not None:
                    self.eval_call.loss = self.observed.eval_losses[-1][1]
        elif isinstance(value, Tensor) and len(self.observed.losses) < MOST_TAPES:
            target = args[1] if len(args) > 1 else kwargs.get("target")
            rest = {key: given for key, given in kwargs.items() if key not in ("input", "target")}
            with self.busy():
                kept = value.detach().clone()
            self.observed.losses.append(LossCall(name, kept, target, rest, step))

    def _note_softmax(self, name: str, args: Any, kwargs: Any) -> None:
        x, dim = (args[0] if args else kwargs.get("input")), kwargs.get("dim", args[1] if len(args) > 1 else None)
        if not isinstance(x, Tensor) or not isinstance(dim, int) or x.dim() == 0 or x.numel() == 0:
            return
        with self.busy(), torch.no_grad():
            self.observed.softmaxes.append(
                SoftmaxCall(name, tuple(x.shape), dim % x.dim(), is_distribution(x, dim), self.depth > 0)
            )

    # -- modules ------------------------------------------------------------------------------------------------

    def call(self, original: Any, module: nn.Module, args: Any, kwargs: Any) -> Any:
        """A module is called."""
        if self.is_busy or os.getpid() != self.process or is_transparent(module):
            return original(module, *args, **kwargs)
        if torch.is_grad_enabled() and len(self.observed.steps) < SAMPLED_FIRST:
            for name, p in module.named_parameters(recurse=False):
                self.observed.called.setdefault(id(p), (f"{type(module).__name__}.{name}", p))
        if self.depth:
            return original(module, *args, **kwargs)
        self._meet(module)
        self.depth += 1
        try:
            result = original(module, *args, **kwargs)
        finally:
            self.depth -= 1
        self._note_call(Entry(None, tuple(args), kwargs, result, module, module.training))
        return result

    def _meet(self, module: nn.Module) -> None:
        """Copy it as it was before its first call."""
        if id(module) in self.observed.initial or any(module is known for known in self.observed.modules):
            return
        self.observed.modules.append(module)
        with self.busy():
            try:
                self.observed.initial[id(module)] = copy.deepcopy(module)
            except Exception:  # modules may hold anything; then only what was observed is asked
                return

    def _note_call(self, entry: Entry) -> None:
        assert entry.module is not None
        outs = list(tensors(entry.result))
        if any(t.requires_grad for t in outs) and torch.is_grad_enabled():
            self.eval_call = None
            self.calls_before_backward.append(entry)
            del self.calls_before_backward[:-16]
            if len(self.entries) < MOST_ENTRIES and self.keeps:
                self.entries.append(entry)
            return
        step = len(self.observed.steps)
        self.observed.eval_modes.append((step, entry.module.training))
        self._note(entry)  # an answer without gradients may still be an input of the loss
        inputs = [t.detach() for t in tensors((entry.args, entry.kwargs)) if t.dim() > 0]
        self.eval_call = EvalCall(entry.module, inputs, entry.module.training, step, [t.detach() for t in outs])
        if sum(t.numel() for t in inputs) < MOST_NUMBERS // 10:
            self.observed.evals.append(self.eval_call)
            if len(self.observed.evals) > MOST_EVALS:  # the first ones and the last ones
                del self.observed.evals[MOST_EVALS // 2]

    # -- steps --------------------------------------------------------------------------------------------------

    def backward(self, loss: Tensor) -> None:
        """Gradients are about to be computed."""
        if self.is_busy or os.getpid() != self.process:
            return
        with self.busy():
            observed, calls = self.observed, self.calls_before_backward
            observed.never_called_backward = False
            was_moved = self._note_move_by_hand()
            fact = StepFact(self._number(loss), is_training=all(c.is_training for c in calls) if calls else True)
            fact.stale = self._is_stale()
            inputs = [t for c in calls[-1:] for t in tensors((c.args, c.kwargs)) if t.dim() > 0]
            fact.batch_size = len(inputs[0]) if inputs else 0
            fact.print_ = fingerprint(inputs)
            observed.steps.append(fact)
            if self.entries and self.keeps:
                self._keep(loss, fact)
            self.entries, self.calls_before_backward, self.eval_call = [], [], None
        if was_moved:
            self.enough(self.observed)

    def after_backward(self) -> None:
        """Gradients are there; where no optimiser steps, the script may move the weights by hand."""
        if self.is_busy or os.getpid() != self.process or self.observed.stepping:
            return
        with self.busy(), torch.no_grad():
            own = [p for p in self.observed.parameters.values() if p.grad is not None and bool(p.grad.any())]
            self.by_hand = [(p, p.detach().clone(), p.grad.detach().clone()) for p in own[:2] if p.grad is not None]

    def _note_move_by_hand(self) -> bool:
        """Whether weights were moved since the last backward pass, though no optimiser has stepped; and how far."""
        observed = self.observed
        moved = [(p, old, g) for p, old, g in self.by_hand if not torch.equal(p, old)]
        if observed.stepping or not moved:
            self.after_step = [] if not observed.stepping else self.after_step
            return False
        rates = [float((old - p).detach().norm() / g.norm()) for p, old, g in moved]
        fact = observed.steps[-1]
        fact.stepped, fact.rate = True, rates[0] if math.isfinite(rates[0]) else 0.0
        if fact.rate:
            observed.settings.setdefault("lr", fact.rate)
        self.after_step = [(p, g) for p, _, g in moved]
        self.optimizer_steps += 1
        return True

    def _keep(self, loss: Tensor, fact: StepFact) -> None:
        kept, rest = pruned(self.entries, loss)
        tape = Tape(kept, loss.detach(), [e for e in rest if e.module is None], self.optimizer_steps)
        tape.loss = loss  # by identity; what it hangs on goes with the entries
        if tape.calls:
            judged = tape.judged
            if judged is not None and isinstance(judged.result, Tensor) and judged.result.numel() == 1:
                value, own = float(judged.result.detach()), fact.loss
                fact.sign = -1 if own * value < 0 and abs(own + value) < 1e-3 * abs(value) else 1
            self.observed.tapes.append(tape)
            self.kept += sum(t.numel() for t in tape.inputs)

    def _is_stale(self) -> bool:
        """Whether gradients of the step before are still there, so that the new ones are added to them."""
        return any(
            p.grad is not None and p.grad.shape == old.shape and bool(old.any()) and torch.equal(p.grad, old)
            for p, old in self.after_step
        )

    def before_step(self, optimizer: torch.optim.Optimizer) -> None:
        """An optimiser is about to change weights."""
        if self.is_busy or os.getpid() != self.process:
            return
        observed = self.observed
        with self.busy(), torch.no_grad():
            group = main_group(optimizer)
            if not observed.stepping:
                given = optimizer.defaults | {key: value for key, value in group.items() if key in optimizer.defaults}
                plain = {key: value for key, value in given.items() if not isinstance(value, Tensor)}
                observed.settings = plain | {"lr": float(group["lr"])}
            if not observed.settings["lr"]:  # a warm-up that begins at 0
                observed.settings["lr"] = float(group["lr"])
            observed.stepping.setdefault(id(optimizer), optimizer)
            own = [p for group in optimizer.param_groups for p in group["params"]]
            if observed.steps:
                fact = observed.steps[-1]
                fact.rate, fact.stepped = float(group["lr"]), True
                fact.optimizer = next((i for i, o in enumerate(observed.optimizers) if o is optimizer), 0)
                fact.without_gradient = not any(p.grad is not None and bool(p.grad.any()) for p in own)
            if self._is_sampled():
                self.before_update = {id(p): p.detach().clone() for p in own}

    def after_steps(self, optimizer: torch.optim.Optimizer) -> None:
        """It has changed them."""
        if self.is_busy or os.getpid() != self.process:
            return
        with self.busy(), torch.no_grad():
            own = [p for group in optimizer.param_groups for p in group["params"]]
            if self.before_update:
                self._measure(own)
            probes = [p for p in own if p.grad is not None][:2]
            self.after_step = [(p, p.grad.detach().clone()) for p in probes if p.grad is not None]
            self.optimizer_steps += 1
            self.entries = []
        self.enough(self.observed)

    def _is_sampled(self) -> bool:
        step = self.optimizer_steps
        return step < SAMPLED_FIRST or step % SAMPLED_EVERY == 0

    def _measure(self, own: list[nn.Parameter]) -> None:
        names = {id(p): name for name, p in self.observed.parameters.items()}
        facts = self.observed.weights.setdefault(len(self.observed.steps), {})
        for i, p in enumerate(own):
            before = self.before_update.get(id(p))
            if before is None:
                continue
            gradient = None if p.grad is None else float(p.grad.norm())
            name = names.get(id(p), f"parameter {i}")
            facts[name] = WeightFact(gradient, float((p - before).norm()), float(before.norm()))
        self.before_update = {}

    # -- helpers ------------------------------------------------------------------------------------------------

    def _number(self, value: Tensor) -> float:
        with self.busy():
            return float(value.detach()) if value.numel() == 1 else math.nan

    @contextmanager
    def busy(self) -> Iterator[None]:
        """What is computed inside is our own."""
        was, self.is_busy = self.is_busy, True
        try:
            yield
        finally:
            self.is_busy = was


def main_group(optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """The group that holds most weights: its rate and decay stand for all."""
    return max(optimizer.param_groups, key=lambda group: sum(p.numel() for p in group["params"]))


def is_transparent(module: nn.Module) -> bool:
    """Whether it only wraps functions, such as a loss: the functions are recorded in its place."""
    return not any(True for _ in module.parameters()) and not any(True for _ in module.buffers())


def is_distribution(x: Tensor, dim: int) -> bool:
    """Whether values are above 0 and sum to one along a dimension of two or more."""
    if not x.is_floating_point() or x.shape[dim] < 2:
        return False
    x = x.detach().float()
    return bool((x >= 0).all()) and bool(((x.sum(dim) - 1).abs() < 1e-3).all())


def fingerprint(inputs: list[Tensor]) -> int:
    """Equal for equal batches; of large ones a part is read."""
    parts = [t.detach().flatten()[:: max(1, t.numel() // 4096)].cpu() for t in inputs]
    return hash(tuple(part.numpy().tobytes() if part.dtype != torch.bfloat16 else str(part) for part in parts))


@contextmanager
def observing(enough: Callable[[Observed], None] = lambda observed: None) -> Iterator[Observer]:
    """Inside, everything that trains in this process is observed."""
    observer = Observer(enough)
    call, backward, load = nn.Module.__call__, Tensor.backward, nn.Module.load_state_dict
    init, clip, compile_ = torch.optim.Optimizer.__init__, nn.utils.clip_grad_norm_, torch.compile
    loader, clip_value = torch.utils.data.DataLoader.__init__, nn.utils.clip_grad_value_

    def on_call(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        return observer.call(call, self, args, kwargs)

    def on_backward(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        observer.backward(self)
        with observer.busy():  # PyTorch comes here once more while a function mode is on
            backward(self, *args, **kwargs)
        observer.after_backward()

    def on_load(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        result = load(self, *args, **kwargs)
        observer.observed.loaded |= {id(p) for p in self.parameters()}
        return result

    def on_init(self: torch.optim.Optimizer, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        if not observer.is_busy and len(observer.observed.optimizers) < 10_000:
            observer.observed.optimizers.append(self)

    def on_clip(parameters: Any, max_norm: float, *args: Any, **kwargs: Any) -> Any:
        total = clip(parameters, max_norm, *args, **kwargs)
        if not observer.is_busy:
            observer.observed.clips.append((float(max_norm), observer._number(total)))
        return total

    def on_clip_value(parameters: Any, clip_value_: float, *args: Any, **kwargs: Any) -> None:
        given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
        if not observer.is_busy:
            largest = max((float(p.grad.abs().max()) for p in given if p.grad is not None), default=0.0)
            observer.observed.clips.append((float(clip_value_), largest))
            observer.observed.clips_values = True
        clip_value(given, clip_value_, *args, **kwargs)

    def on_loader(self: Any, dataset: Any, *args: Any, **kwargs: Any) -> None:
        loader(self, dataset, *args, **kwargs)
        observer.observed.datasets.append(dataset)

    def uncompiled(model: Any = None, *args: Any, **kwargs: Any) -> Any:
        return model if model is not None else lambda function: function

    handles = [
        register_optimizer_step_pre_hook(lambda o, a, k: observer.before_step(o)),
        register_optimizer_step_post_hook(lambda o, a, k: observer.after_steps(o)),
    ]
    nn.Module.__call__, Tensor.backward, nn.Module.load_state_dict = on_call, on_backward, on_load  # type: ignore[assignment]
    torch.optim.Optimizer.__init__, nn.utils.clip_grad_norm_, torch.compile = on_init, on_clip, uncompiled  # type: ignore[assignment]
    torch.utils.data.DataLoader.__init__, nn.utils.clip_grad_value_ = on_loader, on_clip_value  # type: ignore[assignment]
    try:
        with observer:
            yield observer
    finally:
        nn.Module.__call__, Tensor.backward, nn.Module.load_state_dict = call, backward, load  # type: ignore[assignment]
        torch.optim.Optimizer.__init__, nn.utils.clip_grad_norm_, torch.compile = init, clip, compile_  # type: ignore[assignment]
        torch.utils.data.DataLoader.__init__, nn.utils.clip_grad_value_ = loader, clip_value
        for handle in handles:
            handle.remove()
