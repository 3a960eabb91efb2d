"""Calibration: when a model says 80 %, is it right in 80 of 100 cases?

Answers are sorted into bins by the confidence of the model (its highest probability). In each bin mean confidence
and accuracy should agree; the gaps, weighted by how many answers fall in the bin, add up to the expected
calibration error (ECE). Above the diagonal of the diagram a model is too modest, below it is too sure.

References:
    Guo et al. (2017), On Calibration of Modern Neural Networks, https://arxiv.org/abs/1706.04599
    (their M bins are our `num_bins`, 15 as in their paper)
"""

import math
from typing import Any

import numpy as np

from deepglass.evaluate.intervals import percentile_interval
from deepglass.evaluate.scores import score


def reliability(probabilities: np.ndarray, targets: np.ndarray, num_bins: int = 15) -> list[dict[str, Any]]:
    """The bins of the reliability diagram that hold an answer: low, high, confidence, accuracy, count.

    Bins have equal width over (0, 1] and contain their upper end.

    Shape:
        - probabilities: (N, K)
        - targets: (N,)
    """
    confidence = probabilities.max(axis=1).astype(np.float64)  # (N,)
    is_right = probabilities.argmax(axis=1) == targets
    place = np.clip(np.ceil(confidence * num_bins).astype(np.int64) - 1, 0, num_bins - 1)
    counts = np.bincount(place, minlength=num_bins)
    confidence_sums = np.bincount(place, weights=confidence, minlength=num_bins)
    hits = np.bincount(place, weights=is_right, minlength=num_bins)
    return [
        {
            "low": b / num_bins,
            "high": (b + 1) / num_bins,
            "confidence": confidence_sums[b] / counts[b],
            "accuracy": hits[b] / counts[b],
            "count": int(counts[b]),
        }
        for b in np.flatnonzero(counts)
    ]


def expected_error(bins: list[dict[str, Any]]) -> float:
    """ECE = Σ count/N · |accuracy − confidence| over the bins of `reliability`."""
    total = sum(bin["count"] for bin in bins)
    return sum(bin["count"] * abs(bin["accuracy"] - bin["confidence"]) for bin in bins) / total


def chance_error(bins: list[dict[str, Any]]) -> float:
    """The ECE that a perfectly calibrated model would show by chance: Σ count/N · √(2/π · c·(1−c) / count).

    The gap of a bin is then that of a coin with the bin's confidence c; few answers in many bins make it large.
    """
    total = sum(bin["count"] for bin in bins)
    spread = [bin["count"] * bin["confidence"] * (1 - min(bin["confidence"], 1)) for bin in bins]
    return float(np.sqrt(2 / np.pi) * np.sqrt(spread).sum() / total)


def lean(bins: list[dict[str, Any]]) -> float:
    """Mean confidence minus accuracy: above 0 the model is too sure of itself, below 0 too modest."""
    total = sum(bin["count"] for bin in bins)
    return sum(bin["count"] * (bin["confidence"] - bin["accuracy"]) for bin in bins) / total


def debiased_error(bins: list[dict[str, Any]]) -> float:
    """The ECE less what chance adds to it: Σ count/N · (|gap| − bias), 0 at least.

    The accuracy of a bin is a mean of `count` answers and scatters with σ = √(a·(1−a) / count); the mean size of a gap
    g with that noise is σ·√(2/π)·exp(−g²/2σ²) + g·(1 − 2Φ(−g/σ)), and what it exceeds |g| by is the bias.

    Kumar, Liang & Ma (2019), Verified Uncertainty Calibration, https://arxiv.org/abs/1909.10155 (who draw the noise)
    """
    total, found = sum(bin["count"] for bin in bins), 0.0
    for bin in bins:
        gap, share = abs(bin["accuracy"] - bin["confidence"]), bin["accuracy"]
        noise = math.sqrt(share * (1 - share) / bin["count"])
        found += bin["count"] / total * (gap - (_folded_mean(gap, noise) - gap))
    return max(0.0, found)


def _folded_mean(gap: float, noise: float) -> float:
    """The mean of |gap + normal noise|."""
    if noise == 0:
        return gap
    bell = noise * math.sqrt(2 / math.pi) * math.exp(-(gap**2) / (2 * noise**2))
    return bell + gap * math.erf(gap / (noise * math.sqrt(2)))


def error_with_interval(
    probabilities: np.ndarray, targets: np.ndarray, num_bins: int = 15, *, resamples: int = 300, seed: int = 0
) -> dict[str, Any]:
    """The debiased ECE as a score: value, and the ends of a bootstrap interval around it.

    A resample holds the noise of the sample and its own, so it is moved by their difference in the middle.
    """
    value = debiased_error(reliability(probabilities, targets, num_bins))
    random, drawn = np.random.default_rng(seed), []
    for _ in range(resamples):
        rows = random.integers(0, len(targets), len(targets))
        drawn.append(debiased_error(reliability(probabilities[rows], targets[rows], num_bins)))
    low, high = percentile_interval(np.array(drawn) - np.median(drawn) + value)
    return score(value, (max(0.0, low), high))
