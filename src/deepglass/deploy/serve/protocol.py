"""uvicorn's protocol, whose answers go to the system in one piece.

uvicorn writes the head of an answer and then its body, two calls of the system. One is faster, and an answer of usual
size is then either sent or not: a process that is killed leaves no half of it.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 65_536  # gathered; more than this is sent as it comes


class Http(HttpToolsProtocol):
    """One connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the gathering of writes before the transport."""
        super().connection_made(Gathering(transport, self))

    def on_response_complete(self) -> None:
        """Send what was gathered."""
        self.transport.flush()
        super().on_response_complete()

    def about_to_send(self, size: int) -> None:
        """Called before bytes are handed to the system."""


class Gathering(asyncio.Transport):
    """A transport that holds writes back until the answer is complete, or the loop has its next turn.

    Args:
        transport: The real one.
        http: Told before anything is sent.
    """

    def __init__(self, transport: asyncio.Transport, http: Http):
        self.transport, self.http = transport, http
        self.parts: list[bytes] = []
        self.size = 0
        for name in ("is_closing", "pause_reading", "resume_reading", "get_write_buffer_size", "get_extra_info"):
            setattr(self, name, getattr(transport, name))

    def write(self, data: Any) -> None:
        """Hold it back."""
        if not self.parts:
            self.http.loop.call_soon(self.flush)  # for what belongs to no answer, such as 100 Continue
        self.parts.append(data)
        self.size += len(data)
        if self.size > MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send it."""
        if self.parts:
            data = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
            self.parts, self.size = [], 0
            self.http.about_to_send(len(data))
            self.transport.write(data)

    def close(self) -> None:
        """Send what is left, and close."""
        self.flush()
        self.transport.close()

    def abort(self) -> None:
        """Close, and forget what is left."""
        self.parts = []
        self.transport.abort()
