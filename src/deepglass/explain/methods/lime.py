"""LIME: around one example the model is replaced by a line that agrees with it nearby.

    min_{w,b}  Σ_z π(z) · (f(z) − b − Σᵢ wᵢ zᵢ)²        zᵢ = 1 where part i is there, 0 where it is hidden
    π(z) = exp(−d(z)² / width²),  d = 1 − √(share of the parts that are there)   (the cosine distance of z from all)

The neighbours are drawn once from a seed and the line has no penalty, so the same seed gives the same bytes and a
linear model is given back exactly. The intervals come from drawing the neighbours again (bootstrap); R² says how much
of the scores nearby the line explains.

Ribeiro, Singh & Guestrin (2016), "Why Should I Trust You?", https://arxiv.org/abs/1602.04938.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deepglass.explain import Explanation, Settings
from deepglass.explain.coalitions import Game

if TYPE_CHECKING:
    from deepglass.explain.subject import Subject

TITLE = "LIME, a line nearby"
KINDS = ("columns", "image", "video", "text", "series", "prompt", "events")
USES = ("samples", "seed", "base")  # of the settings
ASKS_SCORES = True
USUAL = 1_000  # neighbours
PER_PART = 10  # at least, so that the line is known better than the noise of drawing
WIDTH = 0.25  # of the kernel, as in the authors' program
AGAIN = 100
INTERVAL = (0.025, 0.975)
WEAK = 0.5  # R² below which a line is said to describe the model badly


@dataclass(frozen=True)
class Line:
    """weights (M,), their 95 % intervals, and the share of the scores nearby that it explains."""

    weights: np.ndarray
    low: np.ndarray
    high: np.ndarray
    intercept: float
    r2: float
    neighbours: int


def fit(game: Game, count: int, samples: int = USUAL, seed: int = 0, width: float = WIDTH) -> Line:
    """The line around the example.

    Args:
        game: Of M parts.
        count: M.
        samples: Neighbours that are asked.
        seed: Of the drawing.
        width: Of the kernel: a small one hears near neighbours alone.
    """
    present = questions(count, samples, seed)
    return line_through(present, game(present), seed, width)


def line_through(present: np.ndarray, scores: np.ndarray, seed: int = 0, width: float = WIDTH) -> Line:
    """The line through neighbours (n, M) with scores (n,)."""
    number, nearness, rng = len(present), kernel(present, width), np.random.default_rng([seed, 1])
    coefficients = weighted_line(present, scores, nearness)
    again = []
    for _ in range(AGAIN):
        rows = rng.integers(0, number, number)
        again.append(weighted_line(present[rows], scores[rows], nearness[rows]))
    low, high = np.quantile(again, INTERVAL, axis=0)[:, 1:]
    r2 = explained(present, scores, nearness, coefficients)
    return Line(coefficients[1:], low, high, float(coefficients[0]), r2, number)


def questions(count: int, samples: int | None = None, seed: int = 0) -> np.ndarray:
    """(n, M) the example and its neighbours, as many as are asked for and enough for a line."""
    return neighbours(count, max(samples or USUAL, PER_PART * count), seed)


def concluded(present: np.ndarray, scores: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The weights (M,) and the ends of their intervals, from the scores of the questions."""
    line = line_through(present, scores, seed)
    return line.weights, line.low, line.high


def neighbours(count: int, number: int, seed: int = 0) -> np.ndarray:
    """(number, M) which parts are there; the first is the example itself, every size is as likely as another."""
    rng = np.random.default_rng(seed)
    there = rng.integers(0, count + 1, number)  # how many parts are there
    present = rng.random((number, count)).argsort(axis=1) < there[:, None]
    present[0] = True
    return present


def kernel(present: np.ndarray, width: float = WIDTH) -> np.ndarray:
    """(n,) nearness π of neighbours to the example."""
    distance = 1 - np.sqrt(present.mean(axis=1))
    return np.exp(-((distance / width) ** 2))


def weighted_line(present: np.ndarray, scores: np.ndarray, nearness: np.ndarray) -> np.ndarray:
    """(1 + M,) intercept and weights."""
    root = np.sqrt(nearness)
    design = np.column_stack([np.ones(len(present)), present]) * root[:, None]
    return np.linalg.lstsq(design, scores * root, rcond=None)[0]


def explained(present: np.ndarray, scores: np.ndarray, nearness: np.ndarray, line: np.ndarray) -> float:
    """Weighted R²; 1 where the scores never change."""
    mean = np.average(scores, weights=nearness)
    left = np.average((scores - line[0] - present @ line[1:]) ** 2, weights=nearness)
    all_ = np.average((scores - mean) ** 2, weights=nearness)
    return 1.0 if all_ <= 1e-20 * max(1.0, mean**2) else float(1 - left / all_)


def explain(subject: "Subject", settings: Settings) -> Explanation:
    """The weight of each part in the line, with its interval."""
    line = fit(subject.game, len(subject.parts), settings.samples or USUAL, settings.seed)
    notes = []
    if line.r2 < WEAK:
        notes.append(f"the line explains {line.r2:.0%} of the scores nearby: it describes this model badly here")
    figures = {"evaluations": subject.asked, "r2": line.r2, "intercept": line.intercept}
    return subject.explanation("lime", TITLE, line.weights, line.low, line.high, figures=figures, notes=notes)
