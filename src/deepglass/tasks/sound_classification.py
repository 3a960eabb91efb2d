"""Sound classification: what is heard? A word, an instrument, a machine, an animal.

    sounds of any length ── log-mel frames ── changed a little in training ── network ── probabilities

References:
    Piczak (2015), Environmental sound classification with convolutional neural networks,
    https://doi.org/10.1109/MLSP.2015.7324337
"""

from dataclasses import dataclass
from typing import ClassVar

from deepglass.data.fields import audio
from deepglass.tasks._classification import ClassificationTask


@dataclass(frozen=True)
class Config(audio.Options):
    """Options of the task."""


class Task(ClassificationTask):
    """Sounds → classes."""

    name = "sound-classification"
    EXPORTS = ("audio", "probabilities")
    default_model = "sound-cnn"
    FIRST_INPUT = "frames"
    OPENS_WITH = ("max_rows",)
    HONOURS = (
        "target", "group_column", "classes", "rare_classes", "val_fraction", "test_fraction",
        "label_smoothing", "class_weights",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "mixup": "sounds of different lengths cannot be laid over each other; try --augment",
        "cutmix": "sounds of different lengths cannot be cut and pasted; try --augment",
        "private": "frames of different lengths are not bounded sound by sound; leave it out",
        "adversarial": "a network sees mel bands, and a little change of these is no sound; try --augment",
        "adversarial_steps": "a network sees mel bands, and a little change of these is no sound; leave it out",
        "fair": "sounds carry no column of groups to their loss; judge by --group-column",
    }
    READS = ("sounds",)
    FOLLOWS_PATHS = ("sound",)
    AUGMENTING = ("augment",)
    CHECKS = ("sounds",)
    INPUTS = (audio.Field,)
    inputs: audio.Field

    @property
    def explained_as(self) -> str | None:
        """Not yet: what may be hidden of a sound is a stretch of time or a band, and no file of `explain/` cuts so."""
        return None
