"""Pictures in files as examples: decoded when a batch asks for them, a little ahead of the training.

A folder that does not fit into memory is never held decoded: at most the batches in flight are. Decoding runs in
threads, since Pillow gives the interpreter free while it unpacks.
"""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from deepglass.core.errors import DataError
from deepglass.data.examples import Batch
from deepglass.data.reading.decode import raise_together

Item = TypeVar("Item")
Found = TypeVar("Found")
BATCHES_AHEAD = 2  # decoded before they are asked for: one may be slow, the next is there


class PicturesOnDisk:
    """Examples that live in picture files.

    Args:
        paths: One file per example.
        targets: (N,) classes; all that is held in memory.
        load: Reads one file as (H, W, channels), every picture of one size and type.
        transform: Applied to every batch of (pixels (B, C, H, W), targets).
        workers: Threads that decode.

    Example of use:
        >>> examples.announce(batches)  # doctest: +SKIP
        >>> for indices in batches:  # doctest: +SKIP
        ...     images, targets = examples.batch(indices)
    """

    def __init__(
        self,
        paths: Sequence[Path],
        targets: Tensor,
        load: Callable[[Path], np.ndarray],
        transform: Callable[[Batch], Batch],
        workers: int,
        device: torch.device | str = "cpu",
    ):
        self.paths, self.load, self.transform = list(paths), load, transform
        self.tensors = (targets.to(device),)
        self.workers, self.device = workers, device
        self.pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        self.waiting: deque[Tensor] = deque()  # announced, not yet begun
        self.flying: deque[tuple[Tensor, list[Future]]] = deque()  # begun

    def __len__(self) -> int:
        return len(self.paths)

    def batch(self, indices: Tensor) -> Batch:
        """Decode the pictures at `indices`, or take them where they were announced."""
        begun = self._begun(indices.cpu())
        self._fly()
        pictures = np.stack([future.result() for future in begun])  # (B, H, W, C)
        images = torch.from_numpy(pictures).to(self.device, non_blocking=True).permute(0, 3, 1, 2)  # (B, C, H, W)
        return self.transform((images, self.tensors[0].index_select(0, indices.to(self.device, non_blocking=True))))

    def announce(self, batches: Sequence[Tensor]) -> None:
        """Say which batches will be asked for, in order, so that decoding runs ahead of them."""
        self._forget()
        self.waiting = deque(indices.cpu() for indices in batches)
        self._fly()

    def to(self, device: torch.device) -> "PicturesOnDisk":
        return PicturesOnDisk(self.paths, self.tensors[0], self.load, self.transform, self.workers, device)

    def _begun(self, indices: Tensor) -> list[Future]:
        """The decoding of these pictures: what was announced, or begun now when another batch was."""
        if self.flying and torch.equal(self.flying[0][0], indices):
            return self.flying.popleft()[1]
        self._forget()
        return self._submit(indices)

    def _fly(self) -> None:
        while self.waiting and len(self.flying) < BATCHES_AHEAD:
            indices = self.waiting.popleft()
            self.flying.append((indices, self._submit(indices)))

    def _submit(self, indices: Tensor) -> list[Future]:
        return [self.pool.submit(self.load, self.paths[i]) for i in indices.tolist()]

    def _forget(self) -> None:
        for _, futures in self.flying:
            for future in futures:
                future.cancel()
        self.waiting.clear()
        self.flying.clear()


def load_all(paths: Sequence[Path], load: Callable[[Path], np.ndarray], workers: int) -> np.ndarray:
    """Decode every picture, (N, H, W, channels) as `load` gives them.

    Raises:
        DataError: If some are broken; they are named together.
    """
    return np.stack(map_all(load, paths, workers))


def map_all(work: Callable[[Item], Found], items: Sequence[Item], workers: int | None = None) -> list[Found]:
    """What `work` makes of every item, in threads.

    Raises:
        DataError: If some are broken; they are named together.
    """

    def attempt(item: Item) -> Found | DataError:
        try:
            return work(item)
        except DataError as error:
            return error

    with ThreadPoolExecutor(workers or os.cpu_count() or 1, thread_name_prefix="decode") as pool:
        found = list(pool.map(attempt, items))
    raise_together([str(made) for made in found if isinstance(made, DataError)])
    return found  # type: ignore[return-value]
