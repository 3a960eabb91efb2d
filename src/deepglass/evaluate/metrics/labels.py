"""How well several labels at once are found: F1 in four ways, precision, recall, whole sets, ranking, areas.

Scores of hard answers are counted from the `Tally` of every label, or of every example. The bootstrap resamples
examples: all scores are means over examples, functions of such means, or, for areas under curves, means of how far
each example pulls them (`curves.auc_pull`, `precision_pull`).

References:
    Tsoumakas, Katakis and Vlahavas (2010), Mining Multi-label Data, https://doi.org/10.1007/978-0-387-09823-4_34
    Zhang and Zhou (2014), A Review on Multi-Label Learning Algorithms, https://doi.org/10.1109/TKDE.2013.39
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import calibration, curves, intervals
from deepglass.evaluate.metrics.classification import Tally, f1, macro, precision, recall, weighted
from deepglass.evaluate.scores import score

MOST_DRAWN = 2_000_000  # resampled counts that are held at once


def evaluate(
    probabilities: np.ndarray, targets: np.ndarray, labels: Sequence[str], thresholds: np.ndarray, *, seed: int = 0
) -> dict[str, Any]:
    """Every score of answers with several labels, with 95 % intervals, in the form that `scores.py` describes.

    Args:
        probabilities: Of each label, independently of the others.
        targets: 1 where the label is true, else 0.
        labels: Names, in the order of the columns.
        thresholds: From which probability on each label is answered.
        seed: Of the bootstrap.

    Shape:
        - probabilities, targets: (N, L)
        - thresholds: (L,)

    Returns:
        The scores, and in "details": "classes", the labels; "per_class", one record per label with class, threshold,
        precision, recall, f1, count and predicted; "labels_per_example" and "without_label" of the truth and of the
        answers; "roc" and "precision_recall", thinned curves of the hardest labels; "reliability", the bins of
        probabilities against how often the label was true.

    Raises:
        ShapeError: If the sizes do not fit each other.
        DataError: If there is no example, a target is neither 0 nor 1, or a probability is not a number.
    """
    _check(probabilities, targets, labels, thresholds)
    truth, answers = targets.astype(bool), probabilities >= thresholds  # (N, L)
    bins = reliability(probabilities, truth)
    areas = curves.of_columns(probabilities, truth, labels)
    return {
        "kind": "labels",
        "count": len(truth),
        "headline": ["f1_micro", "f1_macro", "ranking_average_precision"],
        **_label_scores(answers, truth, seed),
        **_example_scores(answers, truth, probabilities, seed),
        **{name: areas[name] for name in ("roc_auc",) if name in areas},
        **_average_precision(probabilities, truth, seed),
        "calibration_error": score(calibration.expected_error(bins)),
        "details": {
            "classes": list(labels),
            "per_class": per_label(answers, truth, labels, thresholds),
            "labels_per_example": {"truth": float(truth.sum(1).mean()), "answers": float(answers.sum(1).mean())},
            "without_label": {"truth": int((~truth.any(1)).sum()), "answers": int((~answers.any(1)).sum())},
            "roc": areas["roc"],
            "precision_recall": areas["precision_recall"],
            "reliability": bins,
        },
    }


# -- of labels ------------------------------------------------------------------------------------------------------


def tally_of(answers: np.ndarray, truth: np.ndarray) -> Tally:
    """Counts (L,) of every label, from booleans (N, L)."""
    return Tally((answers & truth).sum(axis=0), truth.sum(axis=0), answers.sum(axis=0))


def micro(tally: Tally) -> Tally:
    """Counts of all labels together, as of one label: (..., 1)."""
    return Tally(*(part.sum(axis=-1, keepdims=True) for part in tally))


def per_label(
    answers: np.ndarray, truth: np.ndarray, labels: Sequence[str], thresholds: np.ndarray
) -> list[dict[str, Any]]:
    """One record per label: threshold, precision, recall, F1, how often it is true and how often it was answered."""
    tally = tally_of(answers, truth)
    columns = zip(labels, thresholds, precision(tally), recall(tally), f1(tally), tally.true, tally.answered)
    return [
        {
            "class": name,
            "threshold": float(t),
            "precision": float(p),
            "recall": float(r),
            "f1": float(f),
            "count": int(n),
            "predicted": int(a),
        }
        for name, t, p, r, f, n, a in columns
    ]


def _label_scores(answers: np.ndarray, truth: np.ndarray, seed: int) -> dict[str, Any]:
    counts = np.concatenate([answers & truth, truth, answers], axis=1)  # (N, 3·L)
    resamples = int(np.clip(MOST_DRAWN // counts.shape[1], 200, intervals.RESAMPLES))
    value = _scores_of(tally_of(answers, truth))
    drawn = intervals.resampled_means(counts, resamples=resamples, seed=seed)  # (R, 3·L): shares suit as counts do
    spread = _scores_of(Tally(*np.split(drawn, 3, axis=1)))
    return {name: score(value[name], intervals.percentile_interval(spread[name])) for name in value}


def _scores_of(tally: Tally) -> dict[str, np.ndarray]:
    one, scores = micro(tally), {}
    for name, of in (("f1", f1), ("precision", precision), ("recall", recall)):
        scores[f"{name}_micro"] = of(one)[..., 0]
        with np.errstate(invalid="ignore"):  # of resamples in which no label occurs
            scores[f"{name}_macro"] = macro(of(tally), tally)
            scores[f"{name}_weighted"] = weighted(of(tally), tally)
    return scores


def pulled_f1(answers: np.ndarray, truth: np.ndarray, *, is_macro: bool = False) -> np.ndarray:
    """(N,) values whose mean is the micro (or macro) F1, and whose spread tells how far each example pulls it.

    From F1 = 2·hits / (true + answered), linear in the examples around the score itself.
    """
    hits, total = (answers & truth).astype(np.float64), truth.astype(np.float64) + answers  # (N, L)
    if not is_macro:
        hits, total = hits.sum(axis=1, keepdims=True), total.sum(axis=1, keepdims=True)
    hits, total = hits[:, total.any(axis=0)], total[:, total.any(axis=0)]  # labels that occur
    if not total.size:
        return np.zeros(len(truth))
    value, size = 2 * hits.sum(axis=0) / total.sum(axis=0), total.mean(axis=0)
    return (value + (2 * hits - value * total) / size).mean(axis=1)


# -- of examples ----------------------------------------------------------------------------------------------------


def per_example(answers: np.ndarray, truth: np.ndarray) -> dict[str, np.ndarray]:
    """(N,) precision, recall and F1 of each example's own labels; all are 1 where nothing is true and none answered."""
    by_example = Tally((answers & truth).sum(axis=1), truth.sum(axis=1), answers.sum(axis=1))
    is_empty = (by_example.true + by_example.answered) == 0
    return {
        "f1_examples": np.where(is_empty, 1.0, f1(by_example)),
        "precision_examples": np.where(is_empty, 1.0, precision(by_example)),
        "recall_examples": np.where(is_empty, 1.0, recall(by_example)),
    }


