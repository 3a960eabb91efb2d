"""What a server lets one request bring, and all requests together: every bound is here and nowhere else.

Both servers keep them, `deepglass serve` (an option for each) and the one inside a bundle. A number that a request
states (a length, a shape, a picture's size) is held against its bound before anything is read, multiplied or allocated.
What a model cannot take at all belongs to the model: its `schema.json` says so.
"""

import sys
from dataclasses import dataclass, fields

MOST_DIGITS = 640  # of a whole number, the least that Python lets one ask for; reading more costs their square


@dataclass(frozen=True)
class Limits:
    """Bounds of a server; beyond them a request gets 408, 413, 414, 422 or 431, with the bound in the answer."""

    max_head_bytes: int = 65_536  # of the head of a request; browsers send 1 to 8 KB
    max_headers: int = 100  # lines of a head; browsers send about 20
    max_url_bytes: int = 8192  # of the address in it
    max_head_seconds: float = 10.0  # from the first byte of a head to its last
    max_idle_seconds: float = 60.0  # that a connection may be silent between two requests
    max_connections: int = 2000  # of a process; beyond, the one that has been silent longest makes room
    max_body_bytes: int = 16_777_216  # a picture of 16 megapixels as JPEG fits
    max_body_seconds: float = 20.0  # a client that sends slower than this is let go
    max_pending_bytes: int = 16_777_216  # bodies of all requests together; further ones are read when there is room
    max_json_depth: int = 32  # brackets inside brackets; tensors need 6
    max_values: int = 300_000  # of a JSON body (a key counts twice), a CSV, an answer; more come in binary
    max_rows: int = 1024  # records or tensor rows of a request
    max_characters: int = 200_000  # of a text, of which a model reads some hundred words
    max_tokens: int = 524_288  # of all texts of a request, each as long as the longest
    max_pixels: int = 40_000_000  # of all pictures of a request, as they are unpacked
    max_picture_bytes: int = 50_331_648  # that a picture may take unpacked: 12 megapixels in colour, 48 in grey
    max_refusals: int = 200  # answers of 4xx per second; further ones wait, so that an attack leaves time for others


def read_short_numbers_only() -> None:
    """For the whole process: megabytes of numbers of 4,300 digits would hold up all its threads for half a second."""
    sys.set_int_max_str_digits(MOST_DIGITS)


def refusal(limits: Limits) -> str | None:
    """Why these bounds do not fit together, or None."""
    for field in fields(Limits):
        name, value = field.name, getattr(limits, field.name)
        if not value > 0:
            return f"--{name.replace('_', '-')}: expected more than 0, got {value}"
    if limits.max_pending_bytes < limits.max_body_bytes:
        return (
            f"--max-pending-bytes {limits.max_pending_bytes} is less than one body of --max-body-bytes "
            f"{limits.max_body_bytes}: raise it, or lower that"
        )
    return None
