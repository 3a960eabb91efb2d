"""One batch of somebody's data code as the flat tuple that the loop takes, checked against the first one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.api.fitting.arrays import is_array, tensor_of
from deepglass.api.fitting.layout import Layout, lay_out
from deepglass.api.fitting.objective import Objective
from deepglass.api.fitting.parts import Parts, sort
from deepglass.api.fitting.signature import Signature
from deepglass.api.fitting.structure import filled
from deepglass.api.fitting.trial import Cast, cast
from deepglass.core.errors import DataError
from deepglass.data.examples import Batch


@dataclass
class Batcher:
    """Raw batches → flat tuples of tensors in the layout of the training.

    signature: Of the module.
    where: The argument whose data these are, for messages.
    layout, casts, objective: As they were found out on the first batch; None until then.
    floats: The type of the module's numbers.
    has_bytes: Which inputs came as bytes.
    bad: The first number that is none, in words: what a loss that is lost may come from.
    """

    signature: Signature
    where: str = "train"
    layout: Layout | None = None
    casts: list[Cast] = field(default_factory=list)
    objective: Objective | None = None
    floats: torch.dtype = torch.float32
    has_bytes: list[bool] = field(default_factory=list)
    bad: str = ""

    def raw(self, batch: Any) -> tuple[Layout, Batch]:
        """The tensors of a batch as they came, and how they are laid out.

        Raises:
            DataError: If the tensors of the batch differ in length, or are not what batches held before.
        """
        layout, leaves = lay_out(sorted_batch(batch, self.signature, self.where))
        tensors = tuple(_tensor(leaf, name) for leaf, name in zip(leaves, layout.names, strict=True))
        if len(lengths := {len(tensor) for tensor in tensors}) > 1:
            found = ", ".join(f"{name} {len(t)}" for name, t in zip(layout.names, tensors, strict=True))
            raise DataError(f"a batch of {self.where} has tensors of {len(lengths)} lengths ({found}): expected one")
        return layout, tensors

    def __call__(self, batch: Any) -> Batch:
        """The tensors of a batch as the module and the loss take them.

        Raises:
            DataError: If the batch is made up otherwise than the first one, or a label is out of range.
        """
        layout, tensors = self.raw(batch)
        assert self.layout is not None
        self.layout.require_same(layout, f"a later batch of {self.where}")
        self._look(tensors)
        return self.finished(tensors)

    def finished(self, tensors: Batch) -> Batch:
        """Raw tensors in the types and shapes that are wanted."""
        assert self.layout is not None
        assert self.objective is not None
        tensors = self.inputs(tensors)
        if self.layout.target is None or not self.objective.terms:
            return tuple(self._usual(part) if i >= self.layout.num_inputs else part for i, part in enumerate(tensors))
        target = self.objective.apply(filled(self.layout.target, tensors))
        changed = list(tensors)
        for place, part in _pairs(self.layout.target, target):
            changed[place] = part
        return tuple(changed)

    def inputs(self, tensors: Batch) -> Batch:
        """The inputs among raw tensors in the types that the module takes; what follows them stays.

        Raises:
            DataError: If bytes come where the training had numbers, whose scale nobody knows.
        """
        assert self.layout is not None
        for name, tensor, had_bytes in zip(self.layout.names, tensors, self.has_bytes):
            if tensor.dtype == torch.uint8 and not had_bytes:
                raise DataError(
                    f"{name} of {self.where} holds bytes (uint8), in training it held other numbers: scale it as "
                    f"there, for instance {name} / 255"
                )
        return cast(tensors, self.casts)

    def _usual(self, target: Tensor) -> Tensor:
        """A target of which nothing is known: whole numbers as int64, others in the module's type."""
        if target.is_complex():
            return target
        return target.to(self.floats) if target.is_floating_point() else target.long()

    def _look(self, tensors: Batch) -> None:
        for name, tensor in zip(self.layout.names if self.layout else (), tensors):
            if not self.bad and tensor.is_floating_point() and not bool(torch.isfinite(tensor.sum())):
                self.bad = f"{name} of {self.where}" if not bool(torch.isfinite(tensor).all()) else ""


def sorted_batch(batch: Any, signature: Signature, where: str) -> Parts:
    """Inputs and target of one batch; a list counts as a tuple, as DataLoaders give it."""
    if isinstance(batch, list) and all(isinstance(part, Mapping | list | tuple) or is_array(part) for part in batch):
        batch = tuple(batch)
    return sort(batch, None, signature, where)


def collated(items: Sequence[Any], where: str) -> Any:
    """Single examples as one batch.

    Raises:
        DataError: If they differ in shape.
    """
    from torch.utils.data import default_collate

    try:
        return default_collate([_plain(item) for item in items])
    except (RuntimeError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(
            f"the examples of {where} do not make a batch ({reason}): pad them to one shape, or give a DataLoader with "
            "a collate_fn of its own"
        ) from error


def _plain(item: Any) -> Any:
    """Lists of numbers, as Hugging Face's sets give them, as tensors."""
    if isinstance(item, Mapping):
        return {key: _plain(part) for key, part in item.items()}
    if isinstance(item, list) and item and isinstance(item[0], int | float | list):
        return torch.as_tensor(item)
    return tuple(_plain(part) for part in item) if isinstance(item, tuple) else item


def _tensor(leaf: Any, name: str) -> Tensor:
    if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "OUS":
        raise DataError(
            f"{name} holds words such as {str(leaf.ravel()[0])!r}: code them as whole numbers in the Dataset, since a "
            "stream does not say which words will come"
        )
    return tensor_of(leaf, name)


def _pairs(template: Any, structure: Any) -> list[tuple[int, Tensor]]:
    """Positions of a template, each with what a structure holds there."""
    if isinstance(template, Mapping):
        return [pair for key in template for pair in _pairs(template[key], structure[key])]
    if isinstance(template, list | tuple):
        return [pair for i, part in enumerate(template) for pair in _pairs(part, structure[i])]
    return [(template, structure)]
