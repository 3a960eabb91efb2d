"""Does it fit too much, too little, or has it stopped? Losses of training and of held-out examples, side by side.

Whether more steps would have learnt more is not asked where the steps that are taken again lack what the run met: the
attacks of an adversarial training, the noise of a private one.
"""

import math

import numpy as np

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.evaluate.warnings import losses_of

TITLE = "over- and underfitting, too little data, plateau"
NEEDS = "replay"
COST = 3.5
EXPLAINS = {
    "overfitting": (),
    "plateau": (),
    "underfitting": ("plateau",),
}
GAP, RISE = 0.5, 0.3  # of chance: held-out above training; above its own least
LESSON = "16_overfitting"
FLAT = 0.02


def ask(case: Case) -> list[Finding]:
    """Overfitting needs losses of held-out examples."""
    return [*_over(case), *_under(case)]


def _curve(case: Case) -> list[float]:
    """Held-out loss, one number for each evaluation."""
    if case.run is not None:
        return [held_out for _, held_out in losses_of(case.run.history) if math.isfinite(held_out)]
    by_step: dict[int, list[float]] = {}
    for step, value in case.observed.eval_losses:
        by_step.setdefault(step, []).append(value)
    return [float(np.mean(values)) for _, values in sorted(by_step.items())]


def _over(case: Case) -> list[Finding]:
    curve = [x for x in _curve(case) if math.isfinite(x)]
    if len(curve) < 3 or case.chance <= 0:
        return []
    ended = case.ended if case.run is None else case.run.history[-1].get("loss", case.ended)
    last, least = float(np.mean(curve[-2:])), min(curve)
    gap, rise = (last - ended) / case.chance, (last - least) / case.chance
    if gap < GAP or ended > 0.5 * case.chance or (rise < RISE and last < 0.8 * case.chance):
        return []
    count = len((case.examples or case.rows or ((), ()))[1])
    weights = sum(p.numel() for p in case.observed.parameters.values())
    return [
        Finding(
            "overfitting",
            f"the loss of training is {ended:.3g}, that of held-out examples {last:.3g} (at best {least:.3g}, "
            f"{curve.index(least) + 1} of {len(curve)} evaluations in; a constant answer has {case.chance:.3g}); "
            f"{weights:,} "
            f"weights learn from {count:,} examples",
            "stop at the best evaluation, collect or augment data, add dropout or weight decay, or take a "
            "smaller model",
            {"training loss": ended, "held-out loss": last, "least held-out loss": least, "weights": weights,
             "examples": count},
            "symptom",
            min(1.0, gap),
            LESSON,
        )
    ]  # fmt: skip


def _under(case: Case) -> list[Finding]:
    if case.left_out or case.own_progress > 0.5:
        return []
    longer = case.try_out("three times as long", steps=3 * case.steps)
    if case.helps(longer) and _falls(case):
        return [
            Finding(
                "underfitting",
                f"training ended while the loss fell: {case.ended:.4g} after {len(case.observed.steps):,} steps, "
                f"{longer:.4g} "
                f"after three times as many (a constant answer: {case.chance:.4g})",
                "train longer" + (" (--epochs)" if case.run is not None else ""),
                {"loss": case.ended, "loss of three times as many steps": longer},
                "tried",
                0.5,
                LESSON,
            )
        ]
    losses = case.observed.train_losses()
    if len(losses) < 30 or not all(math.isfinite(x) for x in losses):
        return []
    half = losses[len(losses) // 2 :]
    change = (np.mean(half[: len(half) // 2]) - np.mean(half[len(half) // 2 :])) / max(abs(case.chance), 1e-12)
    if abs(change) > FLAT or case.ended < 0.95 * case.chance:
        return []
    return [
        Finding(
            "plateau",
            f"the loss stands at {case.ended:.4g} since the middle of training; a constant answer has "
            f"{case.chance:.4g}: "
            "nothing was learnt from the inputs",
            "see the other findings; if there are none, look at the data and at what the model is given",
            {"loss": case.ended, "chance": case.chance, "change in the second half": float(change)},
            "symptom",
            0.3,
            LESSON,
        )
    ]


def _falls(case: Case) -> bool:
    """Whether the experiment's loss still fell at its end."""
    losses = case.baseline.losses
    if len(losses) < 10:
        return True
    tail = losses[-len(losses) // 3 :]
    return float(np.mean(tail[: len(tail) // 2])) > float(np.mean(tail[len(tail) // 2 :]))
