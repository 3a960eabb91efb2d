"""Runs and outlines: what pycocotools makes of them."""

import numpy as np
import pytest

from deepglass.core.run_lengths import region_of_outline, region_of_runs, unpacked

coco = pytest.importorskip("pycocotools.mask", reason="pycocotools judges masks")


@pytest.mark.parametrize("seed", range(8))
def test_packed_runs_are_read_as_coco_writes_them(seed):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 90, 2)
    region = rng.random((height, width)) < rng.choice([0.02, 0.5, 0.98])
    packed = coco.encode(np.asfortranarray(region.astype(np.uint8)))
    lengths = unpacked(packed["counts"].decode())
    assert np.array_equal(region_of_runs(lengths, height, width), region)


@pytest.mark.parametrize("seed", range(8))
def test_outlines_are_filled_as_coco_fills_them_but_for_the_rim(seed):
    rng = np.random.default_rng(seed)
    turns = np.sort(rng.random(rng.integers(3, 12))) * 2 * np.pi
    points = 30 + rng.uniform(8, 25, (len(turns), 1)) * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    ours = region_of_outline(points, 60, 70)
    theirs = coco.decode(coco.merge(coco.frPyObjects([points.ravel().tolist()], 60, 70))).astype(bool)
    around = np.hypot(*(np.roll(points, -1, axis=0) - points).T).sum()
    assert (ours != theirs).sum() <= around / 2  # COCO draws the rim with a pen of its own


def test_an_outline_may_reach_beyond_the_picture_and_cross_itself():
    assert region_of_outline(np.array([[-5, -5], [99, -5], [99, 99], [-5, 99]]), 4, 6).all()
    assert not region_of_outline(np.array([[10, 10], [20, 10], [20, 20]]), 4, 6).any()
    star = np.array([[0, 0], [8, 8], [8, 0], [0, 8]])
    region = region_of_outline(star, 8, 8)
    assert not region[0].all()
    assert 20 <= region.sum() <= 36


@pytest.mark.parametrize("text", ["ä", "o", "!", "4oo"])
def test_damaged_runs_are_refused(text):
    with pytest.raises(ValueError, match=r"run lengths|digit"):
        unpacked(text)


@pytest.mark.parametrize("lengths", [[3], [2, -1, 5], [99, 1], []])
def test_runs_that_do_not_fill_the_picture_are_refused(lengths):
    with pytest.raises(ValueError, match="expected 2 x 3 pixels"):
        region_of_runs(lengths, 2, 3)
