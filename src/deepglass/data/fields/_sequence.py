"""The contract of a sequence: one text, or series on a calendar. Examples are windows, and the answer lies in them.

    as_source ── cut in the order of position ── learn from the first part ── windows: what is seen, what follows

Rows stand for themselves and go with any answer (`InputField`). Here the answer is the sequence itself, some steps
later: there is no column to choose, windows overlap, and how many there are depends on how far each looks back.
"""

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core.guesses import Guess
from deepglass.data.examples import Examples
from deepglass.data.fields import Input, Source


@dataclass
class Windowed:
    """A sequence as examples.

    Attributes:
        examples: Of "train", "val" and "test".
        guesses: What was decided on the way.
        rows: Where the answer of each example begins, by part, where people know it by a row.
    """

    examples: dict[str, Examples]
    guesses: list[Guess]
    rows: dict[str, np.ndarray] = field(default_factory=dict)


class SequenceField(Input):
    """What goes in, and what comes next: after `fit`, or after `load_state`, it turns data into windows."""

    @abstractmethod
    def fit(self, data: Source) -> Windowed:
        """Cut, learn from the training part alone, make the windows; set `statistics`, and of a table `reading`.

        Args:
            data: As `as_source` gave it.

        Raises:
            DataError: If a part is too short for a window.
        """

    @abstractmethod
    def read(self, inputs: Any, *, with_target: bool) -> tuple[Examples, dict[str, Any]]:
        """New data as windows, and what names each of them.

        Raises:
            DataError: If they do not fit, or are too short.
        """


class TokenSequence(SequenceField):
    """A sequence of ids, of which `context` are seen at once."""

    context: int

    @property
    @abstractmethod
    def size(self) -> int:
        """How many ids there are."""

    @property
    def dims(self) -> dict[str, Any]:
        """Ids that there are, and that are seen at once."""
        return {"vocab_size": self.size, "context": self.context}

    def extremes(self) -> tuple[Tensor, ...]:
        """Two sequences of one id: the first and the last."""
        return (torch.tensor([[0], [self.size - 1]]),)
