"""A table with holes as a product of two: each turn is the best there is, and the holes are filled (T01)."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from deepglass.glass.classic import Factorisation
from deepglass.glass.classic.factorisation import solve


def table(noise=0.0, known=0.6, seed=0):
    generator = np.random.default_rng(seed)
    whole = generator.normal(size=(30, 2)) @ generator.normal(size=(2, 24))
    is_known = generator.random(whole.shape) < known
    return whole, np.where(is_known, whole + noise * generator.normal(size=whole.shape), np.nan)


def cost(X, P, Q, penalty):
    return np.nansum(np.square(X - P @ Q.T)) + penalty * (np.square(P).sum() + np.square(Q).sum())


def test_a_turn_is_scikit_learns_ridge_regression_row_by_row():
    _, X = table(noise=0.3)
    Q = np.random.default_rng(1).normal(size=(24, 3))
    found = solve(X, Q, 0.7)
    for row, own in zip(X, found):
        known = np.isfinite(row)
        ridge = Ridge(alpha=0.7, fit_intercept=False).fit(Q[known], row[known])
        np.testing.assert_allclose(own, ridge.coef_, atol=1e-8)


def test_no_turn_makes_the_sum_larger_and_at_the_end_the_slope_is_nothing():
    _, X = table(noise=0.2)
    found = Factorisation(2, 0.3, n_iter=400).fit(X)
    sums = [cost(X, P, Q, 0.3) for P, Q in found.history_[1:]]
    assert np.all(np.diff(sums) <= 1e-9)
    P, Q = (torch.tensor(part, requires_grad=True) for part in (found.rows_, found.columns_))
    known = torch.tensor(np.isfinite(X))
    off = torch.where(known, torch.tensor(np.nan_to_num(X)) - P @ Q.T, 0.0)
    (off.square().sum() + 0.3 * (P.square().sum() + Q.square().sum())).backward()
    assert max(P.grad.abs().max(), Q.grad.abs().max()) < 0.02


def test_holes_are_filled_as_they_were():
    whole, X = table()
    made = Factorisation(2, 1e-3, n_iter=200).fit(X).predict()
    hidden = np.isnan(X)
    assert np.abs(made - whole)[hidden].mean() < 0.05 * np.abs(whole)[hidden].mean()


def test_a_row_of_which_nothing_is_known_is_zero():
    _, X = table()
    X[3] = np.nan
    assert not Factorisation().fit(X).rows_[3].any()


@pytest.mark.parametrize("wrong", [{"n_factors": 0}, {"penalty": 0.0}])
def test_settings_out_of_their_range_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        Factorisation(**wrong)


@pytest.mark.parametrize("X", [np.zeros(3), np.full((2, 2), np.nan)])
def test_what_is_no_table_is_refused(X):
    with pytest.raises(ValueError, match="expected a table"):
        Factorisation().fit(X)
