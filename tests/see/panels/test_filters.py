"""Filters and feature maps, against the layers themselves."""

import numpy as np
import torch
from torch import nn

from deepglass.see.panels.filters import as_picture, convolutions, feature_maps, filters, strongest


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Conv2d(5, 4, 1), nn.Conv2d(4, 6, 3)).eval()


def test_maps_are_what_the_layers_give_and_no_hook_stays():
    model, x = network(), torch.randn(1, 3, 9, 9)
    layers = convolutions(model)
    assert [name for name, _ in layers] == ["0", "3"]  # kernels of one pixel show nothing
    maps = dict(feature_maps(model, layers, (x,)))
    np.testing.assert_allclose(maps["0"], model[0](x)[0].detach().numpy())
    np.testing.assert_allclose(maps["3"], model(x)[0].detach().numpy())
    assert not any(module._forward_hooks for module in model.modules())


def test_a_filter_is_the_mean_over_its_channels():
    layer = network()[0]
    np.testing.assert_allclose(filters(layer)[2], layer.weight[2].detach().mean(dim=0).numpy())


def test_the_strongest_maps_are_shown_in_their_order():
    maps = np.zeros((20, 2, 2))
    maps[[3, 17, 8]] = np.array([1.0, -5.0, 2.0])[:, None, None]
    assert {3, 8, 17} <= set(strongest(maps))
    assert strongest(maps) == sorted(strongest(maps))


def test_a_picture_is_shown_in_its_own_range():
    grey, colour = as_picture(torch.arange(8.0).view(2, 2, 2) - 3), as_picture(torch.rand(3, 4, 4))
    assert grey.shape == (2, 2)
    assert colour.shape == (4, 4, 3)
    assert colour.min() == 0
    assert colour.max() == 1
    assert not as_picture(torch.full((1, 2, 2), 7.0)).any()
