"""`run.export`: one run into one format, measured against PyTorch, whole or not at all.

run ── graph and description ── written beside its place ── read back and compared ── moved into place
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deepglass.core import catalogue, drafts, files
from deepglass.core.errors import OptionError, RunError
from deepglass.deploy.measure import Measured
from deepglass.deploy.portable import portable
from deepglass.runs.run import Run

FOLDER = "deploy/export"


def formats() -> dict[str, str]:
    """Every format with the ending of its files; "" where it is a folder."""
    return {name: catalogue.constant(FOLDER, name, "SUFFIX") for name in catalogue.entries(FOLDER)}


def export(
    run: Run, path: str | Path | None = None, *, to: str | None = None, force: bool = False
) -> tuple[Path, Measured]:
    """Write a run in a format that needs no Deepglass.

    Args:
        run: With weights.
        path: Where to; `export/NAME` in the run folder by default.
        to: The format; read off the ending of `path` where it is not given.
        force: Replace what is there.

    Returns:
        Where it lies, and how it compares with PyTorch.

    Raises:
        OptionError: If the format is unknown, or cannot be told from the path.
        RunError: If the run has no weights, or the place is taken or cannot be written to.
        MissingPackageError: If the format needs a package that is not installed.
        ExportError: If the model cannot be brought into the format, or would answer differently in it.
    """
    to = _format(path, to)
    path = Path(path) if path is not None else run.path / "export" / f"{default_name(to)}{formats()[to]}"
    require_free(path, force)
    with run.folder.explaining():
        model = portable(run)
        with whole(path) as draft:
            measured = catalogue.load(FOLDER, to).write(model, draft)
    return path, measured


def default_name(to: str) -> str:
    """Files are called model, folders after their format."""
    return "model" if formats()[to] else to


def _format(path: str | Path | None, to: str | None) -> str:
    known = formats()
    suffix = Path(path).suffix if path is not None else None
    fitting = [name for name, ending in known.items() if ending and ending == suffix]
    if to is not None:
        if to not in known:
            raise OptionError(catalogue.unknown("format", to, list(known)))
        if fitting and to not in fitting:
            raise OptionError(f"--to {to}, and {path} ends as {fitting[0]} does: leave one of them out")
        return to
    if not fitting:
        endings = ", ".join(f"{ending} ({name})" for name, ending in known.items() if ending)
        raise OptionError(
            f"which format is {str(path or '')!r}? Name one of {', '.join(known)}, or a file in {endings}"
        )
    return fitting[0]


def require_free(path: Path, force: bool) -> None:
    """Require a path that is not taken and can be written to.

    Raises:
        RunError: If something is there and `force` is not set, or the folder above cannot be written to.
    """
    if path.exists() and not force:
        raise RunError(f"{path} exists: choose another --output, or replace it with --force")
    above = next(folder for folder in path.resolve().parents if folder.exists())
    if not above.is_dir():
        raise RunError(f"{above} is a file: choose another --output")
    if not os.access(above, os.W_OK):
        raise RunError(f"no permission to write in {above}: choose another --output")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A neighbouring path to write a file or folder to, moved to `path` in the end; after an error nothing is left.

    Raises:
        RunError: If the disk is full or the folder cannot be written to.
    """
    draft, replaced = drafts.of_export(path), drafts.of_export(path.with_name(f"{path.name}.replaced"))
    try:
        with files.folder_of(path, draft):
            for name in (path.name, f"{path.name}.replaced"):
                drafts.remove_stale(path.parent, name)
            yield draft
            if path.is_dir() and not path.is_symlink():
                os.replace(path, replaced)  # a folder gives way at once: half of one would be found after a kill
            os.replace(draft, path)
    except OSError as error:
        raise RunError(f"cannot write {path} ({error.strerror or error}): choose another --output") from error
    finally:
        drafts.remove(replaced)
