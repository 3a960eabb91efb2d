"""Learning-rate schedules as one pure function: the step of a training → what to multiply the learning rate by.

Being free of state, a schedule resumes by itself and may be re-planned when a time budget shortens the training.

References:
    Loshchilov & Hutter (2017), SGDR, https://arxiv.org/abs/1608.03983 (cosine)
    Smith & Topin (2018), Super-Convergence, https://arxiv.org/abs/1708.07120 (one-cycle)
    Goyal et al. (2017), Accurate, Large Minibatch SGD, https://arxiv.org/abs/1706.02677 (warm-up)
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from deepglass.core.effects import Unused
from deepglass.training.config import TrainConfig

WARMUP_START = 0.04  # one-cycle begins at 1/25 of its peak, as in Smith & Topin
RISE = 0.3  # and spends 30 % of its steps rising


def unused_options(asked: Mapping[str, Any], config: TrainConfig) -> Iterator[Unused]:
    """What the schedule has no use for."""
    if "warmup" in asked and config.schedule == "one-cycle":
        yield Unused("warmup", f"one-cycle rises for {RISE:.0%} of the steps by itself", "leave one of the two out")


def factor(schedule: str, step: float, total_steps: int, warmup: float = 0.0) -> float:
    """The factor on the learning rate at `step` (from 0) of `total_steps`.

    Args:
        schedule: constant, step, exponential, cosine, one-cycle or plateau (which the loop itself lowers).
        step: Number of steps already taken; between two of them where a plan was changed on the way.
        total_steps: Number of steps planned in all.
        warmup: Share of the steps, in [0, 1), in which the factor rises linearly; one-cycle has its own.
    """
    progress = min(step / max(1, total_steps), 1.0)
    if schedule == "one-cycle":
        return one_cycle(progress)
    warmup_steps = warmup * total_steps
    if step < warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    return SHAPES[schedule]((progress - warmup) / (1 - warmup))


def constant(progress: float) -> float:
    """Always 1."""
    return 1.0


def step_decay(progress: float) -> float:
    """A tenth after each third."""
    return 0.1 ** int(min(progress, 0.999) * 3)


def exponential(progress: float) -> float:
    """Down to a hundredth at an even rate."""
    return 0.01**progress


def cosine(progress: float) -> float:
    """Half a cosine wave from 1 to 0: gentle at both ends."""
    return 0.5 * (1 + math.cos(math.pi * progress))


def one_cycle(progress: float) -> float:
    """Up along half a cosine wave, then down along another, to almost nothing."""
    if progress < RISE:
        return WARMUP_START + (1 - WARMUP_START) * (1 - cosine(progress / RISE))
    return 1e-4 + (1 - 1e-4) * cosine((progress - RISE) / (1 - RISE))


SHAPES = {
    "constant": constant,
    "step": step_decay,
    "exponential": exponential,
    "cosine": cosine,
    "plateau": constant,
}
