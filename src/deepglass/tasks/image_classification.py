"""Image classification: which of several classes does a picture show?

    file, folder, array ── one size, one number of channels ── augment (training only) ── network ── probabilities

Pictures that fit into memory are held as bytes; a folder that does not fit is decoded batch by batch.
"""

from dataclasses import dataclass
from typing import ClassVar

from deepglass.data.fields import image
from deepglass.tasks import Outputs
from deepglass.tasks._classification import ClassificationTask

TIE_BREAK = 1e-3  # weight of the loss beside the accuracy: it only decides between equals


@dataclass(frozen=True)
class Config(image.Options):
    """Options of the task."""


class Task(ClassificationTask):
    """Pictures → classes."""

    name = "image-classification"
    EXPORTS = ("image", "probabilities")
    default_model = "cnn"
    monitor = "score"
    better = "higher"
    FIRST_INPUT = "images"
    TRAINS_HEAD_BELOW = 100  # 40 of grocery-store gave 77 % so and 73 % with all weights, but 135 gave 80 and 85 %
    HONOURS = ("classes", "val_fraction", "test_fraction", "label_smoothing", "mixup", "cutmix", "class_weights")
    INSTEAD: ClassVar[dict[str, str]] = {"target": "the class of a picture is the name of its folder; leave it out"}
    FOLLOWS_PATHS = ("picture",)
    AUGMENTING = ("augment",)
    INPUTS = (image.Field,)
    inputs: image.Field

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss, accuracy, and the score that chooses the epoch: accuracy, and among equals the lower loss."""
        metrics = super().validate(outputs)
        return metrics | {"score": metrics["accuracy"] - TIE_BREAK * metrics["loss"]}
