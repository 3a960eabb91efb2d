"""Picture files → bytes (B, H, W, C), upright, on white, of the size the network was trained on.

A picture is judged by its header before it is unpacked: one that would fill the memory is refused. The graph would
also take other sizes and scale them by itself; Pillow does it faster.
"""

import base64
import binascii
import io
import warnings
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import InputError

DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # 16 bits a pixel, "I" as some files announce it


class Pictures:
    """Encodes pictures: the bytes of a file, base64 text (also as a data URI), or an array of 0 to 255."""

    def __init__(self, described: dict[str, Any], max_pixels: int):
        self.name, self.tensor, self.max_pixels = described["name"], described["tensor"], max_pixels
        self.height, self.width, self.channels = described["height"], described["width"], described["channels"]

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        pictures = []
        for number, record in enumerate(records, 1):
            try:
                pictures.append(self._picture(self._content(record)))
            except ValueError as error:
                raise InputError(self.name, str(error), number) from None
        return {self.tensor: np.stack(pictures)}

    def annotate(self, records: list[Any], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return answers

    def _content(self, record: Any) -> Any:
        if not isinstance(record, dict):
            return record
        if self.name not in record:
            raise ValueError(f"is missing: expected an object with {self.name!r}")
        return record[self.name]

    def _picture(self, content: Any) -> np.ndarray:
        """One picture, (height, width, channels) uint8."""
        if isinstance(content, str):
            content = from_base64(content)
        if isinstance(content, bytes | bytearray):
            image = decode(bytes(content), self.channels, self.max_pixels)
        else:
            image = from_array(content, self.channels)
        if image.size != (self.width, self.height):
            image = ImageOps.fit(image, (self.width, self.height), Image.Resampling.BILINEAR)
        return np.asarray(image).reshape(self.height, self.width, self.channels)


def decode(content: bytes, channels: int, max_pixels: int) -> Image.Image:
    """A picture file as 8-bit grey (1 channel) or colour (3).

    Raises:
        ValueError: If it is no picture, damaged, or has more than `max_pixels`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # judged below, by our own limit
            with Image.open(io.BytesIO(content)) as image:
                if image.width * image.height > max_pixels:
                    raise ValueError(f"{image.width:,} x {image.height:,} pixels, expected at most {max_pixels:,}")
                upright = ImageOps.exif_transpose(_eight_bit(image))
                return _on_white(upright).convert("L" if channels == 1 else "RGB")
    except UnidentifiedImageError:
        raise ValueError("expected a picture file such as PNG or JPEG, got none in a known format") from None
    except Image.DecompressionBombError:
        raise ValueError(f"unpacks to more than {max_pixels:,} pixels: make it smaller") from None
    except (OSError, SyntaxError, EOFError) as error:  # what Pillow raises for damaged files
        raise ValueError(f"the picture is truncated or damaged ({error})") from None


def from_array(content: Any, channels: int) -> Image.Image:
    """An array (H, W) or (H, W, C) of whole numbers from 0 to 255."""
    try:
        values = np.asarray(content)
    except ValueError:  # rows of different length
        values = np.empty(0)
    if values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or values.shape[2] not in (1, 3) or values.size == 0 or values.dtype.kind not in "uif":
        raise ValueError(f"expected a picture file, base64, or numbers (height, width, {channels}), got none of these")
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 255):
        raise ValueError("expected numbers from 0 to 255, got others: scale them")
    image = Image.fromarray(values.round().astype(np.uint8).squeeze(2) if values.shape[2] == 1 else _bytes(values))
    return image.convert("L" if channels == 1 else "RGB")


def from_base64(text: str) -> bytes:
    """The bytes that base64 text stands for; the beginning of a data URI is passed over."""
    try:
        return base64.b64decode(text.rpartition("base64,")[2], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("expected a picture file in base64, got text that is none") from None


def _bytes(values: np.ndarray) -> np.ndarray:
    return values.round().astype(np.uint8)


def _eight_bit(image: Image.Image) -> Image.Image:
    """16-bit grey keeps its upper byte, floats from 0 to 1 are spread."""
    if image.mode in DEEP_MODES:
        values = np.asarray(image).astype(np.int64)
        return Image.fromarray(_clipped(values >> 8 if values.max(initial=0) > 255 else values))
    if image.mode == "F":
        values = np.asarray(image)
        return Image.fromarray(_clipped(values * (255 if values.max(initial=0) <= 1 else 1)))
    return image


def _clipped(values: np.ndarray) -> np.ndarray:
    return values.clip(0, 255).astype(np.uint8)


def _on_white(image: Image.Image) -> Image.Image:
    """What is transparent shows white."""
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return image
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
