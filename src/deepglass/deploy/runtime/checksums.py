"""SHA-256 of every file of a bundle, in the form of `sha256sum`, which can verify it too: `sha256sum -c SHA256SUMS`."""

import hashlib
from pathlib import Path

from .errors import BundleError

NAME = "SHA256SUMS"


def write(folder: Path) -> None:
    """Note the checksum of every file in the folder."""
    lines = [f"{_digest(folder / name)}  {name}\n" for name in _names(folder)]
    (folder / NAME).write_text("".join(lines), encoding="utf-8")


def verify(folder: Path) -> None:
    """Check that every file that was noted is there and unchanged.

    Raises:
        BundleError: If one is not; names it.
    """
    if not (folder / NAME).is_file():
        raise BundleError(f"{folder} is no bundle: it has no {NAME}; make one with `deepglass export RUN --to bundle`")
    for line in (folder / NAME).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        path = folder / name
        if not path.is_file():
            raise BundleError(f"{path} is missing: copy the whole bundle again")
        if _digest(path) != digest:
            raise BundleError(f"{path} was changed or damaged after the export: copy the bundle again, or export anew")


def _names(folder: Path) -> list[str]:
    paths = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return [path.as_posix() for path in paths if path.name != NAME and "__pycache__" not in path.parts]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
