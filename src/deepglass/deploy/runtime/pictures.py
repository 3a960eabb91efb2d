"""Picture files → brightness from 0 to 255 (B, H, W, C), upright, on one ground, of the size of training.

    file ── header: what will it take? ── unpack ── on one ground, grey or colour ── upright ── scaled to cover

Bytes, or float32 where training kept more than 8 bits (`pixel_scale.py`). A picture that would fill the memory is
refused by its header (`picture_files.py`); a large one of bytes is made plain in bands of rows, so that nothing but the
file's own pixels and the result is ever whole. The graph would also take other sizes and scale them by itself; Pillow
does it faster.
"""

import binascii
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from . import deep_colour
from .errors import InputError
from .nested import flatten
from .picture_files import DEEP_MODES, Budget, Opened, noted_orientation, opened, told
from .pixel_scale import Scale

QUICK_PIXELS = 16_384
BAND_PIXELS = 262_144  # made plain in one go
BASE64_CHARACTERS = 262_144  # read in one go; a multiple of four
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}  # by channels; arrays alone have two or four
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R 601
GREY = (128, 128, 128, 255)


class Brightness:
    """A picture as the network will see it, (H, W, C): it is taken as it is."""

    def __init__(self, values: np.ndarray):
        self.values = values


class Pictures:
    """Encodes pictures: the bytes of a file, base64 text (also as a data URI), or an array of numbers.

    Args:
        described: The input, with name, tensor, height, width and channels, its background and its scale.
        budget: What one picture may take.
        most_pixels: Of all pictures of a request as they are unpacked; None has no bound.
    """

    def __init__(self, described: dict[str, Any], budget: Budget, most_pixels: int | None = None):
        self.name, self.tensor = described["name"], described["tensor"]
        self.budget, self.most_pixels = budget, most_pixels
        self.height, self.width, self.channels = described["height"], described["width"], described["channels"]
        self.background, self.scale = described.get("background", "white"), Scale(described.get("scale"))

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        return self.inspect(records).encode()

    def inspect(self, records: list[Any]) -> "Inspected":
        """Read and judge the header of every picture before any is unpacked.

        Raises:
            InputError: If a record is not a picture, or the pictures together are too large.
        """
        pictures: list[Opened | Brightness | np.ndarray] = []
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
        notes = list(map(_note, pictures))
        each = self.channels * (4 if self.scale.keeps_depth else 1)
        return Inspected(self, pictures, pixels, self.pixels_of(notes) * each, notes)

    def pixels_of(self, notes: list[dict[str, Any]]) -> int:
        """How many pixels the tensor of pictures of these sizes has."""
        return len(notes) * self.height * self.width

    def tensors(self, rows: list[np.ndarray]) -> dict[str, np.ndarray]:
        """Of pictures as the network sees them, (H, W, C) each."""
        return {self.tensor: np.stack(rows)}

    def scaled(self, array: np.ndarray) -> np.ndarray:
        """Pictures (B, H, W, C) of any size, as the network sees them: (B, height, width, C)."""
        if array.shape[1:3] == (self.height, self.width):
            return array
        return np.stack([self.covering(picture) for picture in array])

    def covering(self, pixels: np.ndarray) -> np.ndarray:
        """A picture (H, W, C) scaled to cover the network's size, what juts out cut evenly: (height, width, C)."""
        return fit_to(pixels, self.height, self.width)

    def unpacked(self, picture: Opened) -> np.ndarray:
        """The pixels of a file whose header was judged.

        Raises:
            ValueError: If it is damaged.
        """
        return unpacked(picture, self.channels, self.background)

    def _content(self, record: Any) -> Any:
        if not isinstance(record, dict):
            return record
        if self.name not in record:
            raise ValueError(f"is missing: expected an object with {self.name!r}")
        return record[self.name]

    def _opened(self, content: Any) -> Opened | Brightness | np.ndarray:
        if isinstance(content, Brightness):
            return content
        if isinstance(content, str):
            content = from_base64(content)
        return self._file(bytes(content)) if isinstance(content, bytes | bytearray) else self._array(content)

    def _file(self, content: bytes) -> Opened:
        """A file whose header was judged."""
        if self.channels not in MODES:
            raise ValueError(f"picture files have at most 4 channels, the training had {self.channels}: send numbers")
        return opened(content, self.channels, self.budget, (self.width, self.height))

    def _array(self, content: Any) -> Any:
        """What is no file: numbers."""
        return from_array(content, self.channels)


