"""Average precision: by hand where it can be, and against COCO's own evaluation."""

import contextlib
import io
import json

import numpy as np
import pytest

from deepglass.evaluate.metrics import detection
from deepglass.evaluate.scores import scores_of
from tests.evaluate.made_detections import made

CLASSES = ["cat", "dog", "owl"]


def truth(*boxes):
    """(1, n, 6) of (x0, y0, x1, y1, class, state)."""
    return np.array([boxes], float).reshape(1, -1, 6)


def found(*boxes):
    """(1, n, 6) of (x0, y0, x1, y1, score, class)."""
    return np.array([boxes], float).reshape(1, -1, 6)


def precision(predictions, targets, classes=1):
    """AP of the first class at an IoU of 0.5."""
    return detection.match(predictions, targets, classes)[0].average_precisions()[0]


ONE, TWO = (0, 0, 10, 10), (20, 0, 30, 10)


def test_by_hand():
    targets = truth((*ONE, 0, 0), (*TWO, 0, 0))
    assert precision(found((*ONE, 0.9, 0), (*TWO, 0.8, 0)), targets) == 1
    assert precision(found(), targets) == 0
    assert precision(found((*ONE, 0.9, 0)), targets) == pytest.approx(51 / 101)  # recalls 0, 0.01, …, 0.5
    twice = found((*ONE, 0.9, 0), (*ONE, 0.8, 0), (*TWO, 0.7, 0))  # the second guess at one thing is wrong
    assert precision(twice, targets) == pytest.approx((51 + 50 * 2 / 3) / 101)
    invented_last = found((*ONE, 0.9, 0), (*TWO, 0.8, 0), (50, 50, 60, 60, 0.7, 0))
    assert precision(invented_last, targets) == 1
    assert precision(found((*ONE, 0.9, 1)), targets, 2) == 0  # of another class


def test_how_well_a_box_must_fit():
    targets, half = truth((0, 0, 10, 10, 0, 0)), found((0, 0, 10, 6, 0.9, 0))  # IoU 0.6
    assert detection.match(half, targets, 1)[0].average_precisions().tolist() == [1, 1, 1] + [0] * 7


def test_what_is_not_asked_for_is_neither_right_nor_wrong():
    targets = truth((*ONE, 0, 0), (*TWO, 0, 1), (50, 0, 90, 40, 0, 2))
    crowd = [(55 + i, 5, 60 + i, 10, 0.95 - i / 100, 0) for i in range(5)]  # inside a crowd, as many as one likes
    assert precision(found(*crowd, (*TWO, 0.99, 0), (*ONE, 0.5, 0)), targets) == 1
    second = found((*TWO, 0.99, 0), (*TWO, 0.98, 0), (*ONE, 0.5, 0))  # a difficult thing is one thing
    assert precision(second, targets) == pytest.approx(0.5)
    assert np.isnan(precision(found((*ONE, 0.9, 0)), truth((*ONE, 0, 1))))


