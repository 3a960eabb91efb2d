"""What the connections of a process share: how many there may be, how long each may be silent, how fast 4xx go out.

A connection that is between two requests, or in the middle of a head, is waiting. When there are too many, the one that
has waited longest makes room, so nobody keeps others out by opening connections and sending nothing.
"""

from collections.abc import Iterable
from typing import Protocol

from deepglass.deploy.runtime.limits import Limits

LEAVE_SECONDS = 2.0  # for a client to read why it was refused
BURST = 0.25  # seconds' worth of refusals that go out at once
LONGEST_DELAY = 2.0  # seconds; a crowd beyond that is refused as it comes


class Connection(Protocol):
    """One that can be looked at."""

    def look(self, now: float) -> None:
        """Close it if its time is over."""
        ...

    def evict(self) -> None:
        """Close it to make room."""
        ...


class RefusalPace:
    """Spreads answers of 4xx over time: so many a second for the whole process.

    Whoever attacks sends what is refused, and sends the next when the answer has come. The wait costs nothing here, and
    leaves the processor to those who are served; who makes a mistake now and then has no wait.
    """

    def __init__(self, per_second: int):
        self.gap, self.burst = 1 / per_second, BURST
        self.next_at = float("-inf")

    def delay(self, now: float) -> float:
        """Seconds that the next refusal waits."""
        self.next_at = max(self.next_at, now - self.burst)
        if self.next_at - now > LONGEST_DELAY:
            return LONGEST_DELAY
        self.next_at += self.gap
        return max(0.0, self.next_at - now)


class ConnectionBounds:
    """The bounds, and those who wait.

    Args:
        limits: Of the server.
        answer_seconds: That a client may take to read its answer.
    """

    def __init__(self, limits: Limits, answer_seconds: float = 30.0):
        self.limits, self.answer_seconds = limits, answer_seconds
        self.pace = RefusalPace(limits.max_refusals)
        self.waiting: dict[Connection, None] = {}  # who has waited longest is first

    def make_room(self, open_connections: int) -> bool:
        """Whether one more may be opened; closes one that waits where there are too many."""
        if open_connections <= self.limits.max_connections:
            return True
        oldest = next(iter(self.waiting), None)
        if oldest is None:
            return False
        del self.waiting[oldest]
        oldest.evict()
        return True

    def look(self, connections: Iterable[Connection], now: float) -> None:
        """Close every connection whose time is over."""
        for connection in list(connections):
            connection.look(now)
