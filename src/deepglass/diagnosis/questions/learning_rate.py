"""Is the learning rate right, and does it stay so? The same training with parts and multiples of it tells.

References:
    Smith (2017), Cyclical Learning Rates for Training Neural Networks, https://arxiv.org/abs/1506.01186
"""

import math
import time

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "learning rate"
NEEDS = "replay"
COST = 3.0
EXPLAINS = {
    "learning-rate-high": (
        "dead-units",
        "saturation",
        "exploding-gradients",
        "plateau",
        "underfitting",
        "update-ratio",
        "overfitting",
        "batch-norm",
        "imbalance",
    ),
    "learning-rate-low": (
        "plateau",
        "underfitting",
        "update-ratio",
        "imbalance",
        "batch-norm",
    ),
    "schedule": ("plateau", "underfitting", "learning-rate-low"),
}
LESSON = "12_gradient_descent"
LOWER, HIGHER = (0.1, 0.01, 1e-3, 1e-4), (10.0, 100.0, 1e3, 1e4, 1e5, 1e6, 1e7)
ENDED = 1e-3  # of the largest rate: below it nothing is learnt any more
EARLY = 0.5  # share of the steps
LONGEST = 6.0  # seconds of the processor in one direction
JUMP, PART = 2.0, 0.2  # of the first loss; of the loss that training reached


def ask(case: Case) -> list[Finding]:
    """Factors of the rate, down and up, as long as they help more; not where the steps lack what the run met."""
    found = _schedule(case)
    if case.left_out or (case.own_progress > 0.9 and case.progress(case.baseline.score) > 0.7):
        return found
    lower, higher = _tried(case, LOWER), _tried(case, HIGHER)
    low, high = (min(scores, key=lambda f: scores[f]) for scores in (lower, higher))
    if lower[low] <= higher[high] and (case.helps(lower[low]) or _jumps(case, lower[low])):
        found.append(_finding(case, "learning-rate-high", low, lower[low]))
    elif case.helps(higher[high]) and _is_low(case, high):
        found.append(_finding(case, "learning-rate-low", high, higher[high]))
    return found


def _tried(case: Case, factors: tuple[float, ...]) -> dict[float, float]:
    """Scores by factor, until learning becomes worse again, worse twice in a row, or takes too long."""
    found: dict[float, float] = {}
    before, began = [case.baseline.score], time.thread_time()
    for factor in factors:
        found[factor] = case.try_out(f"learning rate × {factor:g}", factor=factor)
        best = min(found.values())
        if case.progress(best) > 0.5 and found[factor] > best:
            break
        before = [*before, found[factor]][-3:]
        if len(before) == 3 and before[0] < before[1] < before[2]:
            break
        if time.thread_time() - began > LONGEST:
            break
    return found


def _jumps(case: Case, score: float) -> bool:
    """Whether it learns in jumps: the loss was far above its first value, and a smaller rate ends at a small part of
    what training reached."""
    losses = case.observed.train_losses()
    rest = [x if math.isfinite(x) else math.inf for x in losses[1:]]
    is_rough = bool(rest) and max(rest) > JUMP * abs(losses[0])
    reached = min(case.ended, case.baseline.score)
    return is_rough and case.own_progress < 0.9 and score < PART * reached and case.progress(score) > 0.9


def _is_low(case: Case, factor: float) -> bool:
    """Whether the first steps go down all the way, only slowly; a run that has learnt half of it needs epochs."""
    is_poor = case.run is None or case.own_progress < 0.5
    return math.isfinite(case.baseline.score) and factor >= 10 and is_poor


def _finding(case: Case, cause: str, factor: float, score: float) -> Finding:
    rates = [fact.rate for fact in case.observed.steps if fact.stepped]
    rate = max([case.observed.settings.get("lr", 0.0), *rates])  # the highest of a schedule
    ended = "is not a number" if not math.isfinite(case.baseline.score) else f"ends at {case.baseline.score:.4g}"
    return Finding(
        cause,
        f"with a learning rate of {rate:g} the loss {ended}; with {rate * factor:.3g} the same steps end at "
        f"{score:.4g} (a "
        f"constant answer: {case.chance:.4g})",
        f"set the learning rate to about {rate * factor:.2g}" + (" (--learning-rate)" if case.run is not None else ""),
        {"learning rate": rate, "loss": case.baseline.score, "better rate": rate * factor, "its loss": score},
        "tried",
        min(0.95, max(0.0, case.progress(score) - max(0.0, case.progress(case.baseline.score)))),
        LESSON,
    )


def _schedule(case: Case) -> list[Finding]:
    """A schedule that has ended long before training."""
    rates = [fact.rate for fact in case.observed.steps if fact.stepped]
    if len(rates) < 10 or max(rates) <= 0 or case.run is not None or not case.observed.stepping:
        return []
    top = max(rates)
    alive = max(i for i, rate in enumerate(rates) if rate > ENDED * top) + 1
    if alive > EARLY * len(rates):
        return []
    first = max(case.observed.settings.get("lr", top), 1e-30)
    score = case.try_out("constant learning rate", factor=top / first, constant=True)
    if case.progress(case.ended) >= 0.7 and not case.helps(score):
        return []
    return [
        Finding(
            "schedule",
            f"the learning rate falls from {top:.3g} below {ENDED * top:.2g} after {alive:,} of {len(rates):,} "
            "steps: nothing "
            f"is learnt in the others (loss {case.ended:.4g}; with a constant rate {score:.4g})",
            "step the scheduler once per epoch if its numbers are epochs, or stretch it over all steps",
            {"steps": len(rates), "steps that learn": alive, "loss": case.ended, "loss with constant rate": score},
            "seen",
            0.9,
            "14_schedules",
        )
    ]
