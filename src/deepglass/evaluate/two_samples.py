"""Drift: do two samples come from the same distribution? One test per column, and one of everything together.

    numbers       Kolmogorov-Smirnov: the largest distance D of the two cumulative shares
    categories    χ² of the table of counts; the effect is the total variation ½ Σ |p − q|
    together      a classifier learns to tell the two apart; on rows that it has not seen it can only guess where there
                  is no difference

Of many columns some differ by chance: p-values are corrected for their number (Holm). A small p says that there is a
difference, the effect says how large it is.

References:
    Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure, https://www.jstor.org/stable/4615733
    Lopez-Paz & Oquab (2017), Revisiting Classifier Two-Sample Tests, https://arxiv.org/abs/1610.06545
    Rabanser, Günnemann & Lipton (2019), Failing Loudly, https://arxiv.org/abs/1810.11953
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

RARE = 5  # counts below which χ² is not to be trusted: such categories are counted together
MOST_ROWS = 2_000  # of each side that the classifier learns from and is judged by
FEWEST_ROWS = 20


@dataclass(frozen=True)
class Test:
    """Of one column.

    effect: D, or the total variation: 0 the same, 1 nothing in common; p: after correction.
    """

    name: str
    effect: float
    p: float


def numbers_differ(then: np.ndarray, now: np.ndarray) -> tuple[float, float]:
    """Effect and p-value of two samples of numbers; empty cells are a value of their own, below all others."""
    from scipy.stats import ks_2samp

    filled = [np.where(np.isfinite(part), part, -np.inf) for part in (then, now)]
    ranks = np.unique(np.concatenate(filled), return_inverse=True)[1].astype(float)  # infinite values in their order
    found = ks_2samp(ranks[: len(then)], ranks[len(then) :])
    return float(found.statistic), float(found.pvalue)  # type: ignore[attr-defined]


def categories_differ(then: np.ndarray, now: np.ndarray) -> tuple[float, float]:
    """Effect and p-value of two samples of words."""
    from scipy.stats import chi2_contingency

    words, place = np.unique(np.concatenate([then, now]).astype(str), return_inverse=True)
    counts = np.stack([np.bincount(part, minlength=len(words)) for part in (place[: len(then)], place[len(then) :])])
    is_rare = counts.sum(axis=0) < RARE
    table = np.column_stack([counts[:, ~is_rare], counts[:, is_rare].sum(axis=1)])
    table = table[:, table.sum(axis=0) > 0]
    shares = table / table.sum(axis=1, keepdims=True)
    effect = float(np.abs(shares[0] - shares[1]).sum() / 2)
    return effect, float(chi2_contingency(table).pvalue) if table.shape[1] > 1 else 1.0  # type: ignore[attr-defined]


def corrected(found: dict[str, tuple[float, float]]) -> list[Test]:
    """Tests with p-values for their number, the surest first."""
    ordered = sorted(found.items(), key=lambda item: item[1][1])
    tests, largest = [], 0.0
    for place, (name, (effect, p)) in enumerate(ordered):
        largest = max(largest, min(1.0, p * (len(ordered) - place)))
        tests.append(Test(name, effect, largest))
    return tests


def told_apart(then: np.ndarray, now: np.ndarray, seed: int = 0) -> dict[str, Any] | None:
    """How well a classifier tells two samples (N, D) apart that it has not seen; None where there are too few rows.

    Returns:
        "value", the share that it tells rightly of equally many of both, its 95 % interval, and "p", of a guess.
    """
    from scipy.stats import binomtest
    from sklearn.ensemble import RandomForestClassifier

    from deepglass.evaluate.intervals import wilson

    random = np.random.default_rng(seed)
    size = min(len(then), len(now), MOST_ROWS)
    if size < FEWEST_ROWS:
        return None
    sides = [part[random.permutation(len(part))[:size]] for part in (then, now)]
    learn, judge = (
        np.concatenate([part[chosen] for part in sides]) for chosen in (slice(None, None, 2), slice(1, None, 2))
    )
    labels = [np.repeat([0, 1], len(part) // 2) for part in (learn, judge)]
    trees = RandomForestClassifier(100, min_samples_leaf=3, random_state=seed, n_jobs=1).fit(learn, labels[0])
    hits, count = int((trees.predict(judge) == labels[1]).sum()), len(judge)
    low, high = wilson(hits, count)
    return {
        "value": hits / count,
        "low": low,
        "high": high,
        "p": float(binomtest(hits, count, alternative="greater").pvalue),
    }
