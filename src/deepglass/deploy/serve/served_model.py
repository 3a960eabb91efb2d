"""A model that is being served: its bundle, the queue before it, and what is known of its health."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.records import Inspected, Light
from deepglass.deploy.runtime.room import Share
from deepglass.deploy.serve.batching import Batcher
from deepglass.deploy.serve.bounds import TensorBounds
from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.counts import Counts
from deepglass.deploy.serve.drift import DriftWatch
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.metrics import Metrics
from deepglass.deploy.serve.preparation import LIGHT_PIXELS, HeavyWork, Preparation, nbytes_of
from deepglass.deploy.serve.responses import in_parts
from deepglass.deploy.serve.tensors import Tensors

T = TypeVar("T")
FRESH_SECONDS = 10.0  # an inference that succeeded this recently proves health; Kubernetes asks every 10 s


@dataclass(frozen=True)
class Lane:
    """What jobs must share to be computed together: outputs, shapes that fit, and whether the drift watch sees them."""

    outputs: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    is_watched: bool


class ServedModel:
    """One version of one model.

    Args:
        bundle: The exported model.
        config: Settings of the server.
        metrics: Where batches and queue are counted.
        heavy: What it shares with other models for making large requests ready.
    """

    def __init__(self, bundle: Bundle, config: ServeConfig, metrics: Metrics, heavy: HeavyWork):
        self.bundle, self.config = bundle, config
        self.name, self.version, self.task = bundle.name, bundle.version, bundle.task
        self.bounds = TensorBounds(bundle, config)
        self.inputs = {spec["name"]: spec for spec in self.bounds.inputs}
        self.outputs = {spec["name"]: spec for spec in bundle.tensors["outputs"]}
        self.max_rows = self.bounds.max_rows
        self.drift = DriftWatch(bundle.inputs)
        self.counts = Counts()
        self.preparation = Preparation(heavy, config.queue)
        self.batcher = Batcher(self._compute, config.max_batch, config.max_wait_ms / 1000, config.queue)
        self.typical_record = bundle.lead.typical_record()
        self._typical = bundle.encode([self.typical_record])
        self._last_success = float("-inf")
        self._watch(metrics)

    async def prepared(
        self, read: Callable[[], tuple[T, Tensors | Inspected]], size: int, share: Share
    ) -> tuple[T, Tensors]:
        """What a large body asks, as tensors, made where it holds up nobody (`Preparation`).

        Args:
            read: From the body to what it says besides, and tensors, or pictures and texts that will become tensors.
            size: Of the body, in bytes.
            share: Of the memory for tensors.

        Raises:
            InputError: If a record does not fit the schema.
            RequestError: As `Preparation.run`.
        """

        def work(is_wanted: Callable[[], bool]) -> tuple[T, Tensors | Inspected]:
            about, found = read()
            is_done = isinstance(found, dict) or found.pixels > LIGHT_PIXELS
            return (about, found) if is_done else (about, found.encode(is_wanted))  # type: ignore[union-attr]

        about, found = await self.preparation.run(work, size, share, lambda made: size_of(made[1]))
        return about, found if isinstance(found, dict) else await self.unpacked(found, share)

    async def unpacked(self, found: Inspected, share: Share) -> Tensors:
        """The tensors of pictures or texts that were looked at, made in a thread."""
        run = self.preparation.run_light if found.pixels <= LIGHT_PIXELS else self.preparation.run_heavy
        return await run(found.encode, share, nbytes_of)

    def inspected(self, records: list[Any]) -> tuple[list[dict[str, Any]], Tensors | Inspected]:
        """What the records add to their answers, such as times, a list that is full once they are tensors; and the
        tensors, or what will become them.

        Raises:
            InputError: If a record does not fit the schema.
        """
        found = self.bundle.inspect(self.bounds.check_records(records))
        return found.notes, found.encode(lambda: True) if isinstance(found, Light) else found

    async def infer(
        self,
        tensors: Tensors,
        outputs: list[str] | None = None,
        seconds: float | None = None,
        is_watched: bool = True,
    ) -> Tensors:
        """The graph's outputs for tensors that were checked against `inputs`.

        Args:
            tensors: By name, all with as many rows.
            outputs: Those that are wanted; None means all.
            seconds: Until an answer is of no use any more; None where the caller sees to that.
            is_watched: Whether these are inputs as they come, which the drift watch and the statistics count.

        Raises:
            RequestError: 503 if too many wait, 504 if it took too long, 422 if the graph cannot take the values.
        """
        shapes = tuple(self.bundle.lead.lane(array) for array in tensors.values())
        lane = Lane(tuple(outputs or self.outputs), shapes, is_watched)
        rows = len(next(iter(tensors.values())))
        began = time.perf_counter()
        try:
            answers = await self.batcher.compute(tensors, rows, lane, seconds)
        except Exception:
            self.counts.failed += is_watched
            raise
        if is_watched:
            self.counts.add(rows, time.perf_counter() - began)
        return answers

    async def answer(
        self, tensors: Tensors, notes: list[dict[str, Any]], is_watched: bool = True, limit: float | None = None
    ) -> list[dict[str, Any]]:
        """Answers to the tensors of records, one per record.

        Args:
            tensors: Of the records, as `prepared` makes them.
            notes: What the records add to their answers; empty where they add nothing.
            is_watched: As for `infer`.
            limit: Of what a coverage adds to the answers (`runtime/coverage.py`).

        Raises:
            RequestError: As `infer`.
        """
        outputs = await self.infer(tensors, self.bundle.answers.needed, is_watched=is_watched)
        answers: list[dict[str, Any]] = []
        for part in in_parts(outputs, self.bounds.width):
            answers += self.bundle.decode(part, limit)
            await asyncio.sleep(0)
        return self.bundle.answers.with_notes(answers, notes)

    async def is_ready(self) -> bool:
        """Whether a real inference succeeded just now; makes one if the last is not fresh."""
        if time.monotonic() - self._last_success > FRESH_SECONDS:
            try:
                await self.infer(self._typical, seconds=FRESH_SECONDS, is_watched=False)
            except Exception:  # whatever it is, the model does not answer
                return False
        return True

    async def close(self) -> None:
        """Finish what waits; the session goes with the last reference to the bundle."""
        await self.batcher.close()
        self.preparation.close()

    def _compute(self, parts: list[Tensors], lane: Lane) -> list[Tensors | Exception]:
        """In the thread: one batch; where it fails, each part alone, so that one bad request harms no other."""
        start = time.perf_counter()
        try:
            answers = self._compute_together(parts, lane)
        except Exception:
            return [self._compute_alone(part, lane) for part in parts]
        if lane.is_watched:
            self.counts.add_batch(time.perf_counter() - start)
        self._seconds.observe(time.perf_counter() - start)
        self._last_success = time.monotonic()
        return answers

    def _compute_together(self, parts: list[Tensors], lane: Lane) -> list[Tensors | Exception]:
        joined = {name: self._joined([part[name] for part in parts]) for name in parts[0]}
        rows = len(next(iter(joined.values())))
        self._batch_rows.observe(rows)
        if lane.is_watched:
            self.drift.observe(joined)
        most = self.bounds.rows_at_once(joined)
        chunks = [self.bundle.run(rows_from(joined, i, most), [*lane.outputs]) for i in range(0, rows, most)]
        whole = chunks[0] if len(chunks) == 1 else {n: np.concatenate([c[n] for c in chunks]) for n in lane.outputs}
        ends = np.cumsum([len(next(iter(part.values()))) for part in parts]).tolist()
        return [{name: whole[name][a:b] for name in lane.outputs} for a, b in zip([0, *ends], ends)]

    def _compute_alone(self, part: Tensors, lane: Lane) -> Tensors | Exception:
        """If the graph refuses this part and takes a typical one, the values are at fault; otherwise we are."""
        try:
            return self._compute_together([part], lane)[0]
        except Exception as error:
            try:
                self.bundle.run(self._typical)
            except Exception:
                self._last_success = float("-inf")
                return error
        return RequestError(422, "the model cannot compute with these values: are ids and lengths within its range?")

    def _joined(self, arrays: list[np.ndarray]) -> np.ndarray:
        return arrays[0] if len(arrays) == 1 else self.bundle.lead.joined(arrays)

    def _watch(self, metrics: Metrics) -> None:
        names = (self.name, self.version)
        self._batch_rows, self._seconds = metrics.batch_rows.labels(*names), metrics.inference_seconds.labels(*names)
        self.queue_gauge = metrics.queue.labels(*names)


def rows_from(tensors: Tensors, start: int, count: int) -> Tensors:
    """At most `count` rows."""
    return {name: array[start : start + count] for name, array in tensors.items()}


def size_of(found: Tensors | Inspected) -> int:
    """Bytes of tensors that are there."""
    return nbytes_of(found) if isinstance(found, dict) else 0
