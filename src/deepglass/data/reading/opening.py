"""Files as they come: perhaps absent, empty, damaged or gzipped; every reader opens its files here."""

import difflib
import gzip
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

from deepglass.core import files
from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError
from deepglass.core.wording import shortened
from deepglass.data.config import DataConfig

GZIP_MAGIC = b"\x1f\x8b"  # RFC 1952, section 2.3.1
MOST_PACKED = 1_032  # bytes that one byte of gzip can stand for
LONGEST_NAME = 255  # bytes of a file's name, on every system that is usual
PIECE = 1 << 24  # bytes that are unpacked at once to count them


def existing(path: Path, option: str = "") -> Path:
    """`path` itself.

    Args:
        option: The option that names it, for the message.

    Raises:
        DataError: If there is nothing at `path`; suggests files of nearly the same name.
    """
    if files.is_there(path):
        return path
    shown = shortened(str(path))
    folder, named = path.parent, f"{option} {shown}".strip()
    if len(path.name.encode(errors="replace")) > LONGEST_NAME:
        raise DataError(f"{named} does not exist: no name is so long; expected a file, a folder or a bundled data set")
    if not files.is_there(folder):
        raise DataError(f"{named} does not exist, nor does the folder {folder}: check the path")
    close = difflib.get_close_matches(path.name, [entry.name for entry in folder.iterdir()], n=3)
    hint = f"did you mean {' or '.join(str(folder / name) for name in close)}?" if close else "check the path"
    raise DataError(f"{named} does not exist: {hint}")


@acts_on("val", "test")
def companions(config: DataConfig) -> dict[str, Path]:
    """The files or folders of `--val` and `--test`, by split.

    Raises:
        DataError: If one does not exist.
    """
    given = {split: getattr(config, split) for split in ("val", "test")}
    return {split: existing(Path(path), f"--{split}") for split, path in given.items() if path}


def require_ordinary(path: Path) -> None:
    """Check that a file can be read whole: a pipe would let us wait for ever, and a device has no end.

    Raises:
        DataError: If it is not an ordinary file, or larger than the memory.
        OSError: If nothing can be known of it.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe or a device"
        raise DataError(f"{path} is {kind}: expected a file; save the data in one, or pass - to read standard input")
    if found.st_size > (most := files.memory_bytes()):
        raise DataError(
            f"{path} has {found.st_size:,} bytes, more than the {most:,} of this machine's memory: divide it, or copy "
            "it again if it should be smaller"
        )


def is_gzip(path: Path) -> bool:
    """Whether the file is gzipped, whatever its name says.

    Raises:
        DataError: If it is not an ordinary file, or larger than the memory once it is unpacked.
    """
    require_ordinary(path)
    with path.open("rb") as file:
        has_magic = file.read(2) == GZIP_MAGIC
    if has_magic:
        _require_unpackable(path)
    return has_magic


def _require_unpackable(path: Path) -> None:
    """A small file may hold more than any memory: one that could is counted before it is read."""
    found, most = path.stat(), files.memory_bytes()
    if found.st_size * MOST_PACKED > most and _unpacks_beyond(path, most, found.st_size, found.st_mtime_ns):
        raise DataError(
            f"{path} is gzipped and unpacks to more than the {most:,} bytes of this machine's memory: divide it, or "
            "copy it again if it should be smaller"
        )


@lru_cache(maxsize=64)
def _unpacks_beyond(path: Path, most: int, size: int, changed: int) -> bool:
    """Whether more than `most` bytes come out; size and time of change tell one state of the file from another."""
    count = 0
    try:
        with gzip.open(path) as file:
            while piece := file.read(PIECE):
                count += len(piece)
                if count > most:
                    return True
    except (OSError, EOFError, zlib.error):  # the reader says what is wrong
        pass
    return False


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading bytes, unpacked where it is gzipped.

    Raises:
        DataError: If it cannot be read, is empty, or its compression is damaged.
    """
    try:
        if path.stat().st_size == 0:
            raise DataError(f"{path} is empty (0 bytes): expected data; copy or download the file again")
        with gzip.open(path) if is_gzip(path) else path.open("rb") as file:
            yield cast(BinaryIO, file)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is a damaged gzip file ({error}): copy or download it again") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}): check its permissions") from None


def stem(path: Path) -> str:
    """The name without its endings: `train-images.csv.gz` → `train-images`."""
    name = path.name.removesuffix(".gz")
    return name.rpartition(".")[0] or name


def suffix(path: Path) -> str:
    """The ending that tells the kind of a file, in lower case and without `.gz`: `a.CSV.gz` → `.csv`."""
    return Path(path.name.removesuffix(".gz")).suffix.lower()
