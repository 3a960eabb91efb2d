"""Planted truth in pictures: a network that can only see a cross is explained by where the cross is."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from deepglass.explain.leaves import Leaves
from deepglass.explain.methods import gradient_input, smooth_grad
from deepglass.explain.methods.grad_cam import cam
from deepglass.explain.methods.integrated_gradients import integrate
from deepglass.explain.methods.occlusion import drops
from tests.explain.parts import parts_of

PROVES = {"test_maps_point_at_the_shape_that_the_class_is_made_of": ("explain",)}  # read by `deepglass read`

SIDE, COUNT = 16, 24
CROSS = torch.tensor([[0.0, 1, 0], [1, 1, 1], [0, 1, 0]])


class SeesCrosses(nn.Module):
    """A filter that answers to a cross and to nothing else, and the largest answer of all places."""

    def __init__(self):
        super().__init__()
        self.filter = nn.Conv2d(1, 1, 3, padding=1)
        with torch.no_grad():
            self.filter.weight.copy_((CROSS - 0.8 * (1 - CROSS))[None, None])
            self.filter.bias = nn.Parameter(torch.tensor([-3.5]))  # a cross answers 5 − 3.5; noise stays below

    def forward(self, x):
        return F.relu(self.filter(x)).amax(dim=(2, 3))


def pictures():
    """(N, 1, H, W) faint noise with a cross in each, and where its middle is."""
    rng = np.random.default_rng(0)
    images = torch.from_numpy(rng.normal(0, 0.1, (COUNT, 1, SIDE, SIDE)))
    places = rng.integers(2, SIDE - 2, (COUNT, 2))
    for image, (row, column) in zip(images, places, strict=True):
        image[0, row - 1 : row + 2, column - 1 : column + 2] += CROSS
    return images, places


def maps_of(method, model, images):
    """(N, H, W)"""
    found = []
    for image in images.split(1):
        leaves = Leaves(model, parts_of((image,)), lambda said: said[:, 0])
        if method == "integrated gradients":
            given = integrate(leaves.score, leaves.gradients, leaves.points, leaves.base).attributions
        else:
            given = {"gradient × input": gradient_input, "SmoothGrad": smooth_grad}[method].attributions(leaves)
        found.append(leaves.map_of(given))
    return np.stack(found)


def hits(maps, places):
    """The pointing game: the share of maps whose strongest place lies in the shape (Zhang et al. 2016)."""
    points = np.stack(np.unravel_index(maps.reshape(len(maps), -1).argmax(axis=1), maps.shape[1:]), axis=1)
    return float((np.abs(points - places).max(axis=1) <= 1).mean())


@pytest.fixture(scope="module")
def planted():
    images, places = pictures()
    model = SeesCrosses().double().eval().requires_grad_(False)
    assert (model(images) > 0).all()
    return model, images, places


@pytest.mark.parametrize("method", ["integrated gradients", "gradient × input", "SmoothGrad"])
def test_maps_point_at_the_shape_that_the_class_is_made_of(planted, method):
    model, images, places = planted
    maps = maps_of(method, model, images)
    assert hits(maps, places) >= 0.95
    for one, (row, column) in zip(np.abs(maps), places, strict=True):
        assert one[row - 1 : row + 2, column - 1 : column + 2].sum() >= 0.6 * one.sum()


def test_grad_cam_and_occlusion_point_at_it_too(planted):
    model, images, places = planted
    assert hits(cam(model, model.filter, images, lambda said: said[:, 0]).numpy(), places) >= 0.95

    def of_pixels(image):
        game = lambda present: model(image * torch.from_numpy(present).view(-1, 1, SIDE, SIDE))[:, 0].numpy()  # noqa: E731
        return drops(game, SIDE * SIDE).reshape(SIDE, SIDE)

    assert hits(np.stack([of_pixels(image) for image in images.split(1)]), places) >= 0.95


def test_a_map_of_noise_misses():
    _, places = pictures()
    assert hits(np.random.default_rng(1).random((COUNT, SIDE, SIDE)), places) < 0.3
