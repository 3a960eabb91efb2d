"""Picture files that a network makes of picture files, one after the other."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from deepglass.core import files
from deepglass.core.errors import OptionError
from deepglass.data.preprocess.image import picture_files
from deepglass.runs.run import Run

ENDING = ".png"  # of what is written: nothing is lost again


def write_made(
    sources: list[str | Path], folder: Path | None, suffix: str, force: bool, made: Callable[[str], np.ndarray]
) -> Iterator[Path]:
    """Make a picture of each file; it is written as PNG beside its source, or into a folder.

    Args:
        sources: Picture files, or folders of them.
        folder: Where to; beside each file by default.
        suffix: What follows the name of the source.
        force: Replace what is there.
        made: From the path of a source to a picture (H, W, C) of bytes.

    Yields:
        Paths of what was written: NAME + suffix + .png.

    Raises:
        OptionError: If a file is there already, or two would have one name.
        DataError: If a source is no picture, or there is none.
    """
    paths = [path for source in sources for path in picture_files(Path(source).expanduser())]
    targets = [(folder or path.parent) / f"{path.stem}{suffix}{ENDING}" for path in paths]
    require_free(targets, force, "pictures")
    for path, target in zip(paths, targets):
        files.write_bytes(target, as_png(made(str(path))))
        yield target


def require_free(targets: list[Path], force: bool, nouns: str) -> None:
    """Refuse to write two things to one place, or over something that is there.

    Args:
        targets: Where to write.
        force: Replace what is there.
        nouns: What is written, in words.

    Raises:
        OptionError: If two would have one name, or one is there already.
    """
    if twice := {str(target) for target in targets if targets.count(target) > 1}:
        raise OptionError(f"two {nouns} would be written to {min(twice)}: take their folders one by one")
    if not force and (there := next((target for target in targets if files.lies_at(target)), None)):
        raise OptionError(f"{there} exists: choose another --output folder, or replace it with --force")


def as_png(picture: np.ndarray) -> bytes:
    """The bytes of a PNG of a picture (H, W, C)."""
    file = io.BytesIO()
    Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).save(file, "PNG")
    return file.getvalue()


def task_that(run: Run, able: str, done: str, task: str) -> Any:
    """The task of a run that can do something.

    Args:
        able: The method that does it.
        done: What is done with pictures, in words.
        task: The name of the task whose runs can.

    Raises:
        OptionError: If this one cannot.
    """
    if not hasattr(run.task, able):
        raise OptionError(
            f"{run.path} was trained for {run.config['task']}: pictures are {done} by runs of "
            f"`deepglass train FOLDER --task {task}`"
        )
    return run.task
