"""Pairs of coarse and fine pictures: the same window of both, whole ones together, pictures that are coarse already."""

import numpy as np
import torch

from deepglass.data.coarse_pictures import OUTSIDE, CoarsePictures, ManyWindows
from deepglass.data.preprocess.bicubic import smaller
from deepglass.data.preprocess.luma import apart

RNG = np.random.default_rng(0)
FINE = [RNG.integers(0, 256, (24, 32, 3)).astype(np.uint8), RNG.integers(0, 256, (16, 20, 3)).astype(np.uint8)]
KNOWN = torch.zeros(2, dtype=torch.int64)


def luma(pixels):
    return apart(torch.from_numpy(np.ascontiguousarray(pixels)).float())[..., 0]


def pairs(**more):
    return CoarsePictures(FINE.__getitem__, KNOWN, 2, True, **more)


def test_whole_pictures_stand_side_by_side_and_beyond_their_edge_nothing_is_asked():
    coarse, fine = pairs().batch(torch.tensor([0, 1]))
    assert coarse.shape == (2, 1, 12, 16)
    assert fine.shape == (2, 1, 24, 32)
    for place, picture in enumerate(FINE):
        H, W = picture.shape[:2]
        assert torch.equal(fine[place, 0, :H, :W], luma(picture))
        assert torch.equal(coarse[place, 0, : H // 2, : W // 2], luma(smaller(picture, 2)))
    assert (fine[1, 0, 16:] == OUTSIDE).all()
    assert (fine[1, 0, :, 20:] == OUTSIDE).all()


def test_a_window_is_the_same_of_both_however_it_is_turned():
    """Every coarse window is found in one of the eight ways of its picture, and the fine one lies under it."""
    torch.manual_seed(0)
    whole_coarse, whole_fine = luma(smaller(FINE[0], 2)), luma(FINE[0])
    seen = set()
    for _ in range(60):
        coarse, fine = (part[0, 0] for part in pairs(window=(6, 6), changes=["flip", "turn"]).batch(torch.tensor([0])))
        found = [(way, at) for way in range(8) for at in places(turned(whole_coarse, way), coarse)]
        assert len(found) == 1
        way, (y, x) = found[0]
        assert torch.equal(turned(whole_fine, way)[2 * y : 2 * y + 12, 2 * x : 2 * x + 12], fine)
        seen.add(way)
    assert len(seen) == 8


def turned(plane, way):
    plane = plane.flip(0) if way & 1 else plane
    plane = plane.flip(1) if way & 2 else plane
    return plane.T if way & 4 else plane


def places(plane, part):
    h, w = part.shape
    fits = (plane.unfold(0, h, 1).unfold(1, w, 1) == part).all(dim=-1).all(dim=-1)
    return fits.nonzero().tolist()


def test_a_picture_smaller_than_the_window_is_mirrored():
    coarse, fine = pairs(window=(14, 14)).batch(torch.tensor([1]))
    assert coarse.shape == (1, 1, 14, 14)
    assert fine.shape == (1, 1, 28, 28)
    assert (fine >= 0).all()


def test_pictures_without_a_truth_go_in_as_they_are():
    examples = CoarsePictures(FINE.__getitem__, torch.tensor([-1, -1]), 2, False)
    coarse, target = examples.batch(torch.tensor([1]))
    assert torch.equal(coarse[0, 0], luma(FINE[1]))
    assert target.tolist() == [-1]


def test_an_exported_model_is_given_pictures_as_they_come():
    coarse, _ = pairs().as_they_come().batch(torch.tensor([0]))
    assert np.array_equal(coarse[0].numpy(), smaller(FINE[0], 2))


def test_an_epoch_shows_a_picture_several_times():
    many = ManyWindows(pairs(window=(6, 6)), 5)
    assert len(many) == 10
    torch.manual_seed(0)
    coarse, _ = many.batch(torch.tensor([0, 2, 4, 6, 8]))
    assert len({part.numpy().tobytes() for part in coarse}) > 1
