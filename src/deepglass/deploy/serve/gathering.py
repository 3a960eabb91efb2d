"""A transport whose writes go to the system in one piece.

uvicorn writes the head of an answer and then its body, two calls of the system. One is faster, and an answer of usual
size is then either sent or not: a process that is killed leaves no half of it.
"""

import asyncio
from typing import Any, Protocol

MOST_BYTES = 65_536  # gathered; more than this is sent as it comes


class Owner(Protocol):
    """Whose transport it is."""

    loop: asyncio.AbstractEventLoop

    def about_to_send(self, size: int) -> None:
        """Told before anything is sent."""
        ...

    def has_unread(self) -> bool:
        """Whether the client is still sending what nobody will read."""
        ...


class Gathering(asyncio.Transport):
    """A transport that holds writes back until the answer is complete, or the loop has its next turn.

    Args:
        transport: The real one.
        owner: The protocol.
    """

    def __init__(self, transport: asyncio.Transport, owner: Owner):
        self.transport, self.owner = transport, owner
        self.parts: list[bytes] = []
        self.size = 0
        self.is_leaving = False
        for name in ("pause_reading", "resume_reading", "get_write_buffer_size", "get_extra_info"):
            setattr(self, name, getattr(transport, name))

    def is_closing(self) -> bool:
        """Whether nothing more will be answered."""
        return self.is_leaving or self.transport.is_closing()

    def write(self, data: Any) -> None:
        """Hold it back."""
        if not self.parts:
            self.owner.loop.call_soon(self.flush)  # for what belongs to no answer, such as 100 Continue
        self.parts.append(data)
        self.size += len(data)
        if self.size > MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send it."""
        if self.parts:
            data = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
            self.parts, self.size = [], 0
            self.owner.about_to_send(len(data))
            self.transport.write(data)

    def close(self) -> None:
        """Send what is left, and close; where the client is still sending, not before it had time to read why.

        Closing over unread bytes makes the system reset the connection, and the client lose its answer.
        """
        self.flush()
        if self.owner.has_unread() and not self.is_leaving and self.transport.can_write_eof():
            self.is_leaving = True
            self.transport.write_eof()
            self.transport.resume_reading()
        elif not self.is_leaving:
            self.transport.close()

    def abort(self) -> None:
        """Close, and forget what is left."""
        self.parts = []
        self.transport.abort()
