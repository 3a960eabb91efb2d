"""What is chosen for pictures when nobody asks: augmentation, size of the network, length of the training.

Chosen on digits and fashion-mnist, where bench/quality.py measures them.
"""

import math
from copy import copy
from typing import Any

import numpy as np
import torch
from torch import nn

from deepglass.core.guesses import Guess
from deepglass.data.augment.mirror import mirror_test
from deepglass.data.examples import Examples
from deepglass.tasks import Prepared

TINY_SIDE = 16  # up to here a shift by an eighth is two pixels at most, and a turn adds more variety
PHOTO_SIDE = 64  # beyond, pictures are photographs: things come near and far, and light changes
SMALLEST_MAP = 7  # pixels per side that the network shrinks a picture to, at least about
FEW_EXAMPLES = 10_000  # below, smaller batches and rates: many noisy steps instead of few sure ones
EXAMPLES_WANTED = 1_350_000  # looked at in a training: 25 epochs of 54,000
FEWEST_EPOCHS, MOST_EPOCHS = 15, 100
TINY_EPOCHS = 30  # of tiny pictures, which are learnt soon: 99 % of digits
MEASURED_BY = 32  # pictures from which batch normalisation begins
LEARNING_RATES = {"cnn": 3e-3, "lenet5": 2e-3}  # of AdamW at batches of 64; 1e-3 for all others


def choose_augmentations(pixels: np.ndarray, labels: np.ndarray, classes: list[str]) -> tuple[list[str], Guess]:
    """Augmentations that leave these pictures their class.

    Args:
        pixels: (N, H, W, C) bytes of some training pictures.
        labels: (N,) their classes.
        classes: Names of the classes.
    """
    test = mirror_test(pixels, labels, classes)
    side = max(pixels.shape[1:3])
    chosen = ["flip"] if test.keeps_class else []
    chosen += ["zoom", "colour"] if side > PHOTO_SIDE else ["crop"]
    if side <= TINY_SIDE and not test.keeps_class:
        chosen.append("rotate")
    why = f"flip {'kept' if test.keeps_class else 'left out'}: {test.why}"
    return chosen, Guess("augment", ", ".join(chosen), why, "--augment")


@torch.no_grad()
def measure_statistics(model: nn.Module, examples: Examples) -> None:
    """Let batch normalisation begin with the mean and variance of some pictures instead of 0 and 1.

    A running mean that begins at 1 is far from small variances for dozens of steps: a short training of few pictures
    is judged by statistics that never were (after 27 steps 5 % of faces were known, with these 68 %). Measuring them
    anew: Wu & Johnson (2021), Rethinking "Batch" in BatchNorm, https://arxiv.org/abs/2105.07576

    Args:
        model: Fresh, in training mode again afterwards.
        examples: Pictures as they are.
    """
    layers = [layer for layer in model.modules() if isinstance(layer, nn.modules.batchnorm._BatchNorm)]
    kept = [layer.momentum for layer in layers]
    if not layers or len(examples) < 2:
        return
    for layer in layers:
        layer.momentum = 1.0
    images, _ = examples.batch(torch.linspace(0, len(examples) - 1, min(MEASURED_BY, len(examples))).long())
    with torch.random.fork_rng(devices=[]):  # of dropout: the training draws as if nothing had been
        model.train()(images)
    for layer, momentum in zip(layers, kept, strict=True):
        layer.momentum = momentum


def train_defaults(model_name: str, num_examples: int, side: int) -> dict[str, Any]:
    """Length and speed of the training, by the number of pictures and their longer side."""
    is_small = num_examples < FEW_EXAMPLES
    most = TINY_EPOCHS if side <= TINY_SIDE else MOST_EPOCHS
    return {
        "epochs": min(most, max(FEWEST_EPOCHS, round(EXAMPLES_WANTED / max(1, num_examples)))),
        "batch_size": 32 if is_small else 64,
        "learning_rate": LEARNING_RATES.get(model_name, 1e-3) * (2 / 3 if is_small else 1.0),
        "weight_decay": 0.05,
    }


def still(prepared: Prepared) -> Examples:
    """The training pictures as they are, without augmentation."""
    examples = copy(prepared.train)
    examples.transform = prepared.val.transform  # type: ignore[attr-defined]
    return examples


def model_defaults(model_name: str, height: int, width: int) -> dict[str, Any]:
    """The default network shrinks pictures to about 7 pixels per side, large ones at once."""
    if model_name != "cnn":
        return {}
    side = min(height, width)
    stem_stride = 2 if side > PHOTO_SIDE else 1
    return {
        "stem_stride": stem_stride,
        "num_stages": max(2, round(math.log2(side / stem_stride / SMALLEST_MAP))),
    }
