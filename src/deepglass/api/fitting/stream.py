"""Batches of somebody else's code as examples of the loop, which asks for them by number.

The numbers only say how many examples are wanted: the next batch comes. An epoch that is resumed skips what was learnt
from; whether the same comes again is checked by the first batch of an epoch, of which the run folder keeps a checksum.
"""

import math
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from deepglass.api.fitting.batching import Batcher
from deepglass.api.fitting.repeatable import OwnRandomness
from deepglass.api.fitting.source import MOST_BATCHES, MOST_KEPT_BYTES, Source, bytes_of
from deepglass.core.errors import DataError, RunError
from deepglass.core.run_folder import RunFolder
from deepglass.core.wording import short
from deepglass.data.examples import Batch

CHECKSUM = "batches.json"  # in the run folder
CHECKED_BYTES = 2**20  # of each tensor


class Stream:
    """The batches of a source.

    Args:
        source: Gives raw batches.
        batcher: Makes tensors of them.
        seed: Of the training.
        held: Every so many-th batch belongs to validation and is passed over; 0 passes over none.
        steps: Batches that make an epoch, where the source goes on over epochs; None where an epoch is one pass.
        skip: Batches at the beginning of every pass that belong to validation.
        device: Where batches go.

    Attributes:
        total, batch_size: What the loop counts: examples where all batches but the last have one size, else batches.
    """

    def __init__(
        self,
        source: Source,
        batcher: Batcher,
        seed: int,
        held: int = 0,
        steps: int | None = None,
        skip: int = 0,
        device: torch.device | str = "cpu",
    ):
        self.source, self.batcher, self.seed, self.held, self.steps = source, batcher, seed, held, steps
        self.device, self.skip = torch.device(device), skip
        self.total, self.batch_size = steps or source.examples or 0, (source.batch_size or 1) if steps is None else 1
        self.epoch, self.position = 0, 0
        self.folder: RunFolder | None = None
        self.sample: Batch | None = None  # a batch for whoever asks before an epoch has begun
        self.walk: Iterator[Any] | None = None

    def __len__(self) -> int:
        return self.total

    def to(self, device: torch.device) -> "Stream":
        self.device = device
        return self

    def go_on(self, folder: RunFolder | None, epoch: int) -> None:
        """Begin with this epoch, and keep in the folder what shows whether the same batches come again."""
        self.folder, self.epoch = folder, epoch

    def announce(self, batches: Sequence[Tensor]) -> None:
        """An epoch begins, or goes on with so many batches left.

        Raises:
            RunError: If a training that is resumed meets other batches than before.
        """
        steps = math.ceil(self.total / self.batch_size)
        self._walk_to(self.epoch, steps - len(batches))
        self.epoch += 1

    def batch(self, indices: Tensor) -> Batch:
        """The next batch.

        Raises:
            DataError: If the source ended before the number of batches that it promised.
        """
        if self.walk is None:
            assert self.sample is not None
            return tuple(part[: len(indices)].to(self.device) for part in self.sample)
        raw = next(self.walk, None)
        if raw is None:
            raise DataError(
                f"{self.batcher.where} ended after {self.position} batches of an epoch, where "
                f"{math.ceil(self.total / self.batch_size)} were expected: give the same number every time, or say "
                "with steps_per_epoch= how many make an epoch"
            )
        batch = self.batcher(raw)
        if self.position == 0:
            self._remember(batch)
        self.position += 1
        return tuple(part.to(self.device, non_blocking=True) for part in batch)

    def in_order(self, device: torch.device) -> Iterator[Batch]:
        """All batches of the first pass: to judge a model by."""
        for raw in self._pass(0):
            yield tuple(part.to(device) for part in self.batcher(raw))

    # -- walking ------------------------------------------------------------------------------------------------

    def measure(self, wanted: int = 0) -> list[Any]:
        """Find out how many batches make an epoch, by reading one; returns every `wanted`-th of them, from the first.

        Raises:
            DataError: If it does not end, or what is wanted of it does not fit into memory.
        """
        sizes, kept, size = [], [], 0
        for i, raw in enumerate(self._raw(0)):
            if wanted and i % wanted == 0:
                kept.append(raw)
                size += bytes_of(raw)
            else:
                sizes.append(len(self.batcher.raw(raw)[1][0]))
            if i >= MOST_BATCHES or size > MOST_KEPT_BYTES:
                what = (
                    f"{i:,} batches without an end" if i >= MOST_BATCHES else f"{short(size, 'B')} for validation alone"
                )
                raise DataError(f"{self.batcher.where} gave {what}: say how many batches make an epoch with "
                                "steps_per_epoch=, and give val=")  # fmt: skip
        is_regular = bool(sizes) and all(one == sizes[0] for one in sizes[:-1]) and sizes[-1] <= sizes[0]
        self.total, self.batch_size = (sum(sizes), sizes[0]) if is_regular else (len(sizes), 1)
        self.held = wanted
        return kept

    def _pass(self, number: int) -> Iterator[Any]:
        """The batches of one pass that are for learning."""
        batches = islice(self._raw(number), self.skip, None)
        return (raw for i, raw in enumerate(batches) if not (self.held and i % self.held == 0))

    def _raw(self, number: int) -> Iterator[Any]:
        """All batches of one pass, with random numbers of its own."""
        own = OwnRandomness((self.seed * 1_000_003 + number) % 2**63)
        with own.drawn():
            batches = self.source.batches(number)
        while True:
            with own.drawn():
                raw = next(batches, None)
            if raw is None:
                return
            yield raw

    def _endless(self) -> Iterator[Any]:
        """Pass after pass; what can be read once only ends."""
        number, found = 0, True
        while found:
            found = False
            for raw in self._pass(number):
                found = True
                yield raw
            number += 1
            found = found and not self.source.is_once

    def _walk_to(self, epoch: int, position: int) -> None:
        """Stand before a batch of an epoch; a resumed training gets there by reading what lies before it."""
        goes_on = self.steps is not None
        if goes_on and self.walk is not None and position == 0:  # the next batches of the same walk
            self.position = 0
            return
        known = self._known()
        if not goes_on and known is not None and known["epoch"] == epoch - 1 and self.walk is None:
            self._require_same(next(self._pass(epoch - 1), None), known)
        self.walk = self._endless() if goes_on else self._pass(epoch)
        before = (epoch * (self.steps or 0) if goes_on else 0) + position
        for i in range(before):
            raw = next(self.walk, None)
            place = known["epoch"] * (self.steps or 0) if known and goes_on else 0
            if known is not None and i == place and (goes_on or known["epoch"] == epoch):
                self._require_same(raw, known)
        self.position = position

    # -- the same again -----------------------------------------------------------------------------------------

    def _known(self) -> dict[str, int] | None:
        if self.folder is None or not self.folder.has(CHECKSUM):
            return None
        known = self.folder.require_record(CHECKSUM, "epoch", "first")
        with self.folder.understanding(CHECKSUM):
            return {name: int(known[name]) for name in ("epoch", "first")}

    def _remember(self, batch: Batch) -> None:
        if self.folder is not None:
            self.folder.write(CHECKSUM, {"epoch": self.epoch - 1, "first": checksum(batch)})

    def _require_same(self, raw: Any, known: dict[str, int]) -> None:
        if raw is None or checksum(self.batcher(raw)) != known["first"]:
            raise RunError(
                f"{self.batcher.where} gives other batches than before: a training that is resumed would not be the "
                "same; let the order depend on a seed (DataLoader(…, generator=torch.Generator().manual_seed(0))), or "
                "train without resume"
            )


class KeptBatches:
    """Batches that were kept for validation."""

    def __init__(self, raw: list[Any], batcher: Batcher):
        self.raw, self.batcher = raw, batcher

    def __len__(self) -> int:
        return len(self.raw)

    def to(self, device: torch.device) -> "KeptBatches":
        return self

    def in_order(self, device: torch.device) -> Iterator[Batch]:
        """All of them."""
        for raw in self.raw:
            yield tuple(part.to(device) for part in self.batcher(raw))


def checksum(batch: Batch) -> int:
    """CRC-32 of the beginning of every tensor."""
    total = 0
    for part in batch:
        total = zlib.crc32(part.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()[:CHECKED_BYTES], total)
    return total
