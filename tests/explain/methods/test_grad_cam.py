"""Grad-CAM is Captum's, takes a layer with places, and covers a shape that was planted."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from deepglass.core.errors import OptionError
from deepglass.explain.methods.grad_cam import cam, chosen_layer, layers_of


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 6, 3, padding=1)
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        return self.head(F.relu(self.second(x)).mean(dim=(2, 3)))


def net():
    torch.manual_seed(0)
    return Net().eval(), torch.randn(2, 1, 12, 12)


def test_the_map_is_captums():
    captum = pytest.importorskip("captum.attr", reason="the package captum is not installed: pip install captum")
    model, images = net()
    ours = cam(model, model.second, images, lambda said: said[:, 1])
    theirs = captum.LayerGradCam(model, model.second).attribute(images, target=1, relu_attributions=True)
    assert torch.allclose(ours, theirs[:, 0], atol=1e-6)


def test_layers_with_places_are_found_in_their_order_and_the_last_wide_one_is_taken():
    model, images = net()
    assert list(layers_of(model, images)) == ["first", "second"]
    assert chosen_layer(model, images, None)[0] == "second"
    assert chosen_layer(model, images, "first")[1] is model.first
    assert chosen_layer(model, images[:, :, :6, :6], None)[0] == "first"  # of the second 3 × 3 places are left


def test_a_layer_that_is_not_there_is_refused_with_those_that_are():
    model, images = net()
    with pytest.raises(OptionError, match=r"--layer.*'fisrt'.*did you mean 'first'"):
        chosen_layer(model, images, "fisrt")
    with pytest.raises(OptionError, match=r"no layer of feature maps.*integrated-gradients"):
        chosen_layer(nn.Sequential(nn.Flatten(), nn.Linear(144, 3)), images, None)


def test_the_map_lies_where_the_class_is():
    model = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 2))
    with torch.no_grad():
        model[0].weight.fill_(1.0)
        model[3].weight.copy_(torch.tensor([[1.0], [-1.0]]))
    image = torch.zeros(1, 1, 8, 8)
    image[..., 2:4, 5:7] = 1.0
    for_it = cam(model, model[0], image, lambda said: said[:, 0])
    assert (for_it[0] > 0).nonzero().tolist() == [[2, 5], [2, 6], [3, 5], [3, 6]]
    assert not cam(model, model[0], image, lambda said: said[:, 1]).any()
