"""Steps of training that can be taken again: what was computed from the model's answer to the loss.

A tape holds the outermost calls of modules and every torch function between them, in order. Replaying it with copies of
the modules gives the loss at other weights; with other inputs or targets, the loss of those.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

# Functions that judge an answer against a target: (input, target, …).
LOSSES = (
    "cross_entropy", "nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "mse_loss", "l1_loss",
    "smooth_l1_loss", "huber_loss", "kl_div", "poisson_nll_loss", "soft_margin_loss", "multi_margin_loss",
    "hinge_embedding_loss", "gaussian_nll_loss", "multilabel_soft_margin_loss",
)  # fmt: skip


@dataclass(eq=False)
class Entry:
    """A call: of a module, or of a torch function."""

    function: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any
    module: nn.Module | None = None
    is_training: bool = False

    @property
    def name(self) -> str:
        """Of the function, such as "cross_entropy"."""
        return getattr(self.function, "__name__", type(self.function).__name__)

    def given(self, place: int, name: str, default: Any = None) -> Any:
        """An argument by its place or its name."""
        return self.args[place] if len(self.args) > place else self.kwargs.get(name, default)


@dataclass(eq=False)
class Tape:
    """A recorded step: the calls that the loss depends on.

    Attributes:
        entries: In order; those that depend on a module and lead to the loss.
        loss: As the script computed it.
        origins: All other calls of the step, from which inputs and targets were made.
        step: Number of the optimiser steps taken before.
    """

    entries: list[Entry]
    loss: Tensor
    origins: list[Entry] = field(default_factory=list)
    step: int = 0

    @property
    def calls(self) -> list[Entry]:
        """Of modules."""
        return [entry for entry in self.entries if entry.module is not None]

    @property
    def tail(self) -> list[Entry]:
        """Of functions, behind or between modules."""
        return [entry for entry in self.entries if entry.module is None]

    @property
    def inputs(self) -> list[Tensor]:
        """Tensors that come into modules from outside, largest first, no scalars."""
        made = {id(t) for entry in self.entries for t in tensors(entry.result)}
        found = {id(t): t for call in self.calls for t in tensors((call.args, call.kwargs)) if id(t) not in made}
        return sorted((t for t in found.values() if t.dim() > 0 and t.numel() > 0), key=lambda t: -t.numel())

    @property
    def outputs(self) -> list[Tensor]:
        """Of the last module that is called."""
        return list(tensors(self.calls[-1].result)) if self.calls else []

    @property
    def judged(self) -> Entry | None:
        """The function that compares answers with targets, where it is one of torch's."""
        return next((entry for entry in self.tail if entry.name in LOSSES), None)

    @property
    def target(self) -> Tensor | None:
        """What the answer is compared with: the second argument of a loss, or the largest constant behind the model."""
        if self.judged is not None:
            pair = [self.judged.given(1, "target"), self.judged.given(0, "input")]
            made = {id(t) for entry in self.entries for t in tensors(entry.result)}
            return next((t for t in pair if isinstance(t, Tensor) and id(t) not in made), pair[0])
        made = {id(t) for entry in self.entries for t in tensors(entry.result)}
        constants = [
            t for e in self.tail for t in tensors((e.args, e.kwargs))
            if id(t) not in made and t.dim() > 0 and not t.requires_grad
        ]  # fmt: skip
        return max(constants, key=lambda t: t.numel(), default=None)

    @property
    def batch_size(self) -> int:
        """Examples of the largest input."""
        return len(self.inputs[0]) if self.inputs else 0


def tensors(value: Any) -> Iterator[Tensor]:
    """All tensors in nested tuples, lists, dicts and records."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from tensors(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from tensors(part)
    elif hasattr(value, "__dataclass_fields__"):
        yield from tensors(vars(value))


def pruned(entries: list[Entry], loss: Tensor) -> tuple[list[Entry], list[Entry]]:
    """The entries that the loss depends on and that depend on a module; and the rest."""
    dependent: set[int] = set()
    live = []
    for entry in entries:
        inside = any(id(t) in dependent for t in tensors((entry.args, entry.kwargs)))
        if entry.module is not None or inside:
            live.append(entry)
            dependent |= {id(t) for t in tensors(entry.result)}
            if (entry.module is None and entry.name in ("__setitem__", "copy_")) or entry.name.endswith("_"):
                dependent |= {id(t) for t in tensors(entry.args[:1])}
    needed, kept = {id(loss)}, []
    for entry in reversed(live):
        changes = tensors(entry.args[:1]) if entry.name == "__setitem__" else iter(())
        if any(id(t) in needed for t in tensors(entry.result)) or any(id(t) in needed for t in changes):
            kept.append(entry)
            needed |= {id(t) for t in tensors((entry.args, entry.kwargs))}
    kept.reverse()
    chosen = {id(entry) for entry in kept}
    return kept, [entry for entry in entries if id(entry) not in chosen]


def mapped(value: Any, known: Mapping[int, Tensor]) -> Any:
    """The same nest with tensors replaced by id."""
    if isinstance(value, Tensor):
        return known.get(id(value), value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(mapped(part, known) for part in value))
    if isinstance(value, tuple | list):
        return type(value)(mapped(part, known) for part in value)
    if isinstance(value, dict):
        return {key: mapped(part, known) for key, part in value.items()}
    return value


def replay(
    tape: Tape,
    modules: Mapping[int, nn.Module],
    swap: Mapping[int, Tensor] | None = None,
    stop: Callable[[Entry], bool] | None = None,
) -> Any:
    """Take the step again: the loss, or what `stop` accepts.

    Args:
        tape: Of the step.
        modules: From the id of a module to the one that takes its place.
        swap: From the id of a tensor to the one that takes its place.
        stop: Ends with the result of the first entry that it accepts.
    """
    known: dict[int, Tensor] = dict(swap or {})
    for entry in tape.entries:
        if entry.module is not None and id(entry.module) in modules:
            for old, new in zip(entry.module.parameters(), modules[id(entry.module)].parameters()):
                known[id(old)] = new
    out: Any = None
    for entry in tape.entries:
        args, kwargs = mapped(entry.args, known), mapped(entry.kwargs, known)
        module = modules.get(id(entry.module), entry.module) if entry.module is not None else None
        out = module(*args, **kwargs) if module is not None else entry.function(*args, **kwargs)
        for old, new in zip(tensors(entry.result), tensors(out)):
            known.setdefault(id(old), new) if id(old) in (swap or {}) else known.__setitem__(id(old), new)
        if stop is not None and stop(entry):
            return out
    return known.get(id(tape.loss), out)


def is_on_cpu(tape: Tape) -> bool:
    """Whether the step was computed on the processor."""
    return tape.loss.device == torch.device("cpu")
