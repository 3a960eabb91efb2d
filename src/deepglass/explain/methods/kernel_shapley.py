"""Kernel SHAP: Shapley values as a weighted least-squares line through coalitions that are drawn.

    min_φ  Σ_S k(S) · (v(S) − v(none) − Σ_{i∈S} φᵢ)²      so that Σφᵢ = v(all) − v(none)
    k(S) = (M − 1) / (C(M, |S|) · |S| · (M − |S|))

With all coalitions the solution is exact; with some it is an estimate, whose interval comes from drawing the pairs of
coalitions again (bootstrap). The sum is exact in any case: it is a constraint, and nothing is spread afterwards.

Lundberg & Lee (2017), A Unified Approach to Interpreting Model Predictions, https://arxiv.org/abs/1705.07874; Covert &
Lee (2021), Improving KernelSHAP, https://arxiv.org/abs/2012.01536 (pairs of complements).
"""

from math import comb
from typing import TYPE_CHECKING

import numpy as np

from deepglass.explain import Explanation, Settings
from deepglass.explain.coalitions import Game, drawn, ends, every

if TYPE_CHECKING:
    from deepglass.explain.subject import Subject

TITLE = "Shapley values (kernel SHAP)"
KINDS = ("columns", "image", "video", "text", "series", "prompt", "events")
USES = ("samples", "seed", "base")  # of the settings
ASKS_SCORES = True
USUAL = 2_048  # coalitions, as in the authors' program
AGAIN = 100  # times that pairs are drawn anew for the interval
INTERVAL = (0.025, 0.975)


def estimate(
    game: Game, count: int, samples: int = USUAL, seed: int = 0
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """(M,) values and the ends of their 95 % intervals, None where all coalitions were asked and nothing is estimated.

    Args:
        game: Of M players.
        count: M.
        samples: Coalitions that are asked; where all of them are no more, all are.
        seed: Of the drawing.
    """
    present = questions(count, samples, seed)
    return concluded(present, game(present), seed)


def questions(count: int, samples: int | None = None, seed: int = 0) -> np.ndarray:
    """(n, M) nobody, everybody, and the coalitions between: all of them, or pairs of complements that are drawn."""
    samples = samples or USUAL
    if (1 << min(count, 62)) - 2 <= samples:
        return np.concatenate([ends(count), every(count)[1:-1]])
    return np.concatenate([ends(count), drawn(count, max(samples, 4 * count) // 2 * 2, np.random.default_rng(seed))])


def concluded(
    present: np.ndarray, scores: np.ndarray, seed: int = 0
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """The same as `estimate` gives, from the scores (n,) of its questions."""
    none, whole = scores[:2]
    coalitions, above, count = present[2:], scores[2:] - none, present.shape[1]
    if count == 1:
        return np.array([whole - none]), None, None
    if len(coalitions) == (1 << min(count, 62)) - 2 == len(np.unique(coalitions, axis=0)):
        return solve(coalitions, above, whole - none, kernel(coalitions)), None, None
    rng, pairs, again = np.random.default_rng([seed, 1]), np.arange(len(coalitions)).reshape(-1, 2), []
    for _ in range(AGAIN):
        rows = pairs[rng.integers(0, len(pairs), len(pairs))].ravel()
        again.append(solve(coalitions[rows], above[rows], whole - none))
    low, high = np.quantile(again, INTERVAL, axis=0)
    return solve(coalitions, above, whole - none), low, high


def kernel(coalitions: np.ndarray) -> np.ndarray:
    """(n,) weights k(S)."""
    count = coalitions.shape[1]
    by_size = [0.0] + [(count - 1) / (comb(count, s) * s * (count - s)) for s in range(1, count)]
    return np.array(by_size)[coalitions.sum(axis=1)]


def solve(coalitions: np.ndarray, scores: np.ndarray, total: float, weights: np.ndarray | None = None) -> np.ndarray:
    """(M,) least squares under the constraint that the values sum to `total`: the last one is what is left of it.

    Args:
        coalitions: (n, M) bool.
        scores: (n,) above that of nobody.
        total: Of everybody above nobody.
        weights: (n,); drawn coalitions are weighed by how often they are drawn.
    """
    root = np.ones(len(scores)) if weights is None else np.sqrt(weights)
    last = coalitions[:, -1].astype(np.float64)
    design = (coalitions[:, :-1] - last[:, None]) * root[:, None]
    first = np.linalg.lstsq(design, (scores - last * total) * root, rcond=None)[0]
    return np.append(first, total - first.sum())


def explain(subject: "Subject", settings: Settings) -> Explanation:
    """The contribution of each part to the score, with its interval."""
    samples = settings.samples or USUAL
    values, low, high = estimate(subject.game, len(subject.parts), samples, settings.seed)
    figures = {"evaluations": subject.asked, "is exact": low is None}
    return subject.with_sum(subject.explanation("kernel_shapley", TITLE, values, low, high, figures=figures))
