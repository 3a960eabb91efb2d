"""Is one model better than the other, or was it luck? Two runs on the test examples that they share.

Which tests are made is the judge's business (`judges/`, `paired.py`); here the examples are matched, and the result
becomes a sentence.
"""

from functools import partial
from typing import Any

import numpy as np

from deepglass.core.errors import DataError
from deepglass.evaluate.judges import Arrays, judge_of
from deepglass.evaluate.scores import is_better, metric, show

SIGNIFICANT = 0.05  # false alarms in twenty comparisons of equal models: one
NEGLIGIBLE = 1e-3  # of the score


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
    judge = judge_of(kind)
    a, b = _matched(a, b)
    tests = judge.paired_tests(a, b, seed)
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
    same = np.array_equal if of_a.dtype.kind == "U" else partial(np.allclose, rtol=1e-5, equal_nan=True)
    close = of_a.shape == of_b.shape and same(of_a, of_b)
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
