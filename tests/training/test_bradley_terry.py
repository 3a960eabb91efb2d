"""Bradley and Terry's model: scores from comparisons, as another library fits them."""

import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from deepglass.core.errors import OptionError
from deepglass.training import bradley_terry


def test_the_loss_is_the_surprise_at_who_won():
    chosen, rejected = torch.tensor([2.0, -1.0]).double(), torch.tensor([0.5, 3.0]).double()
    expected = -sum(math.log(1 / (1 + math.exp(b - a))) for a, b in zip(chosen, rejected, strict=True)) / 2
    assert float(bradley_terry.loss(chosen, rejected)) == pytest.approx(expected, abs=1e-12)
    assert float(bradley_terry.loss(chosen + 7, rejected + 7)) == pytest.approx(expected, abs=1e-12)


def test_who_wins_three_of_four_times_lies_ahead_by_the_logarithm_of_three():
    chosen = np.repeat([[1.0], [0.0]], [300, 100], axis=0)
    rejected = 1 - chosen
    assert bradley_terry.fit_linear(chosen, rejected, 1e-6)[0] == pytest.approx(math.log(3), abs=1e-4)


def test_weights_are_those_of_logistic_regression_on_differences():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 200, 4))
    wins = rng.random(200) < 1 / (1 + np.exp(-(a - b) @ [1.0, -2.0, 0.5, 0.0]))
    chosen, rejected = np.where(wins[:, None], a, b), np.where(wins[:, None], b, a)
    both = np.concatenate([chosen - rejected, rejected - chosen])
    judge = LogisticRegression(fit_intercept=False, C=1 / 4, tol=1e-10, max_iter=1000)  # each comparison is in twice
    judge.fit(both, np.repeat([1, 0], 200))
    assert bradley_terry.fit_linear(chosen, rejected, 2.0) == pytest.approx(judge.coef_[0], abs=1e-5)


def test_what_always_wins_needs_a_penalty():
    with pytest.raises(OptionError, match="above 0"):
        bradley_terry.fit_linear(np.ones((3, 1)), np.zeros((3, 1)), 0.0)
