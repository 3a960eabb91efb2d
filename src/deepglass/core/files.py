"""Files that are whole or absent: every write goes to a neighbour first and is moved into place.

`os.replace` is atomic on one file system (POSIX rename), so a killed process or a full disk leaves the old
file as it was and never half a new one.

What is read may be anything: a folder, a pipe, a link to itself, terabytes. It is refused with one message before a
byte of it is taken.
"""

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from deepglass.core import drafts
from deepglass.core.errors import RunError

MOST_JSON_BYTES = 1 << 28  # 256 MB; Python needs ten times as much to hold them, and our largest has 20 MB
MISSING = "the run folder is incomplete; train again or copy the whole folder"
UNKNOWN_MEMORY = 1 << 34  # 16 GB, where the system does not tell
RESTORE = "restore it from a copy, or train again"


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a neighbouring path to write to; move it to `path` when the block succeeds, remove it otherwise.

    Raises:
        RunError: If the disk is full or the folder cannot be written to.
    """
    draft = drafts.of_file(path)
    try:
        with folder_of(path, draft):
            drafts.remove_stale(path.parent, path.name)
            yield draft
            _flush_to_disk(draft)
            os.replace(draft, path)
    except OSError as error:
        raise _explained(error, path) from error
    except RuntimeError as error:  # PyTorch's writer stumbles over the error of the disk in the middle of a file
        if not isinstance(error.__context__, OSError):
            raise
        raise _explained(error.__context__, path) from error


@contextmanager
def folder_of(path: Path, draft: Path) -> Iterator[None]:
    """Make the folder that a file is written into; after an error the draft and the folders that were made go again.

    Raises:
        BaseException: Whatever happened inside.
    """
    made = [folder for folder in path.parents if not folder.exists()]  # the deepest first
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        drafts.remove(draft)
        for folder in made:
            with suppress(OSError):  # somebody else has put something into it
                folder.rmdir()
        raise


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with atomic(path) as draft:
        draft.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path` as UTF-8, whole or not at all."""
    write_bytes(path, content.encode())


def write_json(path: Path, content: Any) -> None:
    """Write `content` to `path` as indented JSON, whole or not at all."""
    write_bytes(path, as_json(content))


def as_json(content: Any) -> bytes:
    """`content` as indented JSON in UTF-8."""
    return (json.dumps(content, indent=2, ensure_ascii=False, default=_plain) + "\n").encode()


def read_json(path: Path) -> Any:
    """Read a JSON file that Deepglass wrote.

    Raises:
        RunError: If the file is missing, damaged, or nothing that could be read.
    """
    return parse_json(read_bytes(path, MOST_JSON_BYTES), path)


def parse_json(content: bytes, path: Path) -> Any:
    """The value that a JSON file holds.

    Args:
        content: What was read from it.
        path: Where, for messages.

    Raises:
        RunError: If it is not JSON, too deep, or has a number that Python does not read.
    """
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RunError(f"{path} is damaged ({error}): {RESTORE}") from None
    except RecursionError:
        raise RunError(f"{path} is damaged (brackets without end): {RESTORE}") from None
    except ValueError:  # Python reads no whole number of more than 4,300 digits
        raise RunError(f"{path} is damaged (a whole number of thousands of digits): {RESTORE}") from None


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """All that a file holds.

    Args:
        path: A file of a run.
        most: Bytes that it may have; what the memory can hold by default.

    Raises:
        RunError: If it is missing, not a file, too large, or cannot be read.
    """
    with opened(path, most) as file:
        return file.read()


@contextmanager
def opened(path: Path, most: int | None = None) -> Iterator[IO[bytes]]:
    """A file of a run, open for reading; arguments and errors are those of `read_bytes`.

    Raises:
        RunError: If the file is missing, unreadable, or larger than `most`.
    """
    try:
        size = _size_of(path)
        if size > (limit := memory_bytes() if most is None else most):
            raise RunError(f"{path} has {size:,} bytes, more than the {limit:,} that can be read: {RESTORE}")
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise RunError(f"{path} is missing: {MISSING}") from None
    except (OSError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise RunError(f"{path} cannot be read ({reason}): {RESTORE}") from None


def _size_of(path: Path) -> int:
    """Bytes of an ordinary file; a pipe would let a reader wait for ever."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "not an ordinary file"
        raise RunError(f"{path} is {kind}, expected a file: {RESTORE}")
    return found.st_size


def lies_at(path: Path) -> bool:
    """Whether anything has this name: also a folder, or a link that leads nowhere."""
    return os.path.lexists(path)


def is_there(name: str | Path) -> bool:
    """Whether a name is that of a file or a folder; a long text is no name at all, and asking for it is no error."""
    return os.path.exists(_expanded(name))


def is_file(name: str | Path) -> bool:
    """Whether a name is that of a file; as `is_there`."""
    return os.path.isfile(_expanded(name))


def is_folder(name: str | Path) -> bool:
    """Whether a name is that of a folder; as `is_there`."""
    return os.path.isdir(_expanded(name))


def memory_bytes() -> int:
    """Bytes of this machine's memory, as far as the system tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return UNKNOWN_MEMORY


def cache_folder() -> Path:
    """Where this user's programs keep what they can make again; it may be deleted at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deepglass"


def _expanded(name: str | Path) -> str:
    return os.path.expanduser(Path(name))  # unlike those of a path, questions of `os.path` about it never raise


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
