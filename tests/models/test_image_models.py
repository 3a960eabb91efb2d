"""Models for pictures: names as published, any size of picture, and what is special in some."""

import pytest
import torch

from deepglass.models import cnn, layout_cnn, lenet5
from deepglass.zoo import architectures

DIMS = {"num_classes": 10, "in_channels": 1, "image_size": (28, 28)}


def build(name: str, **values):
    torch.manual_seed(0)
    return architectures.load(name, task="image-classification", **{**DIMS, **values})


def count(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_resnet_has_torchvisions_names():
    names = set(build("resnet50", image_size=(224, 224)).state_dict())
    expected = {
        "conv1.weight",
        "bn1.running_var",
        "layer1.0.conv3.weight",
        "layer1.0.downsample.0.weight",
        "layer1.0.downsample.1.bias",
        "layer3.5.bn2.num_batches_tracked",
        "layer4.2.conv1.weight",
        "fc.bias",
    }
    assert expected <= names
    assert "layer1.1.downsample.0.weight" not in names
    assert len(names) == 320  # of torchvision's resnet50


def test_lenet5_has_the_papers_trainable_weights_layer_by_layer():
    model = build("lenet5")
    layers = {name: count(layer) for name, layer in model.named_children()}
    assert layers == {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164, "output": 850}
    assert sum(layers.values()) - layers["output"] == 60_000


def test_lenet5_maps_see_only_the_maps_of_the_table():
    layer = build("lenet5").c3
    x = torch.zeros(6, 6, 5, 5)
    x[torch.arange(6), torch.arange(6)] = 1.0  # input k lights map k alone
    sees = (layer(x) - layer.bias.view(-1, 1, 1)).flatten(1).abs() > 0  # (6 inputs, 16 maps)
    assert [tuple(sees[:, o].nonzero()[:, 0].tolist()) for o in range(16)] == list(lenet5.C3_TABLE)


def test_scaled_tanh_passes_one_through():
    torch.testing.assert_close(
        lenet5.scaled_tanh(torch.tensor([-1.0, 1.0])), torch.tensor([-1.0, 1.0]), atol=1e-3, rtol=0
    )


@pytest.mark.parametrize("name", ["cnn", "lenet5", "resnet18", "resnet50"])
@pytest.mark.parametrize(("channels", "size"), [(1, (8, 8)), (3, (32, 40)), (3, (96, 96))])
def test_any_size_and_channels(name, channels, size):
    model = build(name, in_channels=channels, image_size=size).eval()
    with torch.no_grad():
        assert model(torch.zeros(2, channels, *size)).shape == (2, 10)


def test_cnn_settings_shape_the_network():
    config = cnn.Config(width=8, num_stages=3, depth=2, stem_stride=2)
    model = cnn.CNN(num_classes=5, in_channels=3, config=config)
    features = model.stages(model.stem(torch.zeros(1, 3, 64, 64)))
    assert features.shape == (1, 64, 4, 4)


def test_layout_cnn_knows_where_things_are_and_cnn_does_not():
    images = torch.zeros(2, 1, 32, 32)
    images[0, :, 8:12, 8:12] = images[1, :, 20:24, 20:24] = 1.0
    for name, tells in (("layout-cnn", True), ("cnn", False)):
        here, there = build(name, image_size=(32, 32)).eval()(images).detach()
        assert (float((here - there).abs().max()) > 1e-3) == tells


def test_layout_cnn_is_blind_to_light_and_averages_large_pictures_down():
    model, images = build("layout-cnn", image_size=(92, 80)).eval(), torch.rand(2, 1, 92, 80)
    torch.testing.assert_close(model(3 * images + 2), model(images), rtol=1e-3, atol=1e-3)
    small = build("layout-cnn", image_size=(46, 40)).eval()
    small.load_state_dict(model.state_dict())
    torch.testing.assert_close(small(torch.nn.functional.avg_pool2d(images, 2)), model(images))
    assert [layout_cnn.shrinking(size, 64) for size in ((64, 64), (65, 40), (112, 92), (1, 500))] == [1, 2, 2, 1]
