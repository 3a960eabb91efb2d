"""Picture files → brightness from 0 to 255 (B, H, W, C), upright, on one ground, of the size of training.

Bytes, or float32 where training kept more than 8 bits. A picture is judged by its header before it is unpacked: one
that would fill the memory is refused. The graph would also take other sizes and scale them by itself; Pillow does it
faster.
"""

import base64
import binascii
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from . import deep_colour
from .errors import InputError

DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # 16 bits a pixel, "I" as some files announce it
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}  # by channels; arrays alone have two or four
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R 601
GREY = (128, 128, 128, 255)
ORIENTATION = 0x0112  # the EXIF note that says how the camera was held


class Scale:
    """The values of black and white, as training had them for each kind of pixels."""

    def __init__(self, described: dict[str, Any] | None):
        described = described or {}
        self.deep, self.real = described.get("deep"), described.get("real")
        self.keeps_depth = bool(described.get("keeps_depth"))

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Brightness from 0 to 255, uint8 or float32.

        Raises:
            ValueError: If numbers are not finite, or none that the training knew.
        """
        if values.dtype == np.uint8:
            return values.astype(np.float32) if self.keeps_depth else values
        if not np.isfinite(values).all():
            raise ValueError("expected numbers, got NaN or infinity")
        low, high = self._range(values)
        if (low, high) == (0, 65_535) and not self.keeps_depth:
            return (values.clip(0, high).astype(np.uint16) >> 8).astype(np.uint8)  # the upper byte
        scaled = (values.clip(low, high).astype(np.float32) - np.float32(low)) * (255 / (high - low))
        return scaled if self.keeps_depth else scaled.round().astype(np.uint8)

    def _range(self, values: np.ndarray) -> tuple[float, float]:
        known = self.real if values.dtype.kind == "f" else self.deep
        if known:
            return known[0], known[1]
        if values.dtype == np.uint16:
            return 0, 65_535
        if values.min() < 0 or values.max() > 255:
            raise ValueError("expected numbers from 0 to 255, got others: scale them")
        return (0, 1) if values.dtype.kind == "f" and values.max() <= 1 else (0, 255)


class Brightness:
    """A picture that has been scaled before, as `Pictures.whole` gives it: it is taken as it is."""

    def __init__(self, values: np.ndarray):
        self.values = values


class Pictures:
    """Encodes pictures: the bytes of a file, base64 text (also as a data URI), or an array of numbers."""

    def __init__(self, described: dict[str, Any], max_pixels: int):
        self.name, self.tensor, self.max_pixels = described["name"], described["tensor"], max_pixels
        self.height, self.width, self.channels = described["height"], described["width"], described["channels"]
        self.background, self.scale = described.get("background", "white"), Scale(described.get("scale"))

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        pictures = []
        for number, record in enumerate(records, 1):
            try:
                pictures.append(fit_to(self.whole(self._content(record)), self.height, self.width))
            except ValueError as error:
                raise InputError(self.name, str(error), number) from None
        return {self.tensor: np.stack(pictures)}

    def annotate(self, records: list[Any], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return answers

    def whole(self, content: Any) -> np.ndarray:
        """A picture in its own size, (H, W, C), brightness from 0 to 255: uint8 or float32.

        Raises:
            ValueError: If it is no picture.
        """
        if isinstance(content, Brightness):
            return content.values
        if isinstance(content, str):
            content = from_base64(content)
        if isinstance(content, bytes | bytearray):
            values = decode(bytes(content), self.channels, self.max_pixels, self.background)
        else:
            values = from_array(content, self.channels)
        return self.scale.apply(values)

    def _content(self, record: Any) -> Any:
        if not isinstance(record, dict):
            return record
        if self.name not in record:
            raise ValueError(f"is missing: expected an object with {self.name!r}")
        return record[self.name]


def decode(content: bytes, channels: int, max_pixels: int, background: str = "white") -> np.ndarray:
    """A picture file as grey (1 channel) or colour (3): bytes, or deeper values as they are stored.

    Shape:
        - output: (H, W, channels)

    Raises:
        ValueError: If it is no picture, damaged, or has more than `max_pixels`.
    """
    if channels not in MODES:
        raise ValueError(f"picture files have at most 4 channels, the training had {channels}: send numbers")
    with opened(content, max_pixels) as image:
        if not _is_deep(image):
            flat = _on_ground(ImageOps.exif_transpose(image), background) if channels in (1, 3) else image
            return np.asarray(flat.convert(MODES[channels])).reshape(flat.height, flat.width, channels)
        pixels = _deep_pixels(image, content, background)  # before the note is asked for, which loads a PNG
        return with_channels(_upright(pixels, image.getexif().get(ORIENTATION, 1)), channels)


@contextmanager
def opened(content: bytes, max_pixels: int) -> Iterator[Image.Image]:
    """Open the bytes of a picture file; the one place where a bundle does so.

    Raises:
        ValueError: If they are no picture, damaged, or have more than `max_pixels`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # judged below, by our own limit
            with Image.open(io.BytesIO(content)) as image:
                if image.width * image.height > max_pixels:
                    raise ValueError(f"{image.width:,} x {image.height:,} pixels, expected at most {max_pixels:,}")
                yield image
    except UnidentifiedImageError:
        raise ValueError("expected a picture file such as PNG or JPEG, got none in a known format") from None
    except Image.DecompressionBombError:
        raise ValueError(f"unpacks to more than {max_pixels:,} pixels: make it smaller") from None
    except (OSError, SyntaxError, EOFError) as error:  # what Pillow raises for damaged files
        raise ValueError(f"the picture is truncated or damaged ({error})") from None


