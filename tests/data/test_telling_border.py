"""Eight pixels of the border: backgrounds that tell the class are found, and nothing else is accused."""

import numpy as np
import pytest

from deepglass.data.check import inspect
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.datasets import digits, drawn_faces, drawn_leaves, scans
from deepglass.data.picture_survey import survey
from deepglass.data.telling_border import FEWEST_OF_A_CLASS, eight, telling_border


def leaves(usual, count=240, seed=3):
    rng = np.random.default_rng(seed)
    kinds = rng.integers(3, size=count)
    behind = drawn_leaves.backgrounds(kinds, usual, rng)
    return drawn_leaves.photographs(drawn_leaves.leaves(kinds, rng), behind, rng)[0], kinds


def noise(count=120, base=0):
    return (np.random.default_rng(0).integers(60, 160, (count, 32, 32, 1)) + base).astype(np.uint8)


def test_backgrounds_of_their_own_are_found_and_any_backgrounds_are_not():
    found = telling_border(*leaves(0.9))
    assert found.border > 0.8
    assert found.border > found.inside + 0.1
    assert found.luck == pytest.approx(1 / 3)
    assert telling_border(*leaves(1 / 3)) is None


@pytest.mark.parametrize("data", [digits, scans, drawn_faces])
def test_things_in_front_of_one_background_are_not_accused(data):
    images = data.load()
    assert telling_border(images.pixels, images.labels) is None


def test_pictures_that_differ_as_a_whole_are_not_accused():
    classes = np.arange(120) % 2
    assert telling_border(noise() + 80 * classes[:, None, None, None].astype(np.uint8), classes) is None


def test_noise_says_nothing():
    assert telling_border(noise(), np.arange(120) % 2) is None


def test_few_pictures_of_a_class_and_those_without_one_are_left_out():
    pictures, kinds = leaves(1.0, 3 * FEWEST_OF_A_CLASS)
    few = np.where(kinds == 0, -1, kinds)
    few[np.flatnonzero(few == 1)[FEWEST_OF_A_CLASS - 1 :]] = -1
    assert telling_border(pictures, few) is None
    assert telling_border(pictures, np.full(len(pictures), -1)) is None


def test_a_rare_class_counts_as_much():
    pictures, kinds = leaves(1.0, 300)
    kept = np.concatenate([np.flatnonzero(kinds == 0), np.flatnonzero(kinds == 1)[:25]])
    mixed = np.random.default_rng(0).permutation(kinds[kept])  # nothing tells
    assert telling_border(pictures[kept], kinds[kept]).border > 0.9
    assert telling_border(pictures[kept], mixed) is None


def test_a_ring_is_its_corners_and_the_middles_between_them():
    picture = np.arange(81).reshape(1, 9, 9, 1)
    assert eight(picture, 0).tolist() == [[0, 4, 8, 36, 44, 72, 76, 80]]
    assert eight(picture, 1 / 4).tolist() == [[20, 22, 24, 38, 42, 56, 58, 60]]


def test_check_and_training_say_it_and_only_the_training_pictures_are_asked():
    images = drawn_leaves.load()
    (sentence,) = inspect(images, DataConfig()).warnings
    assert sentence.startswith("eight pixels at the border of a picture tell its class in 9")
    turned = Images(
        "turned", images.labels, images.classes, 3, pixels=images.pixels,
        splits={"train": images.splits["test"], "test": images.splits["train"]},
    )  # fmt: skip
    assert survey(turned).border is None
