"""Pictures with more pixels: what a run of super-resolution makes of files and arrays, one at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core.errors import DataError
from deepglass.runs.made_pictures import task_that, write_made
from deepglass.runs.run import Run

MOST_PIXELS = 100_000_000  # of one enlarged picture: 300 MB, and the planes it is made of twelve times as much


def enlarge(run: Run, picture: Any) -> np.ndarray:
    """A picture with `scale` times as many pixels per side, as bytes (H·scale, W·scale, C).

    Args:
        run: Of a task that enlarges.
        picture: A file, or an array (H, W) or (H, W, C) as those of the training.

    Raises:
        OptionError: If the run does not enlarge pictures.
        DataError: If the picture is broken, larger than can be enlarged, or several.
    """
    task: Any = _able(run)
    with run.folder.explaining():
        examples, names = task.read(task.open(picture), with_target=False)
        if len(examples) != 1:
            raise DataError(f"enlarge takes one picture at a time, got {len(examples)}: call it for each")
        coarse, _ = examples.pair(0)
        about = next(iter(names.values()))[0]
        if (pixels := coarse.shape[0] * coarse.shape[1] * task.scale**2) > MOST_PIXELS:
            raise DataError(
                f"{about}: {coarse.shape[1]} x {coarse.shape[0]} pixels would become {pixels:,}, expected at most "
                f"{MOST_PIXELS:,}: enlarge parts of it"
            )
        return task.enlarged(run.model, coarse)


def write_enlarged(run: Run, sources: list[str | Path], folder: Path | None, force: bool = False) -> Iterator[Path]:
    """Enlarge files one after the other; each is written as PNG beside its source, or into a folder.

    Args:
        run: Of a task that enlarges.
        sources: Picture files, or folders of them.
        folder: Where to; beside each file by default.
        force: Replace what is there.

    Returns:
        Paths of what was written, NAME_x2.png, as soon as it is.

    Raises:
        OptionError: If the run does not enlarge pictures, or a file is there already.
        DataError: If a source is no picture, or there is none.
    """
    return write_made(sources, folder, f"_x{_able(run).scale}", force, lambda path: enlarge(run, path))


def _able(run: Run) -> Any:
    return task_that(run, "enlarged", "enlarged", "super-resolution")
