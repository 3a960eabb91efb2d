"""Rates of an answer by group, and how far the groups are apart: the words of the debate about fairness as formulas.

    selection rate      P(said yes | group)              demographic parity: equal
    true positive rate  P(said yes | yes, group)         equal opportunity: equal
    false positive rate P(said yes | no, group)          equalised odds: both equal
    precision           P(yes | said yes, group)         predictive parity: equal

A rate without a single row to count is not defined; it is None and takes no part in a difference. (Fairlearn and
scikit-learn call it 0, which makes a group without one "yes" look maximally mistreated; elsewhere the numbers are
theirs.) No classifier can hold all of these at once unless it is perfect or the groups do not differ (Chouldechova).

References:
    Hardt, Price & Srebro (2016), Equality of Opportunity in Supervised Learning, https://arxiv.org/abs/1610.02413
    Chouldechova (2017), Fair Prediction with Disparate Impact, https://arxiv.org/abs/1703.00056
    Bird et al. (2020), Fairlearn: A Toolkit for Assessing and Improving Fairness in AI (names and aggregates)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from deepglass.evaluate.intervals import RESAMPLES, percentile_interval, wilson
from deepglass.evaluate.scores import score

# name → (numerator, denominator) among the counts of a group: true and false positives, false and true negatives
RATES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "selection_rate": (("tp", "fp"), ("tp", "fp", "fn", "tn")),
    "true_positive_rate": (("tp",), ("tp", "fn")),
    "false_positive_rate": (("fp",), ("fp", "tn")),
    "precision": (("tp",), ("tp", "fp")),
    "accuracy": (("tp", "tn"), ("tp", "fp", "fn", "tn")),
    "base_rate": (("tp", "fn"), ("tp", "fp", "fn", "tn")),
}
TITLES = {
    "selection_rate": "selected",
    "true_positive_rate": "true positives",
    "false_positive_rate": "false positives",
    "precision": "precision",
    "accuracy": "accuracy",
    "base_rate": "truly so",
}
CONSTRAINTS = {  # what is to be equal, and the name of the gap
    "demographic-parity": ("selection_rate",),
    "equal-opportunity": ("true_positive_rate",),
    "equalized-odds": ("true_positive_rate", "false_positive_rate"),
}
CELLS = ("tp", "fp", "fn", "tn")
MOST_DRAWN = 4_000  # errors of a group that are drawn anew
ANCHORS = 200  # points of everybody's curve that the groups are led to
ALLOWED = 0.015  # of a gap on the rows that choose
FOUR_FIFTHS = 0.8  # of selection rates: the rule of thumb of the US Uniform Guidelines (1978), 29 CFR 1607.4(D)


@dataclass(frozen=True)
class Counts:
    """What happened in each group.

    groups: (G,) names; cells: (G, 4) counts in the order of `CELLS`.
    """

    groups: list[str]
    cells: np.ndarray

    @classmethod
    def of(cls, groups: np.ndarray, truth: np.ndarray, said: np.ndarray) -> "Counts":
        """Of (N,) names of groups, and whether it was so and was said to be so."""
        names, place = np.unique(groups.astype(str), return_inverse=True)
        truth, said = truth.astype(bool), said.astype(bool)
        cell = np.where(said, np.where(truth, 0, 1), np.where(truth, 2, 3))
        cells = np.bincount(place * 4 + cell, minlength=4 * len(names)).reshape(-1, 4)
        return cls([str(name) for name in names], cells)

    def only(self, kept: Iterable[str]) -> "Counts":
        """Of some groups."""
        kept = set(kept)
        rows = [i for i, name in enumerate(self.groups) if name in kept]
        return Counts([self.groups[i] for i in rows], self.cells[rows])

    @property
    def sizes(self) -> np.ndarray:
        """(G,) rows of each group."""
        return self.cells.sum(axis=1)

    def rate(self, name: str) -> np.ndarray:
        """(G,) of each group; not a number where no row counts."""
        return rates_of(self.cells, name)

    def rates(self, name: str) -> list[dict[str, float | None]]:
        """Of each group with Wilson's interval."""
        above, below = (_sum(self.cells, part) for part in RATES[name])
        return [
            score(hits / count if count else None, wilson(int(hits), int(count)))
            for hits, count in zip(above, below, strict=True)
        ]


