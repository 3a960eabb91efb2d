"""Video classification: which of several classes does a short moving picture show?

    GIFs, a folder for each class, or a table ── frames, evenly ── augment alike ── filters over time ── probabilities

References:
    Tran et al. (2015), Learning Spatiotemporal Features with 3D Convolutional Networks,
    https://arxiv.org/abs/1412.0767
"""

from dataclasses import dataclass
from typing import ClassVar

from deepglass.data.fields import clip_label, video
from deepglass.tasks import Outputs
from deepglass.tasks._classification import ClassificationTask

TIE_BREAK = 1e-3  # weight of the loss beside the accuracy: it only decides between equals


@dataclass(frozen=True)
class Config(video.Options):
    """Options of the task."""


class Task(ClassificationTask):
    """Clips → classes."""

    name = "video-classification"
    default_model = "video-cnn"
    monitor = "score"
    better = "higher"
    EXPORTS = ("video", "probabilities")
    FIRST_INPUT = "clips"
    HONOURS = (
        "target", "classes", "rare_classes", "val_fraction", "test_fraction", "label_smoothing", "class_weights",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "mixup": "two movements through each other are a third one; leave it out",
        "cutmix": "a movement does not go on across a seam; leave it out",
    }
    OPENS_WITH = ("background", "max_rows")
    AUGMENTING = ("augment",)
    READS = ("videos", "captioned videos")
    FOLLOWS_PATHS = ("picture",)
    CHECKS = ()
    INPUTS = (video.Field,)
    ANSWER = clip_label.Field
    inputs: video.Field
    answer: clip_label.Field

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss, accuracy, and the score that chooses the epoch: accuracy, and among equals the lower loss."""
        metrics = super().validate(outputs)
        return metrics | {"score": metrics["accuracy"] - TIE_BREAK * metrics["loss"]}
