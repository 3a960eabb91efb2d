"""HTTP/1.1 as a small server needs it, read in one way only: what could be read in two is refused, and closed.

    head: 64 KB, 100 lines, 10 s ── one length, or chunks ── body: as large as allowed, in time ── Request

RFC 9112, HTTP/1.1, https://www.rfc-editor.org/rfc/rfc9112: two lengths, a length beside chunks, lines that end in LF
alone, folded lines and spaces before a colon are how one request is hidden in another (section 11.2).
"""

import asyncio
import json
import re
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from .limits import Limits
from .room import Share

LINE = re.compile(rb"([A-Z]{1,20}) ([!-~]+) HTTP/(1\.[01])")
NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(rb"[\t -~\x80-\xff]*")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t -~]{0,256})?\r\n")
NOT_HTTP = "this is not a request in HTTP/1.1"
ONCE = ("host", "content-length", "transfer-encoding", "content-type", "content-encoding", "authorization", "origin")
READ_BYTES = 65_536  # of a body in one go
MOST_CHUNKS = 100_000
LEAVE_SECONDS = 2.0  # for a client to read why it was refused


class Refusal(Exception):
    """A request that gets no answer but this; the connection ends."""

    def __init__(self, status: int, message: str, where: str | None = None):
        self.status, self.message, self.where = status, message, where
        super().__init__(message)


@dataclass(frozen=True)
class Request:
    """A request; its body is read when it is wanted.

    length: Of the body as the head states it, 0 where it has none; None where it comes in chunks.
    """

    method: str
    path: str
    version: str
    headers: dict[str, str]
    length: int | None

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection goes on behind the answer."""
        wanted = self.headers.get("connection", "").lower()
        return "close" not in wanted and (self.version == "1.1" or "keep-alive" in wanted)


@dataclass(frozen=True)
class Answer:
    """What is sent back.

    body: JSON, written already.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, content: Any, **headers: str) -> "Answer":
        """With the JSON of `content`.

        Raises:
            ValueError: If a number in it is not finite.
        """
        body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        return cls(status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def written(self, request: Request | None, is_last: bool) -> bytes:
        """The answer as it goes over the wire; a request by HEAD gets no body."""
        headers = {"Date": formatdate(usegmt=True), "Content-Type": "application/json; charset=utf-8"}
        headers |= {"Content-Length": str(len(self.body)), "X-Content-Type-Options": "nosniff", **self.headers}
        if is_last or (request is not None and request.version == "1.0"):  # which closes, unless it is told otherwise
            headers["Connection"] = "close" if is_last else "keep-alive"
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}", *(f"{k}: {v}" for k, v in headers.items())]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        return head if request is not None and request.method == "HEAD" else head + self.body


async def read_head(reader: asyncio.StreamReader, limits: Limits) -> Request | None:
    """The head of the next request; None where the client has nothing more to ask.

    Raises:
        Refusal: 408, 414, 431 or 400 where it is too slow, too large, or could be read in more than one way.
    """
    try:
        async with asyncio.timeout(limits.max_idle_seconds):
            first = await reader.read(1)
    except TimeoutError:
        return None
    if not first:
        return None
    try:
        async with asyncio.timeout(limits.max_head_seconds):
            return request_of(await _lines(reader, first, limits), limits)
    except TimeoutError:
        raise Refusal(408, f"the head took longer than {limits.max_head_seconds:g} s to arrive") from None
    except asyncio.LimitOverrunError:
        raise Refusal(431, _head_bound(limits)) from None
    except asyncio.IncompleteReadError:
        return None


def request_of(lines: list[bytes], limits: Limits) -> Request:
    """What the lines of a head say.

    Raises:
        Refusal: As `read_head`.
    """
    line, *fields = lines
    found = LINE.fullmatch(line)
    if found is None:
        raise Refusal(400, NOT_HTTP)
    if len(found[2]) > limits.max_url_bytes:
        raise Refusal(414, f"the address is longer than {limits.max_url_bytes:,} bytes")
    version, headers = found[3].decode(), _headers(fields)
    if "host" not in headers and version == "1.1":
        raise Refusal(400, "expected a header Host")
    path = _path(found[2].decode(), headers.get("host"))
    return Request(found[1].decode(), path, version, headers, _length(headers, version, limits))


async def read_body(reader: asyncio.StreamReader, request: Request, limits: Limits, share: Share) -> bytearray:
    """The whole body, as soon as there is room for each part of it.

    Raises:
        Refusal: 408 if it comes too slowly, 413 if it is too large, 400 if it breaks off or its chunks are none.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(limits.max_body_seconds) as patience:
            share.evict = lambda: patience.reschedule(asyncio.get_running_loop().time())
            if request.length is not None:
                await _read(reader, body, request.length, share)
            else:
                await _read_chunks(reader, body, limits, share)
    except TimeoutError:
        raise Refusal(
            408, f"the body took longer than {limits.max_body_seconds:g} s to arrive: send it faster"
        ) from None
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise Refusal(400, "the connection ended before the body was whole") from None
    share.settle()
    return body


async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close, but not before the client had time to read: unread bytes would turn its answer into a reset."""
    try:
        async with asyncio.timeout(LEAVE_SECONDS):
            if writer.can_write_eof():
                writer.write_eof()
            while await reader.read(READ_BYTES):
                pass
    except (TimeoutError, OSError):
        pass


