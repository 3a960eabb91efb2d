"""What a mask file stores: a number for every pixel, whatever the picture's mode.

palette     the position in it, unless files have palettes of their own: then the colour
grey        the value; black and white with soft edges is cut in the middle
colour      red, green and blue in one number
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from deepglass.core.errors import DataError
from deepglass.data.pictures import map_all
from deepglass.data.reading.decode import opened

NEAR = 32  # of 255 from black or white: what compression and soft edges make of them
TWO_TONES = 0.95  # share of the pixels that must be so near for the rest to be edges
MOST_VALUES = 256  # of one mask; a photograph has thousands of colours
CUT = 128


@dataclass(frozen=True)
class Stored:
    """The values of one mask.

    Attributes:
        values: (H, W) int64.
        is_colour: Whether they are colours, 0xRRGGBB.
        was_cut: Whether soft edges were cut.
    """

    values: np.ndarray
    is_colour: bool = False
    was_cut: bool = False


def stored(path: Path, by_colour: bool = False) -> Stored:
    """What a mask file holds, as a rule a few values.

    Args:
        path: The file.
        by_colour: Whether the colours of a palette are meant, not its positions.

    Raises:
        DataError: If it is damaged, or holds so many values that it is no mask.
    """
    with opened(path) as image:
        if image.mode == "P" and not by_colour:
            return _few(Stored(np.asarray(image).astype(np.int64)), path)
        upright = ImageOps.exif_transpose(image) if image.mode in ("L", "RGB") else image
        return _few(_of_mode(upright, path), path)


def palette_of(path: Path) -> bytes | None:
    """The colours at the positions that a mask uses; None where it has no palette."""
    with opened(path) as image:
        if image.mode != "P":
            return None
        colours = np.array(image.getpalette("RGB") or [], np.uint8).reshape(-1, 3)
        used = np.unique(np.asarray(image))
        return b"".join(bytes([place, *colours[place].tolist()]) for place in used if place < len(colours))


def are_of_one_palette(paths: Sequence[Path]) -> bool:
    """Whether the same positions have the same colours in all of these masks.

    Raises:
        DataError: If some are damaged; names them together.
    """
    known: dict[int, bytes] = {}
    for entries in map_all(palette_of, paths):
        entries = entries or b""
        for i in range(0, len(entries), 4):
            if known.setdefault(entries[i], entries[i + 1 : i + 4]) != entries[i + 1 : i + 4]:
                return False
    return True


def _of_mode(image: Image.Image, path: Path) -> Stored:
    if image.mode in ("1", "L", "I", "I;16", "I;16B", "I;16L", "I;16N"):
        return Stored(np.asarray(image).astype(np.int64))
    if image.mode == "LA":
        return Stored(np.asarray(image)[..., 0].astype(np.int64))
    if image.mode == "F":
        values = np.asarray(image)
        if not np.array_equal(values, np.round(values)):
            raise DataError(f"{path} holds fractions: expected a mask of whole numbers, one for each class")
        return Stored(values.astype(np.int64))
    colours = np.asarray(image.convert("RGB")).astype(np.int64)
    if (colours == colours[..., :1]).all():  # grey, stored as colour
        return Stored(colours[..., 0])
    return Stored(colours @ np.array([1 << 16, 1 << 8, 1]), is_colour=True)


def _few(found: Stored, path: Path) -> Stored:
    """The values, if they are few; of black and white with soft edges two."""
    values = found.values
    if not found.is_colour and is_two_tone(values):
        return Stored(np.where(values >= CUT, 255, 0), was_cut=True)
    count = len(np.unique(values))
    if count > MOST_VALUES or (not found.is_colour and (values.min() < 0 or values.max() >= 1 << 16)):
        raise DataError(
            f"{path} has {count:,} different values: expected a mask with one for each class; is it a picture, or "
            "a mask that was saved as JPEG or scaled with soft edges? Save it as PNG, scaled without smoothing"
        )
    return found


def is_two_tone(values: np.ndarray) -> bool:
    """Whether grey values are black and white with soft edges between them."""
    if values.min() < 0 or values.max() > 255 or len(np.unique(values)) <= 8:
        return False
    is_dark, is_light = values <= NEAR, values >= 255 - NEAR
    return bool((is_dark | is_light).mean() >= TWO_TONES and is_dark.any() and is_light.any())
