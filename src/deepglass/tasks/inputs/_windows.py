"""Learning from windows of pictures: an epoch shows every picture as often as windows fit into it."""

from typing import Any, ClassVar

from deepglass.tasks.inputs import Learning as Usual

LEARNING_RATE = 2e-3  # of AdamW, falling to 0


class Learning(Usual):
    """From windows (B, C, h, w), which a field cuts anew each time; `field.times` fit into a picture."""

    WINDOWS_WANTED: ClassVar[int]  # looked at in a training, of 96 x 96 pixels
    WINDOWS_AT_ONCE: ClassVar[int]  # in a step
    FEWEST_EPOCHS: ClassVar[int]
    MOST_EPOCHS: ClassVar[int]

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """As many epochs as show the windows that are wanted."""
        epochs = round(self.WINDOWS_WANTED / max(1, num_examples * self.field.times))
        return {
            "epochs": min(self.MOST_EPOCHS, max(self.FEWEST_EPOCHS, epochs)),
            "batch_size": self.WINDOWS_AT_ONCE,
            "learning_rate": LEARNING_RATE,
            "weight_decay": 0.0,
        }
