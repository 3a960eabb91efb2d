"""How well a score tells anomalous examples from normal ones, and how often it raises a false alarm.

Scores are in units of the threshold: above 1 is an alarm. The threshold is that of the validation part, so that the
rate of false alarms on the test is a promise that was kept or not. Where nobody knows which examples are anomalous,
only the share of alarms can be told.

The interval of the average precision comes from how far each example pulls it, as DeLong's does for the ROC AUC
(`curves.py`); rates have Wilson's.

References:
    Davis & Goadrich (2006), The Relationship Between Precision-Recall and ROC Curves,
    https://doi.org/10.1145/1143844.1143874 (why both: few anomalies among many examples)
"""

from typing import Any

import numpy as np

from deepglass.data.fields.normality import ANOMALOUS, NORMAL, UNKNOWN
from deepglass.evaluate import curves, intervals
from deepglass.evaluate.metrics.labels import precision_pull
from deepglass.evaluate.scores import score

ALARM = 1.0  # scores above it are alarms
BINS = 40


def evaluate(scores: np.ndarray, truth: np.ndarray, *, seed: int = 0) -> dict[str, Any]:
    """Ranking, decisions and alarms, with intervals.

    Args:
        scores: (N,) in units of the threshold.
        truth: (N,) 1 for anomalous, 0 for normal, -1 where nobody knows; those are counted among the alarms alone.
        seed: Of the bootstrap.

    Returns:
        "flagged", the share of alarms; where both kinds occur also "roc_auc", "average_precision", and the curves in
        "details"; "anomaly_recall" and "anomaly_precision" where there are anomalous examples, "false_alarms" where
        there are normal ones.

    Example:
        >>> found = evaluate(np.array([0.2, 0.5, 1.5, 3.0]), np.array([0, 0, 0, 1]))
        >>> found["roc_auc"]["value"], found["anomaly_recall"]["value"], found["anomaly_precision"]["value"]
        (1.0, 1.0, 0.5)
    """
    alarms, anomalous, normal = scores > ALARM, truth == ANOMALOUS, truth == NORMAL
    found = {"flagged": share(alarms)}
    if normal.any():
        found["false_alarms"] = share(alarms[normal])
    if anomalous.any():
        found["anomaly_recall"] = share(alarms[anomalous])
        found["anomaly_precision"] = share(anomalous[alarms & (truth != UNKNOWN)])
    details: dict[str, Any] = {
        "anomalous": int(anomalous.sum()), "normal": int(normal.sum()), "alarms": int(alarms.sum()),
    }  # fmt: skip
    headline = ["flagged"] if not normal.any() else ["false_alarms"]
    if anomalous.any() and normal.any():
        known = anomalous | normal
        ranked = ranking(scores[known], anomalous[known], seed)
        details |= {name: ranked.pop(name) for name in ("roc", "precision_recall")}
        found, headline = ranked | found, ["roc_auc", "average_precision", "false_alarms"]
    return {"kind": "anomalies", "count": len(scores), "headline": headline, **found, "details": details}


def ranking(scores: np.ndarray, is_anomalous: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """The areas under both curves with intervals, and the curves.

    Shape:
        - scores, is_anomalous: (N,)
    """
    found = curves.of_columns(scores[:, None], is_anomalous[:, None], ["anomalous"])
    value = found["average_precision"]["value"]
    pull = precision_pull(curves.Ladder.of(scores, is_anomalous), is_anomalous)
    low, high = intervals.mean_interval(value + pull, seed=seed)
    return found | {"average_precision": score(value, (max(0.0, low), min(1.0, high)))}


def share(holds: np.ndarray) -> dict[str, float | None]:
    """How many of (n,) truths hold, with Wilson's interval; no value where there are none."""
    if len(holds) == 0:
        return score(None)
    return score(holds.mean(), intervals.wilson(int(holds.sum()), len(holds)))


def promised(count: int, asked: float) -> float:
    """The rate of false alarms that a threshold of `count` examples can promise: as asked, or the least there is.

    Example:
        >>> promised(199, 0.01), promised(49, 0.01)
        (0.01, 0.02)
    """
    return max(asked, 1 / (count + 1))
