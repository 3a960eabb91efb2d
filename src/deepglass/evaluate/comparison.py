"""Is one model better than the other, or was it luck? Paired tests on the same test examples.

Two models that answer the same questions are compared question by question: what both get right, or both wrong,
says nothing. For right and wrong answers that is McNemar's test; for losses the differences are bootstrapped,
and for forecasts, whose windows overlap, in whole blocks.

References:
    McNemar (1947), Note on the sampling error of the difference between correlated proportions
    Dietterich (1998), Approximate Statistical Tests for Comparing Supervised Classification Learning Algorithms,
    https://doi.org/10.1162/089976698300017197
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from deepglass.core.catalogue import unknown
from deepglass.core.errors import DataError, OptionError
from deepglass.evaluate import intervals
from deepglass.evaluate.judges.classification import log_losses
from deepglass.evaluate.scores import is_better, metric, score, show

SIGNIFICANT = 0.05  # false alarms in twenty comparisons of equal models: one
NEGLIGIBLE = 1e-3  # of the score
EXACT_UP_TO = 1000  # disagreements; beyond, the approximation is right to more digits than are shown
RESAMPLES = 2000  # a p-value needs finer tails than an interval

Arrays = dict[str, np.ndarray]


def compare(a: Arrays, b: Arrays, kind: str, names: tuple[str, str] = ("A", "B"), *, seed: int = 0) -> dict[str, Any]:
    """Compare two runs on the test examples they share.

    Args:
        a: The run's `outputs.npz`: ids, predictions, targets, losses.
        b: The other's.
        kind: "classification", "regression", "forecasting" or "language", as in the runs' metrics.
        names: What to call the two in the verdict.
        seed: Of the bootstrap.

    Returns:
        "kind", "count", "names"; "tests", one record a measure with measure, test, a, b, difference (a − b, with an
        interval) and p_value, the most telling first; "winner", a name or None; "verdict", a sentence.

    Raises:
        DataError: If the two were tested on different examples, or hold different truths for the same example.
        OptionError: If the kind is unknown.
    """
    if kind not in _TESTS:
        raise OptionError(unknown("kind of task", kind, list(_TESTS)))
    a, b = _matched(a, b)
    tests = _TESTS[kind](a, b, seed)
    first = tests[0]
    winner = None
    if first["p_value"] < SIGNIFICANT and not _is_negligible(first):
        winner = names[0] if is_better(first["measure"], first["a"], first["b"]) else names[1]
    return {
        "kind": kind,
        "count": len(a["ids"]),
        "names": list(names),
        "tests": tests,
        "winner": winner,
        "verdict": _verdict(first, names, winner, len(a["ids"])),
    }


def mcnemar(a_is_right: np.ndarray, b_is_right: np.ndarray) -> dict[str, Any]:
    """McNemar's test: among the examples on which exactly one is right, is it a fair coin which one?

    Exact (binomial) up to 1,000 disagreements, then χ² = (|n_a − n_b| − 1)² / (n_a + n_b) with the continuity
    correction of Edwards.

    Shape:
        - a_is_right, b_is_right: (N,) booleans

    Returns:
        "only_a" and "only_b", how often exactly that one is right, "p_value" and the name of the "test".

    Example:
        >>> mcnemar(np.array([True] * 9 + [False]), np.array([False] * 9 + [True]))["p_value"]
        0.021484375
    """
    only_a, only_b = int((a_is_right & ~b_is_right).sum()), int((b_is_right & ~a_is_right).sum())
    disagreements = only_a + only_b
    if disagreements <= EXACT_UP_TO:
        tail = sum(math.comb(disagreements, k) for k in range(min(only_a, only_b) + 1))
        test, p_value = "McNemar, exact", min(1.0, 2 * tail / 2**disagreements)
    else:
        chi_square = max(0, abs(only_a - only_b) - 1) ** 2 / disagreements
        test, p_value = "McNemar, continuity corrected", math.erfc(math.sqrt(chi_square / 2))
    return {"test": test, "only_a": only_a, "only_b": only_b, "p_value": p_value}


def paired_bootstrap(a: np.ndarray, b: np.ndarray, *, block: int = 1, seed: int = 0) -> dict[str, Any]:
    """Bootstrap the mean difference of two scores of the same examples, losses for instance.

    Args:
        a: Score of each example (N,).
        b: The other model's.
        block: How many neighbouring examples depend on each other; 1 for independent ones.
        seed: Of the resamples.

    Returns:
        "difference" (mean of a − b, with an interval), "p_value" (twice the share of resamples in which the
        difference has the other sign) and the name of the "test".
    """
    difference = (a - b).astype(np.float64)
    if block > 1:
        samples = intervals.block_means(difference, block, resamples=RESAMPLES, seed=seed)
    else:
        samples = intervals.resampled_means(difference[:, None], resamples=RESAMPLES, seed=seed)[:, 0]
    opposite = min((samples <= 0).sum(), (samples >= 0).sum())
    return {
        "test": "paired block bootstrap" if block > 1 else "paired bootstrap",
        "difference": score(difference.mean(), intervals.percentile_interval(samples)),
        "p_value": min(1.0, 2 * (int(opposite) + 1) / (len(samples) + 1)),
    }


def _compare_classes(a: Arrays, b: Arrays, seed: int) -> list[dict[str, Any]]:
    right = [(run["predictions"].argmax(axis=1) == run["targets"]) for run in (a, b)]
    by_answers = mcnemar(*right)
    spread = paired_bootstrap(right[0].astype(float), right[1].astype(float), seed=seed)
    accuracy = {"measure": "accuracy", "a": float(right[0].mean()), "b": float(right[1].mean())}
    losses = [log_losses(run["predictions"], run["targets"]) for run in (a, b)]
    by_answers["difference"] = spread["difference"]
    return [{**accuracy, **by_answers}, _bootstrapped("log_loss", *losses, seed=seed)]


def _compare_numbers(a: Arrays, b: Arrays, seed: int) -> list[dict[str, Any]]:
    errors = [run["predictions"].astype(np.float64) - run["targets"] for run in (a, b)]
    absolute = _bootstrapped("mae", *(np.abs(error) for error in errors), seed=seed)
    return [absolute, _bootstrapped("mse", *(error**2 for error in errors), seed=seed)]


def _compare_forecasts(a: Arrays, b: Arrays, seed: int) -> list[dict[str, Any]]:
    errors = [run["predictions"].astype(np.float64) - run["targets"] for run in (a, b)]  # (N, H, S)
    num_windows, horizon, _ = errors[0].shape
    block = min(horizon, num_windows)
    absolute = _bootstrapped(
        "mae", *(np.nanmean(np.abs(error), axis=(1, 2)) for error in errors), seed=seed, block=block
    )
    return [
        absolute,
        _bootstrapped("mse", *(np.nanmean(error**2, axis=(1, 2)) for error in errors), seed=seed, block=block),
    ]


def _compare_language(a: Arrays, b: Arrays, seed: int) -> list[dict[str, Any]]:
    return [_bootstrapped("loss", a["losses"], b["losses"], seed=seed)]


_TESTS: dict[str, Callable[[Arrays, Arrays, int], list[dict[str, Any]]]] = {
    "classification": _compare_classes,
    "regression": _compare_numbers,
    "forecasting": _compare_forecasts,
    "language": _compare_language,
}


def _bootstrapped(measure: str, a: np.ndarray, b: np.ndarray, *, seed: int, block: int = 1) -> dict[str, Any]:
    result = paired_bootstrap(a, b, block=block, seed=seed)
    return {"measure": measure, "a": float(a.mean()), "b": float(b.mean()), **result}


def _matched(a: Arrays, b: Arrays) -> tuple[Arrays, Arrays]:
    """Both runs in the order of a's ids, after checking that they were asked the same questions."""
    if set(a["ids"].tolist()) != set(b["ids"].tolist()) or len(a["ids"]) != len(b["ids"]):
        shared = len(np.intersect1d(a["ids"], b["ids"]))
        raise DataError(
            f"expected two runs tested on the same examples, got {len(a['ids'])} and {len(b['ids'])} of which {shared} "
            "are shared: train both with the same --seed and --test, or evaluate both on one file first"
        )
    order_a, order_b = np.argsort(a["ids"], kind="stable"), np.argsort(b["ids"], kind="stable")
    position = np.empty(len(order_a), dtype=np.int64)
    position[order_a] = order_b  # where in b each example of a is
    b = {name: array[position] if len(array) == len(position) else array for name, array in b.items()}
    _check_same_targets(a, b)
    return a, b


