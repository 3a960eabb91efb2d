"""The parts of one kind of input: what they are called, and what is left of the input where some of them are hidden.

A file here is named by what a task is `explained_as`, usually the input's field, and has a class `Parts` with `of`.
The folder is the list.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

FOLDER = "explain/inputs"


@dataclass(frozen=True)
class Parts(ABC):
    """One example, cut in M parts.

    Attributes:
        inputs: Of the network, each (1, …).
        base: The same with every part hidden, for methods that walk from one to the other.
        owner: For each input (…) int64: the part that an entry belongs to, -1 for none, which stays as it is.
        names: (M,) of the parts.
        cells: (M,) what is in them, as a reader knows it.
        example: As the report shows it: a record, a text, a picture as a data URI.
        picture: (H, W, C) bytes, of a picture.
    """

    inputs: tuple[Tensor, ...]
    base: tuple[Tensor, ...]
    owner: tuple[Tensor, ...]
    names: list[str]
    cells: list[Any]
    example: dict[str, Any] = field(default_factory=dict)
    picture: np.ndarray | None = None

    kind: ClassVar[str]  # what the parts are, in the plural
    base_is: ClassVar[str]  # what is there where all of them are hidden, in words
    WALK_IS: ClassVar[str | None] = None  # the same of `base`, where that is something else

    @classmethod
    @abstractmethod
    def of(cls, task: Any, inputs: tuple[Tensor, ...], example: dict[str, Any]) -> "Parts":
        """Of an example.

        Args:
            task: With what training has taught it about inputs.
            inputs: As the network takes them, each (1, …).
            example: As the field shows it.

        Raises:
            DataError: If there is nothing to hide.
        """

    @staticmethod
    @abstractmethod
    def usual_method(count: int, is_alone: bool) -> tuple[str, str]:
        """The method that suits, and why.

        Args:
            count: Of the parts.
            is_alone: Whether one example is explained, and not the whole model.
        """

    def hidden(self, present: np.ndarray) -> tuple[Tensor, ...]:
        """Inputs, each (n, …), of which only some parts are there.

        Args:
            present: (n, M) bool.
        """
        return self.mixed(present)

    def mixed(self, present: np.ndarray) -> tuple[Tensor, ...]:
        """Inputs, each (n, …): every entry from the example, or from `base` where its part is hidden."""
        kept = torch.from_numpy(np.pad(present, ((0, 0), (0, 1)), constant_values=True))  # the last for -1
        triples = zip(self.inputs, self.base, self.owner, strict=True)
        return tuple(torch.where(kept[:, owner], x, base) for x, base, owner in triples)

    def __len__(self) -> int:
        return len(self.names)
