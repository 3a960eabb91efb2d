"""SHA-256 of every file of a bundle, in the form of `sha256sum`, which can verify it too: `sha256sum -c SHA256SUMS`."""

import hashlib
from pathlib import Path, PurePosixPath

from .errors import BundleError

NAME = "SHA256SUMS"
MOST_BYTES = 1 << 35  # 32 GB of one file; a sparse one says more and takes minutes to read
MOST_TEXT_BYTES = 1 << 28  # of a description with its tokens; our largest has 20 MB
NEEDED = ("model.onnx", "schema.json")  # without them it is not a bundle, whatever the list says


def write(folder: Path) -> None:
    """Note the checksum of every file in the folder.

    Raises:
        BundleError: If a file cannot be read.
    """
    lines = [f"{_digest(folder / name)}  {name}\n" for name in _names(folder)]
    (folder / NAME).write_text("".join(lines), encoding="utf-8")


def verify(folder: Path) -> None:
    """Check that every file that was noted is there and unchanged.

    Raises:
        BundleError: If one is not; names it.
    """
    if not (folder / NAME).is_file():
        raise BundleError(f"{folder} is no bundle: it has no {NAME}; make one with `deepglass export RUN --to bundle`")
    noted = _noted(folder / NAME)
    for name in (*noted, *NEEDED):
        if not (folder / name).is_file():
            raise BundleError(f"{folder / name} is missing: copy the whole bundle again")
        if name not in noted or _digest(folder / name) != noted[name]:
            raise BundleError(
                f"{folder / name} was changed or damaged after the export: copy the bundle again, or export anew"
            )


def _noted(path: Path) -> dict[str, str]:
    """Digest of each file in the list, by its name; only names below the folder are looked at."""
    lines = small_text(path).splitlines()
    noted = {name: digest for digest, _, name in (line.partition("  ") for line in lines if line)}
    if odd := [name for name in noted if not name or PurePosixPath(name).is_absolute() or ".." in name.split("/")]:
        raise BundleError(f"{path} names {odd[0]!r}, which is not a file of the bundle: copy the bundle again")
    return noted


def small_text(path: Path) -> str:
    """The text of a file that is never large: a list, a part of the description.

    Raises:
        BundleError: If it cannot be read, is no text, or is larger than any of them.
    """
    try:
        if (size := path.stat().st_size) > MOST_TEXT_BYTES:
            raise BundleError(f"{path} has {size:,} bytes, expected at most {MOST_TEXT_BYTES:,}: copy the bundle again")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{path} cannot be read ({error}): copy the bundle again") from None


def _names(folder: Path) -> list[str]:
    paths = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return [path.as_posix() for path in paths if path.name != NAME and "__pycache__" not in path.parts]


def _digest(path: Path) -> str:
    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            raise BundleError(f"{path} has {size:,} bytes, more than any model: copy the bundle again")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror}): copy the bundle again") from None
