"""What lesson 7 claims about odds and classes. scikit-learn on random tables: tests/glass/test_classic.py."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn import linear_model
from sklearn.metrics import log_loss

from deepglass.data.datasets import iris
from deepglass.glass.classic import LogisticRegression
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("07_logistic_regression").module


@pytest.fixture(scope="module")
def table():
    frame = iris.load().frame
    return frame.iloc[:, :4].to_numpy(), frame["species"].astype(str).to_numpy()


def test_the_petals_on_the_page_are_those_of_the_bundled_irises(lesson, table):
    measured, species = table
    np.testing.assert_allclose(lesson.FLOWERS, measured[:, 2:])
    assert lesson.SPECIES.tolist() == species.tolist()


def test_five_folds_of_iris_reach_95_per_cent(lesson, table):
    assert lesson.five_folds(*table).mean() >= 0.95
    assert lesson.five_folds(lesson.FLOWERS, lesson.SPECIES).mean() >= 0.95


def test_two_classes_have_scikit_learns_coefficients_without_penalty(lesson):
    two = lesson.SPECIES != "setosa"
    X, y = lesson.SCALED[two], lesson.SPECIES[two]
    theirs = linear_model.LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(X, y)
    ours = LogisticRegression(C=np.inf).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-3)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-3)


def test_three_classes_have_scikit_learns_log_loss(lesson):
    X, y = lesson.SCALED, lesson.SPECIES
    theirs = linear_model.LogisticRegression(C=10, tol=1e-10, max_iter=10_000).fit(X, y)
    ours = LogisticRegression(C=10).fit(X, y)
    assert log_loss(y, ours.predict_proba(X)) == pytest.approx(log_loss(y, theirs.predict_proba(X)), abs=1e-3)


def test_e_to_the_weight_is_the_odds_ratio_of_the_table(lesson):
    model = lesson.fit_groups(lesson.TITANIC)
    observed = (316 / 109) / (338 / 1329)
    assert lesson.odds_ratio_of(lesson.TITANIC) == pytest.approx(observed)
    assert np.exp(model.coef_[0, 0]) == pytest.approx(observed, rel=1e-4)
    assert np.exp(model.intercept_[0]) == pytest.approx(338 / 1329, rel=1e-4)


def test_separable_classes_make_the_weight_grow_without_end_and_a_penalty_stops_it(lesson):
    free = [abs(lesson.trained(steps, np.inf).coef_[0, 0]) for steps in (10, 100, 1000)]
    assert all(after > 1.1 * before for before, after in pairwise(free))
    held = [abs(lesson.trained(steps, 1.0).coef_[0, 0]) for steps in (500, 1000)]
    assert held[1] == pytest.approx(held[0], rel=1e-6)
    assert held[1] < free[-1] / 2


def test_the_odds_ratio_times_the_mens_share_would_be_more_than_all(lesson):
    (women, lost), (men, lost_men) = lesson.TITANIC.values()
    assert lesson.odds_ratio_of(lesson.TITANIC) * men / (men + lost_men) > 1 > women / (women + lost)


def test_a_ratio_of_probabilities_is_told_from_a_ratio_of_odds():
    code = "def odds_ratio(a, b, c, d):\n    return (a / (a + b)) / (c / (c + d))"
    assert "ratio of the probabilities" in tried("odds_ratio", code).message
