"""JSON proper, within bounds that are checked before anything is built.

    bytes ── how deep, how many values ── UTF-8 ── parse ── no key twice, no half of a surrogate pair

The check looks at slices of 64 KB and keeps nothing of them, so a body costs the same memory whatever it holds, and
other threads have their turn between slices. RFC 8259, https://www.rfc-editor.org/rfc/rfc8259; that JSON texts which
one parser takes and another reads differently are refused here follows its section 8.2 and RFC 7493 (I-JSON).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from .errors import BodyError
from .limits import Limits

SLICE = 65_536  # bytes looked at in one go: a millisecond at most
NO_STRUCTURE = bytes(byte for byte in range(256) if byte not in b'"[]{},:')
STEPS = np.zeros(256, np.int8)
STEPS[[ord("["), ord("{")]], STEPS[[ord("]"), ord("}")]] = 1, -1
WIDTHS = ((0xF0, 4), (0xC4, 2))  # first byte of a character in UTF-8, bytes that it makes every one of a text take
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(body: bytes | bytearray, limits: Limits, *, allows_nan: bool = False) -> Any:
    """The value that a body holds; a byte order mark before it is passed over.

    Args:
        body: UTF-8; a bytearray is empty afterwards, as the text takes its place in memory.
        limits: `max_json_depth` and `max_values`.
        allows_nan: Whether NaN stands for a missing number, as many programs write it.

    Raises:
        BodyError: 400 if it is not JSON, 413 if it holds too many values.
    """
    _check_structure(body, limits)
    decoder = LENIENT if allows_nan else STRICT
    has_halves = b"\\u" in body and SURROGATE.search(body) is not None
    try:
        found = decoder.decode(as_text(body, limits))
    except UnicodeDecodeError as error:
        raise BodyError(f"the body is not UTF-8 at byte {error.start}: expected JSON") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BodyError(f"the body is not JSON at {place}: {error.msg}") from None
    except BodyError:
        raise
    except ValueError:  # Python reads no whole number of more than 4,300 digits, and in a server `MOST_DIGITS`
        raise BodyError("the body has a whole number of hundreds of digits or more: no model takes it") from None
    if has_halves:
        _require_text(found)
    return found


def as_text(body: bytes | bytearray, limits: Limits) -> str:
    """UTF-8 as Python's text; a byte order mark before it is passed over, and a bytearray is empty afterwards.

    Raises:
        BodyError: 413 if one rare character makes the text several times as large as the body.
        UnicodeDecodeError: If it is not UTF-8.
    """
    _check_width(body, limits)
    text = body.decode("utf-8-sig")
    if isinstance(body, bytearray):
        body.clear()
    return text


def kind(value: Any) -> str:
    """How JSON calls a value: "a string", "null", …"""
    kinds = {str: "a string", bool: "a boolean", type(None): "null", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")


def _check_structure(body: bytes | bytearray, limits: Limits) -> None:
    """Depth and number of values, without building any."""
    openings = body.count(b"[") + body.count(b"{") if len(body) <= SLICE else limits.max_values
    if openings <= limits.max_json_depth and body.count(b",") + 2 * body.count(b":") < limits.max_values - openings:
        return  # so few that texts need not be told from structure
    depth = values = texts = 0
    for outside, marks in _outside_texts(body):
        steps = STEPS[np.frombuffer(outside, np.uint8)]
        depths = depth + np.cumsum(steps, dtype=np.int64)
        if depths.max(initial=0) > limits.max_json_depth:
            raise BodyError(f"the JSON is nested more than {limits.max_json_depth} deep: send it flatter")
        values += int((steps > 0).sum()) + outside.count(b",") + 2 * outside.count(b":")
        texts += marks / 2
        if max(values, texts) > limits.max_values:
            raise BodyError(
                f"the JSON holds more than {limits.max_values:,} values, lists and keys (which count twice): send less "
                "at once, pictures as files, tensors in binary",
                413,
            )
        depth = int(depths[-1]) if len(depths) else depth


def _outside_texts(body: bytes | bytearray) -> Iterator[tuple[bytes, int]]:
    """Slice by slice: brackets, commas and colons that are not part of a text, and the number of quotation marks."""
    is_inside, carried = False, b""
    for start in range(0, len(body), SLICE):
        part = carried + body[start : start + SLICE]
        is_cut = (len(part) - len(part.rstrip(b"\\"))) % 2 == 1  # between a backslash and what it escapes
        part, carried = (part[:-1], b"\\") if is_cut else (part, b"")
        marks = part.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, NO_STRUCTURE)
        pieces = marks.split(b'"')
        yield b"".join(pieces[is_inside::2]), len(pieces) - 1
        is_inside ^= len(pieces) % 2 == 0


def _check_width(body: bytes | bytearray, limits: Limits) -> None:
    """How much memory the body takes as Python's text: one rare character widens all of them."""
    if len(body) * 4 <= limits.max_body_bytes or body.isascii():
        return
    highest = int(np.frombuffer(body, np.uint8).max())
    width = next((width for first, width in WIDTHS if highest >= first), 1)
    if len(body) * width > limits.max_body_bytes:
        raise BodyError(f"{len(body):,} bytes of text beyond ASCII are too many: send less at once", 413)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys all differ: of two values for one key, nobody knows which was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise BodyError(f"the key {twice[:60]!r} comes twice in one object: send it once")
    return found


def _refuse_constant(name: str) -> Any:
    raise BodyError(f"{name} is not JSON: send a number, or null where a value is missing")


def _missing_number(name: str) -> float:
    return float("nan") if name == "NaN" else _refuse_constant(name)


def _require_text(content: Any) -> None:
    """Refuse half of a surrogate pair, which no encoding can write."""
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        message = "a text has half of a surrogate pair (\\ud800 to \\udfff alone): send whole characters"
        raise BodyError(message) from None


STRICT = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_distinct)
LENIENT = json.JSONDecoder(parse_constant=_missing_number, object_pairs_hook=_distinct)
