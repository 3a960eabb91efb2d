"""uvicorn's protocol within bounds: heads that end, requests that are one, answers that are read.

first byte ── head: 64 KB, 100 lines, 10 s ── one request, read one way only ── answer ── read in time, or cut off
                   │                                        │
                4xx and close                    client gone: its work stops
"""

import asyncio
import json
import logging
import re
from http import HTTPStatus
from typing import Any

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from deepglass.deploy.runtime.limits import Limits
from deepglass.deploy.serve.connection_bounds import LEAVE_SECONDS, ConnectionBounds
from deepglass.deploy.serve.gathering import Gathering
from deepglass.deploy.serve.heads import fault

MOST_PIPELINED = 32  # requests of one connection that were read and not begun
LONGEST_OVERHEAD = 65_536  # bytes between the chunks of a body, besides as many as the body may have
OFFER = re.compile(rb"\r\nupgrade:", re.IGNORECASE)
HAS_BODY = (b"content-length", b"transfer-encoding")
MALFORMED = 400, "this is not a request in HTTP/1.1"
logger = logging.getLogger("deepglass.serve")


def without_offer(data: bytes) -> bytes:
    """The beginning of a request, its offer to speak another protocol renamed: Java's client makes one with every POST.

    llhttp takes what follows such an offer for the other protocol, and would not read the body.
    """
    if OFFER.search(data) is None:
        return data
    end = data.find(b"\r\n\r\n") + 1 or len(data)
    return OFFER.sub(b"\r\nx-offer:", data[:end]) + data[end:]


class BoundedConfig(uvicorn.Config):
    """uvicorn's settings, and what its connections share."""

    bounds: ConnectionBounds


class Refused(Exception):
    """Stops the parser; what is to be answered is in the protocol."""


