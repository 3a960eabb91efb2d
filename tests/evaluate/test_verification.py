"""Scores of distances: scikit-learn is the judge of the ROC; thresholds keep what they promise."""

import numpy as np
import pytest
from sklearn import metrics

from deepglass.evaluate.metrics import verification


def drawn(identities=12, pictures=6, spread=0.5, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(identities), pictures)
    rows = rng.normal(size=(identities, 4))[labels] + spread * rng.normal(size=(len(labels), 4))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), labels


@pytest.mark.parametrize("digits", [6, 1])
def test_the_roc_is_scikit_learns_ties_included(digits):
    rows, labels = drawn()
    pairs = verification.pairs_of(np.round(rows, digits), labels)
    false, true, at = verification.roc(pairs)
    theirs = metrics.roc_curve(pairs.same, -pairs.distances, drop_intermediate=False)
    np.testing.assert_allclose(false, theirs[0])
    np.testing.assert_allclose(true, theirs[1])
    np.testing.assert_allclose(at[1:], -theirs[2][1:])
    assert verification.area(false, true) == pytest.approx(metrics.roc_auc_score(pairs.same, -pairs.distances))


def test_times_are_what_repeated_identities_would_be():
    rows, labels = drawn(4, 3)
    times = np.array([2, 0, 1, 3])
    pairs = verification.pairs_of(rows, labels)
    weights = np.where(pairs.same, times[pairs.first], times[pairs.first] * times[pairs.second])
    false, true, _ = verification.roc(pairs, times)
    expected = metrics.roc_auc_score(pairs.same, -pairs.distances, sample_weight=weights)
    assert verification.area(false, true) == pytest.approx(expected)


def test_at_the_equal_error_both_errors_are_equal():
    rows, labels = drawn(30, 5, 0.6)
    false, true, _ = verification.roc(verification.pairs_of(rows, labels))
    error = verification.equal_error(false, true)
    assert 0.02 < error < 0.5
    assert np.interp(error, false, true) == pytest.approx(1 - error, abs=1e-3)


@pytest.mark.parametrize("asked", [0.001, 0.01, 0.1, 0.999])
def test_no_more_strangers_pass_than_was_asked_for(asked):
    pairs = verification.pairs_of(*drawn(20, 5))
    threshold = verification.threshold_for(pairs, asked)
    false, true = verification.accepted(pairs, threshold)
    assert false <= asked
    strangers = (~pairs.same).sum()
    assert false >= asked - 1 / strangers - 1e-9
    assert true == np.mean(pairs.distances[pairs.same] <= threshold)


def test_what_cannot_be_told_apart_scores_as_a_coin():
    found = verification.evaluate(np.zeros((20, 2)), np.arange(20) // 4, 0.5, 0.01)
    assert found["verification_auc"]["value"] == found["equal_error_rate"]["value"] == 0.5
    assert found["true_accepts"]["value"] == found["false_accepts"]["value"] == 1.0


def test_intervals_are_wider_with_fewer_identities_and_missing_with_hardly_any():
    def width(identities):
        found = verification.evaluate(*drawn(identities, 5, 0.7), 0.5, 0.01)["verification_auc"]
        return found["high"] - found["low"]

    assert width(8) > 1.3 * width(80)
    assert verification.evaluate(*drawn(3, 5), 0.5, 0.01)["verification_auc"]["low"] is None


def test_the_interval_of_other_identities_covers_what_they_give():
    """Of 16 draws of 15 identities most intervals hold the area over many identities."""
    truth = verification.evaluate(*drawn(100, 4, 0.6), 0.5, 0.01)["verification_auc"]["value"]
    found = [verification.evaluate(*drawn(15, 4, 0.6, seed), 0.5, 0.01)["verification_auc"] for seed in range(1, 17)]
    assert np.mean([one["low"] <= truth <= one["high"] for one in found]) >= 0.75


def test_a_stranger_that_is_nearer_is_an_error_of_the_ranking():
    rows, labels = np.array([[0.0], [2.0], [1.0], [9.0], [5.0]]), np.array([0, 0, 1, 1, 2])
    errors, nearest = verification.ranking_errors(rows, labels)
    # 0: its own at 2, strangers at 1, 9, 5. 2: its own at 8, strangers at 1, 1, 4. 3: at 8, strangers at 9, 7, 4.
    np.testing.assert_allclose(errors, [1 / 3, 1 / 3, 1.0, 2 / 3, 0.0])
    assert nearest.tolist() == [2, 2, 0, 4, 1]


def test_a_part_with_one_identity_has_no_scores_and_no_mishap():
    found = verification.evaluate(np.random.default_rng(0).normal(size=(6, 3)), np.zeros(6, int), 0.5, 0.01)
    assert found["verification_auc"]["value"] is None
    assert found["count"] == 6
