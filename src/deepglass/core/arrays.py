"""Arrays in .npz files, which may come from anybody: no pickle, and nothing larger than the memory."""

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

from deepglass.core import files
from deepglass.core.errors import RunError

MEMORY_SHARE = 4  # an unpacked file may take a fourth of the memory


def parse(content: bytes, path: Path) -> dict[str, np.ndarray]:
    """The arrays of a .npz file by name.

    Args:
        content: What was read from it.
        path: Where, for messages.

    Raises:
        RunError: If it is damaged, asks for a pickle, or would unpack to more than the memory can bear.
    """
    try:
        _require_bearable(content, path)
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            return dict(found)
    except RunError:
        raise
    except (zipfile.BadZipFile, zlib.error, ValueError, TypeError, OSError, EOFError, KeyError) as error:
        raise _damaged(path, error) from None
    except (RuntimeError, NotImplementedError, MemoryError, SyntaxError, AttributeError, OverflowError) as error:
        raise _damaged(path, error) from None


def _require_bearable(content: bytes, path: Path) -> None:
    """Every array is as large as its part of the file, and all of them fit into the memory."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        total = sum(part.file_size for part in parts.infolist())
        if total > (limit := files.memory_bytes() // MEMORY_SHARE):
            raise RunError(f"{path} unpacks to {total:,} bytes, more than the {limit:,} that can be: {files.RESTORE}")
        for part in parts.infolist():
            with parts.open(part) as file:
                _require_honest(file, part.file_size)


def _require_honest(file: zipfile.ZipExtFile, size: int) -> None:
    """Raises ValueError if a header promises other bytes than follow it, before room is made for them."""
    version = np.lib.format.read_magic(file)  # type: ignore[arg-type]
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)  # type: ignore[arg-type]
    count = 1
    for side in shape:
        count *= int(side)
    if count < 0 or count * dtype.itemsize > size:
        raise ValueError(f"an array of shape {shape} in {size:,} bytes")


def _damaged(path: Path, error: BaseException) -> RunError:
    return RunError(f"{path} is damaged ({str(error)[:120] or type(error).__name__}): {files.RESTORE}")
