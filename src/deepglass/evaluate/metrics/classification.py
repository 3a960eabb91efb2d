"""How well classes are told apart: accuracy, precision, recall, F1, MCC, log loss, Brier, top-k, confusion matrix.

All scores of hard answers are counted from three numbers per class (`Tally`): how often it was hit, how often it was
true, how often it was answered. The functions broadcast, so the thousand resamples behind an interval go through
the very same lines as the score itself. Curves are in `curves.py`, reliability in `calibration.py`.

References:
    Sokolova and Lapalme (2009), A systematic analysis of performance measures for classification tasks,
    https://doi.org/10.1016/j.ipm.2009.03.002
    Gorodkin (2004), Comparing two K-category assignments by a K-category correlation coefficient,
    https://doi.org/10.1016/j.compbiolchem.2004.09.006
    Brier (1950), Verification of forecasts expressed in terms of probability
"""

from typing import Any, NamedTuple

import numpy as np

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import calibration, curves, intervals
from deepglass.evaluate.scores import score

MAX_MATRIX = 100  # classes beyond which the confusion matrix is left out of the result: 10,000 cells are plenty


def evaluate(probabilities: np.ndarray, targets: np.ndarray, classes: list[str], *, seed: int = 0) -> dict[str, Any]:
    """Every score of a classifier, with 95 % intervals, in the form that `scores.py` describes.

    Args:
        probabilities: What the model gives each class; rows sum to 1.
        targets: Positions of the true classes in `classes`.
        classes: Names, in the order of the columns of `probabilities`.
        seed: Of the bootstrap.

    Shape:
        - probabilities: (N, K)
        - targets: (N,)

    Returns:
        The scores, and in "details": "classes"; "per_class", one record per class with class, precision, recall, f1,
        count and predicted; "confusion_matrix" (K rows of truth, K columns of answers) up to 100 classes;
        "confusions", the pairs most often mixed up; "roc" and "precision_recall", lists of thinned curves;
        "reliability", the bins of confidence against accuracy.

    Raises:
        ShapeError: If the sizes do not fit each other.
        DataError: If there is no example, a target is not a class, or a probability is not a number.
    """
    _check(probabilities, targets, classes)
    answers = probabilities.argmax(axis=1)  # (N,)
    matrix = confusion_matrix(targets, answers, len(classes))
    tally = Tally.of(matrix)
    ranking = curves.evaluate(probabilities, targets, classes)
    bins = calibration.reliability(probabilities, targets)
    return {
        "kind": "classification",
        "count": len(targets),
        "headline": ["accuracy", "f1_macro", "roc_auc" if len(classes) == 2 and "roc_auc" in ranking else "log_loss"],
        **_tally_scores(matrix, seed),
        **_top_k_score(probabilities, targets),
        **{name: ranking[name] for name in ("roc_auc", "average_precision") if name in ranking},
        **_row_scores(probabilities, targets, seed),
        "calibration_error": score(calibration.expected_error(bins)),
        "details": {
            "classes": list(classes),
            "per_class": per_class(tally, classes),
            **({"confusion_matrix": matrix.tolist()} if len(classes) <= MAX_MATRIX else {}),
            "confusions": confusions(matrix, classes),
            "roc": ranking["roc"],
            "precision_recall": ranking["precision_recall"],
            "reliability": bins,
        },
    }


class Tally(NamedTuple):
    """What all scores of hard answers are counted from; each (..., K)."""

    hits: np.ndarray  # true and answered: the diagonal of the confusion matrix
    true: np.ndarray  # how often the class was true: its rows
    answered: np.ndarray  # how often the class was answered: its columns

    @classmethod
    def of(cls, matrix: np.ndarray) -> "Tally":
        """Count a confusion matrix (K, K)."""
        return cls(np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0))


def confusion_matrix(targets: np.ndarray, answers: np.ndarray, num_classes: int) -> np.ndarray:
    """How often each class (row) was answered with each class (column).

    Shape:
        - targets, answers: (N,)
        - output: (K, K)
    """
    cells = targets.astype(np.int64) * num_classes + answers
    return np.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)


def accuracy(tally: Tally) -> np.ndarray:
    """Right answers / all answers. With one class per row this is also micro precision, micro recall and micro F1."""
    return tally.hits.sum(axis=-1) / tally.true.sum(axis=-1)


