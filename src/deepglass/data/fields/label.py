"""Label: one of several classes, as a column of a table or the folder of a picture says it."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import counted, listing
from deepglass.data.containers import Images
from deepglass.data.fields import Source
from deepglass.data.fields._column import ColumnAnswer
from deepglass.data.preprocess.labels import class_names, encode_labels
from deepglass.data.reading.learnable import require_image_classes

NO_LABEL = -1


class Field(ColumnAnswer):
    """Positions in `classes`, int64.

    Attributes:
        classes: Their names, in the order of the network's outputs.
        class_counts: (K,) how many training examples each has.
    """

    name = "label"
    is_classification = True
    classes: list[str]
    class_counts: np.ndarray

    def take_of_pictures(self, images: Images) -> list[Guess]:
        """Their classes: two or more of them."""
        require_image_classes(images)
        return []

    def strata(self, data: Source) -> np.ndarray:
        """The classes themselves."""
        if isinstance(data, Images):
            return data.labels  # type: ignore[return-value]
        cells = self.cells(data)
        return encode_labels(cells, class_names(cells))

    def fit(self, data: Source, rows: np.ndarray) -> None:
        """Names of all classes, and how many training examples each has."""
        self.classes = data.classes if isinstance(data, Images) else class_names(self.cells(data))
        self.class_counts = np.bincount(self.encode(data)[rows], minlength=len(self.classes))

    def encode(self, data: Source) -> np.ndarray:
        """(N,) positions in `classes`.

        Raises:
            DataError: If a class is unknown or missing.
        """
        if not isinstance(data, Images):
            return encode_labels(self.cells(data), self.classes)
        if data.labels is None:
            raise DataError(f"{data.name} has no pictures with classes: expected a folder of pictures a class")
        if unknown := [name for name in data.classes if name not in self.classes]:
            raise DataError(
                f"{data.name} has {counted(len(unknown), 'class')} that the model does not know "
                f"({listing(unknown)}): expected {listing(self.classes, 10)}; rename or remove them"
            )
        return np.array([self.classes.index(name) for name in data.classes], np.int64)[data.labels]

    def blank(self, count: int) -> np.ndarray:
        """-1."""
        return np.full(count, NO_LABEL)

    @property
    def size(self) -> int:
        """One logit per class."""
        return len(self.classes)

    @property
    def labels(self) -> list[str]:
        """Names of the classes."""
        return self.classes

    def unused_options(self, asked: Mapping[str, Any], data: Source) -> Iterator[Unused]:
        """What to do with rare classes, where there are none; the readers know it of pictures."""
        if not isinstance(data, Images):
            yield from self.class_choice.unused_options(asked)

    def state(self) -> dict[str, Any]:
        """Also the classes."""
        return super().state() | {"classes": self.classes, "class_counts": self.class_counts.tolist()}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.classes = read(state, "classes", list[str])
        self.class_counts = np.array(read(state, "class_counts", list[int]), np.int64)
        require(0 < len(set(self.classes)) == len(self.classes) == len(self.class_counts), "different classes, counted")
