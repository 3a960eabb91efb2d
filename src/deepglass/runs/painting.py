"""Painted pictures: what a run of style transfer makes of files and arrays, one at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.painting.pictures import LEAST_SIDE, as_tensor, opened
from deepglass.runs.made_pictures import task_that, write_made
from deepglass.runs.run import Run

MOST_PIXELS = 4_000_000  # of one painted picture: its maps take about a gibibyte


def paint(run: Run, picture: Any, size: int | None = None) -> np.ndarray:
    """A picture in the style of the run, as bytes (H, W, 3).

    Args:
        run: Of style transfer.
        picture: A file, or an array (H, W) or (H, W, C) of bytes.
        size: Pixels of the longer side, where it is larger; as it is by default. Strokes are as many pixels wide as
            they were learnt, so a small picture is painted with large ones.

    Raises:
        OptionError: If the run does not paint, or the size is too small.
        DataError: If the picture is broken, too small, or too large.
    """
    task: Any = task_that(run, "painted", "painted", "style-transfer")
    if size is not None and size < LEAST_SIDE:
        raise OptionError(f"--size {size}: expected {LEAST_SIDE} pixels or more")
    pixels = as_tensor(opened(picture), size)
    height, width = pixels.shape[2:]
    if height * width > MOST_PIXELS:
        raise DataError(
            f"{picture if isinstance(picture, str | Path) else 'the picture'}: {width} x {height} pixels, expected at "
            f"most {MOST_PIXELS:,}: paint it smaller with --size 2000"
        )
    return task.painted(run.model, pixels)


def write_painted(
    run: Run, sources: list[str | Path], folder: Path | None, size: int | None = None, force: bool = False
) -> Iterator[Path]:
    """Paint files one after the other; each is written as PNG beside its source, or into a folder.

    Args:
        run: Of style transfer.
        sources: Picture files, or folders of them.
        folder: Where to; beside each file by default.
        size: As `paint` takes it.
        force: Replace what is there.

    Returns:
        Paths of what was written, NAME_painted.png, as soon as it is.

    Raises:
        OptionError: If the run does not paint, or a file is there already.
        DataError: If a source is no picture, or there is none.
    """
    task_that(run, "painted", "painted", "style-transfer")
    return write_made(sources, folder, "_painted", force, lambda path: paint(run, path, size))
