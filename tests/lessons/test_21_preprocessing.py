"""What lesson 21 claims about preparing data, and about leaks (G08)."""

import json

import numpy as np
import pytest

from tests.lessons.opened import opened


@pytest.fixture(scope="module")
def lesson():
    return opened("21_preprocessing").module


def test_fair_units_make_neighbours_of_bottles_that_are_alike(lesson):
    assert lesson.accuracy(power=0.0) < 0.75
    assert lesson.accuracy() > 0.93


def test_in_their_own_units_one_column_decides_alone(lesson):
    spread = lesson.X.var(0)
    assert spread[lesson.COLUMNS.index(lesson.SECOND)] > 0.99 * spread.sum()


def test_deviations_of_all_rows_are_a_leak_that_hardly_flatters(lesson):
    assert abs(lesson.accuracy("all") - lesson.accuracy()) < 0.01


def test_shares_of_answers_of_all_rows_are_one_that_does(lesson):
    honest, leaky = (np.mean([lesson.shops(peeks, seed) for seed in range(100)]) for peeks in (False, True))
    assert honest == pytest.approx(0.5, abs=0.03)
    assert leaky > 0.7


def test_a_single_bottle_with_its_own_numbers_says_nothing(lesson):
    _, test = lesson.parts(0)
    own = lesson.Standardizer.fit(lesson.X[test[:1]])
    np.testing.assert_array_equal(own.forward(lesson.X[test[:1]]), 0)
    assert lesson.accuracy("own", together=1, seeds=range(5)) < 0.6
    assert lesson.accuracy("own", together=60) > 0.9  # hardly anybody notices


def test_with_the_models_numbers_it_is_the_same_however_many_arrive(lesson):
    seeds = range(5)
    assert lesson.accuracy(together=1, seeds=seeds) == lesson.accuracy(together=60, seeds=seeds)


def test_test_rows_change_nothing_of_what_was_fitted_on_training_rows(lesson):
    train, test = lesson.parts(0)
    changed = lesson.X.copy()
    changed[test] *= 1000
    before, after = lesson.Standardizer.fit(lesson.X[train]), lesson.Standardizer.fit(changed[train])
    assert before.state() == after.state()


def test_it_goes_there_and_back_also_through_a_file(lesson):
    scale = lesson.Standardizer.fit(lesson.X[lesson.parts(0)[0]])
    stored = lesson.Standardizer.from_state(json.loads(json.dumps(scale.state())))
    np.testing.assert_array_equal(stored.forward(lesson.X), scale.forward(lesson.X))
    np.testing.assert_allclose(stored.backward(stored.forward(lesson.X)), lesson.X, rtol=1e-12)
