"""Colour with 16 bits per channel, of which Pillow keeps the upper byte: the lower one is read in a second pass.

Pillow unpacks such a file by a *raw mode* that ends in B (big-endian) or L (little-endian) and takes the first or the
second byte of each value. Asked for the other order, the same file gives the other byte, so that two passes give all
16 bits. PPM, which Pillow rescales, is a plain array behind its header. This file is among the readers and, word
for word, in the small runtime, which imports nothing else of Deepglass.
"""

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

WHITE = 65_535
OTHER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}  # N is the machine's own order
GROUNDS = {"white": WHITE, "grey": WHITE // 2, "black": 0}


def is_deep(image: Image.Image) -> bool:
    """Whether an opened and not yet loaded picture holds colour with more than 8 bits per channel."""
    if image.mode not in ("RGB", "RGBA") or not image.tile:
        return False
    return ";16" in _raw_mode(image) or _is_deep_ppm(image)


def read(image: Image.Image, file: Path | io.BytesIO) -> np.ndarray:
    """All 16 bits, (H, W, 3), or with alpha (H, W, 4), uint16; of grey with alpha the grey three times.

    Args:
        image: Opened and not yet loaded.
        file: From which it was opened, for the second pass.

    Raises:
        ValueError: If the file is truncated.
    """
    if _is_deep_ppm(image):
        return _read_ppm(image, file)
    raw = _raw_mode(image)
    if raw.startswith("LA"):  # four bytes per pixel: grey and alpha, the upper byte first
        planes = _pass(image, "RGBA").astype(np.uint16)
        grey, alpha = planes[..., 0] << 8 | planes[..., 1], planes[..., 2] << 8 | planes[..., 3]
        return np.stack([grey, grey, grey, alpha], axis=-1)
    with Image.open(file) as again:
        lower = _pass(again, raw[:-1] + OTHER[raw[-1]]).astype(np.uint16)
    return np.asarray(image).astype(np.uint16) << 8 | lower


def flattened(pixels: np.ndarray, background: str) -> np.ndarray:
    """Colour with alpha (H, W, 4) laid on a ground of "white", "grey" or "black"; with "none" alpha is left out."""
    if pixels.shape[-1] == 3 or background == "none":
        return pixels[..., :3]
    alpha = pixels[..., 3:].astype(np.float64) / WHITE
    return (pixels[..., :3] * alpha + GROUNDS[background] * (1 - alpha)).round().astype(np.uint16)


def _raw_mode(image: Image.Image) -> str:
    args = image.tile[0][3]
    return args if isinstance(args, str) else str(args[0]) if args else ""


def _pass(image: Image.Image, raw_mode: str) -> np.ndarray:
    """The bytes that another raw mode takes from the same file."""
    image.tile = [tile._replace(args=_with(tile.args, raw_mode)) for tile in image.tile]
    return np.asarray(image)


def _with(args: Any, raw_mode: str) -> Any:
    return raw_mode if isinstance(args, str) else (raw_mode, *args[1:])


def _is_deep_ppm(image: Image.Image) -> bool:
    args = image.tile[0][3]
    return image.format == "PPM" and image.tile[0][0] == "ppm" and isinstance(args, tuple) and args[1] > 255


def _read_ppm(image: Image.Image, file: Path | io.BytesIO) -> np.ndarray:
    """Big-endian values behind the header, stretched so that the file's own largest value is 65,535."""
    offset, largest = image.tile[0][2], image.tile[0][3][1]
    content = file.getvalue() if isinstance(file, io.BytesIO) else file.read_bytes()
    count = image.width * image.height * 3
    if len(content) < offset + 2 * count:
        raise ValueError("image file is truncated")  # as Pillow says of others
    values = np.frombuffer(content, ">u2", count, offset)
    stretched = values.astype(np.float64) * (WHITE / largest)
    return stretched.round().astype(np.uint16).reshape(image.height, image.width, 3)
