"""Reading a request's body within limits: its size before it is held, room for it, and patience with slow clients."""

import asyncio
import zlib
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from deepglass.deploy.runtime import strict_json
from deepglass.deploy.runtime.errors import BodyError
from deepglass.deploy.runtime.limits import Limits
from deepglass.deploy.runtime.room import Share
from deepglass.deploy.serve.errors import RequestError

SMALL_BYTES = 16_384  # a body up to here is taken as it comes: the connections bound how many there are
UNPACKED_BYTES = 65_536  # in one go: a third of a millisecond
CLOSE = {"Connection": "close"}  # the rest of the body is not wanted
Body = bytes | bytearray


async def read_body(request: Request, limits: Limits, share: Share) -> Body:
    """The whole body, unpacked if it came compressed.

    Raises:
        RequestError: 413 if it is too large, 408 if it comes too slowly, 400 if it breaks off, 415 if it is packed in
            a way that is not understood.
    """
    announced = request.headers.get("content-length", "0")
    if not _is_within(announced, limits.max_body_bytes):
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.max_body_seconds) as patience:
            share.evict = lambda: patience.reschedule(asyncio.get_running_loop().time())
            body = await _collect(request, limits, share)
    except TimeoutError:
        slow = f"the body took longer than {limits.max_body_seconds:g} s to arrive, or held up others by its pace"
        raise RequestError(408, f"{slow}: send it faster", headers=CLOSE) from None
    share.settle()
    encoding = request.headers.get("content-encoding", "identity").lower()
    return body if encoding == "identity" else await _unpack(body, encoding, limits, share)


async def read_json(request: Request, limits: Limits, share: Share) -> Any:
    """The body as JSON, where it is small by its nature; None where there is none.

    Raises:
        RequestError: As `read_body`, or 413 if it is not small.
        BodyError: If it is not JSON.
    """
    body = await read_body(request, limits, share)
    if len(body) > SMALL_BYTES:
        raise RequestError(413, f"expected at most {SMALL_BYTES:,} bytes here, got {len(body):,}")
    return strict_json.parse(body, limits) if body.strip() else None


def expect_object(content: Any) -> dict[str, Any]:
    """The JSON object that a protocol's request is.

    Raises:
        BodyError: If it is another kind of JSON.
    """
    if not isinstance(content, dict):
        raise BodyError(f"expected a JSON object, got {strict_json.kind(content)}")
    return content


async def _collect(request: Request, limits: Limits, share: Share) -> Body:
    """All parts, as soon as there is room for each; the first is all there is of most bodies."""
    message = await request.receive()
    body: Body = message.get("body", b"")
    if message.get("more_body"):
        body = bytearray(body)
    share.take(min(len(body), SMALL_BYTES))
    if len(body) > SMALL_BYTES:
        await share.grow(len(body) - SMALL_BYTES)
    while message.get("more_body"):
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise RequestError(400, "the connection ended before the body was whole", headers=CLOSE)
        part = message.get("body", b"")
        if len(body) + len(part) > limits.max_body_bytes:
            raise _too_large(limits)
        await share.grow(len(part))
        body += part
    if len(body) > limits.max_body_bytes:
        raise _too_large(limits)
    return body


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
    while not unpacker.eof and (part := unpacker.decompress(b"", UNPACKED_BYTES)):
        yield part


def _is_within(announced: str, most: int) -> bool:
    """Whether a length as the head states it is allowed; one of a thousand digits is not even read."""
    return len(announced) <= len(str(most)) + 1 and announced.isdecimal() and int(announced) <= most


def _too_large(limits: Limits) -> RequestError:
    size = f"{limits.max_body_bytes / 2**20:g} MB"
    return RequestError(413, f"the body is larger than {size} (--max-body-bytes): send less at once", headers=CLOSE)
