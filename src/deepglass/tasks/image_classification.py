"""Image classification: which of several classes does a picture show?

    file, folder, array ── one size, one number of channels ── augment (training only) ── network ── probabilities

Pictures that fit into memory are held as bytes; a folder that does not fit is decoded batch by batch.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import nn

from deepglass.core.effects import Unused
from deepglass.data.containers import Data
from deepglass.data.fields import image
from deepglass.rivals import Rival, Time, pixels
from deepglass.tasks import Outputs, Prepared, _medical, _medical_pictures
from deepglass.tasks._medical import Risks, RiskTask

TIE_BREAK = 1e-3  # weight of the loss beside the accuracy: it only decides between equals


@dataclass(frozen=True)
class Config(image.Options, _medical.Options):
    """Options of the task."""

    blend: bool | None = None  # mix in logistic regression on pixels where validation asks for it; of few pictures


class Task(RiskTask):
    """Pictures → classes."""

    name = "image-classification"
    EXPORTS = ("image", "probabilities")
    default_model = "cnn"
    monitor = "score"
    better = "higher"
    FIRST_INPUT = "images"
    TRAINS_HEAD_BELOW = 100  # 40 of grocery-store gave 77 % so and 73 % with all weights, but 135 gave 80 and 85 %
    HONOURS = (
        "classes", "val_fraction", "test_fraction", "label_smoothing", "mixup", "cutmix", "class_weights", "private",
        "adversarial", "adversarial_steps",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {"target": "the class of a picture is the name of its folder; leave it out"}
    FOLLOWS_PATHS = ("picture",)
    AUGMENTING = ("augment",)
    INPUTS = (image.Field,)
    inputs: image.Field
    has_rivals = False  # whether there are few pictures, of which simple models learn as fast

    def rivals(self, prepared: Prepared, data: Data, time: Time) -> list[Rival]:
        """Those of the inputs."""
        found = super().rivals(prepared, data, time)
        self.has_rivals = bool(found)
        return found

    @property
    def may_blend(self) -> bool:
        """Beside a network that begins with nothing, and with a rival."""
        return self.has_rivals and self.pretrained is None and super().may_blend

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also a blend of many pictures."""
        yield from super().unused_options(asked, data, model)
        if "blend" in asked and sum(self.answer.class_counts) > pixels.MOST_PICTURES:
            yield Unused("blend", "a simple model is mixed in of few pictures only, and these are many; leave it out")
        if asked.get("blend") and self.pretrained is not None:
            yield Unused("blend", "published weights know more than pixels do; leave it out")

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss, accuracy, and the score that chooses the epoch: accuracy, and among equals the lower loss."""
        metrics = super().validate(outputs)
        return metrics | {"score": metrics["accuracy"] - TIE_BREAK * metrics["loss"]}

    def groups_at_risk(self, told: Risks, model: nn.Module, prepared: Prepared, data: Data) -> dict[str, Any]:
        """By how bright the pictures are, and by their contrast."""
        return _medical_pictures.groups_at_risk(self, told, self.source_of(data), prepared.ids["test"])
