"""The networks whose weights are published: size, arithmetic and names as in torchvision, which is not needed for it.

Counting happens on PyTorch's meta device, where a tensor has a shape and no numbers.
"""

import math
from typing import NamedTuple

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

import deepglass as dg
from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.models import googlenet, inception, resnet, vgg
from deepglass.training.weights import load_weights, save_weights
from deepglass.zoo import architectures


class Published(NamedTuple):
    """What torchvision's tables say of a model (num_params, _ops), and how many entries its state dict has."""

    parameters: int
    gigaops: float  # a multiplication and an addition are one
    entries: int
    side: int = 224


PUBLISHED = {
    "alexnet": Published(61_100_840, 0.714, 16),
    "vgg11": Published(132_863_336, 7.609, 22),
    "vgg13": Published(133_047_848, 11.308, 26),
    "vgg16": Published(138_357_544, 15.470, 32),
    "vgg19": Published(143_667_240, 19.632, 38),
    "vgg11-bn": Published(132_868_840, 7.609, 62),
    "vgg13-bn": Published(133_053_736, 11.308, 76),
    "vgg16-bn": Published(138_365_992, 15.470, 97),
    "vgg19-bn": Published(143_678_248, 19.632, 118),
    "googlenet": Published(6_624_904, 1.498, 344),
    "inception-v3": Published(23_834_568, 5.713, 566, side=299),
    "resnet18": Published(11_689_512, 1.814, 122),
    "resnet34": Published(21_797_672, 3.664, 218),
    "resnet50": Published(25_557_032, 4.089, 320),
    "resnet101": Published(44_549_160, 7.801, 626),
    "resnet152": Published(60_192_808, 11.514, 932),
}
WITH_AUX = {"googlenet": (13_004_888, 364), "inception-v3": (27_161_264, 580)}  # parameters, entries
FIRST_AND_LAST = {
    "alexnet": ("features.0.weight", "classifier.6.bias"),
    "vgg16": ("features.0.weight", "classifier.6.bias"),
    "vgg16-bn": ("features.0.weight", "classifier.6.bias"),
    "googlenet": ("conv1.conv.weight", "fc.bias"),
    "inception-v3": ("Conv2d_1a_3x3.conv.weight", "fc.bias"),
    "resnet50": ("conv1.weight", "fc.bias"),
}
SHAPES = {  # some entries of torchvision's state dicts
    "alexnet": {
        "features.0.weight": (64, 3, 11, 11),
        "features.3.weight": (192, 64, 5, 5),
        "features.10.bias": (256,),
        "classifier.1.weight": (4096, 9216),
        "classifier.4.weight": (4096, 4096),
        "classifier.6.weight": (1000, 4096),
    },
    "vgg16": {
        "features.2.weight": (64, 64, 3, 3),
        "features.28.weight": (512, 512, 3, 3),
        "classifier.0.weight": (4096, 25088),
        "classifier.3.bias": (4096,),
    },
    "vgg16-bn": {
        "features.1.running_mean": (64,),
        "features.40.weight": (512, 512, 3, 3),
        "features.41.num_batches_tracked": (),
    },
    "googlenet": {
        "conv3.bn.running_var": (192,),
        "inception3a.branch1.conv.weight": (64, 192, 1, 1),
        "inception3a.branch2.0.conv.weight": (96, 192, 1, 1),
        "inception4e.branch3.1.conv.weight": (128, 32, 3, 3),
        "inception5b.branch4.1.bn.bias": (128,),
        "aux1.conv.conv.weight": (128, 512, 1, 1),
        "aux2.fc1.weight": (1024, 2048),
        "aux2.fc2.bias": (1000,),
    },
    "inception-v3": {
        "Conv2d_4a_3x3.bn.weight": (192,),
        "Mixed_5b.branch1x1.conv.weight": (64, 192, 1, 1),
        "Mixed_5b.branch5x5_2.conv.weight": (64, 48, 5, 5),
        "Mixed_6a.branch3x3dbl_3.conv.weight": (96, 96, 3, 3),
        "Mixed_6c.branch7x7dbl_5.conv.weight": (192, 160, 1, 7),
        "Mixed_7a.branch7x7x3_4.bn.bias": (192,),
        "Mixed_7c.branch3x3dbl_3b.conv.weight": (384, 384, 3, 1),
        "AuxLogits.conv1.conv.weight": (768, 128, 5, 5),
        "AuxLogits.fc.weight": (1000, 768),
    },
}
SMALLEST = ("alexnet", "vgg19", "googlenet", "inception-v3")  # with a limit to how small pictures may be
SMALL = {"alexnet": {"hidden": 64}, "vgg11": {"width": 8, "hidden": 64}, "vgg19-bn": {"width": 8, "hidden": 64}}
TRAINED = (*SMALL, "googlenet", "inception-v3")


def on_meta(name: str, **values):
    with torch.device("meta"):
        return architectures.load(name, **values).eval()


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def least_side(name: str) -> int:
    return catalogue.constant("models", architectures.entry(name).file, "MIN_SIDE")


