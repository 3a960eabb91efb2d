"""What questions ask: observed facts, and steps that are taken again with one thing changed.

An experiment trains copies of the modules from their first weights on the recorded batches. Since only one thing
differs from the experiment beside it, what it changes is a cause and not a coincidence.
"""

import copy
import inspect
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.diagnosis import changes, examples, probes
from deepglass.diagnosis.changes import DROPOUTS, Modules
from deepglass.diagnosis.judging import constant_loss, seeded, set_judging
from deepglass.diagnosis.observing.observed import Observed
from deepglass.diagnosis.observing.tape import Tape, replay, tensors

Swap = Callable[[Tape], dict[int, Tensor]]

SECONDS_EACH = 2.5  # of an experiment, at most
MOST_STEPS, FEWEST_STEPS = 150, 20
CONSTANT_TAPES = 24  # over which one constant answer is fitted
RECIPE_RATES = (3e-3, 3e-2)
LEAST_ROOM = 0.08  # of chance: what an experiment must gain before anything is said
COPIED, MOST_IDS = 0.95, 300  # share of targets that are words of the input; different words whose links are looked at
LAST = 0.1  # share of the steps whose mean loss is where training ended


@dataclass
class Learnt:
    """How an experiment ended: losses by step, and the modules."""

    losses: list[float]
    modules: Modules
    score: float  # mean loss over the recorded steps, in evaluation mode


