"""One picture file → bytes (H, W, channels), or an error that names the file and what is wrong with it.

Whatever Pillow opens is brought to 8-bit grey or colour: CMYK and palettes are converted, 16-bit grey keeps its upper
byte, transparency is laid on white, a photograph is turned upright by its EXIF note, an animation gives its
first frame. A picture of absurd size, which would fill the memory once unpacked, is refused by its header.
"""

import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from deepglass.core.errors import DataError
from deepglass.data.reading.picture_formats import FORMATS

MAX_PIXELS = 89_478_485  # Pillow's own limit: a quarter of a gibibyte of colour
DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # 16 bits a pixel, "I" as some files announce it
GREY_MODES = ("1", "L", "LA", *DEEP_MODES)


def decode(path: Path, channels: int) -> np.ndarray:
    """Read one picture.

    Args:
        channels: 1 for grey, 3 for colour.

    Shape:
        - output: (H, W, channels), uint8

    Raises:
        DataError: If the file is missing, empty, truncated, no picture, or too large once unpacked.
    """
    with _opened(path) as image:
        upright = ImageOps.exif_transpose(_eight_bit(image))
        pixels = np.asarray(_on_white(upright).convert("L" if channels == 1 else "RGB"))
    return pixels[..., None] if channels == 1 else pixels  # (H, W) → (H, W, 1)


def header(path: Path) -> tuple[tuple[int, int], str, int]:
    """Upright height and width, Pillow's mode, and number of frames, without decoding.

    Raises:
        DataError: As `decode`, where the header tells.
    """
    with _opened(path) as image:
        width, height = image.size
        if image.getexif().get(0x0112, 1) >= 5:  # EXIF orientations from 5 on lie on their side
            width, height = height, width
        return (height, width), image.mode, getattr(image, "n_frames", 1)


@contextmanager
def _opened(path: Path):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # judged below, by the same limit
            # From a file object: Pillow maps an uncompressed TIFF into memory by its path, and then does not turn it.
            with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
                _require_sane_size(image, path)
                yield image
    except FileNotFoundError:
        raise DataError(f"{path} does not exist: check the path") from None
    except UnidentifiedImageError:
        raise DataError(f"{path} is {_what_it_is(path)}: replace or remove it") from None
    except Image.DecompressionBombError:
        raise _too_large(path) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow raises for damaged files
        raise DataError(f"{path} is truncated or damaged ({error}): copy it again or remove it") from None


def _require_sane_size(image: Image.Image, path: Path) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(path, f" ({image.width:,} x {image.height:,})")


def _too_large(path: Path, size: str = "") -> DataError:
    return DataError(f"{path} unpacks to more than {MAX_PIXELS:,} pixels{size}: make it smaller, or remove it")


def _what_it_is(path: Path) -> str:
    start = path.read_bytes()[:512]
    if not start:
        return "empty (0 bytes)"
    if not start.strip(b"\0"):
        return "nothing but zero bytes"
    if all(byte >= 32 or byte in b"\t\r\n" for byte in start):
        return "text, not a picture, whatever its name says"
    return "no picture in a known format"


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode in DEEP_MODES:
        values = np.asarray(image).astype(np.int64)
        return Image.fromarray((values >> 8 if values.max(initial=0) > 255 else values).clip(0, 255).astype(np.uint8))
    if image.mode == "F":
        values = np.asarray(image)
        return Image.fromarray((values * (255 if values.max(initial=0) <= 1 else 1)).clip(0, 255).astype(np.uint8))
    return image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return image
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image)