def rates_of(cells: np.ndarray, name: str) -> np.ndarray:
    """A rate of counts (…, 4); not a number where no row counts."""
    above, below = (_sum(cells, part) for part in RATES[name])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(below > 0, above / below, np.nan)


def difference(rates: np.ndarray) -> np.ndarray:
    """Largest minus smallest of the groups, over the last axis; 0 of a single one, not a number of none."""
    has_any = np.isfinite(rates).any(axis=-1)
    low = np.where(np.isfinite(rates), rates, np.inf).min(axis=-1, initial=np.inf)
    high = np.where(np.isfinite(rates), rates, -np.inf).max(axis=-1, initial=-np.inf)
    with np.errstate(invalid="ignore"):
        return np.where(has_any, high - low, np.nan)


def ratio(rates: np.ndarray) -> np.ndarray:
    """Smallest by largest of the groups, over the last axis; not a number where the largest is 0, or of none."""
    has_any = np.isfinite(rates).any(axis=-1)
    low = np.where(np.isfinite(rates), rates, np.inf).min(axis=-1, initial=np.inf)
    high = np.where(np.isfinite(rates), rates, -np.inf).max(axis=-1, initial=-np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(has_any & (high > 0), low / high, np.nan)


def gap(cells: np.ndarray, constraint: str) -> np.ndarray:
    """How far groups (…, G, 4) are from a constraint: the largest difference among what is to be equal."""
    return np.max([difference(rates_of(cells, name)) for name in CONSTRAINTS[constraint]], axis=0)


def gaps(counts: Counts, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Differences and ratios of every rate and the gap of every constraint, with bootstrap intervals.

    Another test set is imagined by drawing the rows of each group anew. The largest difference among several groups
    grows by chance alone: the interval of many small groups lies high.
    """
    drawn = _resampled(counts.cells, seed)
    found: dict[str, dict[str, Any]] = {}
    for name in RATES:
        own, others = rates_of(counts.cells, name), rates_of(drawn, name)
        found[f"{name}_difference"] = score(difference(own), percentile_interval(difference(others)))
        found[f"{name}_ratio"] = score(ratio(own), percentile_interval(ratio(others)))
    for name in CONSTRAINTS:
        value, others = gap(counts.cells, name), gap(drawn, name)
        found[name.replace("-", "_")] = score(float(value), percentile_interval(others))
    return found


def error_gaps(groups: np.ndarray, errors: np.ndarray, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Of values: the largest differences of MAE, RMSE and bias between groups, with bootstrap intervals.

    Args:
        groups: (N,) names; two or more different ones.
        errors: (N,) prediction minus truth.
    """
    parts = [errors[groups == name] for name in np.unique(groups)]
    means = np.stack([_error_means(part[None]) for part in parts], axis=-1)[:, 0]  # (3, G)
    rng = np.random.default_rng(seed)
    drawn = np.stack([_error_means(_redrawn(part, rng)) for part in parts], axis=-1)  # (3, resamples, G)
    names = ("mae_difference", "rmse_difference", "bias_difference")
    return {
        name: score(difference(own), percentile_interval(difference(others)))
        for name, own, others in zip(names, means, drawn, strict=True)
    }


def _error_means(errors: np.ndarray) -> np.ndarray:
    """(3, R) mean size, root mean square and mean of errors (R, n)."""
    return np.stack([np.abs(errors).mean(axis=1), np.sqrt((errors**2).mean(axis=1)), errors.mean(axis=1)])


def _redrawn(errors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(resamples, n) of errors (n,); of very many as many as say enough."""
    few = errors[rng.permutation(len(errors))[:MOST_DRAWN]]
    return few[rng.integers(0, len(few), (RESAMPLES, len(few)))]


def chance_of(counts: Counts, name: str) -> float:
    """How likely a rate would differ as much between groups that are alike (χ² test of homogeneity); 1 of one group."""
    from scipy.stats import chi2_contingency

    above, below = (_sum(counts.cells, part) for part in RATES[name])
    table = np.stack([above, below - above])[:, below > 0]  # (2, groups)
    if table.shape[1] < 2 or (table.sum(axis=1) == 0).any():
        return 1.0
    return float(chi2_contingency(table, correction=False).pvalue)  # type: ignore[union-attr]


def _resampled(cells: np.ndarray, seed: int) -> np.ndarray:
    """(resamples, G, 4) counts of other test sets of the same size."""
    rng = np.random.default_rng(seed)
    drawn = [rng.multinomial(int(row.sum()), row / max(1, row.sum()), size=RESAMPLES) for row in cells]
    return np.stack(drawn, axis=1) if drawn else np.zeros((RESAMPLES, 0, 4))


def _sum(cells: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    return cells[..., [CELLS.index(name) for name in names]].sum(axis=-1)


# -- a threshold for each group ------------------------------------------------------------------------------------


def thresholds(chances: np.ndarray, labels: np.ndarray, groups: np.ndarray, constraint: str) -> dict[str, float]:
    """A threshold of the probability for each group: the most right answers among those that keep the constraint.

    A threshold for everybody is moved from strict to loose; at each, every group takes the threshold whose rates are
    nearest to everybody's, or differ from them as far as is allowed. Of those whose groups are close enough the one
    that is right most often is taken; where none is, the closest.

    Args:
        chances: (N,) probabilities of the good outcome; labels: (N,) whether it was; groups: (N,) names.
        constraint: A name of `CONSTRAINTS`.
    """
    names = CONSTRAINTS[constraint]
    cuts = np.unique(np.quantile(chances, np.linspace(0, 1, ANCHORS)))
    curves = {name: _cells(chances[groups == name], labels[groups == name], cuts) for name in np.unique(groups)}
    goal = np.stack([rates_of(sum(curves.values()), rate) for rate in names], axis=-1)  # type: ignore[arg-type]
    own = {k: np.stack([rates_of(cells, rate) for rate in names], axis=-1) for k, cells in curves.items()}
    own = {k: rates for k, rates in own.items() if np.isfinite(rates).all()}
    leans, best, chosen = _leans(own, cuts), (True, -np.inf), {}
    for anchor, lean in product(goal, (0.0, 1.0)):
        places = {k: int(np.argmin(_distance(rates, anchor + lean * leans[k]))) for k, rates in own.items()}
        cells = np.stack([curves[k][place] for k, place in places.items()])
        apart = float(np.nan_to_num(gap(cells, constraint)))
        right = (cells[:, 0] + cells[:, 3]).sum() / max(1, cells.sum())
        worth = (apart <= ALLOWED, right if apart <= ALLOWED else -apart)
        if not chosen or worth > best:
            best, chosen = worth, {k: float(cuts[place]) for k, place in places.items()}
    return chosen


def _cells(chances: np.ndarray, labels: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """(C, 4) counts, in the order of `CELLS`, where answers from a cut on are "yes"."""
    yes, no = np.sort(chances[labels]), np.sort(chances[~labels])
    found, alarms = (len(part) - np.searchsorted(part, cuts, side="left") for part in (yes, no))
    return np.stack([found, alarms, len(yes) - found, len(no) - alarms], axis=1)


def _distance(rates: np.ndarray, anchor: np.ndarray) -> np.ndarray:
    return np.abs(rates - anchor).max(axis=-1)


def _leans(own: dict[str, np.ndarray], cuts: np.ndarray) -> dict[str, np.ndarray]:
    """How far each group may stay on its own side of everybody: as far as the allowed gap lets all of them together."""
    usual = {k: rates[min(len(cuts) - 1, int(np.searchsorted(cuts, 0.5)))] for k, rates in own.items()}
    if not usual:
        return {}
    places = np.stack(list(usual.values()))
    share = min(1.0, ALLOWED / max(float(np.ptp(places, axis=0).max()), ALLOWED))
    return {k: share * (rates - places.mean(axis=0)) for k, rates in usual.items()}
