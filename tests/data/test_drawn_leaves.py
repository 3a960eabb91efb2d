"""The drawn leaves are what their docstring says."""

import numpy as np
import pytest

from deepglass.data.datasets import drawn_leaves
from deepglass.data.datasets.drawn_leaves import EARLY, HEALTHY, LATE


@pytest.mark.slow("draws all leaves twice")
def test_they_are_always_the_same_and_divided():
    images, again = drawn_leaves.load(), drawn_leaves.load()
    assert images.pixels.shape == (600, 32, 32, 3)
    assert images.pixels.dtype == np.uint8
    assert np.array_equal(images.pixels, again.pixels)
    assert {name: len(rows) for name, rows in images.splits.items()} == drawn_leaves.SPLITS
    assert np.bincount(images.labels).min() > 150


def usual_colours(pixels):
    """The nearest of the backgrounds, by the mean of the corners; light is left out."""
    corners = pixels[:, [0, 0, -1, -1], [0, -1, 0, -1]].mean(axis=1)
    corners = corners / corners.sum(axis=1, keepdims=True)
    colours = drawn_leaves.COLOURS / drawn_leaves.COLOURS.sum(axis=1, keepdims=True)
    return np.abs(corners[:, None] - colours).sum(axis=2).argmin(axis=1)


def test_backgrounds_tell_in_training_as_often_as_said_and_in_the_test_by_luck():
    images = drawn_leaves.load()
    is_usual = usual_colours(images.pixels) == images.labels
    train, test = (is_usual[images.splits[name]].mean() for name in ("train", "test"))
    assert abs(train - drawn_leaves.USUAL) < 0.06
    assert abs(test - 1 / 3) < 0.12


def test_a_share_of_the_backgrounds_is_that_of_the_class():
    kinds = np.arange(3000) % 3
    for usual in (1 / 3, 0.9, 1.0):
        behind = drawn_leaves.backgrounds(kinds, usual, np.random.default_rng(0))
        assert abs((behind == kinds).mean() - usual) < 0.03
        assert np.bincount(behind).min() > 900


def test_each_illness_has_its_spots():
    rng = np.random.default_rng(0)
    spots = {kind: [leaf.spots for leaf in drawn_leaves.leaves(np.full(50, kind), rng)] for kind in range(3)}
    counts = {kind: [len(one) for one in own] for kind, own in spots.items()}
    assert max(counts[HEALTHY]) <= 1
    assert min(counts[EARLY]) >= 4
    assert max(counts[LATE]) <= 2
    assert np.concatenate(spots[LATE])[:, 2].min() > np.concatenate(spots[EARLY])[:, 2].max()


def test_the_same_leaf_lies_alike_on_another_background_and_nothing_lies_on_a_ground():
    leaf = drawn_leaves.leaves(np.array([EARLY]), np.random.default_rng(0))
    soil, cloth = (drawn_leaves.photographs(leaf, np.array([place]), np.random.default_rng(1)) for place in (0, 1))
    assert np.array_equal(soil[1], cloth[1])
    inside = soil[1][0, ..., 0] > 0.999
    assert np.abs(soil[0][0][inside].astype(int) - cloth[0][0][inside]).max() <= 1
    green = soil[0][0][inside].astype(int) @ (-1, 1, 0)
    empty = drawn_leaves.grounds(np.arange(3), np.random.default_rng(2)).astype(int) @ (-1, 1, 0)
    assert empty.mean(axis=(1, 2)).max() < np.median(green)
