"""Cross-validation: the scores of several folds in one, with an interval that allows for what they share.

How data are cut into folds is the affair of data/folds.py.

References:
    Stone (1974), Cross-Validatory Choice and Assessment of Statistical Predictions
    Nadeau and Bengio (2003), Inference for the Generalization Error, https://doi.org/10.1023/A:1024068626366
    (folds share training data, so their spread is too small; the interval uses their correction)
"""

from typing import Any

import numpy as np

from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score, scores_of


def summarize(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean of every score over the folds with a 95 % t interval, in the form that `scores.py` describes.

    The standard error is s·√(1/k + 1/(k−1)): the second term is test over training size in k folds, and makes up
    for their shared training data. A score that some fold lacks is left out.

    Returns:
        The scores, and in "details" the "folds", one record per fold with the plain values.
    """
    tables = [{name: entry["value"] for name, entry in scores_of(result).items()} for result in results]
    common = [name for name in tables[0] if all(name in table for table in tables)]
    return {
        "kind": results[0]["kind"],
        "count": sum(result["count"] for result in results),
        "headline": [name for name in results[0]["headline"] if name in common],
        **{name: _mean_score(np.array([table[name] for table in tables])) for name in common},
        "details": {"folds": [{name: table[name] for name in common} for table in tables]},
    }


def _mean_score(values: np.ndarray) -> dict[str, float | None]:
    from scipy.special import stdtrit  # the quantile of Student's t; loads in its own time

    k = len(values)
    if k < 2:
        return score(values.mean())
    error = values.std(ddof=1) * np.sqrt(1 / k + 1 / (k - 1))
    half = stdtrit(k - 1, (1 + intervals.CONFIDENCE) / 2) * error
    return {**score(values.mean(), (values.mean() - half, values.mean() + half)), "std": float(values.std(ddof=1))}