def coco_says(predictions, targets, classes):
    """mAP at 0.5, at 0.75 and over all IoUs by pycocotools, NaN where it says -1; None without detections."""
    coco = pytest.importorskip("pycocotools.coco", reason="pycocotools, the judge of mAP, is not installed")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    boxes = [(i, row) for i, rows in enumerate(targets) for row in rows if row[5] >= 0]
    guesses = [(i, row) for i, rows in enumerate(predictions) for row in rows if row[4] > 0]
    if not guesses:
        return None

    def record(i, row, **more):
        size = row[2:4] - row[:2]
        return {"image_id": i + 1, "bbox": [*row[:2], *size], "area": size.prod(), **more}

    asked = [
        record(i, row, id=k + 1, category_id=int(row[4]) + 1, iscrowd=int(row[5] == 2))
        for k, (i, row) in enumerate(boxes)
    ]
    answered = [record(i, row, category_id=int(row[5]) + 1, score=row[4]) for i, row in guesses]
    with contextlib.redirect_stdout(io.StringIO()):
        data = coco.COCO()
        images, categories = ([{"id": k + 1} for k in range(n)] for n in (len(targets), classes))
        data.dataset = {"images": images, "annotations": asked, "categories": categories}
        data.createIndex()
        judged = evaluation.COCOeval(data, data.loadRes(answered), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    stats = judged.stats[[1, 2, 0]]
    return np.where(stats < 0, np.nan, stats)


@pytest.mark.parametrize("seed", range(40))
def test_it_is_what_coco_says(seed):
    predictions, targets, classes = made(seed)
    theirs = coco_says(predictions, targets, classes)
    if theirs is None:
        pytest.skip("nothing was found in this case")
    ours = detection.mean_average_precisions(detection.match(predictions, targets, classes))
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_a_hundred_of_a_class_in_a_picture_count():
    rng = np.random.default_rng(0)
    guesses = np.column_stack([np.tile([50, 50, 60, 60], (120, 1)), rng.uniform(0.5, 1, 120), np.zeros(120)])
    late = np.array([[*ONE, 0.4, 0]])
    predictions, targets = np.concatenate([guesses, late])[None], truth((*ONE, 0, 0))
    ours = detection.mean_average_precisions(detection.match(predictions, targets, 1))
    assert ours[0] == 0
    np.testing.assert_allclose(ours, coco_says(predictions, targets, 1))


# -- intervals --------------------------------------------------------------------------------------------------------


def test_a_picture_taken_twice_counts_twice():
    predictions, targets, classes = made(3, pictures=5, classes=2)
    times = np.array([2, 0, 1, 3, 1])
    rows = np.repeat(np.arange(5), times)
    weighted = detection.mean_average_precisions(detection.match(predictions, targets, classes), times.astype(float))
    repeated = detection.mean_average_precisions(detection.match(predictions[rows], targets[rows], classes))
    np.testing.assert_allclose(weighted, repeated, atol=0.02)  # equal scores are in another order
    ordered = predictions.copy()
    ordered[..., 4] = np.where(predictions[..., 4] > 0, np.random.default_rng(0).permutation(200).reshape(5, 40) + 1, 0)
    one_of_each = detection.match(ordered, targets, classes)
    np.testing.assert_array_equal(
        detection.mean_average_precisions(one_of_each, np.ones(5)), detection.mean_average_precisions(one_of_each)
    )


def test_intervals_hold_the_value_and_are_repeated_by_their_seed():
    predictions, targets, classes = made(5, pictures=12, classes=2)
    result, again = (detection.evaluate(predictions, targets, CLASSES[:classes], seed=1) for _ in range(2))
    assert result == again
    for name in result["headline"]:
        assert result[name]["low"] <= result[name]["value"] <= result[name]["high"]
    json.dumps(result, allow_nan=False)


def test_one_picture_has_no_interval_and_none_no_score():
    predictions, targets, classes = made(5, pictures=1, classes=2)
    one = detection.evaluate(predictions, targets, CLASSES[:classes])
    assert one["map_50"]["value"] is not None
    assert one["map_50"]["low"] is None
    nothing = detection.evaluate(predictions, np.full_like(targets, -1), CLASSES[:classes])
    assert nothing["map_50"] == {"value": None, "low": None, "high": None}
    assert "map_50" not in scores_of(nothing)


def test_what_is_shown():
    targets = truth((*ONE, 0, 0), (*TWO, 0, 0), (0, 50, 9, 59, 1, 0))
    predictions = found((*ONE, 0.9, 0), (*TWO, 0.3, 0), (50, 50, 60, 60, 0.6, 0))
    result = detection.evaluate(predictions, targets, CLASSES[:2], least_score=0.5)
    assert result["box_precision"]["value"] == 0.5
    assert result["box_recall"]["value"] == pytest.approx(1 / 3)
    cat, dog = result["details"]["per_class"]
    assert (cat["count"], cat["predicted"], cat["found_at_all"], cat["recall"]) == (2, 2, 2, 0.5)
    assert (dog["count"], dog["predicted"], dog["found_at_all"], dog["ap_50"]) == (1, 0, 0, 0.0)


def test_the_best_score_is_the_one_of_the_highest_f1():
    targets = truth((*ONE, 0, 0), (*TWO, 0, 0))
    predictions = found((*ONE, 0.9, 0), (*TWO, 0.4, 0), (50, 50, 60, 60, 0.3, 0), (50, 0, 60, 10, 0.2, 0))
    matched = detection.match(predictions, targets, 1)
    assert detection.best_score(matched) == 0.4
    assert detection.best_score(detection.match(found(), targets, 1), least=0.1) == 0.1
