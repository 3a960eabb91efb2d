"""What a risk promises to each group, and whether the promise holds: ranking, calibration and cut of everyone's share.

A model can be calibrated for all patients together and promise too little to women and too much to men. For each group:

    AUC · mean predicted risk beside the share of cases · sensitivity and specificity at the cut for everybody

A group stands out where the mean predicted risk lies outside the interval of its share of cases. Of fewer than 30
examples, or fewer than 10 of a kind, less is said.

References:
    Van Calster et al. (2019), Calibration: the Achilles heel of predictive analytics,
    https://doi.org/10.1186/s12916-019-1466-7 (mean calibration, here by group)
    Obermeyer et al. (2019), Dissecting racial bias in an algorithm used to manage the health of populations,
    https://doi.org/10.1126/science.aax2342
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from deepglass.evaluate import curves, operating_points
from deepglass.evaluate.groups import SMALL
from deepglass.evaluate.intervals import wilson
from deepglass.evaluate.scores import score

FEWEST = 10  # examples of each kind, for an AUC


def rows(names: np.ndarray, chances: np.ndarray, is_case: np.ndarray, cut: float) -> list[dict[str, Any]]:
    """One record per group, the largest first.

    Args:
        names: The group of each example, in words.
        chances: Predicted risks.
        is_case: Whether it happened.
        cut: Risk above which an alarm is raised.

    Returns:
        Records with "group", "count", "cases", "is_small", "risk" (mean predicted), "share" (of cases, a score),
        "promises" ("too little", "too much" or ""), "roc_auc" (a score), "sensitivity" and "specificity" (scores).

    Shape:
        - names, chances, is_case: (N,)
    """
    groups, counts = np.unique(names, return_counts=True)
    return [
        _row(str(group), *(part[names == group] for part in (chances, is_case)), cut) for group in _by(groups, counts)
    ]


def surprises(found: Iterable[dict[str, Any]], case: str) -> list[str]:
    """Sentences about the groups whose risk is not what happens to them."""
    return [
        f"{row['group']}: promised {100 * row['risk']:.1f} % {case!r} on average, and it was "
        f"{100 * row['share']['value']:.1f} % ({row['promises']})."
        for row in found
        if row["promises"]
    ]


def _by(groups: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return groups[np.argsort(-counts, kind="stable")]


def _row(group: str, chances: np.ndarray, is_case: np.ndarray, cut: float) -> dict[str, Any]:
    count, cases = len(is_case), int(is_case.sum())
    share, risk, is_small = score(cases / count, wilson(cases, count)), float(chances.mean()), count < SMALL
    return {
        "group": group,
        "count": count,
        "cases": cases,
        "is_small": is_small,
        "risk": risk,
        "share": share,
        "promises": "" if is_small else _promises(risk, share),
        "roc_auc": _auc(chances, is_case),
        **operating_points.measured(chances, is_case, cut),
    }


def _promises(risk: float, share: dict[str, float | None]) -> str:
    low, high = share["low"], share["high"]
    if low is None or high is None or low <= risk <= high:
        return ""
    return "too little" if risk < low else "too much"


def _auc(chances: np.ndarray, is_case: np.ndarray) -> dict[str, float | None]:
    if min(is_case.sum(), (~is_case).sum()) < FEWEST:
        return score(None)
    return curves.of_columns(chances[:, None], is_case[:, None], ["case"])["roc_auc"]
