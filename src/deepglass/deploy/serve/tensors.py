"""Tensors of the Open Inference Protocol: JSON lists or raw bytes to arrays, and back.

The protocol's datatypes and their layout in binary (little-endian, row-major; BYTES as a 4-byte length before each
element) follow KServe's "Open Inference Protocol" and its binary tensor data extension.
https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol/binary-tensor-data-extension
A number that is not known is null or NaN, a word that is not known is null or empty, where the model can bear it.
"""

import struct
from collections.abc import Iterator
from math import nan, prod
from typing import Any

import numpy as np

from deepglass.deploy.runtime.nested import flatten
from deepglass.deploy.serve.errors import RequestError

DTYPES = {
    "BOOL": np.dtype("?"), "UINT8": np.dtype("<u1"), "INT64": np.dtype("<i8"), "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"), "BYTES": np.dtype(object),
}  # fmt: skip
ALLOWED = {"b": {bool}, "u": {int}, "i": {int}, "f": {int, float}, "O": {str}}  # JSON's types for each kind of array
KINDS = {bool: "a boolean", int: "a number", float: "a number", str: "a text", type(None): "null"}

Tensors = dict[str, np.ndarray]
Spec = dict[str, Any]  # name, datatype and shape of a tensor, -1 where the graph leaves the size open; is_nullable


def from_list(spec: Spec, data: Any, shape: list[int] | None = None) -> np.ndarray:
    """A JSON list, flat or nested, as the array that the graph takes.

    Args:
        spec: What the graph expects.
        data: The list.
        shape: Of the array, already held against the graph's; None reads it off the nesting.

    Raises:
        RequestError: 422 if the values or their number do not fit; names the tensor.
    """
    name, datatype = spec["name"], spec["datatype"]
    dtype = DTYPES[datatype]
    try:
        flat, nesting = flatten(data)
    except ValueError as error:
        raise RequestError(422, f"{name}: {error}", name) from None
    shape = nesting if shape is None else shape
    if prod(shape) != len(flat):
        raise RequestError(422, f"{name}: shape {shape} holds {prod(shape)} values, {len(flat)} came", name)
    flat = _known(spec, flat)
    try:
        with np.errstate(over="ignore"):  # what overflows is found below
            array = np.array(flat, dtype).reshape(shape)
    except OverflowError:
        raise RequestError(422, f"{name}: a number is too large for {datatype}", name) from None
    return checked(spec, array)


def from_bytes(spec: Spec, data: Any, shape: list[int]) -> np.ndarray:
    """Raw bytes as the array that the graph takes; numbers stay where they are.

    Raises:
        RequestError: 422 if their number does not fit the shape.
    """
    name, dtype = spec["name"], DTYPES[spec["datatype"]]
    if dtype.kind == "O":
        texts = _texts(name, bytes(data), prod(shape))
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
    """The array, if its shape fits the graph and every number is one, or missing where one may be.

    Raises:
        RequestError: 422 if not.
    """
    name, expected = spec["name"], spec["shape"]
    fits = array.ndim == len(expected) and all(want in (-1, got) for want, got in zip(expected, array.shape))
    if not fits or 0 in array.shape:
        raise RequestError(422, f"{name}: expected shape {expected} (-1: any), got {list(array.shape)}", name)
    if array.dtype.kind == "f":
        is_odd = np.isinf(array) if spec.get("is_nullable") else ~np.isfinite(array)
        if is_odd.any():
            what = "infinite" if spec.get("is_nullable") else "NaN, infinite"
            raise RequestError(422, f"{name}: a value is {what} or too large for {spec['datatype']}", name)
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


def _known(spec: Spec, flat: list[Any]) -> list[Any]:
    """The values, null replaced where the model can bear a missing one."""
    name, datatype = spec["name"], spec["datatype"]
    kind = DTYPES[datatype].kind
    came = set(map(type, flat)) - ALLOWED[kind]
    if came == {type(None)} and (kind == "O" or spec.get("is_nullable")):
        missing = "" if kind == "O" else nan
        return [missing if value is None else value for value in flat]
    if came:
        raise RequestError(422, f"{name}: {datatype} does not take {KINDS[came.pop()]}", name)
    return flat


def _texts(name: str, data: bytes, count: int) -> list[str]:
    """The elements of a BYTES tensor: each a 4-byte length and so many bytes of UTF-8."""
    texts: list[str] = []
    for text in _each_text(name, data):
        texts.append(text)
        if len(texts) > count:
            break
    if len(texts) != count:
        came = f"more than {count}" if len(texts) > count else str(len(texts))
        raise RequestError(422, f"{name}: the shape holds {count} texts, {came} came", name)
    return texts


def _each_text(name: str, data: bytes) -> Iterator[str]:
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