@pytest.mark.parametrize("name", PUBLISHED)
def test_size_and_arithmetic_are_the_published_ones(name):
    published = PUBLISHED[name]
    model = on_meta(name)
    assert (count(model), len(model.state_dict())) == (published.parameters, published.entries)
    with FlopCounterMode(display=False) as counter:
        logits = model(torch.empty(1, 3, published.side, published.side, device="meta"))
    assert logits.shape == (1, 1000)
    assert counter.get_total_flops() / 2e9 == pytest.approx(published.gigaops, abs=1e-3)


def test_every_variant_is_pinned():
    assert {*vgg.VARIANTS, *resnet.VARIANTS, *inception.VARIANTS} <= set(PUBLISHED)


@pytest.mark.parametrize("name", WITH_AUX)
def test_auxiliary_heads_have_the_published_size(name):
    model = on_meta(name, aux=True)
    assert (count(model), len(model.state_dict())) == WITH_AUX[name]
    module = architectures.module_of(architectures.entry(name), "torch")
    assert list(module.from_published(model.state_dict())) == list(on_meta(name).state_dict())  # without them


@pytest.mark.parametrize("name", FIRST_AND_LAST)
def test_names_and_shapes_are_torchvisions(name):
    state = on_meta(name, **({"aux": True} if name in WITH_AUX else {})).state_dict()
    names = list(state)
    assert (names[0], names[-1]) == FIRST_AND_LAST[name]
    expected = SHAPES.get(name, {})
    assert {entry: tuple(state[entry].shape) for entry in expected} == expected


@pytest.mark.parametrize("name", SMALLEST)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_smallest_picture_is_the_smallest(name, channels):
    model, side = on_meta(name, in_channels=channels, num_classes=7), least_side(name)
    assert model(torch.empty(2, channels, side, side + 20, device="meta")).shape == (2, 7)
    with pytest.raises(RuntimeError):
        model(torch.empty(2, channels, side + 20, side - 1, device="meta"))


@pytest.mark.parametrize("name", SMALLEST)
def test_too_small_a_picture_is_refused_in_words(name):
    side = least_side(name)
    with pytest.raises(OptionError, match=f"{side - 1}x200 pixels are too small for {name}.*--image-size {side} or"):
        architectures.load(name, task="image-classification", num_classes=2, image_size=(side - 1, 200))


@pytest.mark.parametrize("name", ["cnn", "lenet5", "resnet18", "mobilenet-v1-0.25"])
def test_the_others_take_any_picture(name):
    model = architectures.load(
        name, task="image-classification", num_classes=3, in_channels=1, image_size=(1, 2)
    ).eval()
    assert model(torch.zeros(2, 1, 1, 2)).shape == (2, 3)


def test_too_small_pictures_leave_no_run(tmp_path):
    pictures = np.random.default_rng(0).integers(0, 256, (40, 20, 24, 3)).astype(np.uint8)
    with pytest.raises(OptionError, match="20x24 pixels are too small for alexnet, which needs 63 a side"):
        dg.train((pictures, np.arange(40) % 2), model="alexnet", run=tmp_path / "run")
    assert not (tmp_path / "run").exists()


# -- learning -------------------------------------------------------------------------------------------------------


def small(name: str):
    torch.manual_seed(0)
    settings = SMALL.get(name, {}) | {"dropout": 0.0}
    return architectures.load(name, task="image-classification", num_classes=6, in_channels=1, **settings)


@pytest.mark.parametrize("name", TRAINED)
def test_learns_one_batch_by_heart_with_every_weight(name):
    model, side = small(name), least_side(name)
    images, targets = torch.randn(6, 1, side, side), torch.arange(6)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    losses = []
    while not losses or (losses[-1] > 0.1 and len(losses) < 30):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert without == []
    assert losses[0] == pytest.approx(math.log(6), abs=0.3)  # of chance
    assert losses[-1] <= 0.1


@pytest.mark.parametrize(("network", "heads"), [(googlenet.GoogLeNet, 2), (inception.Inception, 1)])
def test_auxiliary_heads_give_logits_and_reach_every_weight(network, heads):
    torch.manual_seed(0)
    module = googlenet if network is googlenet.GoogLeNet else inception
    model = network(num_classes=3, config=module.Config(aux=True, dropout=0.0))
    images = torch.randn(2, 3, 80, 80)
    logits = model.all_logits(images)
    assert [one.shape for one in logits] == [(2, 3)] * (1 + heads)
    sum(one.square().sum() for one in logits).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())
    with torch.no_grad():
        model.eval()
        torch.testing.assert_close(model.all_logits(images)[0], model(images))
        with pytest.raises(ValueError, match="build it with aux=True"):
            network(num_classes=3).all_logits(images)


@pytest.mark.parametrize("name", ["alexnet", "vgg19-bn", "googlenet"])
def test_weights_survive_the_file(name, tmp_path):
    model, side = small(name).eval(), least_side(name)
    save_weights(tmp_path / "w.safetensors", model.state_dict())
    other = small(name).eval()
    for parameter in other.parameters():
        torch.nn.init.normal_(parameter)
    load_weights(tmp_path / "w.safetensors", other)
    images = torch.randn(2, 1, side, side)
    torch.testing.assert_close(other(images), model(images))
