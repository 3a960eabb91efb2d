"""One picture file → its pixels (H, W, channels), or an error that names the file and what is wrong with it.

Whatever Pillow opens is turned upright by its EXIF note and brought to grey or colour: CMYK and palettes are
converted, an animation gives its first frame, what is transparent lies on a ground. Pictures of 8 bits become bytes;
deeper ones keep their values (uint16, int32, float32), and `preprocess/pixel_scale.py` knows which value is black and
which white. A picture of absurd size, which would fill the memory once unpacked, is refused by its header.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from deepglass.core.errors import DataError
from deepglass.core.wording import counted
from deepglass.data.reading import deep_colour
from deepglass.data.reading.opening import require_ordinary
from deepglass.data.reading.picture_formats import FORMATS
from deepglass.data.reading.transparency import has_alpha, on_ground

NAMED = 5  # broken pictures named in a message
MAX_PIXELS = 89_478_485  # Pillow's own limit: a quarter of a gibibyte of colour
DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # 16 bits per pixel, "I" as some files announce it
GREY_MODES = ("1", "L", "LA", "F", *DEEP_MODES)
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}  # by channels; arrays alone have two or four
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R 601, as Pillow weighs them
DEPTHS = {"bytes": "8 bits", "deep": "more than 8 bits", "real": "floating point"}
ORIENTATION = 0x0112  # the EXIF note that says how the camera was held


class Header(NamedTuple):
    """What a file says of its picture without being unpacked: upright height and width first."""

    size: tuple[int, int]
    mode: str  # Pillow's
    frames: int
    depth: str  # of `DEPTHS`
    has_alpha: bool

    @property
    def is_animated(self) -> bool:
        """Whether there are several frames or pages, of which the first is taken."""
        return self.frames > 1


def decode(path: Path, channels: int, background: str = "white") -> np.ndarray:
    """Read one picture.

    Args:
        channels: 1 for grey, 3 for colour; 2 and 4 with alpha as it is, where a run was trained on such arrays.
        background: What lies under transparent parts, as `transparency.on_ground` takes it.

    Shape:
        - output: (H, W, channels): uint8, or uint16, int32, float32 for deeper pictures

    Raises:
        DataError: If the file is missing, empty, truncated, no picture, or too large once unpacked.
    """
    if channels not in MODES:
        raise DataError(
            f"{path}: pictures in files have at most 4 channels, the training had {channels}: give an array"
        )
    with opened(path) as image:
        if depth_of(image) == "bytes":
            flat = on_ground(ImageOps.exif_transpose(image), background) if channels in (1, 3) else image
            pixels = np.asarray(flat.convert(MODES[channels]))
            return pixels.reshape(*pixels.shape[:2], channels)  # (H, W) → (H, W, 1)
        pixels = _deep_pixels(image, path, background)  # before the note is asked for, which loads a PNG
        return with_channels(upright(pixels, image.getexif().get(ORIENTATION, 1)), channels)


def header(path: Path) -> Header:
    """Size, mode, frames and depth, without decoding.

    Raises:
        DataError: As `decode`, where the header tells.
    """
    with opened(path) as image:
        (width, height), depth = image.size, depth_of(image)
        if image.getexif().get(ORIENTATION, 1) >= 5:  # orientations from 5 on lie on their side
            width, height = height, width
        frames = getattr(image, "n_frames", 1) if image.format != "MPO" else 1  # a photograph and its preview
        return Header((height, width), image.mode, frames, depth, has_alpha(image))


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """Open a picture file; the one place where training and prediction do so.

    Raises:
        DataError: If it is missing, damaged, no picture, or too large once unpacked; names the file.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # judged below, by the same limit
            # From a file object: Pillow maps an uncompressed TIFF into memory by its path, and then does not turn it.
            require_ordinary(path)
            with path.open("rb") as file, Image.open(file, formats=formats()) as image:
                _require_sane_size(image, path)
                yield image
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"{path} does not exist: check the path") from None
    except UnidentifiedImageError:
        raise DataError(f"{path} is {_what_it_is(path)}: replace or remove it") from None
    except Image.DecompressionBombError:
        raise _too_large(path) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow raises for damaged files
        raise DataError(f"{path} is truncated or damaged ({error}): copy it again or remove it") from None


@cache
def formats() -> tuple[str, ...]:
    """Those of `FORMATS` that this Pillow knows."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def raise_together(errors: list[str], noun: str = "picture") -> None:
    """Report all broken files in one error, if there are any.

    Args:
        errors: A sentence each.
        noun: What the files are.

    Raises:
        DataError: If there are any; names the first few.
    """
    if len(errors) == 1:
        raise DataError(errors[0])
    if errors:
        more = f"\n  … {len(errors) - NAMED} more" if len(errors) > NAMED else ""
        raise DataError(f"{counted(len(errors), noun)} cannot be read:\n  " + "\n  ".join(errors[:NAMED]) + more)


def depth_of(image: Image.Image) -> str:
    """One of `DEPTHS`: "deep" are whole numbers beyond bytes."""
    if image.mode == "F":
        return "real"
    return "deep" if image.mode in DEEP_MODES or deep_colour.is_deep(image) else "bytes"


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Pixels (H, W, C) turned as an EXIF orientation from 1 to 8 asks for."""
    if orientation in (5, 6, 7, 8):  # stored lying on its side
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels[:, ::-1] if orientation in (2, 3, 6, 7) else pixels


def with_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """Grey as colour, or colour as grey; (…, H, W, C) in any dtype, which stays.

    Raises:
        DataError: If pictures of other numbers of channels do not fit.
    """
    came = pixels.shape[-1]
    if came == channels:
        return pixels
    if came == 1 and channels == 3:
        return np.repeat(pixels, 3, axis=-1)
    if came == 3 and channels == 1:
        grey = pixels @ LUMA
        return (grey.round() if pixels.dtype.kind in "ui" else grey).astype(pixels.dtype)[..., None]
    raise DataError(f"pictures with {came} channels: expected {channels}, as in training")


def _deep_pixels(image: Image.Image, path: Path, background: str) -> np.ndarray:
    """Values as stored, (H, W, 1 or 3)."""
    if image.mode not in (*DEEP_MODES, "F"):
        return deep_colour.flattened(deep_colour.read(image, path), background)
    values = np.asarray(image)
    if image.mode != "F" and values.min(initial=0) >= 0 and values.max(initial=0) < 1 << 16:
        values = values.astype(np.uint16)  # Pillow widens the 16 bits of some formats to 32
    return values[..., None]


def _require_sane_size(image: Image.Image, path: Path) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(path, f" ({image.width:,} x {image.height:,})")


def _too_large(path: Path, size: str = "") -> DataError:
    return DataError(f"{path} unpacks to more than {MAX_PIXELS:,} pixels{size}: make it smaller, or remove it")


def _what_it_is(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        return "empty (0 bytes)"
    if not start.strip(b"\0"):
        return "nothing but zero bytes"
    if start[4:8] == b"ftyp":  # HEIC, HEIF and their kin
        return "a picture in a format that Pillow does not read (HEIC or the like): convert it to JPEG"
    if all(byte >= 32 or byte in b"\t\r\n" for byte in start):
        return "text, not a picture, whatever its name says"
    return "no picture in a known format"