def precision(tally: Tally) -> np.ndarray:
    """hits / answered, each class: when it says so, is it so? 0 where a class was never answered."""
    return _divide(tally.hits, tally.answered)


def recall(tally: Tally) -> np.ndarray:
    """hits / true, each class: how much of it was found? 0 where a class never occurs."""
    return _divide(tally.hits, tally.true)


def f1(tally: Tally) -> np.ndarray:
    """2·hits / (true + answered), each class: the harmonic mean of precision and recall."""
    return _divide(2 * tally.hits, tally.true + tally.answered)


def macro(values: np.ndarray, tally: Tally) -> np.ndarray:
    """Mean over the classes that occur, in the truth or in the answers: a rare class counts like a frequent one."""
    occurs = (tally.true + tally.answered) > 0
    return (values * occurs).sum(axis=-1) / occurs.sum(axis=-1)


def weighted(values: np.ndarray, tally: Tally) -> np.ndarray:
    """Mean over the classes, each counting as often as it is true."""
    return (values * tally.true).sum(axis=-1) / tally.true.sum(axis=-1)


def balanced_accuracy(tally: Tally) -> np.ndarray:
    """Mean recall of the classes that occur in the truth: chance is 1/K however unequal the classes are."""
    return recall(tally).sum(axis=-1) / (tally.true > 0).sum(axis=-1)


def mcc(tally: Tally) -> np.ndarray:
    """Matthews correlation of truth and answers: cov(t, a) / √(cov(t, t)·cov(a, a)); 0 where one is constant."""
    hits, true, answered = (part.astype(np.float64) for part in tally)
    total = true.sum(axis=-1)
    covariance = hits.sum(axis=-1) * total - (true * answered).sum(axis=-1)
    spread = (total**2 - (true**2).sum(axis=-1)) * (total**2 - (answered**2).sum(axis=-1))
    return _divide(covariance, np.sqrt(spread))


