"""Picture files → bytes (B, H, W, C), upright, on white, of the size the network was trained on.

    file ── header: what will it take? ── unpack ── 8 bit, on white, grey or colour ── upright ── scaled to cover

A picture that would fill the memory is refused by its header (`picture_files.py`); a large one is made plain in bands
of rows, so that nothing but the file's own pixels and the result is ever whole. The graph would also take other sizes
and scale them by itself; Pillow does it faster.
"""

import binascii
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from .errors import InputError
from .nested import flatten
from .picture_files import Budget, Opened, noted_orientation, opened, told

DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # 16 bits a pixel, "I" as some files announce it
QUICK_PIXELS = 16_384
BAND_PIXELS = 262_144  # made plain in one go
BASE64_CHARACTERS = 262_144  # read in one go; a multiple of four
UPRIGHT = {  # what turns a picture upright, by its EXIF note
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip


class Pictures:
    """Encodes pictures: the bytes of a file, base64 text (also as a data URI), or an array of 0 to 255.

    Args:
        described: The input, with name, tensor, height, width and channels.
        budget: What one picture may take.
        most_pixels: Of all pictures of a request as they are unpacked; None has no bound.
    """

    def __init__(self, described: dict[str, Any], budget: Budget, most_pixels: int | None = None):
        self.name, self.tensor = described["name"], described["tensor"]
        self.budget, self.most_pixels = budget, most_pixels
        self.height, self.width, self.channels = described["height"], described["width"], described["channels"]

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        return self.inspect(records).encode()

    def inspect(self, records: list[Any]) -> "Inspected":
        """Read the header of every picture; raises InputError before any is unpacked."""
        pictures: list[Opened | Image.Image] = []
        pixels = 0
        for number, record in enumerate(records, 1):
            try:
                picture = self._opened(self._content(record))
                pixels += picture.pixels if isinstance(picture, Opened) else 0
                if self.most_pixels is not None and pixels > self.most_pixels:
                    raise ValueError(f"{pixels:,} pixels with those before, at most {self.most_pixels:,} a request")
            except ValueError as error:
                raise InputError(self.name, str(error), number) from None
            pictures.append(picture)
        nbytes = len(pictures) * self.height * self.width * self.channels
        return Inspected(self, pictures, pixels, nbytes)

    def notes(self, records: list[Any]) -> list[dict[str, Any]]:
        return []

    def scaled(self, array: np.ndarray) -> np.ndarray:
        """Pictures (B, H, W, C) uint8 of any size, as the network sees them: (B, height, width, C)."""
        if array.shape[1:3] == (self.height, self.width):
            return array
        return np.stack([self.covering(from_array(picture, self.channels)) for picture in array])

    def covering(self, image: Image.Image) -> np.ndarray:
        """A plain picture scaled to cover the network's size, what juts out cut evenly: (height, width, C)."""
        if image.size != (self.width, self.height):
            image = ImageOps.fit(image, (self.width, self.height), Image.Resampling.BILINEAR)
        return np.asarray(image).reshape(self.height, self.width, self.channels)

    def _content(self, record: Any) -> Any:
        if not isinstance(record, dict):
            return record
        if self.name not in record:
            raise ValueError(f"is missing: expected an object with {self.name!r}")
        return record[self.name]

    def _opened(self, content: Any) -> Opened | Image.Image:
        if isinstance(content, str):
            content = from_base64(content)
        if isinstance(content, bytes | bytearray):
            return opened(bytes(content), self.channels, self.budget, (self.width, self.height))
        return from_array(content, self.channels)


@dataclass
class Inspected:
    """Pictures that may be unpacked, once.

    pixels: How many that will make; nbytes: of the tensor that they become.
    """

    encoder: Pictures
    pictures: list[Opened | Image.Image]
    pixels: int
    nbytes: int

    @property
    def is_quick(self) -> bool:
        """Whether they are unpacked in a third of a millisecond."""
        return len(self.pictures) == 1 and self.pixels <= QUICK_PIXELS

    def encode(self, is_wanted: Callable[[], bool] = lambda: True) -> dict[str, np.ndarray]:
        """Unpack one after the other, as long as somebody waits for the answer.

        Raises:
            InputError: If one is damaged.
            TimeoutError: If nobody waits any more.
        """
        rows = []
        while self.pictures:
            if not is_wanted():
                raise TimeoutError
            rows.append(self._row(self.pictures.pop(0), len(rows) + 1))  # its memory is free for the next
        return {self.encoder.tensor: np.stack(rows)}

    def _row(self, picture: Opened | Image.Image, number: int) -> np.ndarray:
        try:
            plain = unpacked(picture, self.encoder.channels) if isinstance(picture, Opened) else picture
        except ValueError as error:
            raise InputError(self.encoder.name, str(error), number) from None
        return self.encoder.covering(plain)


def decode(content: bytes, channels: int, max_pixels: int) -> Image.Image:
    """A picture file as 8-bit grey (1 channel) or colour (3).

    Raises:
        ValueError: If it is not a picture, damaged, or has more than `max_pixels`.
    """
    return unpacked(opened(content, channels, Budget(max_pixels)), channels)


def unpacked(picture: Opened, channels: int) -> Image.Image:
    """The pixels of a picture whose header was judged: plain and upright.

    Raises:
        ValueError: If the file is damaged.
    """
    with told(), picture.image as image:
        image.load()
        turn = UPRIGHT.get(noted_orientation(image))  # asked now: a TIFF turns itself when it is unpacked
        plain = _plain(image, "L" if channels == 1 else "RGB")
    return plain if turn is None else plain.transpose(turn)


def from_array(content: Any, channels: int) -> Image.Image:
    """An array (H, W) or (H, W, C) of whole numbers from 0 to 255.

    Raises:
        ValueError: If it is something else.
    """
    values = content if isinstance(content, np.ndarray) else _array(content, channels)
    if values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or values.shape[2] not in (1, 3) or values.size == 0 or values.dtype.kind not in "uif":
        raise ValueError(f"expected a picture file, base64, or numbers (height, width, {channels}), got none of these")
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 255):
        raise ValueError("expected numbers from 0 to 255, got others: scale them")
    image = Image.fromarray(_bytes(values).squeeze(2) if values.shape[2] == 1 else _bytes(values))
    return image if image.mode == ("L" if channels == 1 else "RGB") else image.convert("L" if channels == 1 else "RGB")


