"""The network whose inside says what content and style are; nothing of it is learnt here.

    random              four layers of random filters: no weights are needed, and textures are told apart by them
    FILE, RUN, hub:…    the inside of any classifier of pictures, as its weights are

From each scale of a classifier, the last map before the picture is halved again is taken, as Gatys takes relu1_1 to
relu4_1 of VGG.

References:
    Ustyuzhaninov, Brendel, Gatys & Bethge (2016), Texture Synthesis Using Shallow Convolutional Networks with Random
    Filters, https://arxiv.org/abs/1606.00021
    He, Wang & Hopcroft (2016), A Powerful Generative Model Using Random Weights for the Deep Image Representation,
    https://arxiv.org/abs/1606.04801 (random VGG, used for style)
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.errors import WeightsError
from deepglass.core.hooks import hooked
from deepglass.core.run_folder import RunFolder
from deepglass.zoo import architectures, hub, pretrained, pretrained_config, weight_files
from deepglass.zoo.identify import architecture_of

RANDOM = "random"
SCALES = 4  # maps that are asked, each half as large as the one before
LEAST_SIDE = 16  # pixels per side of a picture, of which the last map still has several places
PROBE = 128  # pixels per side of the picture by which a classifier is looked through
CONTENT = 2  # which map holds the content, from 0: a quarter of the picture's side in random filters, an eighth else
WIDTH = 32  # random filters of the first layer, doubled by each; 64, as VGG has, cost four times the time
TASK = "image-classification"


class RandomFilters(nn.Module):
    """Four convolutions with random weights, a ReLU after each, the mean of 2 x 2 between them.

    Args:
        seed: Of the weights.
        width: Filters of the first layer.

    Shape:
        - input: (B, 3, H, W) from 0 to 1
        - output: (B, width, H, W), (B, 2·width, H/2, W/2), (B, 4·width, H/4, W/4), (B, 8·width, H/8, W/8)
    """

    about = "random filters, which have seen no picture"

    def __init__(self, seed: int = 0, width: int = WIDTH):
        super().__init__()
        sizes = [3, *(width * 2**scale for scale in range(SCALES))]
        layers = [
            nn.Conv2d(a, b, 5 if a == 3 else 3, padding="same", padding_mode="reflect") for a, b in pairwise(sizes)
        ]
        self.layers = nn.ModuleList(layers)
        generator = torch.Generator().manual_seed(seed)
        for layer in layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        self.requires_grad_(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        maps, x = [], 2 * pictures - 1
        for scale, layer in enumerate(self.layers):
            x = F.relu(layer(F.avg_pool2d(x, 2) if scale else x))
            maps.append(x)
        return maps


class ClassifierFeatures(nn.Module):
    """The last map of each scale of a classifier.

    Args:
        network: Takes pictures (B, 3, H, W).
        mean: Of each channel, in units of a byte, as its pictures were scaled.
        std: Likewise.
        about: What it is, in words.

    Raises:
        WeightsError: If it has no maps of several scales.
    """

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float], about: str):
        super().__init__()
        self.network, self.about = network.eval().requires_grad_(False), about
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1) / 255)
        self.register_buffer("std", torch.tensor(std).view(-1, 1, 1) / 255)
        self.layers = self._last_of_each_scale()
        if len(self.layers) < SCALES:
            raise WeightsError(
                f"{about}: {len(self.layers)} maps of different scales inside, expected {SCALES}: style is read off a "
                "convolutional classifier such as mobilenet, resnet or vgg"
            )

    def forward(self, pictures: Tensor) -> list[Tensor]:
        maps: list[Tensor] = []

        def note(layer: nn.Module, given: Any, said: Tensor) -> None:
            maps.append(said)
            if len(maps) == len(self.layers):
                raise _EnoughError

        with hooked(self.layers, note), suppress(_EnoughError):
            self.network((pictures - self.mean) / self.std)
        return maps

    @torch.no_grad()
    def _last_of_each_scale(self) -> list[nn.Module]:
        found: dict[int, nn.Module] = {}

        def note(layer: nn.Module, given: Any, said: Any) -> None:
            if isinstance(said, Tensor) and said.dim() == 4 and said.shape[2] >= PROBE >> (SCALES + 1):
                found.pop(said.shape[2], None)
                found[said.shape[2]] = layer

        inside = [layer for layer in self.network.modules() if layer is not self.network]
        with hooked(inside, note), suppress(RuntimeError):  # a head for pictures of one size; the maps come before it
            self.network(torch.zeros(1, 3, PROBE, PROBE))
        return [found[side] for side in sorted(found, reverse=True)][:SCALES]


class _EnoughError(Exception):
    """All maps are there; what the classifier would say is not wanted."""


@dataclass(frozen=True)
class Asked:
    """What `--features` names, opened: where it lies, and which model it is."""

    path: Path
    entry: architectures.ModelEntry
    dims: dict[str, Any]


def open_features(source: str = RANDOM, seed: int = 0) -> Any:
    """The network that `--features` names.

    Args:
        source: "random", a file of weights or a folder with it, a run of image classification, or hub:OWNER/NAME.
        seed: Of random filters.

    Raises:
        WeightsError: If there are no such weights, they are damaged, of no classifier of the zoo, or of grey pictures.
        OptionError: If an address is none.
    """
    if source == RANDOM:
        return RandomFilters(seed).eval()
    asked = _found(source)
    weights = pretrained.open_weights(str(asked.path), asked.entry)
    if asked.dims.get("in_channels", 3) != 3:
        raise WeightsError(f"--features {source}: it has learnt from grey pictures, expected a classifier of colour")
    values = {"num_classes": 2, "in_channels": 3, **asked.dims, **weights.belongings.settings}
    network = architectures.load(asked.entry.name, task=TASK, **values)
    pretrained.fill(network, weights)
    scaling = weights.belongings.scaling
    mean, std = (scaling.mean, scaling.std) if scaling else ([127.5] * 3, [127.5] * 3)
    return ClassifierFeatures(network, mean, std, f"{asked.entry.name} with the weights of {source}").eval()


def _found(source: str) -> Asked:
    path = hub.download(source) if source.startswith(hub.PREFIX) else Path(source).expanduser()
    if not path.exists():
        raise WeightsError(
            f"--features {source}: there is no such file or folder; expected weights of a classifier, a folder with "
            f"them, a run, hub:OWNER/NAME, or {RANDOM}"
        )
    if path.is_dir() and pretrained_config.is_run(path):
        run = RunFolder(path)
        config, task = run.require_record("config.json", "model", "task"), run.require_record("task.json", "dims")
        entry = architectures.entry(config["model"], config["task"])
        if not entry.fits(TASK):
            raise WeightsError(f"--features {source}: a run of {entry.name}, expected a classifier of pictures")
        return Asked(path, entry, task["dims"])
    tensors = weight_files.read_tensors(weight_files.weight_files(path))
    entry = architecture_of(tensors, TASK)
    if entry is None:
        raise WeightsError(
            f"--features {source}: by names and shapes these are the weights of no classifier of the zoo: see "
            "`deepglass models`, or leave the option out"
        )
    return Asked(path, entry, {})
