"""Tiles: every pixel is covered, and a network that looks no farther than the margin sees no seam."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import convolve

from deepglass.core.tiles import GRID, MARGIN, enlarged, in_tiles, overlap_of, starts, weights, working_size


def blurred(picture, radius=2):
    """What a network says that sees `radius` pixels far: the mean of a square, and one more channel."""
    side = 2 * radius + 1
    kernel = np.random.default_rng(0).random((side, side))
    mean = convolve(picture[..., 0].astype(np.float64), kernel, mode="constant")
    return np.stack([mean, mean**2], axis=-1).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 700), side=st.integers(1, 520))
def test_tiles_cover_every_pixel_and_begin_on_the_grid(size, side):
    begins = starts(size, side)
    total = np.zeros(begins[-1] + side)
    for begin in begins:
        total[begin : begin + side] += weights(begins, begin, side)
    assert len(total) >= size
    assert (total[:size] > 1e-3).all()
    assert side <= GRID or all(begin % GRID == 0 for begin in begins)
    assert begins == sorted(set(begins))


@pytest.mark.parametrize("shape", [(100, 131), (64, 300), (48, 48), (30, 200)])
def test_inside_it_is_what_is_said_of_the_whole_picture(shape):
    side, radius = 48, 2
    assert overlap_of(side) * MARGIN >= radius
    picture = np.random.default_rng(1).random((*shape, 1)).astype(np.float32)
    said = in_tiles(lambda tiles: np.stack([blurred(tile, radius) for tile in tiles]), picture, side, side)
    whole = blurred(picture, radius)
    assert said.shape == (*shape, 2)
    inside = (slice(radius, -radius),) * 2
    np.testing.assert_allclose(said[inside], whole[inside], rtol=1e-4)


def test_a_network_that_looks_farther_has_no_sudden_step_where_tiles_meet():
    """Answers that differ from tile to tile by a constant fade into each other."""
    calls = iter(range(100))
    said = in_tiles(
        lambda tiles: np.stack([np.full((64, 64, 1), next(calls), np.float32) for _ in tiles]),
        np.zeros((64, 160, 1), np.float32),
        64,
        64,
    )
    steps = np.abs(np.diff(said[..., 0], axis=1))
    assert said.max() > 1
    assert steps.max() <= 1 / (overlap_of(64) * (1 - 2 * MARGIN)) + 1e-6


def test_a_smaller_picture_is_mirrored_and_cut_again():
    picture = np.arange(6.0).reshape(2, 3, 1)
    assert enlarged(picture, 4, 3)[:, 0, 0].tolist() == [0, 3, 0, 3]
    assert in_tiles(lambda tiles: tiles, picture, 8, 8).tolist() == picture.tolist()
    assert enlarged(picture, 1, 1) is picture
    assert enlarged(np.ones((1, 1, 2)), 3, 3).shape == (3, 3, 2)


def test_the_longer_side_decides_on_the_working_size():
    assert working_size(3000, 4000, 512) == (384, 512)
    assert working_size(10, 4000, 40) == (1, 40)
    assert working_size(7, 9, None) == (7, 9)
