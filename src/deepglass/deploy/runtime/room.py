"""Memory for what is on its way: so many bytes for all requests together, and a queue for what does not fit yet.

    with room.share() as share:
        await share.grow(65_536)  # waits while others have taken all the room
        share.settle()            # nothing more will come; held until the end of the block

The oldest that is still growing waits only for those that have settled, not for others that grow, so that they never
wait for each other; what is taken is then at most twice the room. Nobody holds it by sending slowly: while others wait,
who takes a good part of it and sends slower than `least_pace` is evicted.
"""

import asyncio
import time
from collections.abc import Callable

PACE_SECONDS = 1.0  # over which a pace is measured; before, nobody is called slow
LOOK_SECONDS = 0.25  # between two looks whether there is room
GOOD_PART = 1 / 16  # of the room: who holds less is in nobody's way


class Room:
    """Bytes that all requests share.

    Args:
        most: How many; a request that is alone may take more.
        least_pace: Bytes per second below which a request makes room for others.
    """

    def __init__(self, most: int, least_pace: float = 0.0):
        self.most, self.least_pace, self.taken = most, least_pace, 0
        self.shares: dict[Share, None] = {}  # those that hold or want something, oldest first

    def share(self) -> "Share":
        """A request's part of it, nothing yet."""
        return Share(self)

    def make_way(self) -> None:
        """Evict one that holds up the others."""
        now, least = time.monotonic(), GOOD_PART * self.most
        sending = [share for share in self.shares if share.is_growing and not share.is_blocked and share.bytes >= least]
        slow = [share for share in sending if share.pace(now) < self.least_pace]
        if slow:
            min(slow, key=lambda share: share.pace(now)).evict()

    def has_room_for(self, share: "Share", size: int) -> bool:
        """Whether a share may grow now."""
        if self.taken + size <= self.most:
            return True
        if share is not next((other for other in self.shares if other.is_growing), None):
            return False
        settled = sum(other.bytes for other in self.shares if not other.is_growing)
        return settled == 0 or settled + share.bytes + size <= self.most


class Share:
    """What one request has taken; a context that gives it back."""

    def __init__(self, room: Room):
        self.room, self.bytes = room, 0
        self.is_growing, self.is_blocked = True, False
        self.evict: Callable[[], object] = lambda: None  # what to do when this one has to make way
        self._marked, self._bytes_then, self._pace = time.monotonic(), 0, float("inf")
        self._may_look = asyncio.Event()

    def __enter__(self) -> "Share":
        self.room.shares[self] = None
        return self

    def __exit__(self, *_: object) -> None:
        self.shrink_to(0)
        del self.room.shares[self]
        self._let_others_look()

    async def grow(self, size: int) -> None:
        """Take `size` bytes more, as soon as there is room."""
        while size > 0 and not self.room.has_room_for(self, size):
            self.is_blocked = True
            self._may_look.clear()
            try:
                self.room.make_way()
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._may_look.wait()
            except TimeoutError:
                pass
            finally:
                self.is_blocked, self._marked, self._bytes_then = False, time.monotonic(), self.bytes
        self.take(size)

    def take(self, size: int) -> None:
        """Take `size` bytes more without waiting: they are there already."""
        self.bytes += size
        self.room.taken += size

    def settle(self) -> None:
        """Nothing more will be wanted: this one is on its way out, whatever its pace."""
        self.is_growing = False
        self._let_others_look()

    def shrink_to(self, size: int) -> None:
        """Give back what is held beyond `size` bytes."""
        if size < self.bytes:
            self.room.taken -= self.bytes - size
            self.bytes = size
            self._let_others_look()

    def _let_others_look(self) -> None:
        for share in self.room.shares:
            share._may_look.set()

    def pace(self, now: float) -> float:
        """Bytes per second, lately."""
        if now - self._marked > PACE_SECONDS:
            self._pace = (self.bytes - self._bytes_then) / (now - self._marked)
            self._marked, self._bytes_then = now, self.bytes
        return self._pace