def from_base64(text: str) -> bytes:
    """The bytes that base64 text stands for; the beginning of a data URI is passed over."""
    text, content = text.rpartition("base64,")[2], io.BytesIO()
    try:
        for start in range(0, len(text), BASE64_CHARACTERS):  # so that other threads have their turn
            if content.tell() % 3:
                raise ValueError  # padding that is not at the end
            content.write(binascii.a2b_base64(text[start : start + BASE64_CHARACTERS], strict_mode=True))
        return content.getvalue()  # shares its memory
    except (binascii.Error, ValueError):
        raise ValueError("expected a picture file in base64, got text that is none") from None


def _array(content: Any, channels: int) -> np.ndarray:
    """Nested lists of numbers; only numbers, for a text among them would make every cell as wide as itself."""
    try:
        values, shape = flatten(content)
        if not {*map(type, values)} <= {int, float}:
            raise ValueError
        return np.array(values, np.float64).reshape(shape)
    except (ValueError, OverflowError):
        message = f"expected a picture file, base64, or numbers (height, width, {channels}), got none of these"
        raise ValueError(message) from None


def _bytes(values: np.ndarray) -> np.ndarray:
    return values if values.dtype == np.uint8 else values.round().astype(np.uint8)


def _plain(image: Image.Image, mode: str) -> Image.Image:
    """The picture in 8-bit grey or colour, without transparency, made band by band."""
    if image.mode == mode and "transparency" not in image.info:
        return image
    width, height = image.size
    plain, rows, deepest = Image.new(mode, image.size), max(1, BAND_PIXELS // width), _deepest(image)
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(top + rows, height)))
        plain.paste(_on_white(_eight_bit(band, deepest)).convert(mode), (0, top))
    return plain


def _deepest(image: Image.Image) -> float:
    """The largest value of a picture whose pixels may be of more than 8 bits."""
    return float(image.getextrema()[1]) if image.mode in (*DEEP_MODES, "F") else 255.0  # type: ignore[arg-type]


def _eight_bit(image: Image.Image, deepest: float) -> Image.Image:
    """16-bit grey keeps its upper byte, floats from 0 to 1 are spread; `deepest` is the largest value of the whole."""
    if image.mode in DEEP_MODES:
        values = np.asarray(image).astype(np.int64)
        return Image.fromarray(_clipped(values >> 8 if deepest > 255 else values))
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image))
        return Image.fromarray(_clipped(values * (255 if deepest <= 1 else 1)))
    return image


def _clipped(values: np.ndarray) -> np.ndarray:
    return values.clip(0, 255).astype(np.uint8)


def _on_white(image: Image.Image) -> Image.Image:
    """What is transparent shows white."""
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return image
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
