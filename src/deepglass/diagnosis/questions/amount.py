"""Are there enough examples? The network learns from a quarter, a half and all of them, and each time is judged on the
same others. What the last two doublings have brought says what the next one would.

An error that falls by a power of the number of examples falls with each doubling by a fixed part of what it fell by
before; the interval is that of resampled examples and repeated trainings.

References:
    Hestness et al. (2017), Deep Learning Scaling is Predictable, Empirically, https://arxiv.org/abs/1712.00409
"""

import math
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case, Swap
from deepglass.diagnosis.changes import Modules
from deepglass.diagnosis.examples import Pool, padded, pool
from deepglass.diagnosis.judging import set_judging
from deepglass.diagnosis.observing.tape import Tape

TITLE = "are there enough examples"
NEEDS = "replay"
COST = 3.6
EXPLAINS: dict[str, tuple[str, ...]] = {"little-data": ("overfitting", "underfitting", "plateau")}
PARTS, REPEATS, STEPS = (0.25, 0.5, 1.0), 2, 100
FEWEST, MOST, JUDGED = 12, 2000, 30  # examples that are learnt from, and judged
HELD_OUT = 0.25  # share that is judged where the training judges none
DRAWS, SHRINKS = 400, (0.25, 1.0)  # resamples; part of the last gain that the next doubling brings
SURE, LARGE = 0.01, 0.03  # of the error: lower end of the interval, and the gain itself, that are worth a finding
LONGEST = 3.0  # seconds of the processor, after which nothing is repeated
BY_HEART, LOST = 0.1, 0.6  # error on what it has learnt; on others, as a part of that of a constant answer
GOOD = 0.25  # of chance: a loss on others below which no finding is made of it
LESSON = "16_overfitting"


def ask(case: Case) -> list[Finding]:
    """Asked where the training itself learns."""
    if case.own_progress < 0.6 or not (parts := _parts(case)):
        return []
    learnt, judged = parts
    constant = _constant_error(judged, case)
    if len(learnt) < FEWEST or len(judged) < JUDGED or constant <= 0:
        return []
    errors, own = _errors(case, learnt, judged)
    if len(errors) < len(PARTS):
        return []  # no time was left
    gain = extrapolated(errors)
    now = float(np.mean(errors[-1]))
    unit = "points of accuracy" if case.classes else "% of the variance of the target"
    said = f"{100 * gain.middle:.1f} {unit} (90 % interval {100 * gain.low:.1f} to {100 * gain.high:.1f})"
    case.noted |= {
        "examples": len(learnt),
        "errors on others with a quarter, a half and all of them": [round(float(np.mean(e)), 4) for e in errors],
        "a doubling of the examples would bring": said,
    }
    grows = gain.low > SURE and gain.middle > LARGE and own < 0.5 * now
    by_heart = own <= BY_HEART * constant and now >= LOST * constant
    if (not grows and not by_heart) or _is_good(case):
        return []
    heart = (
        f"what it learns by heart (error {own:.2g}) holds little for others ({now:.2g}; a constant answer has "
        f"{constant:.2g})"
    )
    return [
        Finding(
            "little-data",
            f"{len(learnt):,} examples are few for this model: "
            + (f"twice as many would bring about {said}" if grows else heart),
            "collect more examples, or make more of them: augmentation, published weights, a smaller model",
            {"examples": len(learnt), "error on what it has learnt": own, "error on others": now,
             "gain of a doubling": gain.middle, "from": gain.low, "to": gain.high},
            "tried" if grows else "symptom",
            min(0.8, 0.3 + 3 * gain.middle) if grows else 0.5,
            LESSON,
        )
    ]  # fmt: skip


@dataclass(frozen=True)
class Gain:
    """What a doubling would bring, of the error: the middle, and the ends of a 90 % interval."""

    middle: float
    low: float
    high: float


def extrapolated(errors: list[np.ndarray], seed: int = 0) -> Gain:
    """What the next doubling brings.

    Args:
        errors: By part of the examples, each part twice the one before, (repeats, M): the error on each judged one.
    """
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(DRAWS):
        places = rng.integers(0, errors[0].shape[1], errors[0].shape[1])
        means = [e[rng.integers(0, len(e), len(e))][:, places].mean() for e in errors]
        found.append(_next(*means[-3:]))
    low, middle, high = np.quantile(found, (0.05, 0.5, 0.95))
    return Gain(float(middle), float(low), float(high))


def _next(quarter: float, half: float, whole: float) -> float:
    """A part of the last gain, and no more than all of what is left."""
    before, last = quarter - half, half - whole
    shrinks = np.clip(last / before, *SHRINKS) if before > 1e-12 else SHRINKS[1]
    return float(min(last * shrinks, whole))