def _check_same_targets(a: Arrays, b: Arrays) -> None:
    of_a, of_b = a.get("targets"), b.get("targets")
    if of_a is None or of_b is None:
        return
    close = of_a.shape == of_b.shape and np.allclose(of_a, of_b, rtol=1e-5, equal_nan=True)
    if not close:
        raise DataError(
            "the two runs hold different truths for the same examples (other classes, target, horizon or tokens): "
            "compare runs that were trained for the same target with the same classes"
        )


def _is_negligible(test: dict[str, Any]) -> bool:
    """Whether a difference is so small that nobody would act upon it, however certain it is."""
    return abs(test["a"] - test["b"]) <= NEGLIGIBLE * max(abs(test["a"]), abs(test["b"]))


def _verdict(test: dict[str, Any], names: tuple[str, str], winner: str | None, count: int) -> str:
    of_a, of_b = (show(test["measure"], test[run]) for run in ("a", "b"))
    values = (
        f"{metric(test['measure']).title} {of_a} for {names[0]} and {of_b} for {names[1]} on {count:,} shared examples"
    )
    chance = f"p = {test['p_value']:.3f}" if test["p_value"] >= 0.001 else "p < 0.001"
    if test["p_value"] < SIGNIFICANT and _is_negligible(test):
        return f"As good as each other: {values}."
    if winner:
        return f"{winner} is better: {values}, more than luck explains ({chance}, {test['test']})."
    return (
        f"No clear winner: {values}, a difference that luck explains as well ({chance}, {test['test']}). "
        "A larger test set could tell them apart."
    )
