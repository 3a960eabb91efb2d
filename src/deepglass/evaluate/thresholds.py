"""Where to cut a probability in two, when one mistake costs more than the other.

    cost = ratio · missed + false alarms          cut where the validation examples cost least

At equal costs a half is a good place. Where a missed case costs as much as ten false alarms, an alarm is worth raising
from about 1/11 on, if the probabilities are right; the validation examples say where it is if they are not.

Elkan (2001), The Foundations of Cost-Sensitive Learning, https://dl.acm.org/doi/10.5555/1642194.1642224
"""

from typing import Any

import numpy as np

from deepglass.evaluate import operating_points

RATIOS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
FEWEST = 10  # validation examples of each class


def table(
    val: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray], classes: list[str]
) -> dict[str, Any]:
    """For each ratio of costs the best cut of validation, and what it does on the test.

    Args:
        val: Probabilities (N, 2) and classes (N,) of the validation examples.
        test: Those of the test examples.
        classes: Names of both; the rarer one in validation is what is looked for.

    Returns:
        "class", the name of what is looked for, and "rows": `ratio`, `threshold`, `found`, `missed`, `false_alarms`,
        and `cost` beside `cost_at_half`, in false alarms per 100 examples; "at_specificity", the records of
        `operating_points.rows`. Empty where validation is too small.
    """
    counts = np.bincount(val[1], minlength=2)
    if len(classes) != 2 or counts.min() < FEWEST:
        return {}
    sought = int(np.argmin(counts))
    chances, is_it = val[0][:, sought], val[1] == sought
    shown, truth = test[0][:, sought], test[1] == sought
    rows = []
    for ratio in RATIOS:
        threshold = best_cut(chances, is_it, ratio)
        found, missed, alarms = _counts(shown, truth, threshold)
        _, missed_at_half, alarms_at_half = _counts(shown, truth, 0.5)
        per_100 = 100 / len(truth)
        rows.append(
            {
                "ratio": ratio,
                "threshold": threshold,
                "found": found,
                "missed": missed,
                "false_alarms": alarms,
                "cost": per_100 * (ratio * missed + alarms),
                "cost_at_half": per_100 * (ratio * missed_at_half + alarms_at_half),
            }
        )
    points = operating_points.rows((chances, is_it), (shown, truth))
    return {"class": classes[sought], "rows": rows, "at_specificity": points}


def best_cut(chances: np.ndarray, is_it: np.ndarray, ratio: float) -> float:
    """The threshold of the lowest cost: of several, the one in the middle of the widest gap between examples.

    Args:
        chances: (N,) probabilities of what is looked for.
        is_it: (N,) whether it was that.
        ratio: What a missed one costs, in false alarms.
    """
    order = np.argsort(-chances, kind="stable")
    ranked, hits = chances[order], is_it[order]
    missed = is_it.sum() - np.concatenate([[0], np.cumsum(hits)])  # of a cut behind the k likeliest
    cost = ratio * missed + np.concatenate([[0], np.cumsum(~hits)])
    edges = np.concatenate([[1.0], ranked, [0.0]])
    above, below = edges[:-1], edges[1:]  # a cut lies between the kth and the next
    gaps = np.where(cost <= cost[above > below].min() + 1e-9, above - below, -1.0)
    best = int(np.argmax(gaps))
    return float((above[best] + below[best]) / 2)


def _counts(chances: np.ndarray, truth: np.ndarray, threshold: float) -> tuple[int, int, int]:
    said = chances > threshold
    return int((said & truth).sum()), int((~said & truth).sum()), int((said & ~truth).sum())
