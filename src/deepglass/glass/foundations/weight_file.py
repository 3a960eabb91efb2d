"""A file of weights by hand, in the safetensors format: a length, a header that says where each tensor lies, numbers.

    8 bytes     the length N of the header, a whole number, lowest byte first
    N bytes     JSON: {"bias": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, …}
    the rest    the numbers of all tensors, one after the other, row by row

There is nothing in it that could be run, so opening it runs nothing. Every claim of the header is checked before a
number is believed: the file may come from a stranger. The format: https://huggingface.co/docs/safetensors
"""

import json
import math

import numpy as np

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I8": "|i1", "U8": "|u1"}
NAMES = {np.dtype(code): name for name, code in DTYPES.items()}
ALIGNMENT = 8  # bytes; the header ends in spaces until the numbers begin at a multiple of it
LONGEST = 100_000_000  # bytes of a header, as the format has it: a damaged length asks for no more memory


def write(tensors):
    """Arrays by name as the bytes of a file.

    Raises:
        TypeError: If an array has a dtype that the format does not know.

    Example:
        >>> len(write({"bias": np.zeros(2, dtype=np.float32)}))
        80
    """
    header, data = {}, b""
    for name, array in tensors.items():
        array = np.asarray(array)
        if array.dtype not in NAMES:
            raise TypeError(f"write: expected one of {', '.join(DTYPES)}, got {array.dtype} under {name!r}")
        numbers = array.astype(DTYPES[NAMES[array.dtype]]).tobytes()  # row by row, lowest byte first
        offsets = [len(data), len(data) + len(numbers)]
        header[name] = {"dtype": NAMES[array.dtype], "shape": list(array.shape), "data_offsets": offsets}
        data += numbers
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return len(text).to_bytes(8, "little") + text + data


def read(content):
    """The arrays by name in the bytes of a file.

    Raises:
        ValueError: If it is cut off, damaged, or claims what does not fit; says what.
    """
    header, start = header_of(content)
    header.pop("__metadata__", None)  # words of whoever wrote it
    return {name: _tensor(name, entry, content[start:]) for name, entry in header.items()}


def _tensor(name, entry, data):
    """One array, after its size has been compared with its place.

    Raises:
        ValueError: If they do not fit each other or the file.
    """
    try:
        kind, shape, (first, last) = entry["dtype"], [int(n) for n in entry["shape"]], map(int, entry["data_offsets"])
        size = math.prod(shape) * np.dtype(DTYPES[kind]).itemsize
    except (KeyError, TypeError, ValueError):
        raise ValueError(
            f"{name!r}: expected a dtype ({', '.join(DTYPES)}), a shape and a place, got {entry}"
        ) from None
    if min(shape, default=0) < 0 or not 0 <= first <= last <= len(data) or last - first != size:
        raise ValueError(f"{name!r}: {shape} in {kind} needs {size} bytes, got {first} to {last} of {len(data)}")
    return np.frombuffer(data[first:last], DTYPES[kind]).reshape(shape).copy()


def header_of(content):
    """The header, and the place of the first number.

    Raises:
        ValueError: If the file is cut off, or its header is not a JSON object.
    """
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(LONGEST, len(content) - 8):
        raise ValueError(f"a header of {length:,} bytes does not fit a file of {len(content):,}: it is cut off")
    try:
        header = json.loads(content[8 : 8 + length])
    except ValueError as error:
        raise ValueError(f"the header is damaged: {error}") from None
    if not isinstance(header, dict):
        raise ValueError(f"the header is damaged: expected names and places, got {header!r:.40}")
    return header, 8 + length
