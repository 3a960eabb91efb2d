"""Learning from sounds: length of the training.

Chosen on free-spoken-digits and on the words that the product speaks itself.
"""

from typing import Any

import numpy as np
from torch import nn

from deepglass.data.ragged_frames import RaggedFrames
from deepglass.rivals import Time, sound_profile
from deepglass.tasks import Prepared
from deepglass.tasks.inputs import Learning as Usual

STEPS_WANTED = 1_000  # of a batch: 60 epochs of 540 spoken digits
FEWEST_EPOCHS, MOST_EPOCHS = 10, 150
OF_WORDS = {"batch_size": 32, "learning_rate": 3e-3}
OF_SENTENCES = {"batch_size": 16, "learning_rate": 5e-3}  # which are long: more steps, sooner beyond the blanks


class Learning(Usual):
    """From frames (B, T, M)."""

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """Enough steps, in epochs."""
        own = OF_WORDS if model == "sound-cnn" else OF_SENTENCES
        epochs = round(STEPS_WANTED * own["batch_size"] / max(1, num_examples))
        return {
            "epochs": int(np.clip(epochs, FEWEST_EPOCHS, MOST_EPOCHS)),
            "weight_decay": 0.05,
            "clip_gradient": 5.0,
            "schedule": "cosine",
            "warmup": 0.1,
            **own,
        }

    def simple_answers(self, prepared: Prepared, num_classes: int, time: Time) -> tuple[str, nn.Module] | None:
        """Logistic regression on eight stretches of each sound."""
        found = sound_profile.fit(_still(prepared), prepared.val, num_classes, time)
        return (sound_profile.NAME, found) if found else None

    @property
    def has_room(self) -> bool:
        """Frames may change by a little, but nobody could play them."""
        return False


def _still(prepared: Prepared) -> RaggedFrames:
    """The training sounds as they are."""
    train: Any = prepared.train
    return RaggedFrames(train.frames, train.lengths, train.targets)