class Http(HttpToolsProtocol):
    """One connection."""

    def __init__(self, config: uvicorn.Config, *arguments: Any, **options: Any):
        super().__init__(config, *arguments, **options)
        self.bounds = getattr(config, "bounds", None) or ConnectionBounds(Limits())
        self.limits = self.bounds.limits
        self.refusal: tuple[int, str] | None = None
        self.active: Any = None  # the cycle that is answered now, or was last
        self.task: asyncio.Task[None] | None = None  # that answers it
        self.is_in_head = self.is_in_body = False
        self.head_bytes = self.unaccounted = self.chunked_bytes = 0
        self.since = 0.0  # when it began to be silent, to send a head, to be answered, or to leave

    # -- the connection -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the gathering of writes before the transport; make room where there are too many."""
        self.gathering = Gathering(transport, self)
        super().connection_made(self.gathering)
        self.since = self.loop.time()
        if self.bounds.make_room(len(self.connections)):
            self.bounds.waiting[self] = None
        else:
            self.refuse(503, f"{self.limits.max_connections:,} connections are busy: try again in a second")

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop working for a client that is gone."""
        self.bounds.waiting.pop(self, None)
        if self.task is not None and not self.task.done():
            self.active.disconnected = True  # uvicorn tells only the last request that was read, which may be behind
            self.task.cancel()
        super().connection_lost(exc)

    def look(self, now: float) -> None:
        """Close it if its time is over: for a head, for silence, for reading an answer, for leaving."""
        passed = now - self.since
        if self.gathering.is_leaving:
            if passed > LEAVE_SECONDS:
                self.gathering.abort()
        elif self.is_in_head:
            if passed > self.limits.max_head_seconds and self.refusal is None:
                self.refuse(408, f"the head took longer than {self.limits.max_head_seconds:g} s to arrive")
        elif not self.is_answering():
            is_unread = self.gathering.get_write_buffer_size() > 0
            if is_unread and passed > self.bounds.answer_seconds:
                self.gathering.abort()
            elif not is_unread and passed > self.limits.max_idle_seconds:
                self.gathering.close()

    def evict(self) -> None:
        """Close it to make room for another."""
        self.gathering.abort()

    def shutdown(self) -> None:
        """The server ends: finish what is being answered, wait for nothing else."""
        if self.gathering.is_leaving:
            self.gathering.abort()
        else:
            super().shutdown()

    def about_to_send(self, size: int) -> None:
        """Called before bytes are handed to the system."""

    def has_unread(self) -> bool:
        """Whether the client may still be sending what nobody will read."""
        return self.is_in_body or self.is_in_head or self.refusal is not None

    def is_answering(self) -> bool:
        """Whether a request is read and not answered."""
        return bool(self.pipeline) or (self.active is not None and not self.active.response_complete)

    # -- what comes ---------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Read on, unless this connection is done."""
        if self.refusal is not None or self.gathering.is_closing():
            return
        self._unset_keepalive_if_required()
        self.unaccounted = len(data) + (self.unaccounted if self.is_in_head else 0)
        try:
            self._feed(data if self.is_in_body else without_offer(data))
        except httptools.HttpParserError:
            self.refuse(*(self.refusal or MALFORMED))
            return
        if self.is_in_head and self.unaccounted > self.limits.max_head_bytes:
            self.refuse(431, self._head_bound())
        elif self.is_in_body:
            self._count_chunks(len(data))

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self.is_in_head, self.head_bytes, self.chunked_bytes = True, 0, 0
        self.since = self.loop.time()
        self.scope["received_at"] = self.since  # type: ignore[typeddict-unknown-key]

    def on_url(self, url: bytes) -> None:
        """A part of the address.

        Raises:
            Refused: If the address is too long.
        """
        super().on_url(url)
        self.head_bytes += len(url)
        if len(self.url) > self.limits.max_url_bytes:
            self._stop(414, f"the address is longer than {self.limits.max_url_bytes:,} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the head; those that come behind a body belong to nothing.

        Raises:
            Refused: If the head is too long, or can be read in more than one way.
        """
        if not self.is_in_head:
            return
        self.head_bytes += len(name) + len(value) + 4
        if self.head_bytes > self.limits.max_head_bytes or len(self.headers) >= self.limits.max_headers:
            self._stop(431, self._head_bound())
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole: begin to answer, if it can be read in one way only.

        Raises:
            Refused: If the head can be read in more than one way.
        """
        self.is_in_head = False
        self.unaccounted -= self.head_bytes
        parser: Any = self.parser
        if found := fault(parser.get_method(), self.url, parser.get_http_version(), self.headers):
            self._stop(*found)
        if parser.should_upgrade() and any(name in HAS_BODY for name, _ in self.headers):
            self._stop(400, "an offer to change the protocol came with a body: send one without the other")
        if len(self.pipeline) >= MOST_PIPELINED:
            self._stop(400, f"more than {MOST_PIPELINED} requests before the first was answered: wait for answers")
        super().on_headers_complete()
        self.is_in_body = True
        self.bounds.waiting.pop(self, None)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self.unaccounted -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        self.is_in_body = False
        self.scope["is_whole"] = True  # type: ignore[typeddict-unknown-key]
        super().on_message_complete()

    def _feed(self, data: bytes) -> None:
        """Give it to the parser, which stops behind a request that offers to change the protocol."""
        parser: Any = self.parser
        while data:
            try:
                parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]

    def _count_chunks(self, size: int) -> None:
        """A body in a million chunks costs more than its bytes."""
        self.chunked_bytes += size
        if self.chunked_bytes > 2 * self.limits.max_body_bytes + LONGEST_OVERHEAD:
            self.refuse(413, "the body comes in too many small chunks: send it with a Content-Length")

    def _head_bound(self) -> str:
        limits = self.limits
        return f"the head is larger than {limits.max_head_bytes:,} bytes or {limits.max_headers} lines"

    # -- what goes ----------------------------------------------------------------------------------------------

    def on_response_complete(self) -> None:
        """Send what was gathered; go on with the next request, or the refusal behind the last."""
        self.gathering.flush()
        self.since = self.loop.time()
        super().on_response_complete()
        if self.is_answering() or self.gathering.is_closing():
            return
        if self.refusal is not None:
            self._send_refusal()
        elif not self.is_in_head:
            self.bounds.waiting[self] = None

    def refuse(self, status: int, message: str) -> None:
        """Answer what is not a proper request, after those before it, and close."""
        self.refusal = status, message
        if self.is_in_body:
            self._give_up()
        if not self.is_answering():
            self._send_refusal()

    def _give_up(self) -> None:
        """The request whose body is broken will never be whole: nobody works for it."""
        broken = self.cycle
        if self.pipeline and self.pipeline[0][0] is broken:
            self.pipeline.popleft()
        elif self.task is not None and not broken.response_complete:
            self.task.cancel()
        broken.disconnected = broken.response_complete = True

    def _send_refusal(self) -> None:
        self.bounds.waiting[self] = None  # to leave
        self.loop.call_later(self.bounds.pace.delay(self.loop.time()), self._write_refusal)

    def _write_refusal(self) -> None:
        if self.refusal is None or self.gathering.is_closing():
            return
        status, message = self.refusal
        logger.info("refused", extra={"fields": {"status": status, "reason": message}})
        body = json.dumps({"error": message}).encode() + b"\n"
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
        head += f"content-length: {len(body)}\r\nconnection: close\r\n" + "retry-after: 1\r\n" * (status == 503)
        self.since = self.loop.time()
        self.gathering.write(head.encode() + b"\r\n" + body)
        self.gathering.close()

    def _stop(self, status: int, message: str) -> None:
        """Called from within the parser, which an exception ends."""
        self.refusal = status, message
        raise Refused

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Begin to answer; the task is kept, so that it can end with its client."""
        task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)
        self.task, self.active = task, cycle

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: an offer to speak another protocol may be passed over."""
