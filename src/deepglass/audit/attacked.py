"""What somebody who wants the answer wrong can do: attacks of several kinds, by the size of the change.

An answer counts as right only if it withstands the worst of all attacks on that example. Beside the figure stand the
signs of masked gradients (`attacks/masking.py`), without which it would be worth nothing.

Carlini et al. (2019), On Evaluating Adversarial Robustness, https://arxiv.org/abs/1902.06705
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from deepglass.attacks import Attacked, Losses, all_rows, worse
from deepglass.attacks.ball import Norm
from deepglass.attacks.fgsm import fgsm
from deepglass.attacks.margin import cross_entropy, margin
from deepglass.attacks.masking import Evidence, signs, zero_share
from deepglass.attacks.pgd import pgd
from deepglass.attacks.random_points import random_points
from deepglass.attacks.square import square
from deepglass.audit.victim import Victim
from deepglass.evaluate.intervals import wilson

STEPS, RESTARTS, QUERIES, DRAWS = 20, 2, 200, 20
UNLIMITED = 10.0  # leaves nothing of an input: the whole range of a picture, ten deviations of a number
SIZES = {"image": (0.01, 0.03, 0.1, 0.2, 0.3)}  # of brightness from 0 to 1
USUAL_SIZES = (0.05, 0.1, 0.2, 0.3, 0.5)  # standard deviations
NAMED = 2  # of the sizes: at which all attacks are shown beside each other
# L2 balls are so many times as wide as L∞ ones: a change of all numbers alike is longer the more there are
LONGER = 5.0


class ClassVictim(Victim):
    """A classifier, which answers (B, K), or (B, members, K); targets are (B,) classes."""

    def logits(self, points: Tensor, rows: Tensor) -> Tensor:
        """(n, K), the logarithm of the mean over members where there are several."""
        said = self.answers(points, rows)
        return said.log_softmax(dim=-1).logsumexp(dim=1) if said.dim() == 3 else said

    def cross_entropy(self, points: Tensor, rows: Tensor) -> Tensor:
        """(n,) what the network was trained to make small."""
        return cross_entropy(self.logits(points, rows), self.targets[rows])

    def losses(self, points: Tensor, rows: Tensor) -> Tensor:
        """(n,) above 0 where the answer is wrong."""
        return margin(self.logits(points, rows), self.targets[rows])

    @torch.no_grad()
    def is_right(self, points: Tensor) -> np.ndarray:
        """(B,) whether the answers are right."""
        return (self.logits(points, all_rows(points)).argmax(dim=1) == self.targets).cpu().numpy()


@dataclass(frozen=True)
class Withstood:
    """What attacks of one size leave right.

    Attributes:
        epsilon: The size, in the user's units.
        by_attack: Name → (B,) whether each answer stayed right.
    """

    epsilon: float
    by_attack: dict[str, np.ndarray]

    @property
    def worst(self) -> np.ndarray:
        """(B,) whether an answer withstood all of them."""
        return np.logical_and.reduce([*self.by_attack.values()])

    def share(self, name: str | None = None) -> dict[str, float]:
        """Of answers that are right after one attack, or after all: value, low, high."""
        is_right = self.worst if name is None else self.by_attack[name]
        low, high = wilson(int(is_right.sum()), len(is_right))
        return {"value": float(is_right.mean()), "low": low, "high": high}


@dataclass(frozen=True)
class Stand:
    """What was found.

    Attributes:
        clean: (B,) whether answers are right without an attack.
        curve: By size, the smallest first.
        masked: Signs that gradients cannot be trusted.
        measured_in: The unit of the sizes; norm: of the ball.
        examples: At the named size, the points of the worst attack.
    """

    clean: np.ndarray
    curve: list[Withstood]
    masked: list[str]
    measured_in: str
    norm: Norm = "linf"
    points: Tensor | None = field(default=None, repr=False)

    @property
    def named(self) -> Withstood:
        """Of the size in the middle."""
        return self.curve[min(NAMED, len(self.curve) - 1)]


def stand(
    victim: ClassVictim, sizes: tuple[float, ...], seed: int, norm: Norm = "linf", *, steps: int = STEPS
) -> Stand:
    """Attack with everything, in balls of every size, and look for signs of masked gradients."""
    generator = torch.Generator().manual_seed(seed)
    inputs = victim.inputs[victim.room.place]
    found, path, points = [], [], inputs
    for place, epsilon in enumerate(sizes):
        attacks, of_many = _all_attacks(victim, epsilon, norm, generator, steps)
        found.append(Withstood(epsilon, {name: victim.is_right(one.points) for name, one in attacks.items()}))
        if place == min(NAMED, len(sizes) - 1):
            path, points = of_many.path, _worst(victim.losses, [*attacks.values()])
    clean = victim.is_right(inputs)
    masked = _signs(victim, clean, found, path, norm, steps)
    return Stand(clean, found, masked, victim.room.measured_in, norm, points)


def _all_attacks(
    victim: ClassVictim, epsilon: float, norm: Norm, generator: torch.Generator, steps: int
) -> tuple[dict[str, Attacked], Attacked]:
    """By name; and the one of many steps on the loss of the training."""
    ball = victim.room.ball(victim.inputs, epsilon, norm)
    many = pgd(victim.cross_entropy, ball, steps=steps, restarts=RESTARTS, generator=generator)
    return {
        "random points": random_points(victim.losses, ball, draws=DRAWS, generator=generator),
        "FGSM": fgsm(victim.cross_entropy, ball),
        "PGD": many,
        "PGD on the margin": pgd(victim.losses, ball, steps=steps, restarts=RESTARTS, generator=generator),
        "Square (no gradient)": square(victim.losses, ball, queries=QUERIES, generator=generator),
    }, many


def _worst(losses: Losses, found: list[Attacked]) -> Tensor:
    """For each example the point of the largest margin."""
    measured = [Attacked(one.points, losses(one.points, all_rows(one.points)).detach()) for one in found]
    best = measured[0]
    for one in measured[1:]:
        best = worse(best, one)
    return best.points


def _signs(
    victim: ClassVictim, clean: np.ndarray, curve: list[Withstood], path: list[float], norm: Norm, steps: int
) -> list[str]:
    """Of masked gradients, at the size in the middle."""
    named = curve[min(NAMED, len(curve) - 1)]

    def share(name: str) -> float:
        return float(named.by_attack[name].mean())

    unlimited = pgd(victim.losses, victim.room.ball(victim.inputs, UNLIMITED, norm), steps=2 * steps)
    classes = victim.logits(victim.inputs[victim.room.place][:1], torch.tensor([0])).shape[1]
    found = Evidence(
        count=len(clean),
        zero_share=zero_share(victim.cross_entropy, victim.room.ball(victim.inputs, named.epsilon, norm)),
        clean=float(clean.mean()),
        one_step=share("FGSM"),
        many_steps=float((named.by_attack["PGD"] & named.by_attack["PGD on the margin"]).mean()),
        gradient_free=share("Square (no gradient)"),
        chance=share("random points"),
        path=path,
        by_size=[(one.epsilon, float(one.by_attack["PGD"].mean())) for one in curve],
        unlimited=float(victim.is_right(unlimited.points).mean()) if _reaches_everything(victim) else None,
        guessing=1 / classes,
    )
    return signs(found)


def _reaches_everything(victim: ClassVictim) -> bool:
    """Whether nothing of the input is out of reach; a table keeps its categories, by which it may still be told."""
    return bool((victim.room.unit != 0).all()) and all(
        not x.numel() for place, x in enumerate(victim.inputs) if place != victim.room.place
    )
