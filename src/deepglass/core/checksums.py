"""SHA-256 of the files of a run, in the form of `sha256sum`: `sha256sum -c checksums.sha256` verifies them too.

    weights.safetensors is drafted ── its sum is noted, beside the one before ── the draft is moved into place

The list is written before the file is replaced, and a process may be killed between the two. So the sum that a file
had before stays in a comment (`# before: …`) until the file is written again: both contents are whole.
"""

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

from deepglass.core import files
from deepglass.core.errors import RunError

NAME = "checksums.sha256"
ABSENT = "-" * 64  # in the place of a sum: there was no such file
BEFORE = "# before: "
HEADER = "# sha256sum -c checks these files; to change one by hand, remove its line here\n"
DIGITS = frozenset("0123456789abcdef")
MOST_BYTES = 1 << 20  # of the list
_lock = threading.Lock()  # a checkpoint is written in a thread of its own
_in_place: dict[Path, str] = {}  # what this process has moved there: it need not be read again


@dataclass(frozen=True)
class Noted:
    """What a file may be: as it was written last, or, where that was cut short, as it was before."""

    now: str
    before: str | None = None

    def allows(self, digest: str) -> bool:
        """Whether a content is one of the two."""
        return digest in (self.now, self.before)

    @property
    def may_be_absent(self) -> bool:
        """Whether the first writing may have been cut short."""
        return ABSENT in (self.now, self.before)


def read(folder: Path) -> dict[str, Noted]:
    """What is noted of each file by its name; empty for runs of before there were lists.

    Raises:
        RunError: If the list is damaged.
    """
    path = folder / NAME
    if not files.lies_at(path):
        return {}
    now: dict[str, str] = {}
    before: dict[str, str] = {}
    try:
        lines = files.read_bytes(path, MOST_BYTES).decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise _damaged(path) from None
    for line in lines:
        digest, _, name = line.removeprefix(BEFORE).partition("  ")
        if line.startswith(BEFORE):
            before[name] = digest
        elif line and not line.startswith("#"):
            now[name] = digest
        else:
            continue
        if not name or len(digest) != 64 or (digest != ABSENT and not DIGITS.issuperset(digest)):
            raise _damaged(path)
    return {name: Noted(digest, before.get(name)) for name, digest in now.items()}


def note(folder: Path, name: str, digest: str) -> None:
    """Write down what a file will be; what it is now is kept, for it may stay so."""
    with _lock:
        noted, path = read(folder), folder / name
        known = noted.get(name)
        is_sure = known is not None and _in_place.get(path.absolute()) == known.now
        before = known.now if known and is_sure else _digest_of(path)
        _write(folder, noted | {name: Noted(digest, before if before != digest else None)})


def settle(folder: Path, name: str, digest: str) -> None:
    """The file is in its place; where there was none before, it may not be absent from now on."""
    with _lock:
        _in_place[(folder / name).absolute()] = digest
        noted = read(folder)
        if (known := noted.get(name)) and known.before == ABSENT:
            _write(folder, noted | {name: Noted(known.now)})


def forget(folder: Path, name: str) -> None:
    """Note nothing of a file any longer."""
    with _lock:
        noted = read(folder)
        if noted.pop(name, None) is not None:
            _write(folder, noted)


def require(folder: Path, name: str, digest: str) -> None:
    """Check a content against the list; a file that is not in it passes.

    Raises:
        RunError: If it is another content; names the file.
    """
    known = read(folder).get(name)
    if known is not None and not known.allows(digest):
        raise RunError(
            f"{folder / name} was changed or damaged after it was written: its SHA-256 is not the one in {NAME}; "
            f"restore it from a copy, or train again (if you changed it yourself, remove its line from {NAME})"
        )


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file, a piece at a time.

    Raises:
        RunError: If it is missing or cannot be read.
    """
    with files.opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of(path: Path) -> str:
    """Of a file that is about to be replaced; what cannot be read counts as absent."""
    try:
        return digest_of_file(path)
    except RunError:
        return ABSENT


def _write(folder: Path, noted: dict[str, Noted]) -> None:
    lines = [HEADER]
    for name, known in sorted(noted.items()):
        lines.append(f"{known.now}  {name}\n")
        lines += [f"{BEFORE}{known.before}  {name}\n"] if known.before else []
    files.write_text(folder / NAME, "".join(lines))


def _damaged(path: Path) -> RunError:
    return RunError(f"{path} is damaged: restore it from a copy, or remove it to use the run without checksums")
