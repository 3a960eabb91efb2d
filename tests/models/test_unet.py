"""U-Net: as many pixels out as in, for any size, on both engines."""

import pytest
import torch
import torch.nn.functional as F

from deepglass import glass
from deepglass.models import unet
from deepglass.zoo import architectures, on_glass
from tests.models.test_both_engines import differences

SIZES = [(1, 1), (1, 7), (15, 16), (37, 53), (64, 48)]


def small(engine: str = "torch", **values):
    torch.manual_seed(0)
    return architectures.load("unet", engine, **{"num_classes": 3, "in_channels": 2, "width": 4, **values})


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("engine", ["torch", "glass"])
def test_height_and_width_stay(engine, size):
    images = torch.zeros(2, 2, *size)
    model = small(engine)
    assert model(images if engine == "torch" else glass.from_numpy(images.numpy())).shape == (2, 3, *size)


def test_parameters_are_those_of_the_papers_layers():
    with torch.device("meta"):
        model = unet.UNet(num_classes=2, in_channels=1)
    maps = [64, 128, 256, 512, 1024]
    twice = sum(9 * (a * b + b * b) + 2 * b for a, b in zip([1, *maps], maps))  # down: two 3×3 with biases
    twice += sum(9 * (2 * b * b + b * b) + 2 * b for b in maps[:-1])  # up: the same after the bridge
    larger = sum(4 * 2 * b * b + b for b in maps[:-1])  # 2×2 transposed
    assert sum(p.numel() for p in model.parameters()) == twice + larger + 2 * 64 + 2 == 31_030_658


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_both_engines_agree(training):
    theirs, ours = small(depth=3), small("glass", depth=3)
    ours.load_state_dict(on_glass.to_glass(theirs.state_dict()))
    images = torch.randn(2, 2, 21, 13, generator=torch.Generator().manual_seed(1))
    output, gradients, _ = differences(theirs, ours, [images], training)
    assert output < 1e-6
    assert max(gradients.values()) < 1e-6, gradients


def test_learns_to_mark_the_inside_of_a_frame():
    """Inside and outside look alike: what a pixel is depends on the frame far away."""
    model = small(num_classes=2, in_channels=1, width=8)
    images, targets = torch.zeros(1, 1, 37, 53), torch.zeros(1, 37, 53, dtype=torch.int64)
    images[:, :, 8:29, 10:40] = 1.0
    images[:, :, 9:28, 11:39] = 0.0
    targets[:, 9:28, 11:39] = 1
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(60):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), targets)
        loss.backward()
        optimizer.step()
    assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []
    assert (model(images).argmax(1) == targets).float().mean() > 0.98