@dataclass
class Case:
    """What a diagnosis is about.

    Args:
        about: Its name.
        observed: What was seen.
        deadline: `time.monotonic()` value at which questions end.
        run, job: Of a run, with its data.
        examples: Inputs (N, …) and targets (N, …) in the order of the data, where they are known.
        left_out: What a run learnt under and the steps that are taken again do not, such as attacks; its losses say
            nothing of these steps then, nor do they of it.
    """

    about: str
    observed: Observed
    deadline: float = math.inf
    run: Any = None
    job: Any = None
    examples: tuple[Tensor, Tensor] | None = None
    left_out: str = ""
    remedies: dict[str, float] = field(default_factory=dict)  # scores of experiments by name
    noted: dict[str, Any] = field(default_factory=dict)  # what questions have measured, also where nothing is wrong

    # -- copies -------------------------------------------------------------------------------------------------

    def fresh(self) -> Modules:
        """Copies with their first weights, in training mode."""
        return {key: copy.deepcopy(module).train() for key, module in self.observed.initial.items()}

    def trained(self) -> Modules:
        """Copies as they are now."""
        return {id(module): copy.deepcopy(module) for module in self.observed.modules}

    @cached_property
    def tapes(self) -> list[Tape]:
        """Steps that can be taken again."""
        return [t for t in self.observed.tapes if all(id(c.module) in self.observed.initial for c in t.calls)]

    @cached_property
    def can_replay(self) -> bool:
        """Whether taking the first step again gives the loss that was seen."""
        if not self.tapes or not self.observed.initial:
            return False
        try:
            with torch.no_grad(), seeded():
                first, modules = self.tapes[0], self.fresh()
                for call in first.calls:
                    modules[id(call.module)].train(call.is_training)
                again = float(replay(first, modules))
        except Exception:
            return False
        seen = float(first.loss.detach())
        if not math.isfinite(seen):
            return True
        return math.isfinite(again) and abs(again - seen) <= (0.5 if self.is_random else 0.02) * max(abs(seen), 1e-3)

    @cached_property
    def is_random(self) -> bool:
        """Whether two passes differ."""
        return any((isinstance(m, DROPOUTS) and m.p > 0) or getattr(m, "dropout", 0) for m in self.leaves)

    @cached_property
    def leaves(self) -> list[nn.Module]:
        """All modules inside the outermost ones."""
        return list({id(m): m for module in self.observed.modules for m in module.modules()}.values())

    # -- how well it learnt -------------------------------------------------------------------------------------

    @cached_property
    def ended(self) -> float:
        """The loss of the last steps; NaN counts as infinite."""
        losses = self.observed.train_losses()
        last = losses[-max(1, int(len(losses) * LAST)) :]
        value = float(np.mean(last)) if last else math.inf
        if self.run is not None and not self.left_out:  # only its first steps are taken again: it may have come further
            kept = [e["loss"] for e in self.run.history[-1:] if math.isfinite(e.get("loss", math.nan))]
            value = min([value, *kept]) if math.isfinite(value) else value
        return value if math.isfinite(value) else math.inf

    @cached_property
    def chance(self) -> float:
        """The loss of the best answer that does not look at the input: a constant for each place of the answer."""
        found = constant_loss(self.tapes[:CONSTANT_TAPES], self.fresh())
        return found if found is not None else float(np.median([abs(x) for x in self.observed.train_losses()[:5]]))

    @cached_property
    def baseline(self) -> Learnt:
        """Training as it was, again, from the first weights."""
        return self.learn()

    @cached_property
    def potential(self) -> float:
        """What a careful recipe reaches in as many steps: PyTorch's own first weights, standardised inputs and targets,
        no dropout, Adam."""
        statistics = self.statistics
        scale = self.target_scale

        def change(modules: Modules) -> None:
            changes.leave_out_dropout(modules)
            if not any(id(p) in self.observed.loaded for p in self.observed.parameters.values()):
                changes.draw_anew(modules)
            if scale is not None:
                last = id(self.tapes[0].calls[-1].module)
                modules[last] = changes.Rescaled(modules[last], *scale)

        found = []
        for rate in RECIPE_RATES:
            learnt = self.learn(
                swap=lambda tape: changes.standardised(tape, statistics),
                change=change,
                clip=False,
                optimizer="adam",
                lr=rate,
            )
            found.append(learnt.score)
        return min(found)

    @cached_property
    def statistics(self) -> dict[int, dict[str, Any]]:
        """Of the inputs that are numbers, by their place."""
        inputs = self.tapes[0].inputs
        return {
            i: changes.statistics_of(self.tapes, i)
            for i, x in enumerate(inputs)
            if x.is_floating_point() and x.dim() >= 2
        }

    @cached_property
    def target_scale(self) -> tuple[float, float] | None:
        """Mean and standard deviation of targets that are numbers."""
        targets = [t.target for t in self.tapes if t.target is not None]
        if self.classes or not targets or not all(t.is_floating_point() for t in targets):
            return None
        values = torch.cat([t.detach().flatten().float() for t in targets])
        mean, spread = float(values.mean()), float(values.std())
        return (mean, spread) if math.isfinite(spread) and spread > 0 else None

    @property
    def best(self) -> float:
        """The lowest loss of any experiment so far, and of training itself."""
        known = [self.baseline.score, self.ended, self.potential, *self.remedies.values()]
        return min(x for x in [*known, self.chance] if math.isfinite(x))

    def progress(self, loss: float) -> float:
        """Share of what could be learnt that a loss has reached: 0 at chance, 1 at the best that is known."""
        room = self.chance - self.best
        if not math.isfinite(loss):
            return -1.0
        if room < LEAST_ROOM * abs(self.chance):  # nothing was learnt by anything
            return 0.0
        return max(-1.0, (self.chance - loss) / room)

    @property
    def own_progress(self) -> float:
        """Of the training itself."""
        return self.progress(self.ended)

    def helps(self, score: float, least: float = 0.3) -> bool:
        """Whether an experiment learnt clearly more than training as it was, which has left much unlearnt."""
        room = self.chance - self.best
        if not math.isfinite(score) or room < LEAST_ROOM * abs(self.chance):
            return False
        gain = self.progress(score) - self.progress(self.baseline.score)
        return gain >= least and self.own_progress <= 1 - 0.8 * least

    # -- experiments --------------------------------------------------------------------------------------------

    @cached_property
    def steps(self) -> int:
        """Of an experiment: as many as were taken, where there is time for them."""
        modules = self.fresh()
        began = time.thread_time()  # of the processor: what else the machine does must not decide what is found
        for tape in self.tapes[:3]:
            replay(tape, modules).backward()
        each = (time.thread_time() - began) / min(3, len(self.tapes))
        taken = max(FEWEST_STEPS, sum(fact.stepped for fact in self.observed.steps))
        return int(min(MOST_STEPS, taken, max(FEWEST_STEPS, SECONDS_EACH / max(each, 1e-6))))

    def learn(
        self,
        *,
        tapes: Sequence[Tape] | None = None,
        steps: int | None = None,
        factor: float = 1.0,
        swap: Swap | None = None,
        change: Callable[[Modules], None] | None = None,
        clip: bool = True,
        optimizer: str | None = None,
        judge: Swap | None = None,
        weight: float = 1.0,
        constant: bool = False,
        **settings: Any,
    ) -> Learnt:
        """Train copies from their first weights.

        Args:
            tapes: Steps that are taken in turn; all of them.
            factor: Of the learning rate.
            swap: What takes the place of tensors of a tape while learning; judge: while judging.
            change: Changes the copies before the first step.
            clip: Whether gradients are clipped where they were.
            optimizer: "adam" in the place of the own one.
            weight: Of the loss while learning.
            constant: Whether the learning rate stays, in the place of following the schedule that was seen.
            settings: Of the optimiser, in the place of its own.
        """
        tapes = self.tapes if tapes is None else list(tapes)
        modules = self.fresh()
        if change is not None:
            change(modules)
        losses: list[float] = []
        largest = self._clip if clip else 0.0
        with seeded(), torch.enable_grad():
            descend = self._optimizer(modules, factor, optimizer, settings)
            weights = [p for module in modules.values() for p in module.parameters() if p.requires_grad]
            count = self.steps if steps is None else steps
            schedule = [] if constant or optimizer is not None or "lr" in settings else self.schedule
            began = [group["lr"] for group in descend.param_groups]
            for step in range(count):
                tape = tapes[step % len(tapes)]
                for group, rate in zip(descend.param_groups, began if schedule else ()):
                    group["lr"] = rate * schedule[step * len(schedule) // count]
                loss = replay(tape, modules, swap(tape) if swap else None)
                losses.append(float(loss.detach()))
                if not math.isfinite(losses[-1]) or time.monotonic() > self.deadline:
                    break
                descend.zero_grad()
                (loss * weight).backward()
                if largest:
                    clip_by = nn.utils.clip_grad_value_ if self.observed.clips_values else nn.utils.clip_grad_norm_
                    clip_by(weights, largest)
                descend.step()
        is_lost = not math.isfinite(losses[-1])
        score = math.inf if is_lost else self.score(modules, tapes, judge or swap)
        return Learnt(losses, modules, score)

    @cached_property
    def schedule(self) -> list[float]:
        """By step the learning rate that was seen, relative to the first; empty where it stayed."""
        rates = [fact.rate for fact in self.observed.steps if fact.stepped]
        first = self.observed.settings.get("lr", 0.0)
        if not self.observed.stepping or first <= 0 or len(set(rates)) < 2:
            return []
        return [rate / first for rate in rates]

    @property
    def _clip(self) -> float:
        return self.observed.clips[0][0] if self.observed.clips else 0.0

    def _optimizer(self, modules: Modules, factor: float, name: str | None, settings: dict[str, Any]) -> Any:
        """As the script's own, for the copies."""
        weights = [p for module in modules.values() for p in module.parameters() if p.requires_grad]
        if name != "adam" and not self.observed.stepping and "lr" in self.observed.settings:  # moved by hand
            return torch.optim.SGD(weights, lr=self.observed.settings["lr"] * factor)
        if name == "adam" or not self.observed.stepping:
            return torch.optim.Adam(weights, lr=settings.get("lr", 1e-3) * factor)
        own = next(iter(self.observed.stepping.values()))
        taken = inspect.signature(type(own).__init__).parameters
        given = {key: value for key, value in self.observed.settings.items() if key in own.defaults and key in taken}
        given = given | {"lr": self.observed.settings["lr"] * factor} | settings
        try:
            return type(own)(weights, **given)
        except (TypeError, ValueError):
            return torch.optim.Adam(weights, lr=self.observed.settings["lr"] * factor)

    def score(self, modules: Modules, tapes: Sequence[Tape] | None = None, swap: Swap | None = None) -> float:
        """Mean loss over recorded steps, in evaluation mode; batch norm as while learning."""
        tapes = self.tapes if tapes is None else tapes
        set_judging(modules)
        with torch.no_grad(), seeded():
            found = [float(replay(tape, modules, swap(tape) if swap else None)) for tape in list(tapes)[:16]]
        value = float(np.mean(found))
        return value if math.isfinite(value) else math.inf

    def try_out(self, name: str, **how: Any) -> float:
        """The score of an experiment, kept by its name."""
        if name not in self.remedies:
            self.remedies[name] = self.learn(**how).score
        return self.remedies[name]

    def outputs(self, tape: Tape, modules: Modules, swap: dict[int, Tensor] | None = None) -> Tensor:
        """What the last module answers; the first tensor of it."""
        last = tape.calls[-1]
        return next(tensors(replay(tape, modules, swap, stop=lambda entry: entry is last)))

    @property
    def time_left(self) -> float:
        """Seconds."""
        return self.deadline - time.monotonic()

    # -- data ---------------------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> tuple[Tensor, Tensor] | None:
        """Inputs (N, …) and targets (N, …) of the recorded steps, an example a row; None where they do not fit."""
        return examples.learnt(self.tapes)

    @cached_property
    def held_out(self) -> tuple[Tensor, Tensor] | None:
        """Inputs (M, …) and targets (M,) of calls without gradients, where these were compared with targets."""
        return examples.judged(self.observed.evals)

    @cached_property
    def known(self) -> tuple[Any, Any] | None:
        """Features (N, D) and targets (N,) of examples that have one target each; None where there are none."""
        rows = self.examples or self.rows
        if rows is None or rows[1][0].numel() != 1:
            return None
        places = probes.chosen(len(rows[1]))
        return probes.features(rows[0][places]), rows[1][places].reshape(-1).double().numpy()

    @cached_property
    def known_places(self) -> tuple[Any, Any] | None:
        """The same of texts with a target for every word: a word with those beside it, and its target. None where the
        target is the word itself, or the next one."""
        found = examples.places(self.tapes)
        if found is None:
            return None
        ids, targets = found
        is_next = float((ids[:, 1:] == targets[:, :-1]).double().mean()) > COPIED
        if is_next or float((ids == targets).double().mean()) > COPIED or int(ids.max()) > MOST_IDS:
            return None
        return probes.places(ids, targets)

    @cached_property
    def link(self) -> probes.Link:
        """What cross-validated simple models say about them."""
        known = self.known or self.known_places
        assert known is not None
        return probes.link(*known, self.classes > 0)

    @cached_property
    def classes(self) -> int:
        """Of the targets where they are classes, else 0."""
        tape = self.tapes[0] if self.tapes else None
        target = tape.target if tape is not None else None
        if target is None or tape is None:
            return 0
        values = torch.cat([t.target.flatten().double() for t in self.tapes if t.target is not None])
        judged = tape.judged.name if tape.judged is not None else ""
        is_whole = bool((values == values.round()).all())
        if judged in ("cross_entropy", "nll_loss", "multi_margin_loss") and is_whole and target.dim() <= 3:
            return int(values.max()) + 1
        if judged.startswith("binary") and is_whole:
            return 2
        if not judged and is_whole and not target.is_floating_point():
            return int(values.max()) + 1
        return 0

    @cached_property
    def eval_loss(self) -> float | None:
        """The last mean loss without gradients, where the script has computed one."""
        if not self.observed.eval_losses:
            return None
        last = self.observed.eval_losses[-1][0]
        return float(np.mean([value for step, value in self.observed.eval_losses if step == last]))
