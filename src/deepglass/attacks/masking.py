"""Masked gradients: does a network stand firm, or does it only hide the way?

A network whose gradients are zero or misleading (rounded inputs, an extreme temperature, noise) resists every attack
that follows gradients and falls to others. Its figures are worth nothing, so each of these signs is looked for:

    zero gradients           where there is no gradient, nothing was attacked
    one step beats many      many small steps must find at least what one finds
    gradient-free wins       a random search must not find more than the gradient shows
    no better than chance    the gradient must find more than random points do
    the loss does not rise   along the steps of the attack
    a larger ball is safer   or the whole range does not suffice: with no limit every network can be fooled

References:
    Athalye, Carlini & Wagner (2018), Obfuscated Gradients Give a False Sense of Security,
    https://arxiv.org/abs/1802.00420
    Carlini et al. (2019), On Evaluating Adversarial Robustness, https://arxiv.org/abs/1902.06705
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from deepglass.attacks import Losses, with_gradient
from deepglass.attacks.ball import Ball

ZERO_SHARE = 0.1  # of the examples without a gradient, from which on it is said
SLACK = 2.0  # standard errors of a share by which two attacks may differ by chance
FALLS = 0.02  # of its rise that a loss may lose along the way: steps overshoot a little


@dataclass(frozen=True)
class Evidence:
    """What attacks of one strength did to the same examples; shares are of answers that stayed right.

    Attributes:
        count: Examples.
        zero_share: Of them without a gradient.
        clean, one_step, many_steps, gradient_free, chance: Shares that are right.
        path: Mean loss at each step of the many.
        by_size: Size of the ball → share right after many steps.
        unlimited: Share right after many steps where any input at all may be chosen; None where not tried.
        guessing: Share that a guess would have right.
    """

    count: int
    zero_share: float
    clean: float
    one_step: float
    many_steps: float
    gradient_free: float
    chance: float
    path: Sequence[float] = ()
    by_size: Sequence[tuple[float, float]] = ()
    unlimited: float | None = None
    guessing: float = 0.5


def zero_share(losses: Losses, ball: Ball) -> float:
    """Of the examples whose gradient is exactly 0 everywhere that may change."""
    _, gradient = with_gradient(losses, ball.center)
    return float(_is_zero(gradient * ball.unit).double().mean())


def _is_zero(gradient: Tensor) -> Tensor:
    return gradient.flatten(1).abs().amax(dim=1) <= torch.finfo(gradient.dtype).tiny


def signs(found: Evidence) -> list[str]:
    """Signs that the gradients are masked, a sentence each; empty where there is none."""
    error = SLACK * _standard_error(found)
    said = []
    if found.zero_share > ZERO_SHARE:
        said.append(f"the gradient is exactly zero for {100 * found.zero_share:.0f} % of the examples")
    if found.one_step < found.many_steps - error:
        said.append(f"one step fools more than many do ({_pair(found.one_step, found.many_steps)} still right)")
    if found.gradient_free < found.many_steps - error:
        pair = _pair(found.gradient_free, found.many_steps)
        said.append(f"a search without gradients fools more than one with them ({pair} still right)")
    if found.chance < found.many_steps - error:
        said.append(f"random points fool more than the gradient does ({_pair(found.chance, found.many_steps)} right)")
    if _does_not_rise(found.path):
        said.append("the loss does not rise along the steps of the attack")
    for (small, before), (large, after) in pairwise(found.by_size):
        if after > before + error:
            said.append(f"a larger change is withstood better: {_pair(before, after)} right at {small:g} and {large:g}")
            break
    if found.unlimited is not None and found.unlimited > found.guessing + error:
        said.append(f"without any limit {100 * found.unlimited:.0f} % are still right: the attack does not work here")
    return said


def _standard_error(found: Evidence) -> float:
    """Of a share of so many examples, at its largest."""
    return 0.5 / max(1, found.count) ** 0.5


def _does_not_rise(path: Sequence[float]) -> bool:
    """Whether a loss ends where it began, or falls by more than a trifle on the way."""
    if len(path) < 2:
        return False
    rise = max(path) - path[0]
    return rise <= 0 or any(after < before - max(FALLS, 0.25) * rise for before, after in pairwise(path))


def _pair(one: float, other: float) -> str:
    return f"{100 * one:.0f} and {100 * other:.0f} %"
