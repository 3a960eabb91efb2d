"""Forms with files, as browsers and curl send them: multipart/form-data.

The body is whole already, so its parts are found by their border, and how many there may be is checked first. RFC 7578,
https://www.rfc-editor.org/rfc/rfc7578; quoting of names as the HTML standard has it.
"""

import re
from dataclasses import dataclass
from itertools import islice

from deepglass.deploy.runtime.errors import BodyError

MOST_PARTS = 1024
MOST_HEAD_BYTES = 2048  # of a part
MOST_PARAMETERS = 8  # of what a part says of itself; browsers send a name and a file's name
STEP_BYTES = 1_048_576  # looked through in one go
BOUNDARY = re.compile(r"""boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))""", re.IGNORECASE)
PARAMETER = re.compile(r"""(?:^|;)\s*([\w-]+)\*?=(?:"((?:[^"\\]|\\.)*)"|([^;]*))""")


@dataclass(frozen=True)
class Part:
    """A field of a form, or a file."""

    name: str
    filename: str | None
    content_type: str | None
    content: bytes


def parts_of(body: bytes | bytearray, content_type: str) -> list[Part]:
    """The parts of a form.

    Args:
        body: The whole form.
        content_type: The header, which names the border between parts.

    Raises:
        BodyError: 400 if it is not a form, 413 if it has too many parts.
    """
    found = BOUNDARY.search(content_type)
    if found is None:
        raise damaged("its Content-Type names no boundary")
    border = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    begin = 0 if body.startswith(border) else _find(body, b"\r\n" + border, 0) + 2
    if begin == 1:
        raise damaged("its boundary is not found")
    parts: list[Part] = []
    while not body.startswith(b"--", begin + len(border)):
        start = begin + len(border)
        end = _find(body, b"\r\n" + border, start)
        if end < 0 or body[start : start + 2] != b"\r\n":
            raise damaged("a part does not end")
        if len(parts) == MOST_PARTS:
            raise BodyError(f"the form has more than {MOST_PARTS} parts: send several requests", 413)
        parts.append(_part(body, start + 2, end))
        begin = end + 2
    return parts


def _find(body: bytes | bytearray, what: bytes, start: int) -> int:
    """As `bytes.find`, in steps between which other threads have their turn."""
    for begin in range(start, len(body), STEP_BYTES):
        place = body.find(what, begin, begin + STEP_BYTES + len(what) - 1)
        if place >= 0:
            return place
    return -1


def damaged(why: str) -> BodyError:
    """What is not a form, though its type says so."""
    return BodyError(f"the form is damaged: {why}", field="Content-Type")


def _part(body: bytes | bytearray, start: int, end: int) -> Part:
    middle = body.find(b"\r\n\r\n", start, min(end, start + MOST_HEAD_BYTES))
    if middle < 0:
        raise damaged(f"the head of a part does not end within {MOST_HEAD_BYTES:,} bytes")
    lines = bytes(body[start:middle]).decode("utf-8", "replace").split("\r\n")
    heads = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    disposition = heads.get("content-disposition", "")
    found = islice(PARAMETER.finditer(disposition), MOST_PARAMETERS)
    said = {name.lower(): _unquoted(quoted or plain or "") for name, quoted, plain in (part.groups() for part in found)}
    if "name" not in said:
        raise damaged("a part has no name")
    return Part(said["name"], said.get("filename"), heads.get("content-type"), bytes(body[middle + 4 : end]))


def _unquoted(text: str) -> str:
    return text.strip().replace('\\"', '"').replace("%22", '"').replace("\\\\", "\\")
