"""JSON out: compact, never NaN, which JSON does not have; large answers part by part, so others have their turn."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.tensors import Tensors

PART_VALUES = 4096  # written in one go: two milliseconds
ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


def to_json(content: Any) -> bytes:
    """Compact JSON.

    Raises:
        RequestError: 422 if a number in it is not finite: the inputs were so large that the model overflowed.
    """
    try:
        return ENCODER.encode(content).encode()
    except ValueError:
        raise RequestError(422, "the model's answer is not finite: send values nearer to those of training") from None


async def list_to_json(items: list[Any], width: int = 1) -> bytes:
    """The same of a list, in parts; `width` is how many values an item holds."""
    step = max(1, PART_VALUES // width)
    if len(items) <= step:
        return to_json(items)
    parts = []
    for start in range(0, len(items), step):
        parts.append(to_json(items[start : start + step])[1:-1])
        await asyncio.sleep(0)
    return b"[" + b",".join(parts) + b"]"


def in_parts(outputs: Tensors, width: int) -> Iterator[Tensors]:
    """Rows of the outputs, as many at a time as are written in one go."""
    rows, step = len(next(iter(outputs.values()))), max(1, PART_VALUES // width)
    for start in range(0, rows, step):
        yield {name: array[start : start + step] for name, array in outputs.items()}


def json_response(content: Any, status: int = 200) -> Response:
    """A response with JSON."""
    return Response(to_json(content), status, media_type="application/json")


def object_response(content: dict[str, Any], name: str, items: bytes) -> Response:
    """A response with an object whose member `name` is written already."""
    head = to_json(content)[:-1]
    comma = b"," if content else b""
    return Response(head + comma + to_json(name) + b":" + items + b"}", media_type="application/json")
