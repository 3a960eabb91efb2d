"""Tensors of the Open Inference Protocol: JSON lists or raw bytes to arrays, and back.

The protocol's datatypes and their layout in binary (little-endian, row-major; BYTES as a 4-byte length before each
element) follow KServe's "Open Inference Protocol" and its binary tensor data extension.
https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol/binary-tensor-data-extension
"""

import struct
from collections.abc import Iterable
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from deepglass.deploy.serve.body import json_kind
from deepglass.deploy.serve.errors import RequestError

DTYPES = {
    "BOOL": np.dtype("?"), "UINT8": np.dtype("<u1"), "INT64": np.dtype("<i8"), "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"), "BYTES": np.dtype(object),
}  # fmt: skip
ALLOWED = {"b": {bool}, "u": {int}, "i": {int}, "f": {int, float}, "O": {str}}  # JSON's types for each kind of array

Tensors = dict[str, np.ndarray]
Spec = dict[str, Any]  # name, datatype and shape of a tensor, -1 where the graph leaves the size open


def from_list(spec: Spec, data: Any, shape: list[int] | None = None) -> np.ndarray:
    """A JSON list, flat or nested, as the array that the graph takes.

    Args:
        spec: What the graph expects.
        data: The list.
        shape: Of the array; None reads it off the nesting.

    Raises:
        RequestError: 422 if the values or their number do not fit; names the tensor.
    """
    name, datatype = spec["name"], spec["datatype"]
    dtype = DTYPES[datatype]
    flat, nesting = _flatten(name, data)
    came = set(map(type, flat)) - ALLOWED[dtype.kind]
    if came:
        raise RequestError(422, f"{name}: {datatype} takes no {came.pop().__name__} values", name)
    shape = nesting if shape is None else shape
    if prod(shape) != len(flat):
        raise RequestError(422, f"{name}: shape {shape} holds {prod(shape)} values, {len(flat)} came", name)
    try:
        with np.errstate(over="ignore"):  # what overflows is found below
            array = np.array(flat, dtype).reshape(shape)
    except OverflowError:
        raise RequestError(422, f"{name}: a number is too large for {datatype}", name) from None
    return checked(spec, array)


def from_bytes(spec: Spec, data: bytes, shape: list[int]) -> np.ndarray:
    """Raw bytes as the array that the graph takes.

    Raises:
        RequestError: 422 if their number does not fit the shape.
    """
    name, dtype = spec["name"], DTYPES[spec["datatype"]]
    if dtype.kind == "O":
        texts = _texts(name, data)
        if len(texts) != prod(shape):
            raise RequestError(422, f"{name}: shape {shape} holds {prod(shape)} texts, {len(texts)} came", name)
        return checked(spec, np.array(texts, object).reshape(shape))
    expected = prod(shape) * dtype.itemsize
    if len(data) != expected:
        raise RequestError(422, f"{name}: shape {shape} needs {expected} bytes, {len(data)} came", name)
    return checked(spec, np.frombuffer(data, dtype).reshape(shape))


def to_bytes(array: np.ndarray) -> bytes:
    """An array as raw bytes."""
    if array.dtype.kind not in "OUS":
        return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    texts = [str(text).encode() for text in array.ravel()]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def datatype_of(array: np.ndarray) -> str:
    """The protocol's name for an array's dtype."""
    return next(name for name, dtype in DTYPES.items() if dtype.kind == "O" or dtype == array.dtype)


def checked(spec: Spec, array: np.ndarray) -> np.ndarray:
    """The array, if its shape fits the graph and every number is one.

    Raises:
        RequestError: 422 if not.
    """
    name, expected = spec["name"], spec["shape"]
    fits = array.ndim == len(expected) and all(want in (-1, got) for want, got in zip(expected, array.shape))
    if not fits or 0 in array.shape:
        raise RequestError(422, f"{name}: expected shape {expected} (-1: any), got {list(array.shape)}", name)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise RequestError(422, f"{name}: a value is NaN, infinite or too large for {spec['datatype']}", name)
    return array


def same_rows(tensors: Tensors, most: int) -> Tensors:
    """The tensors, if all have as many rows as the first, and not too many.

    Raises:
        RequestError: 422 if not.
    """
    (first, array), *others = tensors.items()
    for name, other in others:
        if len(other) != len(array):
            raise RequestError(422, f"{name} has {len(other)} rows, {first} has {len(array)}: send as many", name)
    if len(array) > most:
        raise RequestError(422, f"{first} has {len(array)} rows, {most} are allowed: send several requests", first)
    return tensors


def _flatten(name: str, data: Any) -> tuple[list[Any], list[int]]:
    """All values in order, and the shape of the nesting."""
    if not isinstance(data, list):
        raise RequestError(422, f"{name}: expected a list of values under data, got {json_kind(data)}", name)
    shape: list[int] = []
    level = [data]
    while level and isinstance(level[0], list):
        sizes = {len(item) if isinstance(item, list) else -1 for item in level}
        if len(sizes) > 1:
            raise RequestError(422, f"{name}: lists of different lengths inside each other", name)
        shape.append(sizes.pop())
        level = list(chain.from_iterable(level))
    for item in level:
        if isinstance(item, list | dict | None):
            raise RequestError(422, f"{name}: {json_kind(item)} where a value was expected", name)
    return level, shape


def _texts(name: str, data: bytes) -> list[str]:
    """The elements of a BYTES tensor: each a 4-byte length and so many bytes of UTF-8."""
    return list(_each_text(name, data))


def _each_text(name: str, data: bytes) -> Iterable[str]:
    place = 0
    while place < len(data):
        end = place + 4 + int.from_bytes(data[place : place + 4], "little")
        if end > len(data):
            raise RequestError(422, f"{name}: a text of the BYTES tensor is cut short", name)
        try:
            yield data[place + 4 : end].decode()
        except UnicodeDecodeError:
            raise RequestError(422, f"{name}: a text of the BYTES tensor is not UTF-8", name) from None
        place = end
