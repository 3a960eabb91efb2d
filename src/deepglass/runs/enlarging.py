"""Pictures with more pixels: what a run of super-resolution makes of files and arrays, one at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import files
from deepglass.core.errors import DataError, OptionError
from deepglass.data.preprocess.image import picture_files
from deepglass.runs.run import Run

ENDING = ".png"  # of what is written: nothing is lost again
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

    Yields:
        Paths of what was written: NAME_x2.png.

    Raises:
        OptionError: If the run does not enlarge pictures, or a file is there already.
        DataError: If a source is no picture, or there is none.
    """
    task: Any = _able(run)
    paths = [path for source in sources for path in picture_files(Path(source).expanduser())]
    targets = [(folder or path.parent) / f"{path.stem}_x{task.scale}{ENDING}" for path in paths]
    if twice := {str(target) for target in targets if targets.count(target) > 1}:
        raise OptionError(f"two pictures would be written to {min(twice)}: enlarge their folders one by one")
    if not force and (there := next((target for target in targets if files.lies_at(target)), None)):
        raise OptionError(f"{there} exists: choose another --output folder, or replace it with --force")
    for path, target in zip(paths, targets):
        files.write_bytes(target, as_png(enlarge(run, str(path))))
        yield target


def as_png(picture: np.ndarray) -> bytes:
    """The bytes of a PNG of a picture (H, W, C)."""
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).save(file, "PNG")
    return file.getvalue()


def _able(run: Run) -> Any:
    if not hasattr(run.task, "enlarged"):
        raise OptionError(
            f"{run.path} was trained for {run.config['task']}: pictures are enlarged by runs of "
            "`deepglass train FOLDER --task super-resolution`"
        )
    return run.task
