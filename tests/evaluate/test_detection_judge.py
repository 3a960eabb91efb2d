"""What is said of detections: warnings that are true, and which of two detectors is better."""

import numpy as np
import pytest

from deepglass.evaluate import judges
from deepglass.evaluate.comparison import compare
from deepglass.evaluate.metrics import detection
from deepglass.evaluate.warnings import warnings_for
from tests.evaluate.made_detections import made

CLASSES = ["cat", "dog"]


def scene(count=60, classes=(0, 1), per_picture=2):
    """Targets (count, per_picture, 6): boxes side by side, classes in turn."""
    targets = np.zeros((count, per_picture, 6))
    for j in range(per_picture):
        targets[:, j, :4] = [20 * j, 0, 20 * j + 10, 10]
        targets[:, j, 4] = classes[j % len(classes)]
    return targets


def found_all(targets, score=0.9):
    return np.concatenate([targets[..., :4], np.full((*targets.shape[:2], 1), score), targets[..., 4:5]], axis=2)


def said(predictions, targets, least_score=0.5):
    result = detection.evaluate(predictions, targets, CLASSES, least_score)
    return " ".join(warnings_for({"test": result}))


def test_a_good_detector_is_not_warned_of():
    targets = scene()
    assert said(found_all(targets), targets) == ""


def test_a_class_that_is_never_found():
    targets = scene()
    predictions = found_all(targets)
    predictions[:, 1, 4] = 0
    assert "Never found in the test: 'dog' (60)" in said(predictions, targets)
    predictions[:, 1, 4] = 0.2
    assert "Never shown in the test: 'dog' (60); some are found with lower scores" in said(predictions, targets)


def test_a_class_whose_scores_are_too_low_to_be_shown():
    targets = scene()
    predictions = found_all(targets)
    predictions[5:, 1, 4] = 0.2
    assert "Hardly shown, though found with lower scores: 'dog' (5 of 60 shown, 60 found)" in said(predictions, targets)


def test_a_class_without_boxes_few_boxes_and_inventions():
    targets = scene(classes=(0,))
    assert "No box of 'dog' in the test" in said(found_all(targets), targets)
    few = scene(count=5)
    assert "Only 10 boxes in 5 test pictures" in said(found_all(few), few)
    rare = scene(classes=(0,))
    rare[:4, 1, 4] = 1
    assert "Fewer than 10 boxes in the test of 'dog' (4)" in said(found_all(rare), rare)
    away = found_all(scene())
    away[:, 1, :4] += 500
    away[5:, 0, :4] += 500
    assert "of the boxes that are shown are right: raise --min-score" in said(away, scene())


def test_the_better_of_two_detectors_wins_and_equals_do_not():
    targets, rng = scene(), np.random.default_rng(0)
    good, worse = found_all(targets), found_all(targets)
    worse[rng.random(60) < 0.5, 1, 4] = 0
    runs = [{"ids": np.arange(60), "predictions": part, "targets": targets} for part in (good, worse)]
    found = compare(*runs, "detection", ("good", "worse"))
    assert found["winner"] == "good"
    assert [test["measure"] for test in found["tests"]] == ["map_50", "map"]
    assert found["tests"][0]["difference"]["low"] > 0
    assert compare(runs[0], runs[0], "detection")["winner"] is None


def test_chance_does_not_win():
    predictions, targets, _ = made(1, pictures=30, classes=2)
    other = predictions.copy()
    other[..., 4] = np.where(other[..., 4] > 0, np.clip(other[..., 4] + 1e-3, 0.01, 1), 0)
    runs = [{"ids": np.arange(30), "predictions": part, "targets": targets} for part in (predictions, other)]
    assert compare(*runs, "detection")["winner"] is None


def test_its_words_and_tables():
    predictions, targets, _ = made(2, pictures=20, classes=2)
    result = detection.evaluate(predictions, targets, CLASSES)
    judge = judges.judge_of("detection")
    shown = judge.answers({"test": result}, {})
    assert [row["class"] for row in shown["per_class"]] == sorted(CLASSES, key=lambda c: next(
        row["ap_50"] for row in result["details"]["per_class"] if row["class"] == c))  # fmt: skip
    assert "<svg" in shown["figures"][0]["svg"]
    assert judge.notes(result)[0].startswith("shown are boxes with a score from 0.50 on")
    assert judge.lead(result, {}).endswith(".")
    nothing = detection.evaluate(predictions, np.full_like(targets, -1), CLASSES)
    assert judge.lead(nothing, {}) == ""
    assert judge.answers({"test": nothing}, {})["figures"] == []
    warnings_for({"test": nothing})


@pytest.mark.parametrize("name", ["map", "map_50", "map_75"])
def test_no_pictures_of_one_detector_are_without_the_others(name):
    """Both detectors are judged on the same resamples: equal ones differ in none of them."""
    predictions, targets, classes = made(7, pictures=10, classes=2)
    matched = detection.match(predictions, targets, classes)
    a, b = detection.resampled([matched, matched])
    np.testing.assert_array_equal(a, b)
