"""Learning from clips: length and speed of the training, and where batch normalisation begins.

Chosen on moving-shapes; bench/video.py measures them there, and on sprites of walking figures as they are.
"""

from copy import copy
from typing import Any

from torch import Tensor, nn

from deepglass.attacks.ball import Room
from deepglass.core.device import constant
from deepglass.data.fields.video import Field
from deepglass.rivals import Time, pixels
from deepglass.tasks import Prepared
from deepglass.tasks.inputs import Learning as Usual
from deepglass.tasks.inputs.image import WHITE, measure_statistics

CLIPS_WANTED = 12_000  # looked at in a training of directions: 15 epochs of the 780 of moving-shapes
FEWEST_EPOCHS, MOST_EPOCHS = 8, 60


def _as(transform: Any, examples: Any) -> Any:
    """The examples, changed otherwise or not at all."""
    other = copy(examples)
    other.transform = transform
    return other


class Learning(Usual):
    """From clips (B, T, C, H, W)."""

    field: Field

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """By the number of clips."""
        return {
            "epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, round(CLIPS_WANTED / max(1, num_examples)))),
            "batch_size": 32,
            "learning_rate": 1e-2,
            "weight_decay": 0.05,
            "precision": "float32",  # of two frames, PyTorch's 3-D filters in bfloat16 have a wrong gradient
        }

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """With the statistics of these clips."""
        self.measure(model, prepared.train)

    def measure(self, model: nn.Module, examples: Any) -> None:
        """Let the batch normalisation of a network of clips alone begin with what it meets in these."""
        measure_statistics(model, _as(self.field.preprocessor.transform(), examples))

    def simple_answers(self, prepared: Prepared, num_classes: int, time: Time) -> tuple[str, nn.Module] | None:
        """Logistic regression on small pictures of all frames: it knows when and where, and no shape."""
        plain = self.field.preprocessor.as_pictures()
        train, val = (_as(plain, part) for part in (prepared.train, prepared.val))
        found = pixels.fit(train, val, num_classes, time)
        return (f"{pixels.NAME} of all frames", nn.Sequential(nn.Flatten(1, 2), found)) if found else None

    def room(self, inputs: tuple[Tensor, ...]) -> Room:
        """Every pixel of every frame, between black and white."""
        fitted, device = self.field.preprocessor, inputs[0].device
        shape = (fitted.num_frames, fitted.colours, 1, 1)
        mean, std = (constant(tuple(of), device).view(shape) for of in (fitted.mean, fitted.std))
        return Room(0, WHITE / std, -mean / std, (WHITE - mean) / std, "brightness from 0 to 1")
