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
        chosen_base: What is in `base` where that was chosen and is not the usual, in words.
    """

    inputs: tuple[Tensor, ...]
    base: tuple[Tensor, ...]
    owner: tuple[Tensor, ...]
    names: list[str]
    cells: list[Any]
    example: dict[str, Any] = field(default_factory=dict)
    picture: np.ndarray | None = None
    chosen_base: str = field(default="", kw_only=True)

    kind: ClassVar[str]  # what the parts are, in the plural
    base_is: ClassVar[str]  # what is there where all of them are hidden, in words
    WALK_IS: ClassVar[str | None] = None  # the same of `base`, where that is something else
    BASES: ClassVar[tuple[str, ...]] = ()  # what `base` can be asked to be, by name
    TAKES_EXAMPLES: ClassVar[bool] = False  # whether another example can be the base
    TAKES_TEXT: ClassVar[bool] = False  # whether another text can be

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

    @property
    def hidden_is(self) -> str:
        """What is there where all parts are hidden, in words."""
        return self.chosen_base or self.base_is

    @property
    def walk_is(self) -> str:
        """The same of `base`."""
        return self.chosen_base or self.WALK_IS or self.base_is

    def named_base(self, name: str, task: Any) -> tuple[tuple[Tensor, ...], str]:
        """A base by one of the names in `BASES`, as the network takes it, each (1, …); and what it is, in words.

        Raises:
            OptionError: If this example has no such base.
        """
        raise NotImplementedError(f"{type(self).__module__} names {name!r} in BASES and does not make it")

    def base_of_text(self, text: str, task: Any) -> tuple[Tensor, ...]:
        """A base that is another text; asked only where `TAKES_TEXT` says so.

        Raises:
            OptionError: If it cannot stand beside this example.
        """
        raise NotImplementedError(f"{type(self).__module__} takes a text for a base and does not read it")

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
