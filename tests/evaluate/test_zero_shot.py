"""Accuracies of classes that training never saw, by hand; calibrated stacking, and what the judge warns of."""

import numpy as np
import pytest

from deepglass.evaluate.judges.zero_shot import Judge
from deepglass.evaluate.metrics import zero_shot

CLASSES = ["horse", "tiger", "zebra", "okapi"]
IS_LEARNT = np.array([True, True, False, False])
TARGETS = np.array([0, 0, 1, 1, 2, 2, 2, 3])
PROBABILITIES = np.array([
    [0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1],  # a horse that is known, and one that is taken for a tiger
    [0.1, 0.8, 0.1, 0.0], [0.1, 0.6, 0.2, 0.1],
    [0.5, 0.1, 0.3, 0.1], [0.1, 0.2, 0.6, 0.1], [0.5, 0.1, 0.1, 0.3],  # zebras: two of three among themselves
    [0.4, 0.1, 0.2, 0.3],
])  # fmt: skip


def test_each_accuracy_is_the_mean_over_classes_by_hand():
    found = zero_shot.accuracies(PROBABILITIES, TARGETS, IS_LEARNT)
    assert found["unseen"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["unseen_of_all"] == pytest.approx((1 / 3 + 0) / 2)
    assert found["seen_of_all"] == found["seen"] == pytest.approx((1 / 2 + 1) / 2)


def test_the_harmonic_mean_hides_neither():
    assert zero_shot.harmonic_mean(1.0, 0.0) == 0.0
    assert zero_shot.harmonic_mean(0.75, 1 / 6) == pytest.approx(2 * 0.75 / 6 / (0.75 + 1 / 6))
    assert zero_shot.harmonic_mean(None, 0.5) is None


def test_scores_have_intervals_around_them_and_a_table_of_every_class():
    found = zero_shot.evaluate(PROBABILITIES, TARGETS, IS_LEARNT, CLASSES)
    for name in found["headline"]:
        assert found[name]["low"] <= found[name]["value"] <= found[name]["high"]
    assert found["details"]["unseen"] == ["zebra", "okapi"]
    assert found["details"]["chance"] == 0.5
    rows = {row["class"]: row for row in found["details"]["by_class"]}
    assert rows["zebra"]["accuracy"] == pytest.approx(1 / 3)
    assert rows["horse"]["among_unseen"] is None


def test_calibration_gives_back_what_leaning_to_the_known_took():
    rng = np.random.default_rng(0)
    targets = np.repeat(np.arange(4), 50)
    logits = 4.0 * np.eye(4)[targets] + rng.normal(0, 1, (200, 4)) + 4.0 * IS_LEARNT
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    taken = zero_shot.calibration(probabilities, targets, IS_LEARNT)
    assert 3 < taken < 5
    before, after = (
        zero_shot.evaluate(np.exp(logits - less * IS_LEARNT), targets, IS_LEARNT, CLASSES)["harmonic_mean"]["value"]
        for less in (0.0, taken)
    )
    assert after > before + 0.1
    assert zero_shot.calibration(np.eye(4)[targets], targets, IS_LEARNT) == 0.0  # nothing to gain: nothing is taken


def test_classes_that_were_all_seen_have_no_score_of_unseen_ones():
    found = zero_shot.evaluate(PROBABILITIES[:4], TARGETS[:4], IS_LEARNT, CLASSES)
    assert found["unseen_accuracy"]["value"] is found["harmonic_mean"]["value"] is None
    assert Judge().lead(found, {}).startswith("75.0 % of the pictures are named rightly")


def test_the_judge_leads_with_the_unseen_and_warns_where_they_are_seldom_said():
    found = zero_shot.evaluate(np.repeat(PROBABILITIES, 9, 0), np.repeat(TARGETS, 9), IS_LEARNT, CLASSES)
    judge = Judge()
    assert "of the pictures of 2 classes that it had never seen" in judge.lead(found, {})
    assert "chance is 50.0 %" in judge.lead(found, {})
    said = [check(found, {}) for check in judge.checks]
    assert "Only 2 unseen classes" in said[0]
    assert said[1] is None
    assert "leans towards what it has seen" in said[2]
    guessing = zero_shot.evaluate(np.tile([0.4, 0.4, 0.15, 0.05], (8, 1)), TARGETS, IS_LEARNT, CLASSES)
    assert "where guessing reaches 50.0 %" in judge.checks[1](guessing, {})
    assert judge.answers({"test": found}, {})["tables"][0]["rows"][0][:2] == ["okapi", "unseen"]
