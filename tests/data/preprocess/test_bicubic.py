"""Bicubic: Pillow's numbers in both directions, as a convolution where pictures grow."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from deepglass.data.preprocess.bicubic import cubic, kernels, larger, smaller
from deepglass.data.preprocess.luma import apart, together


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("shape", [(17, 23), (5, 4), (1, 3)])
def test_larger_is_pillows_edges_included(scale, shape):
    plane = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    size = shape[1] * scale, shape[0] * scale
    expected = np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC))
    found = larger(torch.from_numpy(plane)[None, None], scale)[0, 0].numpy()
    assert np.allclose(found, expected, atol=1e-3)


def test_planes_are_enlarged_one_by_one():
    planes = torch.rand(2, 3, 6, 5)
    together_ = larger(planes, 2)
    for b in range(2):
        for c in range(3):
            assert torch.allclose(together_[b, c], larger(planes[b : b + 1, c : c + 1], 2)[0, 0], atol=1e-6)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_smaller_is_pytorchs_antialiased_bicubic_and_cuts_what_is_left_over(scale):
    pixels = np.random.default_rng(0).uniform(0, 255, (25, 30, 3)).astype(np.float32)
    H, W = 25 // scale, 30 // scale
    whole = torch.from_numpy(pixels[: H * scale, : W * scale]).permute(2, 0, 1)[None]
    expected = F.interpolate(whole, (H, W), mode="bicubic", antialias=True)[0].permute(1, 2, 0).numpy()
    found = smaller(pixels, scale)
    assert found.shape == (H, W, 3)
    assert np.allclose(found, expected, atol=0.01)
    as_bytes = smaller(pixels.round().astype(np.uint8), scale)
    assert as_bytes.dtype == np.uint8
    assert (
        np.abs(as_bytes - expected.clip(0, 255)).max() <= 1.6
    )  # rounded at the beginning, between the axes, at the end


def test_grey_pictures_keep_their_axis():
    assert smaller(np.zeros((8, 6, 1), np.uint8), 2).shape == (4, 3, 1)


def test_a_flat_picture_stays_flat_and_weights_add_up():
    assert torch.allclose(larger(torch.full((1, 1, 4, 4), 0.3), 3), torch.full((1, 1, 12, 12), 0.3), atol=1e-6)
    assert torch.allclose(kernels(3).sum(dim=(1, 2, 3)), torch.ones(9))
    assert cubic(torch.tensor([0.0, 1.0, 2.0, 3.0])).tolist() == [1, 0, 0, 0]


def test_brightness_is_that_of_bt_601():
    colours = torch.tensor([[0.0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]])
    y, cb, cr = (255 * apart(colours)).unbind(-1)
    assert torch.allclose(y, torch.tensor([16, 235, 81.481, 144.553, 40.966]), atol=1e-3)
    assert torch.allclose(cb[:2], torch.tensor([128.0, 128.0]), atol=1e-3)
    assert torch.allclose(cr[2:3], torch.tensor([240.0]), atol=1e-3)


@pytest.mark.parametrize("channels", [1, 3])
def test_apart_and_together_give_the_picture_back(channels):
    pixels = 255 * torch.rand(7, 5, channels)
    assert torch.allclose(255 * together(apart(pixels), channels), pixels, atol=1e-3)


def test_a_grey_picture_is_one_of_three_equal_colours():
    grey = 255 * torch.rand(4, 4, 1)
    assert torch.allclose(apart(grey), apart(grey.expand(4, 4, 3)), atol=1e-6)


def test_what_no_screen_can_show_is_cut_off():
    assert together(torch.tensor([[2.0, 0.5, 0.5], [-1.0, 0.5, 0.5]])).tolist() == [[1, 1, 1], [0, 0, 0]]
