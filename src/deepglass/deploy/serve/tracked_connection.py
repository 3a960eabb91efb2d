"""A connection of a worker: noted in the connection table before anything is read, and after everything is answered.

The order is what matters: a worker may be killed between any two steps, and a connection that the table calls idle
goes to another worker. So it is busy before the system is asked for a byte (asyncio asks a `BufferedProtocol` for room
first), and idle only when the last byte of the answer is with the system.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from deepglass.deploy.serve.connection_table import BUSY, CLOSING, IDLE
from deepglass.deploy.serve.protocol import Http

ROOM = memoryview(bytearray(2**16))  # for what is read; handed on before the next read, so one is enough for all
WHOLE_BYTES = 16_384  # an answer up to here goes to the system in one piece: Linux' least room for one connection
LOOK_SECONDS = 0.01  # between two looks at an answer that a client takes slowly


class TrackedConnection(asyncio.BufferedProtocol):
    """One connection.

    Args:
        states: The bytes of the connection table.
        slot: Which of them is this connection's.
        closed: Told the slot when the connection is closed.
        settings: Arguments of uvicorn's protocol.
    """

    def __init__(self, states: Any, slot: int, closed: Callable[[int], None], **settings: Any):
        self.states, self.slot, self.closed = states, slot, closed
        http = self.http = TrackedHttp(states, slot, **settings)
        self.connection_made, self.eof_received = http.connection_made, http.eof_received
        self.pause_writing, self.resume_writing = http.pause_writing, http.resume_writing

    def get_buffer(self, sizehint: int) -> memoryview:
        """Room for what will be read now."""
        self.states[self.slot] = BUSY
        return ROOM

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what was read."""
        self.http.data_received(bytes(ROOM[:nbytes]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the slot back."""
        self.states[self.slot] = CLOSING
        self.http.connection_lost(exc)
        self.closed(self.slot)


class TrackedHttp(Http):
    """The protocol within, which notes what becomes of answers."""

    def __init__(self, states: Any, slot: int, **settings: Any):
        super().__init__(**settings)
        self.states, self.slot = states, slot

    def about_to_send(self, size: int) -> None:
        """What does not go in one piece may be cut by a death, and then nothing can be said after it."""
        if size > WHOLE_BYTES or self.refusal is not None:
            self.states[self.slot] = CLOSING

    def on_response_complete(self) -> None:
        """An answer is written, which is not sent: the loop sends at the end of its turn."""
        super().on_response_complete()
        self.loop.call_soon(self._note_idle)

    def _note_idle(self) -> None:
        if self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() > 0:
            self.loop.call_later(LOOK_SECONDS, self._note_idle)
        elif self.is_between_requests():
            self.states[self.slot] = IDLE

    def is_between_requests(self) -> bool:
        """Whether all that was read is answered."""
        return not (self.is_in_head or self.is_in_body or self.is_answering() or self.refusal)
