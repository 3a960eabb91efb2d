"""Models for pictures: sizes as published, gradients everywhere, one batch learnt by heart, weights that travel."""

import pytest
import torch
import torch.nn.functional as F

from deepglass.models import _build, cnn, lenet5, resnet
from deepglass.training.weights import load_weights, save_weights

# Published counts for 1000 classes: the tables of torchvision.models.resnet18 … resnet152 (num_params).
TORCHVISION_COUNTS = {
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
}
# For ten classes of grey 28×28 pictures. LeNet-5: the paper's 60,000 and 850 of the output layer, see below.
COUNTS = {"cnn": 278_890, "lenet5": 60_850, "resnet18": 11_172_810}
DIMS = {"num_classes": 10, "in_channels": 1, "image_size": (28, 28)}


def build(name: str, **values):
    torch.manual_seed(0)
    return _build.load(name, task="image-classification", **{**DIMS, **values})


def count(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("name", COUNTS)
def test_parameter_count_is_pinned(name):
    assert count(build(name)) == COUNTS[name]


@pytest.mark.parametrize("name", TORCHVISION_COUNTS)
def test_resnets_have_the_published_size(name):
    with torch.device("meta"):
        model = _build.load(name, num_classes=1000, in_channels=3, image_size=(224, 224))
    assert count(model) == TORCHVISION_COUNTS[name]


def test_every_variant_of_resnet_is_pinned():
    assert set(resnet.VARIANTS) == set(TORCHVISION_COUNTS)


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


@pytest.mark.parametrize("name", ["cnn", "lenet5", "resnet18", "resnet50"])
def test_gradient_reaches_every_weight(name):
    model = build(name, image_size=(16, 16))
    F.cross_entropy(model(torch.randn(8, 1, 16, 16)), torch.arange(8)).backward()
    without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert without == []


@pytest.mark.parametrize(("name", "rate"), [("cnn", 3e-3), ("lenet5", 5e-3), ("resnet18", 1e-3)])
def test_learns_one_batch_by_heart(name, rate):
    model = build(name, image_size=(8, 8))
    images, targets = torch.randn(10, 1, 8, 8), torch.arange(10)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    for _ in range(40):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), targets)
        loss.backward()
        optimizer.step()
    assert loss < 0.05


@pytest.mark.parametrize("name", ["cnn", "lenet5", "resnet18"])
def test_weights_survive_the_file(name, tmp_path):
    model = build(name).eval()
    save_weights(tmp_path / "w.safetensors", model.state_dict())
    torch.manual_seed(1)
    other = _build.load(name, **DIMS).eval()
    load_weights(tmp_path / "w.safetensors", other)
    images = torch.randn(2, 1, 28, 28)
    torch.testing.assert_close(other(images), model(images))


def test_cnn_settings_shape_the_network():
    config = cnn.Config(width=8, num_stages=3, depth=2, stem_stride=2)
    model = cnn.CNN(num_classes=5, in_channels=3, config=config)
    features = model.stages(model.stem(torch.zeros(1, 3, 64, 64)))
    assert features.shape == (1, 64, 4, 4)
