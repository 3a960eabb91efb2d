"""Thresholds of labels: the best cut of the validation examples, and a common one where few speak."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from deepglass.evaluate import label_thresholds


def drawn(count=400, shares=(0.1, 0.3)):
    rng = np.random.default_rng(0)
    truth = rng.random((count, len(shares))) < shares
    return np.clip(0.1 + 0.2 * truth + rng.normal(0, 0.1, truth.shape), 0, 1).round(3), truth


def test_no_other_cut_is_better():
    chances, truth = drawn()
    for p, t in zip(chances.T, truth.T):
        found = f1_score(t, p >= label_thresholds.best_cut(p, t))
        assert found == pytest.approx(max(f1_score(t, p >= cut) for cut in np.unique(p)))


def test_a_cut_lies_in_the_middle_of_the_widest_gap():
    chances, truth = np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, True, False, False])
    assert label_thresholds.best_cut(chances, truth) == pytest.approx(0.55)


def test_equal_probabilities_are_not_cut_apart():
    chances, truth = np.array([0.5, 0.5, 0.5, 0.2]), np.array([True, False, True, False])
    assert 0.2 < label_thresholds.best_cut(chances, truth) < 0.5


def test_a_label_that_few_examples_speak_for_has_the_threshold_of_all():
    chances, truth = drawn(shares=(0.3, 0.3, 0.0))
    truth[:3, 2] = True
    thresholds = label_thresholds.choose(chances, truth)
    assert thresholds[2] == label_thresholds.best_cut(chances.reshape(-1), truth.reshape(-1))
    assert thresholds[0] == label_thresholds.best_cut(chances[:, 0], truth[:, 0])
    nothing = label_thresholds.choose(chances, np.zeros_like(truth))
    assert nothing.tolist() == [0.5] * 3


def test_the_labels_that_are_best_answered_always():
    assert label_thresholds.always_the_same(np.array([0.33, 0.05, 0.1])) == 0.33
    assert label_thresholds.always_the_same(np.array([0.6, 0.55, 0.02])) == 0.55