def log_losses(probabilities: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """−log p(truth) of each row, in nats (N,); probabilities are kept one rounding step away from 0."""
    of_truth = probabilities[np.arange(len(targets)), targets]
    return -np.log(np.maximum(of_truth, np.finfo(probabilities.dtype).eps)).astype(np.float64)


def brier_scores(probabilities: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Σ (p − truth)² of each row (N,): 0 to 2, halved for two classes as is usual there."""
    of_truth = probabilities[np.arange(len(targets)), targets].astype(np.float64)
    squares = np.einsum("nk,nk->n", probabilities, probabilities, dtype=np.float64)
    scores = squares - 2 * of_truth + 1  # Σ p² with (1 − p)² in place of p² for the truth
    return scores / 2 if probabilities.shape[1] == 2 else scores


def top_k_hits(probabilities: np.ndarray, targets: np.ndarray, k: int) -> np.ndarray:
    """Whether the truth is among the k most probable classes (N,) bool; of equal ones the later class comes first."""
    of_truth = probabilities[np.arange(len(targets)), targets][:, None]  # (N, 1)
    later = np.arange(probabilities.shape[1]) > targets[:, None]  # (N, K)
    ahead = (probabilities > of_truth) | ((probabilities == of_truth) & later)
    return ahead.sum(axis=1) < k


def per_class(tally: Tally, classes: list[str]) -> list[dict[str, Any]]:
    """One record per class: precision, recall, F1, how often it is true and how often it was answered."""
    columns = zip(classes, precision(tally), recall(tally), f1(tally), tally.true, tally.answered)
    return [
        {"class": name, "precision": float(p), "recall": float(r), "f1": float(f), "count": int(n), "predicted": int(a)}
        for name, p, r, f, n, a in columns
    ]


def confusions(matrix: np.ndarray, classes: list[str], most: int = 10) -> list[dict[str, Any]]:
    """The pairs most often mixed up, most frequent first."""
    wrong = matrix * (1 - np.eye(len(matrix), dtype=matrix.dtype))
    order = np.argsort(wrong, axis=None, kind="stable")[::-1][:most]
    pairs = [np.unravel_index(cell, matrix.shape) for cell in order if wrong.flat[cell] > 0]
    return [{"target": classes[t], "predicted": classes[a], "count": int(matrix[t, a])} for t, a in pairs]


def _tally_scores(matrix: np.ndarray, seed: int) -> dict[str, Any]:
    """Scores of hard answers; their intervals come from resampled confusion matrices, accuracy's from Wilson."""
    value = _hard_scores(Tally.of(matrix))
    spread = _hard_scores(_resampled_tally(matrix, seed))
    result = {name: score(value[name], intervals.percentile_interval(spread[name])) for name in value}
    result["accuracy"] = score(value["accuracy"], intervals.wilson(int(np.trace(matrix)), int(matrix.sum())))
    return result


def _hard_scores(tally: Tally) -> dict[str, np.ndarray]:
    return {
        "accuracy": accuracy(tally),
        "balanced_accuracy": balanced_accuracy(tally),
        "precision_macro": macro(precision(tally), tally),
        "precision_weighted": weighted(precision(tally), tally),
        "recall_macro": macro(recall(tally), tally),
        "recall_weighted": weighted(recall(tally), tally),
        "f1_micro": accuracy(tally),
        "f1_macro": macro(f1(tally), tally),
        "f1_weighted": weighted(f1(tally), tally),
        "mcc": mcc(tally),
    }


def _resampled_tally(matrix: np.ndarray, seed: int) -> Tally:
    """Resampling rows is resampling the cells of the matrix, whatever N is; empty cells stay empty."""
    rows, columns = np.nonzero(matrix)
    cells = matrix[rows, columns]  # (M,)
    resamples = int(np.clip(4_000_000 // len(cells), 200, intervals.RESAMPLES))  # bounds memory for 1,000 classes
    draws = intervals.resampled_counts(cells, resamples=resamples, rng=np.random.default_rng(seed))  # (R, M)
    right = rows == columns
    return Tally(
        hits=_sum_by(draws[:, right], rows[right], len(matrix)),
        true=_sum_by(draws, rows, len(matrix)),
        answered=_sum_by(draws, columns, len(matrix)),
    )


def _sum_by(draws: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Add up the columns of `draws` (R, M) that share a label: (R, K)."""
    sums = np.zeros((len(draws), num_classes))
    if len(labels):
        order = np.argsort(labels, kind="stable")
        present, starts = np.unique(labels[order], return_index=True)
        sums[:, present] = np.add.reduceat(draws[:, order], starts, axis=1)
    return sums


def _top_k_score(probabilities: np.ndarray, targets: np.ndarray) -> dict[str, Any]:
    """Top-3 from six classes on, top-5 from twenty on: with fewer it says little."""
    if probabilities.shape[1] < 6:
        return {}
    k = 5 if probabilities.shape[1] >= 20 else 3
    hits = int(top_k_hits(probabilities, targets, k).sum())
    return {f"top_{k}_accuracy": score(hits / len(targets), intervals.wilson(hits, len(targets)))}


def _row_scores(probabilities: np.ndarray, targets: np.ndarray, seed: int) -> dict[str, Any]:
    """Scores that are means over rows."""
    rows = {"log_loss": log_losses(probabilities, targets), "brier": brier_scores(probabilities, targets)}
    samples = intervals.resampled_means(np.stack(list(rows.values()), axis=1), seed=seed)  # (R, 2)
    return {
        name: score(values.mean(), intervals.percentile_interval(samples[:, i]))
        for i, (name, values) in enumerate(rows.items())
    }


def _divide(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """numerator / denominator, and 0 where the denominator is 0."""
    out = np.zeros(np.shape(numerator))
    return np.divide(numerator, denominator, out=out, where=np.asarray(denominator) > 0)


def _check(probabilities: np.ndarray, targets: np.ndarray, classes: list[str]) -> None:
    expected = (len(targets), len(classes))
    if probabilities.shape != expected:
        raise ShapeError(f"expected probabilities of shape {expected} (examples, classes), got {probabilities.shape}")
    if len(targets) == 0:
        raise DataError("expected at least one example to judge, got none: make the test split larger")
    if targets.min() < 0 or targets.max() >= len(classes):
        raise DataError(
            f"expected targets from 0 to {len(classes) - 1}, got {targets.min()} to {targets.max()}: "
            "leave out the rows of unknown classes"
        )
    if not np.isfinite(probabilities).all():
        raise DataError("some probabilities are not numbers: the model has diverged; train with a lower learning rate")