async def _lines(reader: asyncio.StreamReader, first: bytes, limits: Limits) -> list[bytes]:
    """The lines of a head without their ends; one that ends otherwise than it must ends the head at once."""
    lines, size = [], 0
    while True:
        line = first + await reader.readuntil(b"\n")
        first, size = b"", size + len(line)
        if not line.endswith(b"\r\n"):
            raise Refusal(400, "a line of the head ends in LF alone: expected CR LF")
        if size > limits.max_head_bytes or len(lines) > limits.max_headers:
            raise Refusal(431, _head_bound(limits))
        if line == b"\r\n" and lines:
            return lines
        if line != b"\r\n":
            lines.append(line[:-2])
            if len(lines) == 1 and LINE.fullmatch(lines[0]) is None:  # what else comes is not worth waiting for
                raise Refusal(400, NOT_HTTP)


def _path(target: str, host: str | None) -> str:
    """The path of an address, also where it is written as proxies do: http://host/path."""
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return target
    authority, slash, path = rest.partition("/")
    if authority != host:
        raise Refusal(400, "the address names another host than the header Host")
    return slash + path or "/"


def _head_bound(limits: Limits) -> str:
    return f"the head is larger than {limits.max_head_bytes:,} bytes or {limits.max_headers} lines"


def _headers(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, value = _field(line)
        if name in headers and name in ONCE:
            raise Refusal(400, f"the header {name} was sent twice")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _field(line: bytes) -> tuple[str, str]:
    """Name and value of a line; taken apart without an expression that blanks could make try every way to part them."""
    name, colon, value = line.partition(b":")
    if not (colon and NAME.fullmatch(name) and VALUE.fullmatch(value)):
        raise Refusal(400, "a line of the head is not a header: expected name, colon, value")
    return name.decode().lower(), value.strip(b" \t").decode("latin-1")


def _length(headers: dict[str, str], version: str, limits: Limits) -> int | None:
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None:
        if length is not None:
            raise Refusal(400, "both Content-Length and Transfer-Encoding were sent: expected one of them")
        if coding.lower() != "chunked" or version == "1.0":
            raise Refusal(400, "expected no other Transfer-Encoding than chunked, and that in HTTP/1.1")
        return None
    if length is None:
        return 0
    if not (length.isascii() and length.isdigit()):
        raise Refusal(400, f"Content-Length: expected a number, got {length[:20]!r}")
    if len(length) > 18 or int(length) > limits.max_body_bytes:
        raise Refusal(413, f"expected at most {limits.max_body_bytes:,} bytes, got {length[:30]}")
    return int(length)


async def _read(reader: asyncio.StreamReader, body: bytearray, count: int, share: Share) -> None:
    while count > 0:
        part = await reader.read(min(count, READ_BYTES))
        if not part:
            raise asyncio.IncompleteReadError(b"", count)
        await share.grow(len(part))
        body += part
        count -= len(part)


async def _read_chunks(reader: asyncio.StreamReader, body: bytearray, limits: Limits, share: Share) -> None:
    for _ in range(MOST_CHUNKS):
        found = CHUNK.fullmatch(await reader.readuntil(b"\n"))
        if found is None:
            raise Refusal(400, "the body is not in chunks, though its head says so")
        size = int(found[1], 16)
        if len(body) + size > limits.max_body_bytes:
            raise Refusal(413, f"expected at most {limits.max_body_bytes:,} bytes, more came")
        if size == 0:
            await _skip_trailer(reader, limits)
            return
        await _read(reader, body, size, share)
        if await reader.readexactly(2) != b"\r\n":
            raise Refusal(400, "a chunk of the body is longer than it says")
    raise Refusal(413, f"the body comes in more than {MOST_CHUNKS:,} chunks: send it with a Content-Length")


async def _skip_trailer(reader: asyncio.StreamReader, limits: Limits) -> None:
    """Lines behind the last chunk; nobody needs them."""
    for _ in range(limits.max_headers):
        line = await reader.readuntil(b"\n")
        if line == b"\r\n":
            return
        if not line.endswith(b"\r\n") or _field(line[:-2])[0] in ONCE:
            raise Refusal(400, "a line behind the last chunk is not a header that may stand there")
    raise Refusal(431, f"more than {limits.max_headers} lines behind the last chunk")
