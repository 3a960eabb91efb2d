"""What lesson 84 claims of a net that learnt backgrounds, of the border, and of two ways to mend it (T06)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried

pytestmark = pytest.mark.slow("trains the nets of the lesson")


@pytest.fixture(scope="module")
def lesson():
    return opened("84_leaf_and_background").module


def test_a_habit_is_learnt_and_leaves_anywhere_are_not_known(lesson):
    assert lesson.right(lesson.WAYS[0], lesson.USUAL, "habit") > 0.88
    assert lesson.right(lesson.WAYS[0], lesson.USUAL, "anywhere") < 0.6
    assert lesson.follows() > 0.75


def test_without_a_habit_the_same_net_learns_the_leaf(lesson):
    assert lesson.right(lesson.WAYS[0], lesson.BY_LUCK, "anywhere") > 0.85


@pytest.mark.parametrize("way", [1, 2])
def test_grey_and_mixed_backgrounds_mend_it(lesson, way):
    assert lesson.right(lesson.WAYS[way], lesson.USUAL, "anywhere") > 0.8


def test_the_leaf_of_the_guess_is_ill_for_the_net_on_soil_and_healthy_on_cloth(lesson):
    pictures, _ = lesson.on_all(lesson.EARLY)
    said = lesson.says(lesson.trained(lesson.WAYS[0]), pictures)
    assert said[lesson.EARLY].argmax() == lesson.EARLY
    assert said[lesson.HEALTHY].argmax() == lesson.HEALTHY
    assert said[lesson.HEALTHY, lesson.HEALTHY] > 0.6


def test_every_leaf_lies_alike_on_all_backgrounds(lesson):
    for row in range(lesson.SHOWN):
        pictures, cover = lesson.on_all(row)
        inside = (cover[0, 0] > 0.999)[None, None].expand(3, 3, -1, -1)
        leaf = pictures[inside].reshape(3, -1)
        outside = pictures[(cover[0, 0] < 0.001)[None, None].expand(3, 3, -1, -1)].reshape(3, -1)
        assert leaf.shape[1] > 100
        assert (leaf - leaf[0]).abs().max() <= 1, row
        assert (outside - outside[0])[1:].abs().mean() > 15


def test_laid_on_itself_a_picture_stays(lesson):
    pictures, cover, _, _ = lesson.taken(12, lesson.USUAL, 1)
    assert torch.allclose(lesson.laid_on(pictures, cover, pictures), pictures, atol=1e-3)


def test_the_border_tells_of_the_habit_and_not_without_it(lesson):
    for usual, tells in ((lesson.USUAL, True), (lesson.BY_LUCK, False)):
        pictures, _, kinds, _ = lesson.taken(lesson.COUNT, usual, 1)
        pixels = pictures.permute(0, 2, 3, 1).numpy().astype(np.uint8)
        assert (lesson.telling_border.telling_border(pixels, kinds.numpy()) is not None) is tells


def test_the_film_ends_with_nearly_all_new_leaves_right(lesson):
    captions = [frame.caption for frame in lesson.film()]
    assert len(captions) == len(lesson.MOMENTS)
    assert int(captions[-1].split()[3]) > 0.88 * lesson.TESTED


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cover[..., None] * other + (1 - cover[..., None]) * picture", "other way round"),
        ("np.where(cover[..., None] > 0.5, picture, other)", "rim"),
        ("cover[..., None] * picture", "black"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("exchanged", f"def exchanged(picture, cover, other):\n    return {line}").message
