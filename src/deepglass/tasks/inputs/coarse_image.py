"""Learning from coarse pictures: length and speed of the training.

Chosen on grocery-store and style-photos, judged by pictures of them that were held out.
"""

from typing import Any

from deepglass.data.fields.coarse_image import Field
from deepglass.tasks.inputs import Learning as Usual

WINDOWS_WANTED = 60_000  # looked at in a training, of 96 x 96 pixels
FEWEST_EPOCHS, MOST_EPOCHS = 5, 200
WINDOWS_AT_ONCE = 16  # in a step, as in the paper of EDSR
LEARNING_RATE = 2e-3  # of AdamW, falling to 0


class Learning(Usual):
    """From windows (B, 1, h, w)."""

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
