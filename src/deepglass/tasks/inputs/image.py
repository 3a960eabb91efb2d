"""Learning from pictures: length of the training and size of the network, and logistic regression beside it.

Chosen on digits and fashion-mnist, where bench/quality.py measures them.
"""

import math
from copy import copy
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.attacks.ball import Room
from deepglass.core.device import constant
from deepglass.data.augment.choice import PHOTO_SIDE, TINY_SIDE
from deepglass.data.examples import Examples
from deepglass.data.fields.image import Field
from deepglass.rivals import Rival, Time, pixels
from deepglass.rivals.one_vs_rest import View
from deepglass.tasks import Prepared
from deepglass.tasks.inputs import Learning as Usual

SMALLEST_MAP = 7  # pixels per side that the network shrinks a picture to, at least about
FEW_EXAMPLES = 10_000  # below, smaller batches and rates: many noisy steps instead of few sure ones
EXAMPLES_WANTED = 1_350_000  # looked at in a training: 25 epochs of 54,000
FEWEST_EPOCHS, MOST_EPOCHS = 15, 100
TINY_EPOCHS = 30  # of tiny pictures, which are learnt soon: 99 % of digits
WHITE = 255.0
MEASURED_BY = 32  # pictures from which batch normalisation begins
LEARNING_RATES = {"cnn": 3e-3, "layout-cnn": 3e-3, "lenet5": 2e-3}  # of AdamW at batches of 64; 1e-3 for all others


class Learning(Usual):
    """From pictures (B, C, H, W)."""

    field: Field

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """Length and speed of the training, by the number of pictures and their longer side."""
        is_small = num_examples < FEW_EXAMPLES
        side = max(self.field.preprocessor.height, self.field.preprocessor.width)
        most = TINY_EPOCHS if side <= TINY_SIDE else MOST_EPOCHS
        return {
            "epochs": min(most, max(FEWEST_EPOCHS, round(EXAMPLES_WANTED / max(1, num_examples)))),
            "batch_size": 32 if is_small else 64,
            "learning_rate": LEARNING_RATES.get(model, 1e-3) * (2 / 3 if is_small else 1.0),
            "weight_decay": 0.05,
        }

    def model_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """The default network shrinks pictures to about 7 pixels per side, large ones at once."""
        if model != "cnn":
            return {}
        side = min(self.field.preprocessor.height, self.field.preprocessor.width)
        stem_stride = 2 if side > PHOTO_SIDE else 1
        num_stages = max(2, round(math.log2(side / stem_stride / SMALLEST_MAP)))
        return {"stem_stride": stem_stride, "num_stages": num_stages}

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """With the statistics of these pictures."""
        measure_statistics(model, _still(prepared))

    def room(self, inputs: tuple[Tensor, ...]) -> Room:
        """Every pixel, between black and white."""
        return room_of_pictures(self.field.preprocessor, inputs[0])

    def rivals(self, prepared: Prepared, num_classes: int | None, time: Time) -> list[Rival]:
        """Logistic regression on small pictures, where there are few of them."""
        found = pixels.rival(_still(prepared), prepared.val, num_classes, time) if num_classes else None
        return [found] if found else []

    def simple_answers(self, prepared: Prepared, num_classes: int, time: Time) -> tuple[str, nn.Module] | None:
        """Logistic regression on small pictures."""
        found = pixels.fit(_still(prepared), prepared.val, num_classes, time)
        return (pixels.NAME, found) if found else None

    def linear_views(self, prepared: Prepared) -> list[View]:
        """Small pictures, each pixel in its own standard deviations."""
        parts = [pixels.all_patches(part) for part in (_still(prepared), prepared.val, prepared.test)]
        mean, std = parts[0].mean(axis=0), parts[0].std(axis=0) + 1e-6
        return [View("pixels", *((part - mean) / std for part in parts))]


def room_of_pictures(preprocessor: Any, images: Tensor) -> Room:
    """Of pictures (B, C, H, W) as the network takes them: brightness from 0 to 1 in the place of 0 to 255."""
    mean, std = (constant(tuple(of), images.device).view(-1, 1, 1) for of in (preprocessor.mean, preprocessor.std))
    return Room(0, WHITE / std, -mean / std, (WHITE - mean) / std, "brightness from 0 to 1")


@torch.no_grad()
def measure_statistics(model: nn.Module, examples: Examples) -> None:
    """Let batch normalisation begin with the mean and variance of some pictures instead of 0 and 1.

    A running variance that begins at 1 is far from small ones for dozens of steps: a short training of few pictures is
    judged by statistics that never were (after 27 steps 5 % of faces were known, with these 46 %). Measuring them anew:
    Wu & Johnson (2021), Rethinking "Batch" in BatchNorm, https://arxiv.org/abs/2105.07576

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
    images, *_ = examples.batch(torch.linspace(0, len(examples) - 1, min(MEASURED_BY, len(examples))).long())
    with torch.random.fork_rng(devices=[]):  # of dropout: the training draws as if nothing had been
        model.train()(images)
    for layer, momentum in zip(layers, kept, strict=True):
        layer.momentum = momentum


def _still(prepared: Prepared) -> Examples:
    """The training pictures as they are, without augmentation."""
    examples = copy(prepared.train)
    examples.transform = prepared.val.transform  # type: ignore[attr-defined]
    return examples
