"""Reading a request's body within limits: its size before it is held, room for it, and patience with slow clients."""

import asyncio
import zlib
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.types import Message

from deepglass.deploy.runtime import strict_json
from deepglass.deploy.runtime.errors import BodyError
from deepglass.deploy.runtime.limits import Limits
from deepglass.deploy.runtime.room import Room, Share
from deepglass.deploy.serve.errors import RequestError

SMALL_BYTES = 16_384  # a body up to here is taken as it comes: the connections bound how many there are
UNPACKED_BYTES = 65_536  # in one go: a third of a millisecond
CLOSE = {"Connection": "close"}  # the rest of the body is not wanted
Body = bytes | bytearray


class Reading:
    """A request whose body is wanted, with the memory that it holds; a context that gives it back."""

    def __init__(self, request: Request):
        self.request, self.fields = request, dict(request.scope["headers"])
        self.shares: list[Share] = []  # of memory, where the request is not small

    def __enter__(self) -> "Reading":
        return self

    def __exit__(self, *_: object) -> None:
        for share in self.shares:
            share.__exit__()

    def header(self, name: str) -> str | None:
        """A line of the request's head."""
        value = self.fields.get(name.lower().encode())
        return None if value is None else value.decode("latin-1")

    def share_of(self, room: Room) -> Share:
        """A part of the memory for bodies or tensors."""
        share = room.share().__enter__()
        self.shares.append(share)
        return share


async def read_body(reader: Reading) -> Body:
    """The whole body, unpacked if it came compressed.

    Raises:
        RequestError: 413 if it is too large, 408 if it comes too slowly, 400 if it breaks off, 415 if it is packed in
            a way that is not understood.
    """
    state = reader.request.app.state
    limits, encoding = state.config, reader.header("content-encoding")
    if not _is_within(reader.header("content-length") or "0", limits.max_body_bytes):
        raise _too_large(limits)
    first = await reader.request.receive() if reader.request.scope.get("is_whole") else None
    if first is not None and encoding is None and len(first["body"]) <= SMALL_BYTES:
        return first["body"]  # as nearly every request
    share = reader.share_of(state.registry.bodies)
    body = await _collect(reader.request, first, limits, share)
    if encoding is not None and encoding.lower() != "identity":
        body = await _unpack(body, encoding.lower(), limits, share)
    share.settle()
    return body


async def read_object(reader: Reading) -> dict[str, Any]:
    """A body that is small by its nature, and may be left out.

    Raises:
        RequestError: As `read_body`, or 413 if it is not small.
        BodyError: If it is not a JSON object.
    """
    body = await read_body(reader)
    if len(body) > SMALL_BYTES:
        raise RequestError(413, f"expected at most {SMALL_BYTES:,} bytes here, got {len(body):,}")
    return expect_object(strict_json.parse(body, reader.request.app.state.config)) if body.strip() else {}


def expect_object(content: Any) -> dict[str, Any]:
    """The JSON object that a protocol's request is.

    Raises:
        BodyError: If it is another kind of JSON.
    """
    if not isinstance(content, dict):
        raise BodyError(f"expected a JSON object, got {strict_json.kind(content)}")
    return content


async def _collect(request: Request, first: Message | None, limits: Limits, share: Share) -> Body:
    """All parts, as soon as there is room for each; `first` where it was received already."""
    try:
        async with asyncio.timeout(limits.max_body_seconds) as patience:
            share.evict = lambda: patience.reschedule(asyncio.get_running_loop().time())
            message = first or await _part(request)
            body: Body = message.get("body", b"")
            share.take(min(len(body), SMALL_BYTES))
            await share.grow(len(body) - share.bytes)
            if message.get("more_body"):
                body = bytearray(body)
            while message.get("more_body"):
                message = await _part(request)
                part = message.get("body", b"")
                if len(body) + len(part) > limits.max_body_bytes:
                    raise _too_large(limits)
                await share.grow(len(part))
                body += part
    except TimeoutError:
        slow = f"the body took longer than {limits.max_body_seconds:g} s to arrive, or held up others by its pace"
        raise RequestError(408, f"{slow}: send it faster", headers=CLOSE) from None
    if len(body) > limits.max_body_bytes:
        raise _too_large(limits)
    return body


async def _part(request: Request) -> Message:
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise RequestError(400, "the connection ended before the body was whole", headers=CLOSE)
    return message


async def _unpack(body: Body, encoding: str, limits: Limits, share: Share) -> Body:
    """In slices, so that the loop goes on meanwhile, and nothing is made beyond the limit."""
    if encoding not in ("gzip", "deflate"):
        raise RequestError(415, f"Content-Encoding {encoding[:40]!r} is not understood: send gzip, deflate or none")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: tells gzip and zlib apart by their first bytes
    content = bytearray()
    try:
        for part in _unpacked(unpacker, body):
            if len(content) + len(part) > limits.max_body_bytes:
                raise _too_large(limits)
            await share.grow(len(part))
            content += part
            await asyncio.sleep(0)
    except zlib.error as error:
        raise RequestError(400, f"the body is not {encoding}: {error}", "Content-Encoding") from None
    if not unpacker.eof:
        raise RequestError(400, f"the {encoding} body is cut short", "Content-Encoding")
    return content


def _unpacked(unpacker: Any, body: Body) -> Iterator[bytes]:
    """Slices of the content; the last may come when all was read."""
    for start in range(0, len(body), UNPACKED_BYTES):
        packed = body[start : start + UNPACKED_BYTES]
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, UNPACKED_BYTES)
            packed = unpacker.unconsumed_tail
        if unpacker.eof and (unpacker.unused_data or start + UNPACKED_BYTES < len(body)):
            raise zlib.error("bytes are left over behind its end")
    while not unpacker.eof and (part := unpacker.decompress(b"", UNPACKED_BYTES)):
        yield part


def _is_within(announced: str, most: int) -> bool:
    """Whether a length as the head states it is allowed; one of a thousand digits is not even read."""
    is_number = announced.isascii() and announced.isdigit() and len(announced) <= len(str(most)) + 1
    return is_number and int(announced) <= most


def _too_large(limits: Limits) -> RequestError:
    size = f"{limits.max_body_bytes / 2**20:g} MB"
    return RequestError(413, f"the body is larger than {size} (--max-body-bytes): send less at once", headers=CLOSE)
