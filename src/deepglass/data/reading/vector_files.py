"""Files of word vectors, in the two forms that everybody reads and writes.

    text      a line per word: the word, a blank, its numbers; above them "V C", which GloVe's files leave out
    binary    "V C" and a new line, then per word: the word, a blank, C float32, little-endian (word2vec's own)

The ending tells which: `.bin` is binary, anything else text; either may be packed with gzip (`.gz`).
"""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import files
from deepglass.core.errors import DataError
from deepglass.data.word_vectors import WordVectors

MOST_WORDS, MOST_DIM = 10_000_000, 100_000
LONGEST_WORD = 1 << 12  # bytes


def write_vectors(vectors: WordVectors, path: str | Path) -> None:
    """Write words and vectors; whole or not at all.

    Raises:
        RunError: If the place cannot be written to.
    """
    path = Path(path)
    V, C = vectors.vectors.shape
    out = io.BytesIO()
    out.write(f"{V} {C}\n".encode())
    for word, row in zip(vectors.words, vectors.vectors.astype("<f4"), strict=True):
        word = "_".join(word.split())  # a blank ends a word in these files
        if is_binary(path):
            out.write(word.encode() + b" " + row.tobytes() + b"\n")
        else:
            out.write(f"{word} {' '.join(f'{value:.6g}' for value in row)}\n".encode())
    content = out.getvalue()
    files.write_bytes(path, gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def is_binary(path: Path) -> bool:
    """By its ending."""
    return ".bin" in path.suffixes[-2:]


def read_vectors(path: str | Path) -> WordVectors:
    """Words and vectors of a file.

    Raises:
        DataError: If it is missing, empty, or a line does not fit the others; names the line.
    """
    path = Path(path).expanduser()
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except FileNotFoundError:
        raise DataError(f"{path} does not exist: expected a file of word vectors") from None
    except (OSError, EOFError) as error:
        raise DataError(f"{path} cannot be read ({error}): expected a file of word vectors") from None
    rows = list(_binary(content, path) if is_binary(path) else _text(content, path))
    if not rows:
        raise DataError(f"{path.name} holds no vectors: expected lines of a word and its numbers")
    found: dict[str, np.ndarray] = {}
    for word, row in rows:
        found.setdefault(word, row)  # the first of several wins
    return WordVectors(list(found), np.stack(list(found.values())).astype(np.float32))


def _text(content: bytes, path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The rows of a text file; a first line of two whole numbers is its header."""
    width = None
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        parts = line.rstrip().split(" ")
        if number == 1 and len(parts) == 2 and all(part.isdigit() for part in parts):
            continue
        if parts == [""]:
            continue
        width = width or len(parts) - 1
        try:
            row = np.array(parts[len(parts) - width :], np.float32)
        except ValueError:
            row = np.array([])
        word = " ".join(parts[: len(parts) - width])  # some files have words with blanks in them
        if width < 1 or len(row) != width or not word or not np.isfinite(row).all():
            raise DataError(
                f"{path.name}, line {number}: expected a word and {width or 'some'} numbers, got {line[:60]!r}"
            )
        yield word, row


def _binary(content: bytes, path: Path) -> Iterator[tuple[str, Any]]:
    """The rows of word2vec's binary form."""
    header, _, rest = content.partition(b"\n")
    try:
        count, width = (int(part) for part in header.split())
    except ValueError:
        count = width = 0
    if not (0 < count <= MOST_WORDS and 0 < width <= MOST_DIM):
        raise DataError(f"{path.name} begins with {header[:40]!r}: expected the numbers of words and of dimensions")
    place, size = 0, 4 * width
    for number in range(1, count + 1):
        while rest[place : place + 1] == b"\n":
            place += 1
        end = rest.find(b" ", place, place + LONGEST_WORD)
        row = rest[end + 1 : end + 1 + size]
        if end < 0 or len(row) < size:
            raise DataError(f"{path.name} ends in word {number:,} of {count:,}: it is cut off; fetch or write it again")
        yield rest[place:end].decode("utf-8", "replace"), np.frombuffer(row, "<f4")
        place = end + 1 + size
