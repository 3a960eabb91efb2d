"""Learning to paint: length and speed of the training.

Set by hand on few photographs, and not yet tuned.
"""

from typing import Any

from deepglass.data.fields.colour_image import Field
from deepglass.tasks.inputs import Learning as Usual

WINDOWS_WANTED = 3_000  # looked at in a training, of 96 x 96 pixels; the paper has 160,000 of 256 x 256
FEWEST_EPOCHS, MOST_EPOCHS = 2, 60
WINDOWS_AT_ONCE = 4  # in a step, as in the paper
LEARNING_RATE = 2e-3  # of AdamW, falling to 0; the paper's 1e-3 was slower


class Learning(Usual):
    """From windows (B, 3, h, w)."""

    field: Field

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """An epoch shows every picture as often as windows fit into it."""
        epochs = round(WINDOWS_WANTED / max(1, num_examples * self.field.times))
        return {
            "epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
            "batch_size": WINDOWS_AT_ONCE,
            "learning_rate": LEARNING_RATE,
            "weight_decay": 0.0,
        }
