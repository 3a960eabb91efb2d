"""The picture itself as the answer, with all its pixels, where what goes in is a coarser copy made of it.

Nobody labels anything: a picture is its own truth. `coarse_image` makes both of one file, so all that is encoded here
is whether there is a truth.
"""

from typing import Any, ClassVar

import numpy as np

from deepglass.core.guesses import Guess
from deepglass.data.fields import AnswerField, Source

KNOWN, UNKNOWN = 0, -1  # whether a picture is a fine one, or a coarse one of which nobody knows more


class Field(AnswerField):
    """`KNOWN` of every picture, or `UNKNOWN` of those that shall be enlarged."""

    name = "fine_image"
    follows: ClassVar[tuple[str, ...] | None] = ("flip", "turn")

    def take(self, data: Source) -> list[Guess]:
        """Nothing is chosen."""
        return []

    def require(self, data: Source) -> list[Guess]:
        """Any picture can be learnt from."""
        return []

    def fit(self, data: Source, rows: np.ndarray) -> None:
        """Nothing has to be known."""

    def encode(self, data: Source) -> np.ndarray:
        """(N,) `KNOWN`."""
        return np.full(len(data), KNOWN, np.int64)

    def blank(self, count: int) -> np.ndarray:
        """(count,) `UNKNOWN`."""
        return np.full(count, UNKNOWN, np.int64)

    @property
    def size(self) -> int:
        """One plane, of brightness."""
        return 1

    def state(self) -> dict[str, Any]:
        """Nothing was learnt."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        pass
