"""Logistic regression per label, held against scikit-learn."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from deepglass.rivals import Time, one_vs_rest
from deepglass.rivals.one_vs_rest import View

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 8))
Y = (X @ RNG.normal(size=(8, 3)) + RNG.normal(size=(300, 3))) > (0.2, 0.9, 1.8)


def view(name="numbers", design=X):
    return View(name, design[:200], design[200:250], design[250:])


@pytest.mark.parametrize("design", [X, sparse.csr_matrix(X)], ids=["dense", "sparse"])
def test_every_label_has_the_weights_of_scikit_learn(design):
    weights, bias = one_vs_rest.fitted(design, Y, 2.0, Time(60))
    for k in range(3):
        judge = LogisticRegression(C=0.5, tol=1e-8, max_iter=1000).fit(X, Y[:, k])
        assert weights[:, k] == pytest.approx(judge.coef_[0], abs=1e-3)
        assert bias[k] == pytest.approx(judge.intercept_[0], abs=1e-3)


def test_blocks_of_labels_give_the_same_answers(monkeypatch):
    whole = one_vs_rest.fit([view()], Y[:200], Y[200:250], Time(60))
    monkeypatch.setattr(one_vs_rest, "MOST_WEIGHTS", 9)
    parts = one_vs_rest.fit([view()], Y[:200], Y[200:250], Time(60))
    assert parts.of_test == pytest.approx(whole.of_test, abs=2e-3)


def test_the_view_that_validates_best_answers():
    noise = view("noise", RNG.normal(size=X.shape))
    found = one_vs_rest.fit([noise, view()], Y[:200], Y[200:250], Time(60))
    assert found.name == "logistic regression per label on numbers"
    assert found.of_test.shape == (50, 3)
    assert found.of_val.shape == (50, 3)


def test_a_label_that_no_training_example_has_is_answered_as_unlikely():
    truth = Y.copy()
    truth[:, 1] = False
    found = one_vs_rest.fit([view()], truth[:200], truth[200:250], Time(60))
    assert (found.of_test[:, 1] < 0.01).all()


def test_without_time_or_a_view_there_is_none():
    assert one_vs_rest.fit([view()], Y[:200], Y[200:250], Time(-1)) is None
    assert one_vs_rest.fit([], Y[:200], Y[200:250], Time(60)) is None


def test_the_clock_ends_a_fit_where_it_has_come_to():
    weights, bias = one_vs_rest.fitted(X, Y, 1.0, Time(-1))
    assert np.isfinite(weights).all()
    assert np.isfinite(bias).all()
