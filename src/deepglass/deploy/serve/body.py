"""Reading a request's body within limits: size before it is held, patience with slow clients, depth before parsing."""

import asyncio
import json
import re
import zlib
from itertools import accumulate
from typing import Any

from starlette.requests import ClientDisconnect, Request

from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.errors import RequestError

STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
BRACKETS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
NO_BRACKETS = bytes(byte for byte in range(256) if byte not in BRACKETS)
CLOSE = {"Connection": "close"}  # the rest of the body is not wanted


async def read_body(request: Request, config: ServeConfig) -> bytes:
    """The whole body, unpacked if it came compressed.

    Raises:
        RequestError: 413 if it is too large, 408 if it comes too slowly, 400 if it breaks off, 415 if it is packed in
            a way that is not understood.
    """
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > config.max_body_bytes:
        raise _too_large(config)
    try:
        async with asyncio.timeout(config.max_body_seconds):
            body = await _collect(request, config)
    except TimeoutError:
        raise RequestError(
            408, f"the body took longer than {config.max_body_seconds:g} s to arrive: send it faster", headers=CLOSE
        ) from None
    except ClientDisconnect:
        raise RequestError(400, "the connection ended before the body was whole", headers=CLOSE) from None
    encoding = request.headers.get("content-encoding", "identity").lower()
    return body if encoding == "identity" else _unpack(body, encoding, config)


def parse_json(body: bytes, config: ServeConfig) -> Any:
    """The body as JSON proper: no NaN, no Infinity, no deeper than the limit.

    Raises:
        RequestError: 400 if it is something else.
    """
    _check_depth(body, config)
    try:
        return DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RequestError(400, f"the body is not UTF-8 at byte {error.start}: expected JSON") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise RequestError(400, f"the body is no JSON at {place}: {error.msg}") from None
    except ValueError as error:  # a constant or a whole number that is none
        raise RequestError(400, str(error)) from None


def expect_object(content: Any) -> dict[str, Any]:
    """The JSON object that a protocol's request is.

    Raises:
        RequestError: 400 if it is another kind of JSON.
    """
    if not isinstance(content, dict):
        raise RequestError(400, f"expected a JSON object, got {json_kind(content)}")
    return content


def json_kind(value: Any) -> str:
    """How JSON calls a value: "a string", "null", …"""
    kinds = {str: "a string", bool: "a boolean", type(None): "null", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")


async def _collect(request: Request, config: ServeConfig) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > config.max_body_bytes:
            raise _too_large(config)
        parts.append(part)
    return b"".join(parts)


def _unpack(body: bytes, encoding: str, config: ServeConfig) -> bytes:
    if encoding not in ("gzip", "deflate"):
        raise RequestError(415, f"Content-Encoding {encoding!r} is not understood: send gzip, deflate or plain bytes")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: tells gzip and zlib apart by their first bytes
    try:
        content = unpacker.decompress(body, config.max_body_bytes + 1)
    except zlib.error as error:
        raise RequestError(400, f"the body is not {encoding}: {error}", "Content-Encoding") from None
    if len(content) > config.max_body_bytes:
        raise _too_large(config)
    if not unpacker.eof:
        raise RequestError(400, f"the {encoding} body is cut short", "Content-Encoding")
    return content


def _too_large(config: ServeConfig) -> RequestError:
    megabytes = f"{config.max_body_bytes / 2**20:g} MB"
    return RequestError(413, f"the body is larger than {megabytes}: send less at once", headers=CLOSE)


def _check_depth(body: bytes, config: ServeConfig) -> None:
    """Count brackets before anything is built; most bodies have too few of them to be worth a closer look."""
    if body.count(b"[") + body.count(b"{") <= config.max_json_depth:
        return
    skeleton = STRINGS.sub(b"", body).translate(None, NO_BRACKETS)
    if max(accumulate(BRACKETS[byte] for byte in skeleton), default=0) > config.max_json_depth:
        raise RequestError(400, f"the JSON is nested more than {config.max_json_depth} deep: send it flatter")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON: send a number, or null where a value is missing")


DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
