"""Learning from pictures whose answer lies in them: length and speed of the training.

Chosen on shapes-with-boxes and on blood cells (bccd), on their validation parts.
"""

from typing import Any

from torch import Tensor

from deepglass.attacks.ball import Room
from deepglass.tasks.inputs import Learning as Usual
from deepglass.tasks.inputs.image import room_of_pictures

EXAMPLES_WANTED = 16_000  # looked at in a training: 40 epochs of 400 find shapes to 0.98
FEWEST_EPOCHS, MOST_EPOCHS = 12, 100
FEW_EXAMPLES = 300  # below, smaller batches and rates: more steps


class Learning(Usual):
    """From pictures (B, C, H, W)."""

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """Small batches: every picture holds many things."""
        is_small = num_examples < FEW_EXAMPLES
        return {
            "epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, round(EXAMPLES_WANTED / max(1, num_examples)))),
            "batch_size": 8 if is_small else 16,
            "learning_rate": 2e-3 if is_small else 3e-3,  # of blood cells 3e-3 found 76 % in validation, 2e-3 86 %
            "weight_decay": 0.01,
        }

    def room(self, inputs: tuple[Tensor, ...]) -> Room:
        """Every pixel, between black and white."""
        return room_of_pictures(self.field.preprocessor, inputs[0])
