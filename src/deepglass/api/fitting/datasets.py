"""A Dataset of PyTorch, or anything with a length and numbered examples, as examples of the loop.

What holds tensors is taken as tensors. What makes its examples when asked may make them at random; each batch then
draws from a generator that depends on the seed and on which examples are in it, so that a resumed training sees the
same.
"""

import zlib
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset, Subset, TensorDataset

from deepglass.api.fitting.batching import Batcher, collated
from deepglass.api.fitting.repeatable import OwnRandomness
from deepglass.data.examples import Batch


class NumberedExamples:
    """Examples that a Dataset makes when a batch asks for them.

    Args:
        dataset: With a length and `dataset[i]`.
        batcher: Makes tensors of its batches.
        seed: Of the training.
        weights: (N,) what each example counts.
    """

    def __init__(
        self,
        dataset: Any,
        batcher: Batcher,
        seed: int,
        weights: Tensor | None = None,
        device: torch.device | str = "cpu",
    ):
        self.dataset, self.batcher, self.seed, self.weights = dataset, batcher, seed, weights
        self.device = torch.device(device)

    def __len__(self) -> int:
        return len(self.dataset)

    def batch(self, indices: Tensor) -> Batch:
        indices = indices.cpu()
        tensors = self.batcher(self.raw(indices))
        tensors = tensors if self.weights is None else (*tensors, self.weights[indices])
        return tuple(tensor.to(self.device, non_blocking=True) for tensor in tensors)

    def raw(self, indices: Tensor) -> Any:
        """These examples as the Dataset makes them, as one batch."""
        seed = zlib.crc32(indices.numpy().tobytes(), self.seed % 2**32)
        with OwnRandomness(seed).drawn():
            return collated([self.dataset[i] for i in indices.tolist()], self.batcher.where)

    def to(self, device: torch.device) -> "NumberedExamples":
        return NumberedExamples(self.dataset, self.batcher, self.seed, self.weights, device)

    def announce(self, batches: Any) -> None:
        """Indices are wanted by the processor: examples are made there."""


def is_numbered(data: Any) -> bool:
    """Whether data are a Dataset whose examples have numbers."""
    if isinstance(data, Dataset):
        return hasattr(data, "__len__") and hasattr(data, "__getitem__")
    kinds = str | bytes | dict | list | tuple | Tensor
    is_sized = hasattr(data, "__len__") and hasattr(data, "__getitem__")
    return is_sized and not isinstance(data, kinds) and not hasattr(data, "__array__") and not hasattr(data, "toarray")


def tensors_of(data: Any) -> tuple[Tensor, ...] | None:
    """The tensors of a TensorDataset, or of a part of one; None where there are none."""
    if type(data) is TensorDataset:
        return data.tensors
    if type(data) is Subset and (whole := tensors_of(data.dataset)) is not None:
        rows = torch.as_tensor(data.indices)
        return tuple(tensor[rows] for tensor in whole)
    return None
