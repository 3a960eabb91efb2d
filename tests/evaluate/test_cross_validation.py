"""The mean over folds, and the t interval that allows for shared training data."""

import numpy as np
import pytest
from scipy import stats

from deepglass.data.folds import Fold, plain_folds
from deepglass.evaluate import cross_validation
from deepglass.evaluate.metrics import regression


def test_scores_of_folds_are_summarized_with_the_corrected_t_interval():
    rng = np.random.default_rng(0)
    targets = rng.normal(10, 3, 100)

    def judge(fold: Fold):
        return regression.evaluate(np.full(len(fold.test), targets[fold.train].mean()), targets[fold.test])

    result = cross_validation.summarize([judge(fold) for fold in plain_folds(100, 5)])
    values = [row["mae"] for row in result["details"]["folds"]]
    error = np.std(values, ddof=1) * np.sqrt(1 / 5 + 1 / 4)
    half = stats.t.ppf(0.975, 4) * error
    assert result["count"] == 100
    assert result["mae"]["value"] == pytest.approx(np.mean(values))
    assert result["mae"]["high"] - result["mae"]["value"] == pytest.approx(half)
    assert result["headline"] == ["rmse", "mae", "r2"]
