"""Sensitivity at a chosen specificity: how many cases are found, if so many of the others are to be left in peace?

    sensitivity = found / cases        specificity = left in peace / others

The cut is chosen on the validation examples and both shares are measured on the test: a cut that is chosen on the test
promises more than the next patient gets.

Altman & Bland (1994), Diagnostic tests 1: sensitivity and specificity, https://doi.org/10.1136/bmj.308.6943.1552
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import wilson
from deepglass.evaluate.scores import score

SPECIFICITIES = (0.8, 0.9, 0.95)


def rows(
    val: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    specificities: tuple[float, ...] = SPECIFICITIES,
) -> list[dict[str, Any]]:
    """For each wanted specificity the cut, and what it does on the test.

    Args:
        val: Risks (N,) and whether it happened (N,) of the validation examples, both kinds among them.
        test: Those of the test examples.
        specificities: What is wanted, in (0, 1).

    Returns:
        Records with "wanted", "threshold", and of the test "sensitivity" and "specificity", scores with Wilson
        intervals; a value is None where the test holds no example of the kind.
    """
    chances, is_case = val
    found = []
    for wanted in specificities:
        cut = cut_for(chances[~is_case], wanted)
        found.append({"wanted": wanted, "threshold": cut, **measured(*test, cut)})
    return found


def cut_for(others: np.ndarray, specificity: float) -> float:
    """The lowest risk that at least this share of the others does not exceed: an alarm is raised above it.

    Args:
        others: Risks (N,) of examples to which it did not happen; at least one.
        specificity: In (0, 1].
    """
    ranked = np.sort(others)
    return float(ranked[int(np.ceil(specificity * len(ranked) - 1e-9)) - 1])


def measured(chances: np.ndarray, is_case: np.ndarray, cut: float) -> dict[str, Any]:
    """ "sensitivity" and "specificity" of alarms above a cut."""
    alarms = chances > cut
    return {
        "sensitivity": _share(int((alarms & is_case).sum()), int(is_case.sum())),
        "specificity": _share(int((~alarms & ~is_case).sum()), int((~is_case).sum())),
    }


def _share(hits: int, count: int) -> dict[str, float | None]:
    return score(hits / count, wilson(hits, count)) if count else score(None)
