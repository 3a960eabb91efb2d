"""MobileNet: sizes of the paper, TensorFlow's padding, and published weights that recognise two photographs."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from safetensors.torch import load_file
from torch.utils.flop_counter import FlopCounterMode

from deepglass import glass
from deepglass.models import mobilenet
from deepglass.zoo import architectures, on_glass
from tests.shared_data import shared

WEIGHTS = ("mobilenet-v1-025-imagenet", "mobilenet_v1_0.25_224.safetensors")
# Parameters: Keras' trainable counts for 1000 classes. Million multiply-adds: tables 4 and 6 of the paper.
PUBLISHED = {
    "mobilenet-v1": (4_231_976, 569),
    "mobilenet-v1-0.75": (2_585_560, 325),
    "mobilenet-v1-0.5": (1_331_592, 149),
    "mobilenet-v1-0.25": (470_072, 41),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_size_and_arithmetic_are_the_published_ones(name):
    parameters, millions = PUBLISHED[name]
    with torch.device("meta"):
        model = architectures.load(name).eval()
        with FlopCounterMode(display=False) as counter:
            model(torch.empty(1, 3, 224, 224))
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters
    assert counter.get_total_flops() / 2e6 == pytest.approx(millions, abs=1)


def test_every_variant_is_pinned():
    assert set(mobilenet.VARIANTS) == set(PUBLISHED)


@pytest.mark.parametrize("size", [(8, 8), (9, 9), (8, 9), (1, 2)])
def test_strides_are_padded_as_tensorflow_pads(size):
    """SAME: ⌈n / 2⌉ places, and of the zeros that they need, the smaller half comes first."""
    torch.manual_seed(0)
    layer = mobilenet.ConvNormAct(2, 3, 3, stride=2).eval()
    images = torch.rand(1, 2, *size)
    padding = []
    for n in reversed(size):
        total = max(2 * (-(-n // 2) - 1) + 3 - n, 0)
        padding += [total // 2, total - total // 2]
    expected = F.relu6(layer.bn(F.conv2d(F.pad(images, padding), layer.conv.weight, stride=2)))
    assert expected.shape[2:] == tuple(-(-n // 2) for n in size)
    torch.testing.assert_close(layer(images), expected)


def test_learns_one_batch_by_heart_with_every_weight():
    torch.manual_seed(0)
    model = architectures.load("mobilenet-v1-0.25", num_classes=6, in_channels=1)
    images, targets = torch.randn(6, 1, 33, 40), torch.arange(6)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(30):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), targets)
        loss.backward()
        optimizer.step()
    assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []
    assert loss < 0.1


# -- published weights ----------------------------------------------------------------------------------------------


def photograph(path) -> torch.Tensor:
    """(1, 3, 224, 224) from -1 to 1: the middle square, scaled."""
    image = Image.open(path).convert("RGB")
    side = min(image.size)
    square = ImageOps.fit(image, (side, side)).resize((224, 224), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)[None].float() / 127.5 - 1


@pytest.mark.parametrize("engine", ["torch", "glass"])
@pytest.mark.parametrize("file", ["chicken.jpg", "pug.jpg"])
def test_published_weights_recognise_a_photograph(engine, file):
    folder = shared(WEIGHTS[0])
    entry = architectures.entry("mobilenet-v1-0.25")
    published = load_file(folder / WEIGHTS[1])
    images = photograph(folder / "sample_images" / file)
    if engine == "glass":
        published, images = on_glass.to_glass(published), glass.from_numpy(images.numpy())
    model = architectures.load(entry.name, engine).eval()
    model.load_state_dict(architectures.module_of(entry, engine).from_published(published))
    logits = torch.from_numpy(np.array(model(images).detach().numpy()))
    best = logits.softmax(1)[0].topk(5)
    expected = json.loads((folder / "expected_top5.json").read_text())["results"][file]["top5"]
    assert best.indices.tolist() == [answer["index"] for answer in expected]
    probabilities = torch.tensor([answer["probability"] for answer in expected])
    torch.testing.assert_close(best.values, probabilities, atol=1e-3, rtol=0)


def test_our_own_names_stay_as_they_are():
    state = architectures.load("mobilenet-v1-0.25").state_dict()
    assert mobilenet.from_published(state) is state


def test_every_published_tensor_arrives_once():
    published = load_file(shared(*WEIGHTS))
    ours = mobilenet.from_published(published)
    assert sum(value.numel() for name, value in ours.items() if "num_batches" not in name) == 475_544
    assert ours["blocks.12.depthwise.conv.weight"].shape == (256, 1, 3, 3)
    kernel = published["conv_dw_13/depthwise_kernel"]  # (3, 3, 256, 1)
    assert torch.equal(ours["blocks.12.depthwise.conv.weight"][7, 0], kernel[:, :, 7, 0])
    assert torch.equal(ours["fc.weight"][999], published["conv_preds/kernel"][0, 0, :, 999])
