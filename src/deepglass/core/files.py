"""Files that are whole or absent: every write goes to a neighbour first and is moved into place.

`os.replace` is atomic on one file system (POSIX rename), so a killed process or a full disk leaves the old
file as it was and never half a new one.
"""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deepglass.core.errors import RunError


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a neighbouring path to write to; move it to `path` when the block succeeds, remove it otherwise.

    Raises:
        RunError: If the disk is full or the folder cannot be written to.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        _flush_to_disk(draft)
        os.replace(draft, path)
    except OSError as error:
        raise _explained(error, path) from error
    except RuntimeError as error:  # PyTorch's writer stumbles over the error of the disk in the middle of a file
        if not isinstance(error.__context__, OSError):
            raise
        raise _explained(error.__context__, path) from error
    finally:
        draft.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with atomic(path) as draft:
        draft.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path` as UTF-8, whole or not at all."""
    write_bytes(path, content.encode())


def write_json(path: Path, content: Any) -> None:
    """Write `content` to `path` as indented JSON, whole or not at all."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, default=_plain) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file that Deepglass wrote.

    Raises:
        RunError: If the file is missing or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(
            f"{path} is missing: the run folder is incomplete; train again or copy the whole folder"
        ) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RunError(f"{path} is damaged ({error}): restore it from a copy, or train again") from None


def cache_folder() -> Path:
    """Where this person's programs keep what they can make again; it may be deleted at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deepglass"


def _plain(value: Any) -> Any:
    """NumPy scalars and arrays, paths and tuples as JSON can hold them."""
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no JSON form: convert it before it is written")


def _flush_to_disk(draft: Path) -> None:
    with draft.open("rb") as file:
        os.fsync(file.fileno())


def _explained(error: OSError, path: Path) -> RunError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return RunError(f"no space left on the disk while writing {path}: free some space; nothing was overwritten")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return RunError(f"no permission to write {path}: choose another folder with --run DIR")
    return RunError(f"cannot write {path}: {error.strerror or error}")
