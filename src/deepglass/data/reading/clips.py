"""Animated pictures (GIF, WebP, PNG) and folders of numbered frames → clips of one size and one number of frames.

    file ── frames, one after the other, bounded ── on one ground, grey or colour ── some of them, evenly ── one size

A film of thousands of frames, or one that fills the memory once unpacked, is refused with a sentence; so is a picture
that does not move. How long a frame is shown is not read: frames count as equally long.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.clips import Clips, evenly, stacked
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Layout
from deepglass.data.pictures import map_all
from deepglass.data.preprocess.image import KEPT_SIZE, PHOTO_SIZE, fit_to
from deepglass.data.reading.decode import GREY_MODES, MAX_PIXELS, decode, header, opened
from deepglass.data.reading.images import SUFFIXES
from deepglass.data.reading.layouts.videos import CONVERTING
from deepglass.data.reading.transparency import on_ground

USUAL_FRAMES = 16  # of longer clips so many are taken: enough for a movement, and a processor can train on it
MOST_FRAMES = 1_000  # of a file, before any is taken
PROBED = 200  # files whose headers are read to choose size, frames and colours
MOVING = (".gif", ".webp", ".png", ".apng", ".avif")  # endings of files that may move


@dataclass(frozen=True)
class Form:
    """What all clips are brought to."""

    num_frames: int
    height: int
    width: int
    colours: int
    background: str = "white"


def read_clips(layout: Layout, config: DataConfig, num_frames: int | None, size: int | None, max_bytes: float) -> Clips:
    """The clips of a layout of videos; what was decided is in their `guesses`.

    Args:
        layout: Of animated pictures.
        config: Its splits and background are respected.
        num_frames: Of every clip; None takes the usual number of the files, at most `USUAL_FRAMES`.
        size: Side to scale to; None keeps small clips and scales large ones.
        max_bytes: That all clips together may take in memory.

    Raises:
        DataError: If files are broken, do not move, are of a form that cannot be read, or too many for the memory.
    """
    paths = layout.files["videos"]
    if films := [path.name for path in paths if path.suffix.lower() not in MOVING]:
        raise DataError(
            f"{layout.name} holds films ({listing(films, 3)}): expected animated pictures ({listing(MOVING, 5)}); "
            f"convert them, for instance with `{CONVERTING}`"
        )
    form, guesses = _chosen(paths, config, num_frames, size)
    _require_room(layout.name, len(paths), form, max_bytes)
    read = map_all(lambda path: _read(path, form), paths)
    return Clips(
        layout.name,
        None,
        [],
        form.num_frames * form.colours,
        pixels=np.stack([pixels for pixels, _ in read]),
        splits=dict(layout.splits),
        guesses=[*layout.guesses, *guesses],
        licence=layout.licence,
        background=form.background,
        names=[str(path) for path in paths],
        frame=layout.frame,
        columns=layout.columns,
        num_frames=form.num_frames,
        lengths=np.array([length for _, length in read]),
    )


def read_alike(paths: list[Path], form: Form) -> np.ndarray:
    """(N, H, W, T·C) of files that come later, read as those of the training; a folder of frames is one clip.

    Raises:
        DataError: If files are broken, or do not move; names them together.
    """
    return np.stack(map_all(lambda path: _read(path, form)[0], paths))


def of_frames(images: Images, form: Callable[[int, tuple[int, int], int], Form]) -> Clips:
    """Clips of still pictures that lie as numbered frames in a folder for each clip.

    Args:
        images: Their `names` tell clip and number.
        form: From the usual number of frames, their size and their colours to what all are brought to.

    Raises:
        DataError: If the pictures do not lie so.
    """
    groups = _clips_of(images)
    lengths = np.array([len(rows) for rows in groups.values()])
    shape = _picture(images, 0).shape
    chosen = form(int(np.median(lengths)), shape[:2], images.channels)
    firsts = [rows[0] for rows in groups.values()]
    pixels = [
        stacked(np.stack([_fitted(_picture(images, rows[i]), chosen) for i in evenly(len(rows), chosen.num_frames)]))
        for rows in groups.values()
    ]
    places = {row: place for place, row in enumerate(firsts)}
    splits = {name: np.array([places[row] for row in rows if row in places]) for name, rows in images.splits.items()}
    return Clips(
        images.name,
        None if images.labels is None else images.labels[firsts],
        images.classes,
        chosen.num_frames * chosen.colours,
        pixels=np.stack(pixels),
        splits=splits,
        guesses=[*images.guesses, Guess("clips", f"{len(groups):,}", "numbered pictures, a folder for each clip", "")],
        background=images.background,
        names=[*groups],
        num_frames=chosen.num_frames,
        lengths=lengths,
    )


# -- one file -------------------------------------------------------------------------------------------------------


def _read(path: Path, form: Form) -> tuple[np.ndarray, int]:
    """(H, W, T·C) of one clip, and how many frames it had."""
    if path.is_dir():
        files = numbered(path)
        frames = [decode(files[i], form.colours, form.background) for i in evenly(len(files), form.num_frames)]
        length = len(files)
    else:
        frames = [*_frames(path, form)]
        length = len(frames)
        frames = [frames[i] for i in evenly(length, form.num_frames)]
    return stacked(np.stack([_fitted(frame, form) for frame in frames])), length


def _frames(path: Path, form: Form) -> Iterator[np.ndarray]:
    """(H, W, C) of each frame, at most so many and so large.

    Raises:
        DataError: If the file does not move, has too many frames, or is damaged.
    """
    with opened(path) as image:
        most = min(MOST_FRAMES, MAX_PIXELS // max(1, image.width * image.height))
        count = getattr(image, "n_frames", 1)
        if count < 2:
            raise DataError(f"{path} has one frame: expected a clip of two or more; leave it out, or record it anew")
        if count > most:
            raise DataError(
                f"{path} has {count:,} frames of {image.width} x {image.height} pixels: expected at most {most:,}; cut "
                "it into shorter clips, or make it smaller"
            )
        mode = "L" if form.colours == 1 else "RGB"
        for place in range(count):
            image.seek(place)
            flat = on_ground(image, form.background).convert(mode)
            yield np.asarray(flat).reshape(image.height, image.width, form.colours)


def numbered(folder: Path) -> list[Path]:
    """The still pictures of a folder in the order of their numbers.

    Raises:
        DataError: If there are fewer than two, or more than a clip may have.
    """
    files = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")]
    if not 2 <= len(files) <= MOST_FRAMES:
        raise DataError(
            f"{folder} holds {counted(len(files), 'picture')}: expected the frames of a clip, 2 to {MOST_FRAMES:,} "
            "pictures that are named by their numbers"
        )
    return sorted(files, key=lambda path: _number(path.name))


def _fitted(frame: np.ndarray, form: Form) -> np.ndarray:
    if frame.dtype != np.uint8:
        raise DataError("frames of more than 8 bits: expected bytes; save them as 8-bit pictures")
    return fit_to(frame, form.height, form.width)


def _number(name: str) -> tuple[int, str]:
    found = re.findall(r"\d+", PurePath(name).stem)
    return (int(found[-1]) if found else -1, name)


# -- all of them ----------------------------------------------------------------------------------------------------


def _chosen(
    paths: list[Path], config: DataConfig, num_frames: int | None, size: int | None
) -> tuple[Form, list[Guess]]:
    """Frames, size and colours that suit the files."""
    probe = [paths[i] for i in evenly(len(paths), min(PROBED, len(paths)))]
    heads = map_all(header, probe)
    lengths, sizes = [head.frames for head in heads], {head.size for head in heads}
    usual = int(np.median(lengths))
    count = num_frames or max(2, min(usual, USUAL_FRAMES))
    guesses = []
    if num_frames is None:
        has_one = len({*lengths}) == 1 and count == usual
        why = "as all clips have" if has_one else f"of {min(lengths)} to {max(lengths)}, evenly spread"
        guesses.append(Guess("frames of a clip", count, why, "--num-frames"))
    height, width = (size, size) if size else next(iter(sizes))
    if not size and (len(sizes) > 1 or max(height, width) > KEPT_SIZE):
        height = width = min(PHOTO_SIZE, int(np.median([min(of) for of in sizes])))
        why = "scaled to cover it, the rest cut off"
        guesses.append(Guess("image size", f"{height}x{width}", why, "--image-size"))
    colours = 1 if all(head.mode in GREY_MODES for head in heads) else 3
    return Form(count, height, width, colours, config.background or "white"), guesses


def _require_room(name: str, count: int, form: Form, most: float) -> None:
    needed = count * form.num_frames * form.height * form.width * form.colours
    if needed > most:
        raise DataError(
            f"{name}: {counted(count, 'clip')} of {form.num_frames} frames take {needed / 2**30:.1f} GiB in memory, "
            f"{most / 2**30:.1f} are allowed: pass a smaller --image-size or --num-frames, or a larger --max-memory"
        )


def _clips_of(images: Images) -> dict[str, list[int]]:
    """Rows of each clip, in the order of their numbers."""
    groups: dict[str, list[int]] = {}
    for row, name in enumerate(images.names or []):
        groups.setdefault(str(PurePath(name).parent), []).append(row)
    is_deep = all(len(PurePath(clip).parts) > 1 for clip in groups)
    if not groups or not is_deep or min(map(len, groups.values())) < 2:
        raise DataError(
            f"{images.name} holds still pictures: expected clips, as animated pictures (GIF) in a folder for each "
            "class, or as numbered frames in CLASS/CLIP/1.png, 2.png, …; or choose --task image-classification"
        )
    return {clip: sorted(rows, key=lambda row: _number(images.names[row])) for clip, rows in groups.items()}  # type: ignore[index]


def _picture(images: Images, row: int) -> np.ndarray:
    if images.pixels is not None:
        return images.pixels[row]
    return decode(images.paths[row], images.channels, images.background)  # type: ignore[index]
