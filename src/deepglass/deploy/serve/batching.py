"""Dynamic batching: requests that wait at the same time are computed together.

One thread computes for a model. While it is busy, requests gather; when it is free, it takes as many as fit. Nobody
waits for company that is not on its way: only while other requests' bodies are still arriving does a batch stay open,
and then for `max_wait_s` at most. So a lone client has no delay, and many clients get large batches. A job that is
alone, and of a kind that was computed within `QUICK_SECONDS` before, is computed at once in the event loop: on a busy
machine the way to the thread and back takes many times as long.

Crankshaw et al. (2017), Clipper: A Low-Latency Online Prediction Serving System, https://arxiv.org/abs/1612.03079
(their adaptive batching; our batch size adapts by what has gathered instead of by a search).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.tensors import Tensors

QUICK_SECONDS = 0.0005  # that the loop may stand still
MOST_KINDS = 64  # whose times are remembered
Work = Callable[[list[Tensors], Hashable], list[Tensors | Exception]]


@dataclass(slots=True, eq=False)
class Job:
    """One request's share of a batch."""

    tensors: Tensors
    rows: int
    lane: Hashable  # only jobs of one lane may be computed together
    answer: asyncio.Future


class Batcher:
    """The queue before one model.

    Args:
        work: Computes the answers of several jobs of one lane, in a thread; an exception stands for one that failed.
        max_batch: Most rows of a batch; a job that is larger goes alone.
        max_wait_s: Longest time that a batch stays open for requests that are arriving.
        max_queue: Jobs that may wait.
    """

    def __init__(self, work: Work, max_batch: int, max_wait_s: float, max_queue: int):
        self.work, self.max_batch, self.max_wait_s, self.max_queue = work, max_batch, max_wait_s, max_queue
        self.waiting: deque[Job] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")
        self._least_seconds: dict[tuple[Hashable, int], float] = {}  # that a lone job took, by its lane and rows
        self._is_busy = False
        self._arriving = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_closing = False
        self._idle = asyncio.Event()
        self._idle.set()

    def __len__(self) -> int:
        """Jobs that wait."""
        return len(self.waiting)

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """Announces a request whose body is being read: a batch may wait for it a little."""
        self._arriving += 1
        try:
            yield
        finally:
            self._arriving -= 1
            if self.waiting:
                self._consider()

    async def compute(self, tensors: Tensors, rows: int, lane: Hashable, seconds: float | None = None) -> Tensors:
        """The answer to one job, within `seconds`; None where the caller sees to that.

        Raises:
            RequestError: 503 if too many wait or the model is being unloaded, 504 if the answer took too long.
        """
        if self._is_closing or len(self.waiting) >= self.max_queue:
            why = "the model is being unloaded" if self._is_closing else f"{len(self.waiting)} requests are waiting"
            raise RequestError(503, f"{why}: try again in a second", headers={"Retry-After": "1"})
        loop = asyncio.get_running_loop()
        job = Job(tensors, rows, lane, loop.create_future())
        self.waiting.append(job)
        self._idle.clear()
        loop.call_soon(self._consider)  # after all requests that are at hand in this turn of the loop
        if seconds is None:
            return await job.answer
        try:
            async with asyncio.timeout(seconds):
                return await job.answer
        except TimeoutError:
            raise RequestError(504, f"no answer within {seconds:g} s: send less, or allow more time") from None

    async def close(self) -> None:
        """Take no more, finish what waits, end the thread."""
        self._is_closing = True
        await self._idle.wait()
        self._thread.shutdown(wait=False)

    def _consider(self) -> None:
        """Start a batch, unless the thread is busy or somebody is worth waiting for."""
        if self._is_busy or not self.waiting:
            return
        is_full = sum(job.rows for job in self.waiting) >= self.max_batch
        if is_full or not self._arriving or self._is_closing:
            self._start()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.max_wait_s, self._start)

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_busy:
            return
        batch = self._take()
        if not batch:
            self._idle.set()
            return
        if len(batch) == 1 and self._is_quick(batch[0]):
            self._hand_out(batch, self._timed_or_failed(batch))
            return
        self._is_busy = True
        done = asyncio.get_running_loop().run_in_executor(self._thread, self._timed, batch)
        done.add_done_callback(lambda answers: self._deliver(batch, answers))

    def _timed(self, batch: list[Job]) -> list[Tensors | Exception]:
        """The answers of a batch; of a lone job the time is remembered, the least one, as others disturb the rest."""
        began = time.perf_counter()
        answers = self.work([job.tensors for job in batch], batch[0].lane)
        if len(batch) == 1:
            kind, seconds = (batch[0].lane, batch[0].rows), time.perf_counter() - began
            self._least_seconds[kind] = min(seconds, self._least_seconds.get(kind, seconds))
        return answers

    def _timed_or_failed(self, batch: list[Job]) -> list[Any]:
        try:
            return self._timed(batch)
        except Exception as error:
            return [error] * len(batch)

    def _is_quick(self, job: Job) -> bool:
        if len(self._least_seconds) > MOST_KINDS:
            self._least_seconds.clear()
        return self._least_seconds.get((job.lane, job.rows), QUICK_SECONDS) < QUICK_SECONDS

    def _take(self) -> list[Job]:
        """The oldest job that still wants an answer, and those of its lane that fit beside it."""
        batch: list[Job] = []
        others: list[Job] = []
        rows = 0
        while self.waiting and rows < self.max_batch:
            job = self.waiting.popleft()
            if job.answer.done():  # its deadline passed, or its client left
                continue
            fits = not batch or (job.lane == batch[0].lane and rows + job.rows <= self.max_batch)
            (batch if fits else others).append(job)
            rows += job.rows if fits else 0
        self.waiting.extendleft(reversed(others))
        return batch

    def _deliver(self, batch: list[Job], done: asyncio.Future) -> None:
        self._is_busy = False
        error = done.exception()
        self._hand_out(batch, [error] * len(batch) if error else done.result())

    def _hand_out(self, batch: list[Job], answers: list[Any]) -> None:
        for job, answer in zip(batch, answers, strict=True):
            if job.answer.done():
                continue
            if isinstance(answer, BaseException):
                job.answer.set_exception(answer)
            else:
                job.answer.set_result(answer)
        if self.waiting:
            asyncio.get_running_loop().call_soon(self._consider)
        else:
            self._idle.set()