@dataclass
class Inspected:
    """Pictures that may be unpacked, once.

    pixels: How many that will make; nbytes: of the tensor that they become; notes: how large each was, for answers
    that lie in the picture.
    """

    encoder: Pictures
    pictures: list[Opened | Brightness | np.ndarray]
    pixels: int
    nbytes: int
    notes: list[dict[str, Any]] = field(default_factory=list)

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
        return self.encoder.tensors(rows)

    def _row(self, picture: Opened | Brightness | np.ndarray, number: int) -> np.ndarray:
        encoder = self.encoder
        if isinstance(picture, Brightness):
            return encoder.covering(picture.values)
        try:
            is_file = isinstance(picture, Opened)
            values = encoder.unpacked(picture) if is_file else picture
            return encoder.covering(encoder.scale.apply(values))
        except ValueError as error:
            raise InputError(encoder.name, str(error), number) from None


def _note(picture: Opened | Brightness | np.ndarray) -> dict[str, Any]:
    size = picture.size if isinstance(picture, Opened) else getattr(picture, "values", picture).shape[:2]
    return {"height": size[0], "width": size[1]}


def decode(content: bytes, channels: int, max_pixels: int, background: str = "white") -> np.ndarray:
    """A picture file as grey (1 channel) or colour (3): bytes, or deeper values as they are stored.

    Shape:
        - output: (H, W, channels)

    Raises:
        ValueError: If it is not a picture, damaged, or has more than `max_pixels`.
    """
    return unpacked(opened(content, channels, Budget(max_pixels)), channels, background)


def unpacked(picture: Opened, channels: int, background: str = "white") -> np.ndarray:
    """The pixels of a picture whose header was judged, upright: bytes, or deeper values as they are stored.

    Shape:
        - output: (H, W, channels)

    Raises:
        ValueError: If the file is damaged.
    """
    with told(), picture.image as image:
        if picture.is_deep:
            pixels = _deep_pixels(image, picture.content, background)
        else:
            image.load()
            pixels = np.asarray(plain(image, MODES[channels], background))
        turned = _upright(pixels, noted_orientation(image))  # asked now: a TIFF turns itself when it is unpacked
    return with_channels(turned.reshape(*turned.shape[:2], -1), channels)


def from_array(content: Any, channels: int) -> np.ndarray:
    """Numbers (H, W) or (H, W, C) as a picture (H, W, channels).

    Raises:
        ValueError: If they are not numbers of such a shape.
    """
    values = content if isinstance(content, np.ndarray) else _array(content, channels)
    if values.ndim == 2:
        values = values[..., None]
    fits = values.ndim == 3 and values.shape[2] in {1, 3, channels} and values.size and values.dtype.kind in "uif"
    if not fits:
        raise ValueError(f"expected a picture file, base64, or numbers (height, width, {channels}), got none of these")
    return with_channels(values, channels)


def from_base64(text: str) -> bytes:
    """The bytes that base64 text stands for; the beginning of a data URI is passed over.

    Raises:
        ValueError: If the text is not base64.
    """
    text, content = text.rpartition("base64,")[2], io.BytesIO()
    try:
        for start in range(0, len(text), BASE64_CHARACTERS):  # so that other threads have their turn
            if content.tell() % 3:
                raise ValueError  # padding that is not at the end
            content.write(binascii.a2b_base64(text[start : start + BASE64_CHARACTERS], strict_mode=True))
        return content.getvalue()  # shares its memory
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


def _array(content: Any, channels: int) -> np.ndarray:
    """Nested lists of numbers; only numbers, for a text among them would make every cell as wide as itself."""
    try:
        values, shape = flatten(content)
        kinds = {*map(type, values)}
        if not kinds <= {int, float}:
            raise ValueError
        return np.array(values, np.int64 if kinds == {int} else np.float64).reshape(shape)
    except (ValueError, OverflowError):
        message = f"expected a picture file, base64, or numbers (height, width, {channels}), got none of these"
        raise ValueError(message) from None


def plain(image: Image.Image, mode: str, background: str) -> Image.Image:
    """The picture in 8 bits and the mode, grey and colour without transparency, made band by band."""
    if image.mode == mode and "transparency" not in image.info:
        return image
    width, height = image.size
    plain, rows = Image.new(mode, image.size), max(1, BAND_PIXELS // width)
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(top + rows, height)))
        plain.paste((_on_ground(band, background) if mode in ("L", "RGB") else band).convert(mode), (0, top))
    return plain


def _deep_pixels(image: Image.Image, content: bytes, background: str) -> np.ndarray:
    """Values as stored, (H, W, 1 or 3)."""
    if image.mode not in DEEP_MODES:
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
