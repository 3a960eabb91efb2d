"""Pictures of labels: a class for every pixel, as a PNG with a palette, and laid over the picture that it is of.

The value of a pixel is the position of its class; the palette gives each position a colour of its own, the one that
Pascal VOC gave it. Pillow and NumPy alone: this very file is a part of `deploy/runtime` too.

References:
    Everingham et al. (2010), The Pascal Visual Object Classes Challenge, https://doi.org/10.1007/s11263-009-0275-4
    (the palette of its development kit)
"""

import base64
import io
from typing import Any

import numpy as np

IGNORED = 255  # a pixel of which nobody says what it is
PREFIX = "data:image/png;base64,"


def palette() -> np.ndarray:
    """(256, 3) the colours of the positions: their bits, spread over red, green and blue from the highest on.

    Example:
        >>> palette()[:4].tolist()
        [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0]]
    """
    colours, rest = np.zeros((256, 3), np.int64), np.arange(256)
    for bit in range(7, -1, -1):
        for channel in range(3):
            colours[:, channel] |= ((rest >> channel) & 1) << bit
        rest = rest >> 3
    colours[IGNORED] = (224, 224, 192)  # as VOC draws what is not judged
    return colours.astype(np.uint8)


def as_png(labels: np.ndarray) -> bytes:
    """Labels (H, W) as the bytes of a PNG with a palette."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(labels.astype(np.uint8)), "L")
    image.putpalette(palette().ravel().tolist())
    file = io.BytesIO()
    image.save(file, "PNG", optimize=False)
    return file.getvalue()


def as_uri(labels: np.ndarray) -> str:
    """Labels (H, W) as a PNG inside its own address."""
    return PREFIX + base64.b64encode(as_png(labels)).decode()


def from_uri(uri: str) -> np.ndarray:
    """The labels (H, W) that `as_uri` was given."""
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(uri.removeprefix(PREFIX))), formats=("PNG",)) as image:
        return np.array(image)


def scaled(labels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Labels (H, W) in another size: at every pixel the class that covers most around it, so that edges stay smooth."""
    from PIL import Image

    if labels.shape == (height, width):
        return labels
    best, surest = np.zeros((height, width), np.uint8), np.full((height, width), -1.0, np.float32)
    for label in np.unique(labels):
        share = Image.fromarray((labels == label).astype(np.float32), "F")
        share = np.asarray(share.resize((width, height), Image.Resampling.BILINEAR))
        better = share > surest
        best[better], surest[better] = label, share[better]
    return best


def shares(labels: np.ndarray, classes: list[str]) -> dict[str, float]:
    """By class the share of the pixels (H, W) that are of it."""
    counts = np.bincount(labels.ravel(), minlength=len(classes))[: len(classes)]
    return {name: float(count / max(1, labels.size)) for name, count in zip(classes, counts)}


def overlay(pixels: np.ndarray, labels: np.ndarray, strength: float = 0.5) -> Any:
    """A picture with the colours of its classes over it; the first class, as a rule the background, stays clear.

    Args:
        pixels: (H, W, C) bytes.
        labels: (H, W).
        strength: Of the colours, from 0 to 1.

    Returns:
        A picture of Pillow's, in colour.
    """
    from PIL import Image

    colour = np.repeat(pixels[..., :1], 3, axis=-1) if pixels.shape[-1] != 3 else pixels
    mixed = (1 - strength) * colour + strength * palette()[labels].astype(np.float32)
    return Image.fromarray(np.where((labels > 0)[..., None], mixed, colour).round().astype(np.uint8))
