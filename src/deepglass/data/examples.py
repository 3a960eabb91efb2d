"""Examples that a training loop can take a batch from, wherever they live.

Data that fits is held as contiguous tensors and a batch is one `index_select`; data that does not fit is decoded
when it is asked for. Both answer to the same three calls, so the loop does not know which it has.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor

Batch = tuple[Tensor, ...]  # the inputs of the model, then the target


class Examples(Protocol):
    """Anything with a length, batches by index, and a device."""

    def __len__(self) -> int: ...

    def batch(self, indices: Tensor) -> Batch:
        """The examples at `indices` (n,), on whichever device, stacked: every tensor begins with dimension n."""
        ...

    def to(self, device: torch.device) -> "Examples":
        """The same examples, living on `device` where that is possible."""
        ...


class InMemory:
    """Examples held whole: tensors of equal length, the target last.

    Args:
        tensors: Inputs of the model in the order of its `forward`, then the target; each (N, ...).
        transform: Applied to every batch, for instance scaling bytes to floats or augmentation.
    """

    def __init__(self, *tensors: Tensor, transform: Callable[[Batch], Batch] | None = None):
        self.tensors = tensors
        self.transform = transform

    def __len__(self) -> int:
        return len(self.tensors[0])

    def batch(self, indices: Tensor) -> Batch:
        indices = indices.to(self.tensors[0].device)
        picked = tuple(tensor.index_select(0, indices) for tensor in self.tensors)
        return self.transform(picked) if self.transform else picked

    def to(self, device: torch.device) -> "InMemory":
        return InMemory(*(tensor.to(device) for tensor in self.tensors), transform=self.transform)

    def subset(self, indices: Tensor) -> "InMemory":
        """Some of the examples, copied."""
        return InMemory(*(tensor.index_select(0, indices) for tensor in self.tensors), transform=self.transform)


def in_order(examples: Examples, batch_size: int, device: torch.device) -> Iterator[Batch]:
    """All examples, a batch at a time, on a device: to judge a model that lives there."""
    batches = torch.arange(len(examples)).split(batch_size)
    announce(examples, batches)
    for indices in batches:
        yield tuple(part.to(device) for part in examples.batch(indices))


def announce(examples: Examples, batches: Sequence[Tensor]) -> None:
    """Tell examples that are decoded when asked for which batches will be asked for, so that they can work ahead."""
    if works_ahead(examples):
        examples.announce(batches)  # type: ignore[attr-defined]


def works_ahead(examples: Examples) -> bool:
    """Whether examples want to know the batches in advance; they look at indices, so these stay with the processor."""
    return hasattr(examples, "announce")
