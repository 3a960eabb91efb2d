"""Learning from pictures: length of the training and size of the network, and logistic regression beside it.

Chosen on digits and fashion-mnist, where bench/quality.py measures them.
"""

import math
from copy import copy
from typing import Any

from torch import nn

from deepglass.data.augment.choice import PHOTO_SIDE, TINY_SIDE
from deepglass.data.fields.image import Field
from deepglass.rivals import Time, pixels
from deepglass.tasks import Prepared
from deepglass.tasks.inputs import Learning as Usual

SMALLEST_MAP = 7  # pixels per side that the network shrinks a picture to, at least about
FEW_EXAMPLES = 10_000  # below, smaller batches and rates: many noisy steps instead of few sure ones
EXAMPLES_WANTED = 1_350_000  # looked at in a training: 25 epochs of 54,000
FEWEST_EPOCHS, MOST_EPOCHS = 15, 100
TINY_EPOCHS = 30  # of tiny pictures, which are learnt soon: 99 % of digits
LEARNING_RATES = {"cnn": 3e-3, "lenet5": 2e-3}  # of AdamW at batches of 64; 1e-3 for all others


class Learning(Usual):
    """From pictures (B, C, H, W)."""

    field: Field

    def train_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """Length and speed of the training, by the number of pictures and their longer side."""
        is_small = num_examples < FEW_EXAMPLES
        side = max(self.field.preprocessor.height, self.field.preprocessor.width)
        most = TINY_EPOCHS if side <= TINY_SIDE else MOST_EPOCHS
        return {
            "epochs": min(most, max(FEWEST_EPOCHS, round(EXAMPLES_WANTED / max(1, num_examples)))),
            "batch_size": 32 if is_small else 64,
            "learning_rate": LEARNING_RATES.get(model, 1e-3) * (2 / 3 if is_small else 1.0),
            "weight_decay": 0.05,
        }

    def model_defaults(self, model: str, num_examples: int) -> dict[str, Any]:
        """The default network shrinks pictures to about 7 pixels per side, large ones at once."""
        if model != "cnn":
            return {}
        side = min(self.field.preprocessor.height, self.field.preprocessor.width)
        stem_stride = 2 if side > PHOTO_SIDE else 1
        num_stages = max(2, round(math.log2(side / stem_stride / SMALLEST_MAP)))
        return {"stem_stride": stem_stride, "num_stages": num_stages}

    def simple_answers(self, prepared: Prepared, num_classes: int, time: Time) -> tuple[str, nn.Module] | None:
        """Logistic regression on small pictures."""
        still = copy(prepared.train)
        still.transform = prepared.val.transform  # type: ignore[attr-defined]
        found = pixels.fit(still, prepared.val, num_classes, time)
        return (pixels.NAME, found) if found else None
