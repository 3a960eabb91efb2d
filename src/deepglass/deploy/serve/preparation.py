"""Making requests ready away from the event loop: parsing what is large, unpacking pictures, taking texts apart.

    small                     at once, in the loop
    up to 256 KB, 1 megapixel threads of the model's own
    more                      one thread for all models, which take turns: each has one request in it at a time

So what is large waits for what is large, and nothing else does; and of what unpacking needs, the memory is there once.
A request leaves its lane when there is room for what was made of it (`Room`), so what is ready and waits to be computed
is bounded too. Who waits no longer, because the deadline passed or the client left, is passed over.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from deepglass.deploy.runtime.errors import BodyError, InputError
from deepglass.deploy.runtime.room import Room, Share
from deepglass.deploy.serve.errors import RequestError

INLINE_BYTES = 16_384  # of a body: parsed in half a millisecond, whatever it holds
LIGHT_BYTES = 262_144  # of a body
LIGHT_PIXELS = 1_048_576
LIGHT_THREADS = min(4, max(1, (os.cpu_count() or 1) // 2))  # the loop and the model want the rest
LIGHT_TURNS = 8  # requests of a model that are in them, or wait in front: the next begins without asking the loop
T = TypeVar("T")
Work = Callable[[Callable[[], bool]], T]  # asks now and then whether it is still wanted
RETRY = {"Retry-After": "1"}
logger = logging.getLogger("deepglass.serve")


class HeavyWork:
    """The thread that all models share, and the memory for what is ready.

    Args:
        most_bytes: Of tensors that wait to be computed.
    """

    def __init__(self, most_bytes: int):
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="heavy")
        self.tensors = Room(most_bytes)

    def close(self) -> None:
        """End the thread."""
        self.thread.shutdown(wait=False, cancel_futures=True)


class Preparation:
    """The lanes of one model.

    Args:
        heavy: What it shares with the others.
        most: Requests that may wait.
    """

    def __init__(self, heavy: HeavyWork, most: int):
        self.heavy, self.most = heavy, most
        self.waiting = 0
        self._threads = ThreadPoolExecutor(LIGHT_THREADS, thread_name_prefix="light")
        self._light_turn, self._heavy_turn = asyncio.Semaphore(LIGHT_TURNS), asyncio.Semaphore(1)

    async def run(self, work: Work[T], size: int, share: Share, nbytes: Callable[[T], int]) -> T:
        """What `work` makes of a body of `size` bytes that is not small; `share` grows by what it takes.

        Raises:
            RequestError: 503 if too many wait, 422 if the work fails in a way that nobody foresaw.
        """
        if size > LIGHT_BYTES:
            return await self.run_heavy(work, share, nbytes)
        return await self.run_light(work, share, nbytes)

    async def run_light(self, work: Work[T], share: Share, nbytes: Callable[[T], int]) -> T:
        """In the model's own threads.

        Raises:
            RequestError: 503 if too many requests are waiting, and what `guarded` raises.
        """
        return await self._run(self._light_turn, self._threads, work, share, nbytes)

    async def run_heavy(self, work: Work[T], share: Share, nbytes: Callable[[T], int]) -> T:
        """In the thread that all models share.

        Raises:
            RequestError: 503 if too many requests are waiting, and what `guarded` raises.
        """
        return await self._run(self._heavy_turn, self.heavy.thread, work, share, nbytes)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(
        self,
        turn: asyncio.Semaphore,
        threads: ThreadPoolExecutor,
        work: Work[T],
        share: Share,
        nbytes: Callable[[T], int],
    ) -> T:
        if self.waiting >= self.most:
            raise RequestError(503, f"{self.waiting} requests are waiting: try again in a second", headers=RETRY)
        self.waiting += 1
        is_over = False
        try:
            async with turn:
                loop = asyncio.get_running_loop()
                made = await loop.run_in_executor(threads, guarded, work, lambda: not is_over)
                await share.grow(nbytes(made))
                return made
        finally:
            is_over = True
            self.waiting -= 1


def guarded(work: Work[T], is_wanted: Callable[[], bool]) -> T:
    """What is made of a request hangs on nothing but the request: if it fails, something in it is at fault.

    Raises:
        RequestError: 413 if the memory is not enough, 422 after an error that nobody foresaw.
        InputError, BodyError, TimeoutError: As the work raised them.
    """
    try:
        return work(is_wanted)
    except (RequestError, InputError, BodyError, TimeoutError):
        raise
    except MemoryError:
        raise RequestError(413, "this takes more memory than there is: send less at once") from None
    except Exception as error:
        logger.exception("a request failed in a way that nobody foresaw: please report it")
        raise RequestError(422, "the request cannot be read; the server's log says where, under its id") from error


def nbytes_of(tensors: dict[str, Any]) -> int:
    """Of arrays; of texts the references to them."""
    return sum(array.nbytes for array in tensors.values())