def _is_good(case: Case) -> bool:
    """Whether the training itself, which takes more steps than these, has answered others well."""
    if case.run is not None:
        losses = [e["val_loss"] for e in case.run.history if math.isfinite(e.get("val_loss", math.nan))]
        return bool(losses) and min(losses) < GOOD * case.chance
    return case.eval_loss is not None and case.eval_loss < GOOD * case.chance


# -- the experiment -------------------------------------------------------------------------------------------------


def _parts(case: Case) -> tuple[Pool, Pool] | None:
    """Examples to learn from, and others to be judged on."""
    everything = pool(case.tapes)
    if everything is None or len(case.tapes[0].calls) != 1:
        return None
    judged = case.held_out
    if judged is not None and len(everything.inputs) == 1 and _are_texts(everything.inputs[0], judged[0]):
        (ids, _), judged = padded([(everything.inputs[0], everything.target), judged])
        everything = Pool([ids], everything.target)
    form = everything.inputs[0].shape[1:]
    own = case.examples
    is_alone = len(everything.inputs) == 1
    if own is not None and is_alone and own[0].shape[1:] == form and own[1].numel() == len(own[0]):
        everything = Pool([own[0]], own[1].reshape(-1))  # as they are, before augmentation
    if judged is not None and is_alone and judged[0].shape[1:] == form:
        return everything[_order(len(everything))[:MOST]], Pool([judged[0]], judged[1])
    places = _order(len(everything))[:MOST]
    cut = int(len(places) * HELD_OUT)
    return everything[places[cut:]], everything[places[:cut]]


def _are_texts(a: Tensor, b: Tensor) -> bool:
    return a.dim() == b.dim() == 2 and not a.is_floating_point() and not b.is_floating_point()


def _order(count: int, seed: int = 0) -> Tensor:
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed))


def _errors(case: Case, learnt: Pool, judged: Pool) -> tuple[list[np.ndarray], float]:
    """By part (repeats, M) errors on the judged ones, and the mean error of the whole on what it has learnt."""
    rows: dict[float, list[np.ndarray]] = {part: [] for part in PARTS}
    own, began = 0.0, time.thread_time()
    for repeat in range(REPEATS):
        for part in PARTS:
            chosen = learnt[_order(len(learnt), repeat)[: max(2, int(part * len(learnt)))]]
            modules = case.learn(steps=min(STEPS, case.steps), swap=_in_turn(chosen)).modules
            rows[part].append(_error(case, modules, judged))
            own = float(_error(case, modules, chosen).mean())
            if case.time_left <= 0:
                return [], own
        if time.thread_time() - began > LONGEST:
            break
    return [np.stack(found) for found in rows.values()], own


def _in_turn(chosen: Pool) -> Swap:
    """Batches of these examples, shuffled anew whenever all were there."""
    generator, left = torch.Generator().manual_seed(0), [torch.empty(0, dtype=torch.long)]

    def swap(tape: Tape) -> dict[int, Tensor]:
        while len(left[0]) < tape.batch_size:
            left[0] = torch.cat([left[0], torch.randperm(len(chosen), generator=generator)])
        places, left[0] = left[0][: tape.batch_size], left[0][tape.batch_size :]
        return chosen[places].swap(tape)

    return swap


def _error(case: Case, modules: Modules, judged: Pool) -> np.ndarray:
    """(M,) whether the class is wrong, or the squared error in variances of the target."""
    tape, found = case.tapes[0], []
    size = tape.batch_size
    set_judging(modules)
    for start in range(0, len(judged), size):
        places = torch.arange(start, start + size) % len(judged)  # the last batch is filled up from the first
        part = judged[places]
        with torch.no_grad():
            answer = case.outputs(tape, modules, part.swap(tape)).detach().float()
        found.append(_of_answers(case, answer.reshape(size, -1), part.target)[: len(judged) - start])
    errors = torch.cat(found).double()
    if not case.classes:
        errors = errors / judged.target.double().var().clamp(min=1e-12)
    return errors.numpy()


def _of_answers(case: Case, answer: Tensor, target: Tensor) -> Tensor:
    if not case.classes:
        return (answer[:, 0] - target.float()) ** 2
    if answer.shape[1] > 1:
        return (answer.argmax(1) != target.long()).float()
    judged = case.tapes[0].judged
    middle = 0.5 if judged is not None and judged.name == "binary_cross_entropy" else 0.0
    return ((answer[:, 0] > middle).long() != target.long()).float()


def _constant_error(judged: Pool, case: Case) -> float:
    """Of the most frequent class, or the mean."""
    if not case.classes:
        return 1.0 if float(judged.target.double().std()) > 0 else 0.0
    return 1 - float(torch.bincount(judged.target.long().clamp(min=0)).max()) / len(judged)
