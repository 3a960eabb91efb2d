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


def test_a_label_that_few_examples_speak_for_is_cut_as_its_probabilities_promise():
    chances, truth = drawn(shares=(0.3, 0.3))
    truth[:, 1] = np.arange(400) < 3
    thresholds = label_thresholds.choose(chances, truth)
    assert thresholds[0] == label_thresholds.best_cut(chances[:, 0], truth[:, 0])
    p = chances[:, 1]

    def promised(cut):  # the F1 that is expected where the probabilities are right
        return 2 * p[p >= cut].sum() / (p.sum() + (p >= cut).sum())

    assert promised(thresholds[1]) == pytest.approx(max(promised(cut) for cut in np.unique(p)))
    other = truth.copy()
    other[:, 1] = np.arange(400) > 396
    assert label_thresholds.choose(chances, other)[1] == thresholds[1]  # whoever the three are


def test_a_rare_label_of_right_probabilities_is_found():
    rng = np.random.default_rng(3)
    chances = rng.beta(0.2, 4, (300, 1)) * 0.6  # never more likely than not
    truth = np.zeros((300, 1), bool)
    assert 0.02 < label_thresholds.choose(chances, truth)[0] < 0.4


def test_the_labels_that_are_best_answered_always():
    assert label_thresholds.always_the_same(np.array([0.33, 0.05, 0.1])) == 0.33
    assert label_thresholds.always_the_same(np.array([0.6, 0.55, 0.02])) == 0.55
