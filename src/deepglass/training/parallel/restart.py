"""Restarts by `torchrun --max-restarts`: the same launch finds the run that it began, and goes on with it.

A run folder that is still in work carries a mark of its launch. Whoever comes with the same mark is a restart and goes
on from the checkpoint; whoever comes with another one is somebody else, and is told that the folder is taken.
"""

import os
import platform
from pathlib import Path

from deepglass.core import files
from deepglass.core.run_folder import RunFolder

MARK = ".launch"


def launch() -> str | None:
    """What names this launch of torchrun, the same after every restart; None where torchrun did not start us.

    The name that was given with --rdzv-id, or else the process that watches over this one.
    """
    name = os.environ.get("TORCHELASTIC_RUN_ID")
    return f"{platform.node()} {os.getppid()}" if name == "none" else name


def mark(folder: RunFolder) -> None:
    """Say that this launch works in a folder."""
    if name := launch():
        files.write_text(folder / MARK, name)


def release(folder: RunFolder) -> None:
    """The work in a folder is done."""
    (folder / MARK).unlink(missing_ok=True)


def is_ours(folder: RunFolder) -> bool:
    """Whether this launch has begun to work in a folder."""
    name, path = launch(), folder / MARK
    return name is not None and path.is_file() and path.read_text(encoding="utf-8") == name


def begun(run: str | Path | None, runs: str | Path) -> Path | None:
    """The run folder that this launch has begun: `run`, or any below `runs` where none is named."""
    paths = [Path(run)] if run is not None else [path.parent for path in sorted(Path(runs).glob(f"*/{MARK}"))]
    return next((path for path in paths if (path / "config.json").is_file() and is_ours(RunFolder(path))), None)
