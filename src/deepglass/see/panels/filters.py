"""Filters and feature maps: the first kernels of a network for pictures, and what its layers make of one picture.

Zeiler & Fergus (2014), Visualizing and Understanding Convolutional Networks, https://arxiv.org/abs/1311.2901.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.hooks import hooked
from deepglass.draw.pictures import pictures
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import Opened

PLACE = 6
TITLE = "Filters and feature maps"
QUESTION = "What do its first filters look for, and what do its layers see in a picture?"
LESSON = "23_convolution"
READ = ("glass/nn/functional/conv.py", "see/panels/filters.py")
IS_QUICK = False
ASKS = ("input", "row")

MOST_FILTERS, MOST_MAPS, MOST_LAYERS = 32, 12, 4


def show(opened: Opened, asked: Asked) -> View:
    """The picture, the filters of the first layer, and the strongest maps of up to four layers.

    Raises:
        NotForThisRun: If the network has no convolution over pictures.
    """
    layers = convolutions(opened.network)
    if not layers:
        raise NotForThisRun(f"{opened.run.config['model']} has no convolution over pictures")
    rows, place, called = opened.example(asked)
    inputs = rows.inputs([place])
    if inputs[0].dim() != 4:
        raise NotForThisRun(f"{opened.run.config['model']} has convolutions, but what goes in is no picture")
    maps = feature_maps(opened.network, layers, inputs)
    if not maps:
        raise NotForThisRun("its convolutions are not asked where it answers")
    name, first = layers[0]
    shown: list[Any] = [pictures([as_picture(inputs[0][0])], colors="photo", label=f"The picture, {called}", width=1.6)]
    shown.append(
        pictures(filters(first), label=f"Filters of {name}", caption=f"{name}: {first.weight.shape[0]} filters")
    )
    chosen = [maps[i] for i in np.unique(np.linspace(0, len(maps) - 1, min(MOST_LAYERS, len(maps))).astype(int))]
    for layer, of_layer in chosen:
        order = strongest(of_layer)
        titles = [f"map {i + 1}" for i in order]
        caption = (
            f"{layer}: the strongest {len(order)} of {len(of_layer)} maps, {' × '.join(map(str, of_layer.shape[1:]))}"
        )
        shown.append(pictures([of_layer[i] for i in order], titles, label=f"Feature maps of {layer}", caption=caption))
    facts = {"layers": [layer for layer, _ in maps], "filters": list(first.weight.shape)}
    return View(f"What {called} becomes: blue is above zero, orange below.", shown, facts)


def convolutions(network: nn.Module) -> list[tuple[str, Any]]:
    """Layers with a kernel over height and width, by name; larger than one pixel where there are such."""
    found = [(name, m) for name, m in network.named_modules() if isinstance(m, nn.Conv2d)]
    return [(name, m) for name, m in found if max(m.kernel_size) > 1] or found


def filters(layer: Any) -> list[np.ndarray]:
    """Up to 32 kernels (h, w): in the mean over the channels that they read."""
    weight = layer.weight.detach().float()  # (O, I, h, w)
    return list(weight[:MOST_FILTERS].mean(dim=1).numpy())


@torch.no_grad()
def feature_maps(
    network: nn.Module, layers: list[tuple[str, Any]], inputs: tuple[Tensor, ...]
) -> list[tuple[str, np.ndarray]]:
    """By layer (C, H, W) what it makes of one example, in the order of the calls."""
    found: dict[str, np.ndarray] = {}
    names = {layer: name for name, layer in layers}
    with hooked(names, lambda module, given, output: found.update({names[module]: output[0].numpy().copy()})):
        network(*inputs)
    return list(found.items())


def strongest(maps: np.ndarray) -> list[int]:
    """Positions of the maps with the largest mean size, in their order."""
    size = np.abs(maps).mean(axis=(1, 2))
    return sorted(np.argsort(-size, kind="stable")[:MOST_MAPS].tolist())


def as_picture(x: Tensor) -> np.ndarray:
    """(C, H, W) as the network sees it → (H, W) or (H, W, 3) in [0, 1]."""
    array = x.float().numpy()
    low, high = float(array.min()), float(array.max())
    array = (array - low) / (high - low) if high > low else np.zeros_like(array)
    return array.transpose(1, 2, 0) if len(array) == 3 else array.mean(axis=0)
