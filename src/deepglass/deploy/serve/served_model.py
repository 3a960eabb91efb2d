"""A model that is being served: its bundle, the queue before it, and what is known of its health."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core.wording import listing
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.serve.batching import Batcher
from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.drift import DriftWatch
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.examples import typical_record
from deepglass.deploy.serve.metrics import Metrics
from deepglass.deploy.serve.tensors import Tensors

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
    """

    def __init__(self, bundle: Bundle, config: ServeConfig, metrics: Metrics):
        self.bundle, self.config = bundle, config
        self.name, self.version, self.task = bundle.name, bundle.version, bundle.task
        self.inputs = {spec["name"]: spec for spec in bundle.tensors["inputs"]}
        self.outputs = {spec["name"]: spec for spec in bundle.tensors["outputs"]}
        self.max_rows = min(config.max_rows, bundle.limits["rows"])
        self.drift = DriftWatch(bundle.schema)
        self.batcher = Batcher(self._compute, config.max_batch, config.max_wait_ms / 1000, config.queue)
        self._categories = {
            described["tensor"]: (described["name"], {"", *described["categories"]})  # "" where the cell is empty
            for described in bundle.schema["inputs"]
            if described["kind"] == "category"
        }
        self._padding = bundle.schema["inputs"][0].get("padding") if self.task == "text-classification" else None
        self._typical = bundle.encode([typical_record(bundle.schema)])
        self._last_success = float("-inf")
        self._watch(metrics)

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
            seconds: Until an answer is of no use any more.
            is_watched: Whether these are inputs as they come, which the drift watch counts.

        Raises:
            RequestError: 503 if too many wait, 504 if it took too long, 422 if the graph cannot take the values, or a
                category is not one of training.
        """
        self._check_categories(tensors)
        shapes = tuple(self._shape(array) for array in tensors.values())
        lane = Lane(tuple(outputs or self.outputs), shapes, is_watched)
        rows = len(next(iter(tensors.values())))
        return await self.batcher.compute(tensors, rows, lane, seconds or self.config.timeout_s)

    async def answer(
        self, records: list[Any], seconds: float | None = None, is_watched: bool = True
    ) -> list[dict[str, Any]]:
        """Answers to records as people have them; the arguments are those of `infer`.

        Raises:
            InputError: If a record does not fit the schema.
            RequestError: As `infer`.
        """
        tensors = await asyncio.to_thread(self.bundle.encode, records)
        outputs = await self.infer(tensors, self.bundle.answers.needed, seconds, is_watched)
        return self.bundle.encoder.annotate(records, self.bundle.decode(outputs))

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

    def _check_categories(self, tensors: Tensors) -> None:
        """The graph has a code for unknown words; a server's caller is better told of the typing error."""
        for tensor, (name, known) in self._categories.items():
            for word in tensors[tensor].ravel().tolist():
                if word not in known:
                    categories, came = listing(sorted(known - {""}), 10), str(word)[:60]
                    raise RequestError(422, f"{name}: {came!r} was not in training; known: {categories}", name)

    def _shape(self, array: np.ndarray) -> tuple[int, ...]:
        """What must agree between arrays of a batch; padded texts need only be of similar length."""
        if self._padding is None:
            return array.shape[1:]
        return ((array.shape[1] - 1).bit_length(),)  # the next power of two: at most half of a row is padding

    def _compute(self, parts: list[Tensors], lane: Lane) -> list[Tensors | Exception]:
        """In the thread: one batch; where it fails, each part alone, so that one bad request harms no other."""
        start = time.perf_counter()
        try:
            answers = self._compute_together(parts, lane)
        except Exception:
            return [self._compute_alone(part, lane) for part in parts]
        self._seconds.observe(time.perf_counter() - start)
        self._last_success = time.monotonic()
        return answers

    def _compute_together(self, parts: list[Tensors], lane: Lane) -> list[Tensors | Exception]:
        joined = {name: self._join([part[name] for part in parts]) for name in parts[0]}
        rows = len(next(iter(joined.values())))
        self._batch_rows.observe(rows)
        if lane.is_watched:
            self.drift.observe(joined)
        starts = range(0, rows, self.config.max_batch)
        chunks = [self.bundle.run(self._rows_from(joined, start), [*lane.outputs]) for start in starts]
        whole = chunks[0] if len(chunks) == 1 else {n: np.concatenate([c[n] for c in chunks]) for n in lane.outputs}
        ends = np.cumsum([len(next(iter(part.values()))) for part in parts]).tolist()
        return [{name: whole[name][a:b] for name in lane.outputs} for a, b in zip([0, *ends], ends)]

    def _rows_from(self, tensors: Tensors, start: int) -> Tensors:
        """At most a largest batch of rows."""
        return {name: array[start : start + self.config.max_batch] for name, array in tensors.items()}

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

    def _join(self, arrays: list[np.ndarray]) -> np.ndarray:
        if len(arrays) == 1:
            return arrays[0]
        if self._padding is not None:
            longest = max(array.shape[1] for array in arrays)
            arrays = [
                np.pad(array, ((0, 0), (0, longest - array.shape[1])), constant_values=self._padding)
                for array in arrays
            ]  # fmt: skip
        return np.concatenate(arrays)

    def _watch(self, metrics: Metrics) -> None:
        names = (self.name, self.version)
        self._batch_rows, self._seconds = metrics.batch_rows.labels(*names), metrics.inference_seconds.labels(*names)
        self.queue_gauge = metrics.queue.labels(*names)
