"""Batches of a loader, an iterable, a function or a generator, as they were given, and which are for validation."""

from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from torch import Tensor
from torch.utils.data import DataLoader

from deepglass.api.fitting import source as sources
from deepglass.api.fitting.batching import Batcher
from deepglass.api.fitting.layout import Layout
from deepglass.api.fitting.stream import KeptBatches, Stream, checksum
from deepglass.core.errors import DataError
from deepglass.data.examples import Batch, Examples


@dataclass
class GivenBatches:
    """Batches of a loader, an iterable, a function or a generator.

    data: As it was given; batch_size: to gather single examples to; steps: batches that make an epoch, where asked.
    is_judged: Whether a model is judged by them, and not taught: then nobody needs to know how many there are.
    """

    data: Any
    batcher: Batcher
    batch_size: int | None = None
    steps: int | None = None
    seed: int = 0
    is_judged: bool = False

    def __post_init__(self):
        self.source = sources.source_of(
            self.data, self.batch_size, self.batcher.where, self.batcher, is_endless=self.steps is not None
        )
        self.kept: list[Any] = []
        self.seen: Batch = ()
        self.measured: tuple[int, int, int] | None = None
        self.skip = 0  # batches of every pass that are kept for validation

    def first(self) -> tuple[Layout, Batch, Batch]:
        """The layout and the tensors of the first batch, as they came and as they are given to the module.

        Raises:
            DataError: If the source gave no batch.
        """
        stream = self._stream()
        raw = next(stream._pass(0), None)
        if raw is None:
            raise DataError(f"{self.batcher.where} gave no batch: expected at least one")
        if self.source.is_once:
            self._put_back(raw)
        layout, self.seen = self.batcher.raw(raw)
        return layout, self.seen, self.seen

    def divide(self, fraction: float, seed: int) -> tuple["GivenBatches", Any]:
        """Parts of the same loader; where its order is its own, every so many-th batch is kept for validation.

        Raises:
            DataError: If the batches come in another order every time, so that none can be kept apart.
        """
        if isinstance(self.data, DataLoader) and (loaders := sources.divided(self.data, fraction, seed)) is not None:
            sizes: list[Any] = [len(loader.dataset) for loader in loaders]  # type: ignore[arg-type]
            sources.require_two(sum(sizes), sizes[1], self.batcher.where)
            train, val = replace(self, data=loaders[0]), replace(self, data=loaders[1], steps=None, is_judged=True)
            train.seen = self.seen
            return train, val
        if self.steps is not None:
            return self._first_ones(max(1, round(self.steps * fraction)))
        return self._every(max(2, round(1 / fraction)))

    def examples(self, weights: Tensor | None, seed: int) -> Examples:
        stream = self._stream()
        if self.measured:
            stream.total, stream.batch_size, stream.held = self.measured
        elif not stream.total and not self.is_judged:
            stream.measure()
        stream.sample = self.batcher.finished(self.seen) if self.seen else None
        return stream  # type: ignore[return-value]

    def _stream(self) -> Stream:
        return Stream(self.source, self.batcher, self.seed, steps=self.steps, skip=self.skip)

    def _every(self, wanted: int) -> tuple["GivenBatches", "GivenKept"]:
        stream = self._stream()
        self.kept = stream.measure(wanted)
        self.measured = (stream.total, stream.batch_size, stream.held)
        if not stream.total:
            raise DataError(f"{self.batcher.where} gave one batch alone: give validation data as val=, or more batches")
        self._require_order(stream)
        return self, GivenKept(self.kept, self.batcher)

    def _first_ones(self, count: int) -> tuple["GivenBatches", "GivenKept"]:
        """The first batches of what goes on over epochs; no pass comes back to them."""
        stream = self._stream()
        self.kept = list(islice(stream.source.batches(0) if self.source.is_once else stream._raw(0), count))
        if not self.source.is_once:
            self._require_order(stream)
            self.skip = count
        return self, GivenKept(self.kept, self.batcher)

    def _require_order(self, stream: Stream) -> None:
        """Raises DataError where another pass begins otherwise: what is kept for validation would come again."""
        again = next(stream._raw(1), None)
        if again is None or self._sum(again) != self._sum(self.kept[0]):
            raise DataError(
                f"{self.batcher.where} gives its batches in another order every time, so none can be kept for "
                "validation: give validation data as val="
            )

    def _put_back(self, raw: Any) -> None:
        rest = chain([raw], self.source.batches(0))
        self.source = replace(self.source, batches=lambda epoch: rest)

    def _sum(self, raw: Any) -> int:
        return checksum(self.batcher.raw(raw)[1])


@dataclass
class GivenKept:
    """Batches that were kept apart for validation."""

    raw: list[Any]
    batcher: Batcher

    def examples(self, weights: Tensor | None, seed: int) -> Examples:
        return KeptBatches(self.raw, self.batcher)  # type: ignore[return-value]
