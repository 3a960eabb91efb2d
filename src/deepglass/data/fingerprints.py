"""A number for every example, by which it is known again: were these rows seen in training?

Rows are compared as they were read and not as they were written, so a row is the same one in a file, a frame or a
record: numbers in single precision, dates in microseconds, words letter by letter.
"""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from deepglass.data.containers import Images
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.reading.words import as_word
from deepglass.data.sound_table import SoundTable

EDGE_BYTES = 1 << 16  # of a picture's file at each end: to read all of a large folder would take minutes
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ / golden ratio, as in splitmix64


def of_rows(frame: pd.DataFrame, format: TableFormat | None) -> np.ndarray | None:
    """(N,) uint64 of all columns of the training table together; None where one of them is absent."""
    names = sorted(frame.columns if format is None else _columns(format))
    if any(name not in frame.columns for name in names):
        return None
    mixed = np.zeros(len(frame), np.uint64)
    for name in names:
        mixed = (mixed ^ _hashes(frame[name])) * FACTOR
        mixed ^= mixed >> np.uint64(29)
    return mixed


def of_pictures(images: Images) -> np.ndarray:
    """(N,) uint64 of the pixels, or of the beginning, the end and the size of a file."""
    if images.pixels is not None:
        return np.array([_digest(picture.tobytes()) for picture in images.pixels], np.uint64)
    return np.array([_digest(_edges(path)) for path in images.paths or []], np.uint64)


def of_sounds(sounds: SoundTable) -> np.ndarray:
    """(N,) uint64 of the samples, or of the beginning, the end and the size of a file."""
    names = sounds.names(np.arange(len(sounds.frame)))
    contents = [sounds.waves[name].samples.tobytes() if name in sounds.waves else _edges(Path(name)) for name in names]
    return np.array([_digest(content) for content in contents], np.uint64)


def _columns(format: TableFormat) -> list[str]:
    """The columns of a table after year, month and day became a time."""
    gone = {*format.time_parts, *format.left_out, *(column.name for column in format.columns if column.kind == "empty")}
    kept = [column.name for column in format.columns if column.name not in gone]
    return kept + (["time"] if format.time_parts else [])


def _hashes(column: pd.Series) -> np.ndarray:
    if pd.api.types.is_datetime64_any_dtype(column):
        values = column.to_numpy().astype("datetime64[us]").view(np.int64)
    elif pd.api.types.is_numeric_dtype(column) and column.dtype != bool:
        numbers = column.to_numpy(np.float32, na_value=np.nan) + np.float32(0)  # −0 is 0
        values = np.where(np.isnan(numbers), np.float32(np.nan), numbers).astype(np.float64)
    else:
        codes, words = pd.factorize(column)
        hashes = pd.util.hash_array(np.array([as_word(word).lower() for word in words], object), categorize=False)
        return np.append(hashes, np.uint64(0))[codes]  # an empty cell is −1 and takes the last
    return pd.util.hash_array(values)


def _edges(path: Path) -> bytes:
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(EDGE_BYTES)
        file.seek(max(len(first), size - EDGE_BYTES))
        return size.to_bytes(8, "big") + first + file.read()


def _digest(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big")
