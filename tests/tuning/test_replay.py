"""Searches among trainings that are made already."""

import numpy as np
import pytest

from deepglass.tuning.gaussian_process import Kernel
from deepglass.tuning.replay import Trainings, epochs_given


@pytest.fixture
def trainings():
    places = np.linspace(0, 1, 11)
    return Trainings(places[:, None], (places - 0.7) ** 2, Kernel(np.array([0.3]), signal=0.3, noise=0.01), usual=0.2)


def test_known_trainings_are_believed_and_far_from_them_what_is_usual(trainings):
    mean, deviation = trainings.believed([0, 10], np.array([[0.0], [1.0], [9.0]]))
    np.testing.assert_allclose(mean[:2], trainings.costs[[0, 10]], atol=1e-3)
    assert mean[2] == pytest.approx(0.2, abs=1e-3)
    assert deviation[2] == pytest.approx(0.3, abs=1e-3)
    assert deviation[:2].max() < 0.02


def test_improvement_is_what_draws_of_the_process_improve_on_average(trainings):
    known, rng = [0, 10, 4], np.random.default_rng(0)
    mean, deviation = trainings.believed(known, trainings.points)
    drawn = mean + deviation * rng.standard_normal((100_000, len(mean)))
    gained = np.maximum(0.0, trainings.costs[known].min() - drawn).mean(0)
    np.testing.assert_allclose(trainings.improvement(known), gained, atol=2e-3)


def test_it_goes_on_to_the_best_and_makes_nothing_twice(trainings):
    found = trainings.gone_on((0, 10), 3)
    assert found[:2] == [0, 10]
    assert 7 in found
    assert sorted(trainings.gone_on((0,), 99)) == list(range(11))


def test_halving_gives_the_best_of_each_rung_three_times_as_much():
    curves = np.tile(np.arange(18.0)[:, None] / 18, (1, 9))
    assert epochs_given(curves).tolist() == [9] * 2 + [3] * 4 + [1] * 12


def test_who_starts_slowly_is_stopped_though_it_would_have_been_the_best():
    curves = np.tile(np.arange(1.0, 10.0)[:, None], (1, 9))
    curves[8, 1:] = 0.0
    assert epochs_given(curves)[8] == 1
