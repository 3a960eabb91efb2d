"""Drafts: what is being written beside its place, `.NAME.PID.tmp` (files) and `.PID.NAME` (exports).

A process that is killed leaves its draft behind. Whoever works in the folder next removes the drafts of processes that
are no longer there, and never those of a live one.
"""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

STARTED = time.time()  # about when this process began: an older draft under its number is of an earlier process


def of_file(path: Path) -> Path:
    """Where a file is written before it is moved to `path`."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def of_export(path: Path) -> Path:
    """The same for a file or folder whose ending must stay."""
    return path.with_name(f".{os.getpid()}.{path.name}")


def remove_stale(folder: Path, name: str | None = None) -> list[Path]:
    """Remove the drafts in a folder whose processes have ended; returns their paths.

    Args:
        folder: Not searched further down.
        name: Only drafts of this file or export.
    """
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name.startswith(".")]
    except OSError:  # not there yet, or not to be listed: whoever writes into it will say so
        return []
    stale = [folder / found for found in names if _is_stale(folder / found, name)]
    for path in stale:
        remove(path)
    return stale


def remove(path: Path) -> None:
    """Remove a file or folder, as far as that is allowed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink(missing_ok=True)


def ended(pid: int) -> bool:
    """Whether no process has this number."""
    if os.name == "nt":  # signal 0 is not a question there
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False
    return False


def _is_stale(path: Path, wanted: str | None) -> bool:
    for parse in (_file_draft, _export_draft):
        found = parse(path.name)
        if found and (wanted is None or found[0] == wanted):
            return _is_left_behind(path, found[1])
    return False


def _is_left_behind(path: Path, pid: int) -> bool:
    """Containers give every process the same number, so a draft under our own may be an earlier one's."""
    if pid != os.getpid():
        return ended(pid)
    try:
        return path.lstat().st_mtime < STARTED
    except OSError:
        return False


def _file_draft(name: str) -> tuple[str, int] | None:
    """ ".weights.safetensors.4711.tmp" → ("weights.safetensors", 4711)."""
    stem, _, pid = name.removesuffix(".tmp").rpartition(".")
    is_draft = name.endswith(".tmp") and len(stem) > 1 and _is_number(pid)
    return (stem[1:], int(pid)) if is_draft else None


def _export_draft(name: str) -> tuple[str, int] | None:
    """ ".4711.model.onnx" → ("model.onnx", 4711)."""
    pid, _, rest = name[1:].partition(".")
    return (rest, int(pid)) if rest and _is_number(pid) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12
