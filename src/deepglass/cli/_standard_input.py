"""What comes on standard input, for as long as it is read, as a file that the readers can open."""

import gzip
import io
import json
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deepglass.core.errors import DataError, DeepglassError

GZIP_MAGIC = b"\x1f\x8b"
MOST_LOOKED_AT = 1 << 28  # bytes that are unpacked to see what they are; the reader has bounds of its own

MAGIC = {  # how the content of a file begins, and the ending that it would have
    b"PAR1": ".parquet",
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
    b"RIFF": ".webp",
}


@contextmanager
def named_file(name: str, plain_text: str = ".csv") -> Iterator[str]:
    """The name itself, or for "-" that of a file with the content of standard input, which is gone afterwards.

    Args:
        plain_text: The ending of the file where the content tells of no form: `.csv`, or `.txt` for running text.

    Raises:
        DataError: If nothing comes on standard input.
    """
    if name != "-":
        yield name
        return
    content = sys.stdin.buffer.read()
    if not content.strip():
        raise DataError("standard input is empty: expected data, as in `deepglass predict RUN - < rows.csv`")
    with tempfile.TemporaryDirectory(prefix="deepglass-") as folder:
        path = Path(folder) / f"standard input{ending_of(content, plain_text)}"
        path.write_bytes(content)
        try:
            yield str(path)
        except DeepglassError as error:
            raise type(error)(str(error).replace(str(path), "standard input")) from None


def ending_of(content: bytes, plain_text: str) -> str:
    """The ending that a file with this content would have: `.parquet`, `.jsonl`, `.json`, `.png`, or that of text."""
    for magic, ending in MAGIC.items():
        if content.startswith(magic):
            return ending
    if content.startswith(b"BM") and int.from_bytes(content[2:6], "little") == len(content):
        return ".bmp"
    text = _unpacked(content).removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{") and _is_json(text.partition(b"\n")[0]):
        return ".jsonl"
    return ".json" if text.startswith((b"{", b"[")) and _is_json(text) else plain_text


def _is_json(content: bytes) -> bool:
    """Whether it is JSON, or brackets so deep that nothing else was meant."""
    try:
        json.loads(content)
    except ValueError:
        return False
    except RecursionError:
        return True
    return True


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(GZIP_MAGIC):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as file:
            return file.read(MOST_LOOKED_AT)
    except (OSError, EOFError, zlib.error):  # the reader says what is wrong
        return b""
