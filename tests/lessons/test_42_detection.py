"""What lesson 42 claims of boxes: how one fits, what is left of a hill, what the average precision sees (H08)."""

import numpy as np
import pytest

from deepglass.evaluate.metrics import detection
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("42_detection").module


def precision(lesson, same_thing):
    return lesson.judged(same_thing).average_precisions()[detection.AT_50]


def test_a_quarter_right_and_a_quarter_down_is_wrong_by_the_usual_rule(lesson):
    shared = 0.75**2
    there, beside = np.array([[0, 0, 8, 8]]), np.array([[2, 2, 10, 10]])
    assert lesson.iou(there, beside)[0, 0] == pytest.approx(shared / (2 - shared))
    assert shared / (2 - shared) < 0.4
    only_right = lesson.iou(there, np.array([[2, 0, 10, 8]]))[0, 0]
    assert only_right >= 0.5


def test_too_large_a_box_is_punished_as_too_small_a_one(lesson):
    there, inside = np.array([[0, 0, 8, 8]]), np.array([[0, 0, 6, 8]])
    assert lesson.iou(there, inside)[0, 0] == lesson.iou(inside, there)[0, 0] < 1
    assert lesson.iou(there, there)[0, 0] == 1


def test_scenes_of_training_and_of_test_share_no_digit(lesson):
    rows = [{image.tobytes() for image in lesson.digits(part)[0]} for part in (False, True)]
    assert not rows[0] & rows[1]


def test_the_net_is_sure_at_more_places_than_there_are_things(lesson):
    seed = lesson.SCENES[0]
    _, wanted, _, scores = lesson.guesses(seed)
    assert (scores >= lesson.SURE).sum() > 2 * len(wanted)
    boxes, _ = lesson.found(seed)
    assert len(boxes) < (scores >= lesson.LEAST).sum() / 3
    overlaps = lesson.iou(boxes, boxes) - np.eye(len(boxes))
    assert overlaps.max() <= lesson.AGREED


def test_without_suppression_and_with_too_much_of_it_the_average_precision_falls(lesson):
    none, some, all_that_touch = (precision(lesson, limit) for limit in (1.0, lesson.AGREED, 0.0))
    assert some > none + 0.2
    assert some > all_that_touch + 0.05
    assert some > 0.8


def test_everything_is_found_without_suppression_and_hardly_anything_shown_is_right(lesson):
    shown = detection.at_score([lesson.judged(1.0)], lesson.SURE)
    assert (shown["recall"] or 0) > 0.9
    assert 0 < (shown["precision"] or 0) < 0.3


def test_a_higher_threshold_finds_less_and_invents_less(lesson):
    low, high = (detection.at_score([lesson.judged()], least) for least in (0.1, 0.6))
    assert (high["recall"] or 0) < (low["recall"] or 0)
    assert (high["precision"] or 0) > (low["precision"] or 1)


def test_the_curve_passes_through_what_the_threshold_shows(lesson):
    matched = lesson.judged()
    recall, along = matched.curve()
    shown = detection.at_score([matched], 0.5)
    count = int((matched.scores >= 0.5).sum())
    assert (recall[count - 1], along[count - 1]) == pytest.approx((shown["recall"], shown["precision"]))


def test_a_second_box_on_a_thing_counts_as_invented():
    box = (0, 0, 8, 8)
    found, truth = np.array([[(*box, 0.9, 0), (*box, 0.9, 0)]], float), np.array([[(*box, 0, 0)]], float)
    assert detection.at_score(detection.match(found, truth, 1), 0.5)["precision"] == 0.5


@pytest.mark.parametrize(
    ("line", "said"),
    [("both / (own + other)", "twice"), ("both / min(own, other)", "smaller"), ("both", "itself")],
)
def test_slips_are_told_apart(line, said):
    code = (
        "def overlap(a, b):\n"
        "    both = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod()\n"
        "    own, other = np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2])\n"
        f"    return {line}"
    )
    assert said in tried("overlap", code).message
