"""What turns records into tensors, and the contract that all encoders keep.

The description of an input (an item of `schema["inputs"]`) has a name, a kind, the tensor it goes into, that tensor's
datatype and shape, and `statistics` of the training data (mean, std, quantiles of numbers, brightness, lengths; shares
of categories) or None. What else is described depends on the kind: each has a file in `fields/`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

import numpy as np

from . import fields
from .errors import BundleError
from .limits import Limits

ASK_EVERY = 64  # cells, between two questions whether somebody still waits for the answer
T = TypeVar("T")
Wanted = Callable[[], bool]


class Encoder(Protocol):
    """Turns records into tensors."""

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        """Tensors by name.

        Raises:
            InputError: If a record does not fit.
        """
        ...


class Inspected(Protocol):
    """Records that were looked at, so that it is known what turning them into tensors takes.

    pixels: That pictures make when they are unpacked; nbytes: of the tensors, at least; is_quick: whether it is done in
    a third of a millisecond; notes: what the records know that their answers may need, one for each as
    `Answer.with_notes` takes them, or none at all; there once they are encoded.
    """

    pixels: int
    nbytes: int
    is_quick: bool
    notes: list[dict[str, Any]]

    def encode(self, is_wanted: Wanted) -> dict[str, np.ndarray]:
        """The tensors.

        Raises:
            InputError: If a record does not fit.
            TimeoutError: Once `is_wanted` says no.
        """
        ...


class Light:
    """Records that cost next to nothing: rows of a table."""

    pixels = nbytes = 0
    is_quick = True

    def __init__(self, encoder: Encoder, records: list[Any]):
        self.encoder, self.records = encoder, records
        self.notes: list[dict[str, Any]] = []

    def encode(self, is_wanted: Wanted) -> dict[str, np.ndarray]:
        return self.encoder.encode(self.records)


def while_wanted(items: Iterable[T], is_wanted: Wanted) -> Iterator[T]:
    """The items, as long as somebody waits for what is made of them.

    Raises:
        TimeoutError: Once nobody does.
    """
    for place, item in enumerate(items):
        if place % ASK_EVERY == 0 and not is_wanted():
            raise TimeoutError
        yield item


def encoder_for(schema: dict[str, Any], tokens: dict[str, Any] | None, limits: Limits | None = None) -> Any:
    """The encoder of a model's records; each kind of input imports only what it needs, so a table wants no Pillow.

    Args:
        schema: The description of the model.
        tokens: How texts become numbers.
        limits: What a server allows besides what the model can take; None allows everything.

    Raises:
        BundleError: If the description is not one.
    """
    try:
        return fields.lead_of(schema).encoder(tokens or {}, limits)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        message = f"the description lacks or misspells {error}: copy the bundle again, or export anew"
        raise BundleError(message) from None
