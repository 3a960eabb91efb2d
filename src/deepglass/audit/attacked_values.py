"""The same of numbers and forecasts: how large can an error be made by a small change of the inputs?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.attacks import all_rows
from deepglass.attacks.ball import Norm
from deepglass.attacks.fgsm import fgsm
from deepglass.attacks.masking import ZERO_SHARE, zero_share
from deepglass.attacks.pgd import pgd
from deepglass.attacks.random_points import random_points
from deepglass.attacks.square import square
from deepglass.audit.attacked import DRAWS, QUERIES, RESTARTS, STEPS
from deepglass.audit.victim import Victim
from deepglass.evaluate.intervals import bootstrap

OFF = 1e9  # taken off the losses of a search that stops at 0: an error is never large enough


class ValueVictim(Victim):
    """A network that answers (B, 1) or (B, members, 1), or forecasts (B, horizon, S).

    Targets are (B, …) as it learns them, NaN where nothing is known.
    """

    def losses(self, points: Tensor, rows: Tensor) -> Tensor:
        """(n,) mean squared errors, in standard deviations of the target."""
        said, true = self.answers(points, rows), self.targets[rows]
        said = said.flatten(1).mean(dim=1) if true.dim() == 1 else said
        known = torch.isfinite(true)
        squares = (said - torch.where(known, true, said.detach())) ** 2
        if true.dim() == 1:
            return squares
        return squares.flatten(1).sum(1) / known.flatten(1).sum(1).clamp(min=1)


@dataclass(frozen=True)
class Strain:
    """What was found.

    Attributes:
        clean: Root mean squared error without an attack, in standard deviations of the target: value, low, high.
        curve: Size → attack → the same under it; the worst of all is called "worst".
        masked: Signs that gradients cannot be trusted.
    """

    clean: dict[str, float]
    curve: dict[float, dict[str, dict[str, float]]]
    masked: list[str]
    measured_in: str
    examples: int


def strain(victim: ValueVictim, sizes: tuple[float, ...], seed: int, norm: Norm = "linf") -> Strain:
    """Attack with everything, in balls of every size."""
    generator = torch.Generator().manual_seed(seed)
    inputs, curve, masked = victim.inputs[victim.room.place], {}, []
    for place, epsilon in enumerate(sizes):
        ball = victim.room.ball(victim.inputs, epsilon, norm)
        many = pgd(victim.losses, ball, steps=STEPS, restarts=RESTARTS, generator=generator)
        search = square(lambda x, rows: victim.losses(x, rows) - OFF, ball, queries=QUERIES, generator=generator)
        found = {
            "random points": random_points(victim.losses, ball, draws=DRAWS, generator=generator).losses,
            "FGSM": fgsm(victim.losses, ball).losses,
            "PGD": many.losses,
            "Square (no gradient)": victim.losses(search.points, all_rows(inputs)).detach(),
        }
        found["worst"] = torch.stack([*found.values()]).amax(dim=0)
        curve[epsilon] = {name: _root_mean(losses, seed) for name, losses in found.items()}
        if place == len(sizes) // 2:
            masked = _signs(victim, curve[epsilon], many.path, norm, epsilon)
    with torch.no_grad():
        clean = _root_mean(victim.losses(inputs, all_rows(inputs)), seed)
    return Strain(clean, curve, masked, victim.room.measured_in, len(inputs))


def _root_mean(squares: Tensor, seed: int) -> dict[str, float]:
    values = squares.double().cpu().numpy()
    low, high = bootstrap(lambda own: float(np.sqrt(own.mean())), values, resamples=200, seed=seed)
    return {"value": float(np.sqrt(values.mean())), "low": low, "high": high}


def _signs(victim: ValueVictim, found: dict[str, Any], path: list[float], norm: Norm, epsilon: float) -> list[str]:
    """Of masked gradients."""
    said, of_gradient = [], found["PGD"]["value"]
    share = zero_share(victim.losses, victim.room.ball(victim.inputs, epsilon, norm))
    if share > ZERO_SHARE:
        said.append(f"the gradient is exactly zero for {100 * share:.0f} % of the examples")
    for name, what in (("random points", "random points do"), ("Square (no gradient)", "a search does")):
        if found[name]["low"] > of_gradient:
            errors = f"an error of {found[name]['value']:.3g} against {of_gradient:.3g}"
            said.append(f"{what} more than the gradient: {errors}")
    if max(path) <= path[0]:
        said.append("the error does not grow along the steps of the attack")
    return said