def ranking_precisions(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(N,) for each true label the share of true ones among those ranked as high, on average; NaN without a label.

    Of equal probabilities all count as ranked above (Schapire & Singer 2000, https://doi.org/10.1023/A:1007649029923).
    """
    N, L = truth.shape
    order = np.argsort(-probabilities, axis=1, kind="stable")
    ranked, is_true = (np.take_along_axis(part, order, axis=1) for part in (probabilities, truth))
    is_last = np.concatenate([ranked[:, :-1] != ranked[:, 1:], np.ones((N, 1), bool)], axis=1)  # of equal ones
    ends = np.where(is_last, np.arange(L), L)
    last = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]  # (N, L) where the equal ones end
    found = np.take_along_axis(np.cumsum(is_true, axis=1), last, axis=1)
    count = is_true.sum(axis=1)
    total = (is_true * found / (last + 1)).sum(axis=1)
    return np.divide(total, count, out=np.full(N, np.nan), where=count > 0)


def log_losses(probabilities: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """(N,) −log p of what is true of each label, in nats, the mean over the labels."""
    tiny = np.finfo(probabilities.dtype).eps
    said = np.where(targets > 0, probabilities, 1 - probabilities)
    return -np.log(np.maximum(said, tiny)).mean(axis=1).astype(np.float64)


def _example_scores(answers: np.ndarray, truth: np.ndarray, probabilities: np.ndarray, seed: int) -> dict[str, Any]:
    rows = per_example(answers, truth)
    rows |= {
        "hamming_loss": (answers != truth).mean(axis=1),
        "log_loss": log_losses(probabilities, truth),
        "brier": ((probabilities - truth) ** 2).mean(axis=1),
    }
    scores = {}
    samples = intervals.resampled_means(np.stack(list(rows.values()), axis=1), seed=seed)  # (R, 6)
    for i, (name, values) in enumerate(rows.items()):
        scores[name] = score(values.mean(), intervals.percentile_interval(samples[:, i]))
    ranked = ranking_precisions(probabilities, truth)
    ranked = ranked[~np.isnan(ranked)]
    if len(ranked):
        scores["ranking_average_precision"] = score(ranked.mean(), intervals.mean_interval(ranked, seed=seed))
    else:
        scores["ranking_average_precision"] = score(None)
    whole = int((answers == truth).all(axis=1).sum())
    return {"subset_accuracy": score(whole / len(truth), intervals.wilson(whole, len(truth))), **scores}


# -- areas and bins -------------------------------------------------------------------------------------------------


def _average_precision(probabilities: np.ndarray, truth: np.ndarray, seed: int) -> dict[str, Any]:
    """The mean over the labels that occur and do not always; absent where there are none."""
    pulls, values = np.zeros(len(truth)), []
    for column, is_positive in zip(probabilities.T, truth.T, strict=True):
        if 0 < is_positive.sum() < len(truth):
            ladder = curves.Ladder.of(column, is_positive)
            values.append(curves.average_precision(ladder))
            pulls += precision_pull(ladder, is_positive)
    if not values:
        return {}
    value = float(np.mean(values))
    low, high = intervals.mean_interval(value + pulls / len(values), seed=seed)
    return {"average_precision": score(value, (max(0.0, low), min(1.0, high)))}


def precision_pull(ladder: curves.Ladder, is_positive: np.ndarray) -> np.ndarray:
    """How far each row pulls the average precision (N,): the mean is 0, as of `curves.auc_pull`.

    One more row at its place changes AP = 1/P · Σⱼ TPⱼ/nⱼ over the positives j by its own term, if it is one, and by
    TP and n of all positives at or below it.
    """
    hits, false = ladder.descend()  # from the top
    above, share = (hits + false).astype(np.float64), hits / (hits + false)
    positives, P = ladder.positives[::-1], ladder.positives.sum()
    from_here = lambda values: np.cumsum(values[::-1])[::-1]  # noqa: E731 - over this rung and those below
    as_hit, as_row = from_here(positives / above), from_here(positives * share / above)
    place = len(above) - 1 - ladder.place
    value = (positives * share).sum() / P
    pull = is_positive * (share[place] - value + as_hit[place]) - as_row[place]
    return pull * len(is_positive) / P


def reliability(probabilities: np.ndarray, truth: np.ndarray) -> list[dict[str, Any]]:
    """Bins of all probabilities of all labels, with how often the label was true; of the form of `calibration`."""
    cells = probabilities.reshape(-1, 1)  # as of one class, which is the answer wherever its label is true
    return calibration.reliability(cells, 1 - truth.reshape(-1).astype(np.int64))


def _check(probabilities: np.ndarray, targets: np.ndarray, labels: Sequence[str], thresholds: np.ndarray) -> None:
    expected = (len(targets), len(labels))
    for name, array in (("probabilities", probabilities), ("targets", targets)):
        if array.shape != expected:
            raise ShapeError(f"expected {name} of shape {expected} (examples, labels), got {array.shape}")
    if thresholds.shape != expected[1:]:
        raise ShapeError(f"expected a threshold of each of {len(labels)} labels, got {thresholds.shape}")
    if not targets.size:
        raise DataError("expected at least one example and one label to judge, got none: make the test split larger")
    if not np.isin(targets, (0, 1)).all():
        raise DataError("expected targets of 0 and 1, got others: leave out the rows of unknown labels")
    if not np.isfinite(probabilities).all():
        raise DataError("some probabilities are not numbers: the model has diverged; train with a lower learning rate")
