"""Integrated gradients: gradients added up along the straight way from a base to the example.

    cᵢ = (xᵢ − base_i) · ∫₀¹ ∂f/∂xᵢ (base + α (x − base)) dα            Σᵢ cᵢ = f(x) − f(base)

The sum is the fundamental theorem of calculus, and it holds on every piece of the way alone. So the way is cut where
it does not hold yet: each piece knows the difference of the scores at its ends, and pieces whose gradients miss it are
cut until all of them together miss it by no more than the tolerance. What is left is said and never spread over the
inputs. A score that jumps (trees, thresholds) has no gradient where it jumps: there the sum cannot hold, and that is
said too.

Sundararajan, Taly & Yan (2017), Axiomatic Attribution for Deep Networks, https://arxiv.org/abs/1703.01365 (their
completeness is our sum).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from deepglass.explain import Explanation, Settings
from deepglass.explain.subject import Subject

TITLE = "integrated gradients"
KINDS = ("columns", "image", "text", "series", "prompt", "events")
USES = ("samples", "base")  # of the settings
IS_MAP = True
TOLERANCE = 1e-4  # of max(1, |f(x) − f(base)|), as the sum may miss it
FIRST = 8  # pieces
NODES, WEIGHTS = (torch.from_numpy(part) for part in np.polynomial.legendre.leggauss(3))  # exact to degree 5
CANCELLING = 50.0  # tolerances that pieces may miss in both directions, of which the sum is small
MOST_STEPS = 60_000  # gradients
SHORTEST = 2.0**-40  # of a piece: what is still missed there is a jump
AT_ONCE = 16  # pieces
NEAREST = 0.01  # share of a piece that is cut off at least

Score = Callable[[Sequence[Tensor]], Tensor]  # leaves (n, …) → (n,)
Gradients = Callable[[Sequence[Tensor]], list[Tensor]]  # leaves (n, …) → one (n, …) each


@dataclass(frozen=True)
class Integrated:
    """One attribution (1, …) for each leaf.

    difference: f(x) − f(base); gap: what the sum misses of it; steps: gradients that were asked for.
    """

    attributions: list[Tensor]
    difference: float
    gap: float
    steps: int

    @property
    def holds(self) -> bool:
        """Whether the sum is what it should be."""
        return abs(self.gap) <= TOLERANCE * max(1.0, abs(self.difference))


def integrate(
    score: Score,
    gradients: Gradients,
    points: Sequence[Tensor],
    base: Sequence[Tensor],
    most_steps: int = MOST_STEPS,
) -> Integrated:
    """Walk from the base to the example.

    Args:
        score, gradients: Of leaves.
        points, base: The two ends, (1, …) for each leaf.
        most_steps: Gradients, after which no piece is halved any more.
    """
    way = Way(score, gradients, points, base)
    edges = torch.linspace(0, 1, FIRST + 1, dtype=torch.float64)
    scores = way.scores(edges)
    pieces, ends = (torch.stack([of[:-1], of[1:]], dim=1) for of in (edges, scores))
    total, missed, difference = way.nothing(), 0.0, float(scores[-1] - scores[0])
    tolerance = TOLERANCE * max(1.0, abs(difference)) / 2
    while True:
        good, rest, open_pieces, gaps, bends = way.measure(pieces, ends, tolerance / (8 * len(pieces)))
        total = [a + b for a, b in zip(total, good, strict=True)]
        missed += float(gaps[~open_pieces].sum())
        left = gaps[open_pieces]
        is_small = abs(missed + float(left.sum())) <= tolerance and float(left.abs().sum()) <= CANCELLING * tolerance
        is_over = way.steps >= most_steps or bool((pieces[:, 1] - pieces[:, 0]).min() < SHORTEST)
        if not len(left) or is_small or is_over:
            total = [a + b for a, b in zip(total, rest, strict=True)]
            break
        bend = bends[open_pieces]
        pieces, ends = _cut(pieces[open_pieces], bend), _cut(ends[open_pieces], way.scores(bend))
    gap = difference - sum(float(part.sum()) for part in total)
    return Integrated([part.unsqueeze(0) for part in total], difference, gap, way.steps)


def _cut(pairs: Tensor, middle: Tensor) -> Tensor:
    """(2n, 2) from the first of each of the pairs (n, 2) to its middle (n,), and from there to the last."""
    first, last = pairs.T
    return torch.cat([torch.stack([first, middle], dim=1), torch.stack([middle, last], dim=1)])


class Way:
    """The straight way between the ends."""

    def __init__(self, score: Score, gradients: Gradients, points: Sequence[Tensor], base: Sequence[Tensor]):
        self.score, self.gradients, self.steps = score, gradients, 0
        self.base, self.change = base, [x - b for x, b in zip(points, base, strict=True)]

    def nothing(self) -> list[Tensor]:
        """Zeros, one (…) for each leaf."""
        return [torch.zeros(change.shape[1:], dtype=torch.float64) for change in self.change]

    def at(self, alphas: Tensor) -> list[Tensor]:
        """Leaves (n, …) at places of the way."""
        pairs = zip(self.base, self.change, strict=True)
        return [b + alphas.to(b.dtype).view(-1, *[1] * (b.dim() - 1)) * change for b, change in pairs]

    @torch.no_grad()
    def scores(self, alphas: Tensor) -> Tensor:
        """(n,) float64."""
        return torch.cat([self.score(self.at(some)).double() for some in alphas.split(4 * AT_ONCE)])

    def measure(
        self, pieces: Tensor, ends: Tensor, allowed: float
    ) -> tuple[list[Tensor], list[Tensor], Tensor, Tensor, Tensor]:
        """Contributions of the pieces (n, 2) that miss no more than `allowed`, those of the others, which these are,
        what each misses (n,), and where it is best cut (n,); `ends` (n, 2) are the scores where they begin and end.
        """
        good, rest, gaps, bends = self.nothing(), self.nothing(), [], []
        for some, known in zip(pieces.split(AT_ONCE), ends.split(AT_ONCE), strict=True):
            parts, slopes = self._contributions(some)
            gap = known[:, 1] - known[:, 0] - (slopes * WEIGHTS).sum(dim=1) * (some[:, 1] - some[:, 0]) / 2
            is_good = (gap.abs() <= allowed).double()
            for total, chosen in ((good, is_good), (rest, 1 - is_good)):
                for place, part in enumerate(parts):
                    total[place] += torch.tensordot(chosen, part, dims=1)
            gaps.append(gap)
            bends.append(bend_of(some, known, slopes))
        missed = torch.cat(gaps)
        return good, rest, missed.abs() > allowed, missed, torch.cat(bends)

    def _contributions(self, pieces: Tensor) -> tuple[list[Tensor], Tensor]:
        """Of each piece, one (n, …) for each leaf, and the slopes of the score at its nodes (n, nodes)."""
        n, width = len(pieces), (pieces[:, 1] - pieces[:, 0]) / 2
        alphas = pieces.mean(dim=1, keepdim=True) + width[:, None] * NODES  # (n, nodes)
        self.steps += alphas.numel()
        weights = (width[:, None] * WEIGHTS).flatten()
        parts, slopes = [], torch.zeros(n, len(NODES), dtype=torch.float64)
        for gradient, change in zip(self.gradients(self.at(alphas.flatten())), self.change, strict=True):
            along = gradient.double() * change.double()  # (n · nodes, …)
            slopes += along.reshape(n, len(NODES), -1).sum(dim=2)
            weighed = along * weights.view(-1, *[1] * (along.dim() - 1))
            parts.append(weighed.view(n, len(NODES), *change.shape[1:]).sum(dim=1))  # (n, …)
        return parts, slopes


def bend_of(pieces: Tensor, ends: Tensor, slopes: Tensor) -> Tensor:
    """Where the score of each piece bends (n,): a network of ReLUs is straight on both sides of a bend, so that is
    where the lines through its ends meet, each with the slope that is found beside it; else the middle.

    Args:
        pieces: Where they begin and end (n, 2).
        ends: The scores there (n, 2).
        slopes: Of the score at the nodes of each (n, nodes).
    """
    begin, width = pieces[:, 0], pieces[:, 1] - pieces[:, 0]
    first, last = slopes[:, 0], slopes[:, -1]
    share = ((ends[:, 1] - ends[:, 0]) / width - last) / (first - last)  # of the piece, that lies before the bend
    is_inside = (share > NEAREST) & (share < 1 - NEAREST)  # not where both slopes are one, or there are several bends
    return begin + width * torch.where(is_inside, share, torch.full_like(share, 0.5))


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The contribution of each part; where they do not add up, a note says by how much."""
    leaves = subject.leaves
    most = settings.samples or MOST_STEPS
    found = integrate(leaves.score, leaves.gradients, leaves.points, leaves.base, most)
    gap = subject.walk_difference - float(sum(part.sum() for part in found.attributions))  # of the inputs themselves
    notes = []
    if abs(gap) > TOLERANCE * max(1.0, abs(subject.walk_difference)):
        why = (
            "the score jumps on the way from the base, or inputs reach it past every gradient: --method kernel-shapley"
        )
        why = f"{why} asks for scores alone" if most == MOST_STEPS else "ask for more --samples, or leave them out"
        notes.append(f"the contributions miss the difference of the scores by {gap:.3g}: {why}")
    figures = {"steps": found.steps, "gap": gap}
    return subject.of_leaves("integrated_gradients", TITLE, found.attributions, figures=figures, notes=notes)