def from_array(content: Any, channels: int) -> np.ndarray:
    """Numbers (H, W) or (H, W, C) as a picture of so many channels; whole ones of lists up to 255 are bytes.

    Raises:
        ValueError: If they are no numbers of such a shape.
    """
    try:
        values = np.asarray(content)
    except ValueError:  # rows of different length
        values = np.empty(0)
    if values.ndim == 2:
        values = values[..., None]
    fits = values.ndim == 3 and values.shape[2] in {1, 3, channels} and values.size and values.dtype.kind in "uif"
    if not fits:
        raise ValueError(f"expected a picture file, base64, or numbers (height, width, {channels}), got none of these")
    return with_channels(values, channels)


def from_base64(text: str) -> bytes:
    """The bytes that base64 text stands for; the beginning of a data URI is passed over."""
    try:
        return base64.b64decode(text.rpartition("base64,")[2], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("expected a picture file in base64, got text that is none") from None


def fit_to(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scale one picture (H, W, C) to cover the size and cut what juts out evenly."""
    if pixels.shape[:2] == (height, width):
        return pixels
    if pixels.dtype == np.uint8 and pixels.shape[-1] == 3:
        return np.asarray(_covering(Image.fromarray(pixels), height, width))
    planes = [Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(pixels, -1, 0)]
    return np.stack([np.asarray(_covering(plane, height, width)) for plane in planes], axis=-1)


def with_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """Grey as colour, or colour as grey; values keep their type.

    Raises:
        ValueError: If other numbers of channels do not fit.
    """
    came = pixels.shape[-1]
    if came == channels:
        return pixels
    if came == 1 and channels == 3:
        return np.repeat(pixels, 3, axis=-1)
    if came == 3 and channels == 1:
        grey = pixels @ LUMA
        return (grey.round() if pixels.dtype.kind in "ui" else grey).astype(pixels.dtype)[..., None]
    raise ValueError(f"expected {channels} channels, as in training, got {came}")


def _covering(image: Image.Image, height: int, width: int) -> Image.Image:
    return ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)


def _is_deep(image: Image.Image) -> bool:
    return image.mode in (*DEEP_MODES, "F") or deep_colour.is_deep(image)


def _deep_pixels(image: Image.Image, content: bytes, background: str) -> np.ndarray:
    """Values as stored, (H, W, 1 or 3)."""
    if image.mode not in (*DEEP_MODES, "F"):
        return deep_colour.flattened(deep_colour.read(image, io.BytesIO(content)), background)
    values = np.asarray(image)
    if image.mode != "F" and values.min(initial=0) >= 0 and values.max(initial=0) < 1 << 16:
        values = values.astype(np.uint16)  # Pillow widens the 16 bits of some formats to 32
    return values[..., None]


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    if orientation in (5, 6, 7, 8):  # stored lying on its side
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels[:, ::-1] if orientation in (2, 3, 6, 7) else pixels


def _on_ground(image: Image.Image, background: str) -> Image.Image:
    """What is transparent shows the ground, or with "none" its stored colours."""
    if image.mode not in ("RGBA", "LA", "PA", "RGBa", "La") and "transparency" not in image.info:
        return image
    image = image.convert("RGBA")
    if background == "none":
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, GREY if background == "grey" else background), image)
