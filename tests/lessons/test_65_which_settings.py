"""What lesson 65 claims about the ways to look for settings, and about their winner (O01, O02, O03)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("65_which_settings").module


def test_the_best_pair_is_inside_and_not_far_from_it_nothing_is_learnt(lesson):
    errors = lesson.learnt()[:, -1]
    width, rate = np.unravel_index(errors.argmin(), errors.shape)
    assert 0 < rate < len(lesson.RATES) - 2
    assert errors[width, rate] < 0.2
    assert errors[-1, -3:].min() > 0.8


def test_one_knob_depends_on_the_other(lesson):
    assert len(set(lesson.learnt()[:, -1].argmin(axis=1))) > 1


def test_most_improvement_is_expected_between_the_best_and_the_unknown(lesson):
    gains = lesson.widest().improvement(lesson.KNOWN)
    beside, away, middle, left = (gains[i] for i in lesson.ASKED)
    assert away > 1.2 * max(beside, middle)
    assert left < min(beside, middle)
    assert gains[list(lesson.KNOWN)].max() < 0.2 * gains.max()


def test_the_band_is_widest_far_from_all_that_was_tried(lesson):
    deviation = lesson.widest().believed(lesson.KNOWN, lesson.PLACES[:, None])[1]
    far = np.abs(np.arange(13)[:, None] - np.array(lesson.KNOWN)).min(1)
    assert deviation[far == 0].max() < 0.1 * deviation[far == far.max()].min()


def test_what_it_asks_for_comes_to_the_best_rate_before_all_were_tried(lesson):
    errors, found = lesson.widest().costs, lesson.widest().gone_on(lesson.KNOWN, 4)
    assert len(set(found)) == 7
    assert errors[found].min() == errors.min()


def test_random_points_beat_the_grid_where_one_setting_matters_and_not_where_both_do(lesson):
    assert lesson.wins(False) > 0.7
    assert lesson.wins(True) < 0.5


def test_halving_spends_a_third_and_finds_what_is_nearly_best(lesson):
    curves = lesson.learnt().transpose(0, 2, 1).reshape(-1, lesson.EPOCHS)
    epochs = lesson.epochs_given(curves)
    assert set(np.unique(epochs)) == {1, 3, 9}
    assert epochs.sum() < curves.size / 3
    assert curves[epochs == 9, -1].min() <= curves[:, -1].min() + 0.05


def test_the_number_to_work_out():
    assert 0.95**59 < 0.05 < 0.95**58


def test_a_gain_at_the_mean_is_told():
    found = tried("expected_gain", "def expected_gain(mean, deviation, best):\n    return max(0.0, best - mean)")
    assert not found.passed
    assert "better than the mean says" in found.message
