"""Decision curves: is it worth acting on a risk, whatever a false alarm costs?

    net benefit(t) = found / N − false alarms / N · t / (1 − t)

Whoever treats from a risk of t on says by it what a false alarm costs: at t = 10 % one case that is found is worth nine
alarms in vain, at t = 50 % one. The net benefit counts found cases per patient, less the alarms at that price. It is
held against two rules that need no model: to treat everybody, and to treat nobody, whose net benefit is 0. A model that
ranks well and promises wrongly can be worse than both.

References:
    Vickers & Elkin (2006), Decision Curve Analysis: A Novel Method for Evaluating Prediction Models,
    https://doi.org/10.1177/0272989X06295361 (their p_t is our threshold)
    Vickers, Van Calster & Steyerberg (2019), A simple, step-by-step guide to interpreting decision curve analysis,
    https://doi.org/10.1186/s41512-019-0064-7
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import normal_quantile

THRESHOLDS = np.round(np.arange(0.01, 1.0, 0.01), 2)  # from 99 alarms in vain for a case to a hundredth of one
FEWEST = 10  # examples of each kind; of fewer a curve is noise


def net_benefit(chances: np.ndarray, is_case: np.ndarray, thresholds: np.ndarray = THRESHOLDS) -> np.ndarray:
    """Found cases per example, less the false alarms at the price that each threshold sets.

    Args:
        chances: Predicted risks in [0, 1].
        is_case: Whether it happened.
        thresholds: Risks in (0, 1) from which on is acted.

    Shape:
        - chances, is_case: (N,)
        - thresholds, output: (T,)

    Example:
        >>> risks, is_case = np.array([0.8, 0.6, 0.3, 0.1]), np.array([True, False, True, False])
        >>> net_benefit(risks, is_case, np.array([0.5])).tolist()
        [0.0]
    """
    return _gains(chances, is_case, thresholds).mean(axis=1)


def treat_all(is_case: np.ndarray, thresholds: np.ndarray = THRESHOLDS) -> np.ndarray:
    """The net benefit (T,) of acting on everybody: share of cases − share of others · t / (1 − t)."""
    return net_benefit(np.ones(len(is_case)), is_case, thresholds)


def curve(chances: np.ndarray, is_case: np.ndarray) -> dict[str, Any]:
    """The curve of a model beside both rules that need none.

    Returns:
        "thresholds", "model" and "all" (the net benefit at each), "share" of cases, and "useful", the longest stretch
        of thresholds [from, to] at which the model is better than both rules by more than chance explains (the lower
        end of the 95 % interval of each difference is above 0), or None; empty with fewer than 10 examples of a kind.
    """
    if min(is_case.sum(), (~is_case).sum()) < FEWEST:
        return {}
    model, everybody = (_gains(risks, is_case, THRESHOLDS) for risks in (chances, np.ones(len(is_case))))
    is_better = (_lower_end(model - everybody) > 0) & (_lower_end(model) > 0)
    return {
        "thresholds": THRESHOLDS.tolist(),
        "model": model.mean(axis=1).tolist(),
        "all": everybody.mean(axis=1).tolist(),
        "share": float(is_case.mean()),
        "useful": _longest(is_better),
    }


def in_words(found: dict[str, Any], case: str) -> str:
    """Where acting on the model pays, as a sentence."""
    if found["useful"] is None:
        return (
            f"At no threshold is acting on this model surely better than treating everybody, or nobody, for {case!r}."
        )
    low, high = (f"{100 * end:.0f} %" for end in found["useful"])
    if low == high:
        return f"Whoever acts from a risk of {low} on gains by this model over treating everybody, and over nobody."
    return (
        f"Whoever acts from a risk between {low} and {high} on gains by this model over treating everybody, and over "
        "treating nobody; elsewhere the test does not show it."
    )


def _gains(chances: np.ndarray, is_case: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """(T, N) what each example adds to the net benefit at each threshold."""
    acts = chances >= thresholds[:, None]
    price = (thresholds / (1 - thresholds))[:, None]
    return np.where(acts, np.where(is_case, 1.0, -price), 0.0)


def _lower_end(differences: np.ndarray) -> np.ndarray:
    """(T,) of the 95 % interval of each row's mean."""
    spread = differences.std(axis=1, ddof=1) / np.sqrt(differences.shape[1])
    return differences.mean(axis=1) - normal_quantile() * spread


def _longest(is_better: np.ndarray) -> list[float] | None:
    """Ends of the longest run of thresholds; None where there is none."""
    padded = np.concatenate([[0], is_better.astype(np.int8), [0]])
    starts, ends = np.flatnonzero(np.diff(padded) == 1), np.flatnonzero(np.diff(padded) == -1)
    if not len(starts):
        return None
    k = int(np.argmax(ends - starts))
    return [float(THRESHOLDS[starts[k]]), float(THRESHOLDS[ends[k] - 1])]
