"""What lesson 44 claims of masks: what accuracy hides, how far a net must look, what margins do to seams (H09)."""

import numpy as np
import pytest

from deepglass.evaluate.metrics import segmentation
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("44_which_pixels").module


def iou(lesson, radius):
    return lesson.judged(radius)["details"]["per_class"][1]["iou"]


def test_a_net_that_marks_nothing_is_praised_by_its_pixels_alone():
    truth = np.zeros((1, 10, 10), np.uint8)
    truth[0, 0, :2] = 1
    result = segmentation.evaluate(np.zeros_like(truth), truth, ["wall", "crack"])
    assert result["pixel_accuracy"]["value"] == 0.98
    assert result["details"]["per_class"][1]["iou"] == 0


def test_accuracy_hardly_notices_that_a_ring_is_missed(lesson):
    true, found = lesson.ring(0, 3), lesson.ring(7, 3)
    result = segmentation.evaluate(found[None], true[None], ["ground", "ring"])
    assert result["pixel_accuracy"]["value"] > 0.8
    assert result["details"]["per_class"][1]["iou"] < 0.2
    assert result["details"]["per_class"][1]["dice"] > result["details"]["per_class"][1]["iou"]


def test_scenes_of_training_and_of_test_share_no_digit(lesson):
    rows = [{image.tobytes() for image in lesson.digits(part)[0]} for part in (False, True)]
    assert not rows[0] & rows[1]


def test_a_pixel_alone_tells_ink_from_ground_and_no_digit_from_another(lesson):
    ious = [row["iou"] for row in lesson.judged(0)["details"]["per_class"]]
    assert ious[0] > 0.9
    assert lesson.judged(0)["pixel_accuracy"]["value"] > 0.8
    assert ious[1] < 0.5


def test_the_farther_it_looks_the_better_it_names(lesson):
    ious = [iou(lesson, radius) for radius in lesson.RADII]
    assert ious == sorted(ious)
    assert ious[-1] > ious[0] + 0.2


def test_tiles_side_by_side_show_seams_and_a_margin_as_wide_as_the_net_looks_has_none(lesson):
    reach = lesson.RADII[-1]
    picture, _ = lesson.scene(lesson.SCENES[1])
    whole = lesson.named(picture, reach)
    differ = {m: int((lesson.in_tiles(picture, reach, m) != whole).sum()) for m in (0, reach - 1, reach, reach + 1)}
    assert differ[0] > 10
    assert differ[0] > differ[reach - 1]
    assert differ[reach] == differ[reach + 1] == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2 * both / ((said == 1).sum() + (true == 1).sum())", "nobody labelled"),
        ("both / (own + (true == 1).sum() - both)", "IoU"),
        ("both / (own + (true == 1).sum())", "twice"),
    ],
)
def test_slips_are_told_apart(line, said):
    code = (
        "def dice_of_masks(said, true):\n"
        "    both = ((said == 1) & (true == 1)).sum()\n"
        "    own = ((said == 1) & (true != 255)).sum()\n"
        f"    return {line}"
    )
    assert said in tried("dice_of_masks", code).message
