"""What boxes and masks have in common as answers: things of several classes that lie in a picture and move with it."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from torch import Tensor

from deepglass.core.state import read
from deepglass.data.examples import Batch
from deepglass.data.fields import AnswerField

Changed = tuple[Tensor, Tensor]


class InPictures(AnswerField):
    """The classes of the things, and how many of each there were to learn from.

    Attributes:
        CHANGE: Pictures, answers and names of augmentations → both, changed together.
    """

    CHANGE: ClassVar[Callable[[Tensor, Tensor, list[str]], Changed]]
    classes: list[str]
    class_counts: np.ndarray  # (K,) in the training pictures

    @property
    def size(self) -> int:
        """Classes."""
        return len(self.classes)

    @property
    def labels(self) -> list[str]:
        """Names of the classes."""
        return self.classes

    def augment(self, batch: Batch, names: list[str]) -> Batch:
        """Pictures and answers together."""
        images, *between, targets = batch
        images, targets = type(self).CHANGE(images, targets, names)
        return (images, *between, targets)

    def state(self) -> dict[str, Any]:
        """The classes, and how many of each there were to learn from."""
        return {"classes": self.classes, "class_counts": self.class_counts.tolist()}

    def load_state(self, state: dict[str, Any]) -> None:
        self.classes = read(state, "classes", list[str])
        self.class_counts = np.array(read(state, "class_counts", list[int]), np.int64)
