"""Pictures for painting: files, arrays, and some that are always here, as colours from 0 to 1.

flower, temple           two photographs that come with scikit-learn, by danielbuechele and vultilion, CC BY 2.0
waves, tiles, strokes    drawn here, each a manner: colours that swing, a mosaic, short crossing strokes
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from deepglass.core.errors import DataError
from deepglass.core.tiles import working_size
from deepglass.core.wording import listing
from deepglass.data.reading.decode import decode

PHOTOGRAPHS = {"flower": "flower.jpg", "temple": "china.jpg"}
DRAWN = ("strokes", "tiles", "waves")
SIDE = 256  # pixels per side of what is drawn
LEAST_SIDE = 32  # pixels per side: the coarsest map of features then has four places
PALETTES = {
    "waves": ((18, 40, 92), (38, 110, 160), (120, 200, 205), (250, 225, 140), (235, 120, 60)),
    "tiles": ((180, 40, 45), (240, 180, 60), (30, 90, 110), (245, 235, 215), (95, 140, 80)),
    "strokes": ((45, 30, 80), (190, 60, 110), (250, 150, 80), (255, 225, 150), (70, 130, 150)),
}


def opened(source: Any) -> np.ndarray:
    """One picture as (H, W, 3) bytes.

    Args:
        source: A file of any form that can be read, an array (H, W) or (H, W, C) of bytes, or a name such as "waves".

    Raises:
        DataError: If it is no picture, smaller than can be painted, or of one colour.
    """
    name = f"a picture of shape {source.shape}" if isinstance(source, np.ndarray) else str(source)
    pixels = _of_array(source) if isinstance(source, np.ndarray) else _of_name(name)
    height, width = pixels.shape[:2]
    if min(height, width) < LEAST_SIDE:
        raise DataError(f"{name}: {width} x {height} pixels, expected {LEAST_SIDE} or more per side")
    if (pixels == pixels[:1, :1]).all():
        raise DataError(f"{name} has one colour everywhere: there is nothing in it to paint, or to paint like")
    return pixels


def as_tensor(pixels: np.ndarray, longer: int | None = None) -> Tensor:
    """(1, 3, H, W) from 0 to 1, made smaller where its longer side has more pixels than `longer`."""
    height, width = pixels.shape[:2]
    if longer is not None and max(height, width) > longer:
        height, width = (max(LEAST_SIDE, side) for side in working_size(height, width, longer))
        pixels = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))
    return (torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255).contiguous()


def as_bytes(picture: Tensor) -> np.ndarray:
    """(H, W, 3) bytes of a picture (1, 3, H, W) from 0 to 1; what lies outside is cut off."""
    return (picture[0].detach().clamp(0, 1) * 255).round().permute(1, 2, 0).to(torch.uint8).cpu().numpy()


def drawn(name: str, seed: int = 0) -> np.ndarray:
    """(256, 256, 3) one of the pictures that are drawn here."""
    rng = np.random.default_rng(seed)
    return {"waves": _waves, "tiles": _tiles, "strokes": _strokes}[name](np.array(PALETTES[name], float), rng)


def _of_array(found: np.ndarray) -> np.ndarray:
    pixels = found[..., None] if found.ndim == 2 else found
    if pixels.ndim != 3 or pixels.shape[-1] not in (1, 3, 4) or pixels.dtype != np.uint8:
        raise DataError(
            f"an array of shape {found.shape} and type {found.dtype}, expected bytes (H, W), (H, W, 3) or (H, W, 4)"
        )
    return np.repeat(pixels, 3, axis=-1) if pixels.shape[-1] == 1 else pixels[..., :3]


def _of_name(name: str) -> np.ndarray:
    path = Path(name).expanduser()
    if not path.exists() and name in DRAWN:
        return drawn(name)
    if not path.exists() and name in PHOTOGRAPHS:
        from sklearn.datasets import load_sample_image

        return load_sample_image(PHOTOGRAPHS[name])
    if not path.is_file():
        known = listing([*PHOTOGRAPHS, *DRAWN], 9)
        raise DataError(f"{name}: there is no such file; expected a picture, or one that is always here: {known}")
    pixels = decode(path, 3)
    if pixels.dtype != np.uint8:  # deep pictures: from their darkest to their brightest value
        low, high = float(pixels.min()), float(pixels.max())
        pixels = ((pixels - low) * (255 / max(high - low, 1e-12))).round().astype(np.uint8)
    return pixels


# -- drawing --------------------------------------------------------------------------------------------------------


def _waves(palette: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bands of colour that swing, as many waves lie over each other."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    bend = sum(
        rng.uniform(0.01, 0.05) * np.sin(2 * np.pi * (rng.uniform(0.5, 3) * x + rng.uniform(-1, 2) * y) + phase)
        for phase in rng.uniform(0, 2 * np.pi, 6)
    )
    band = 14 * (y + bend)
    shade = 0.82 + 0.18 * np.sin(2 * np.pi * 3 * band)
    return _bytes(_mixed(palette, (band * 0.6) % len(palette)) * shade[..., None])


def _tiles(palette: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every pixel has the colour of the nearest of 420 points, with dark joints between."""
    points = rng.uniform(0, SIDE, (420, 2))
    colours = palette[rng.integers(0, len(palette), 420)] + rng.normal(0, 12, (420, 3))
    y, x = np.mgrid[:SIDE, :SIDE]
    distances = np.hypot(y[..., None] - points[:, 0], x[..., None] - points[:, 1])  # (256, 256, 420)
    nearest = np.partition(distances, 1, axis=-1)
    is_joint = nearest[..., 1] - nearest[..., 0] < 1.6
    pixels = colours[distances.argmin(axis=-1)]
    pixels[is_joint] = (30, 28, 30)
    return _bytes(pixels)


def _strokes(palette: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Short strokes, one over the other, along a field that turns."""
    from PIL import ImageDraw

    image = Image.new("RGB", (SIDE, SIDE), tuple(int(part) for part in palette[0]))
    draw = ImageDraw.Draw(image)
    for x, y in rng.uniform(-8, SIDE + 8, (4000, 2)):
        angle = 1.6 * np.sin(x / 41) + 1.4 * np.cos(y / 37)
        length, colour = rng.uniform(5, 11), palette[int((x + y) / 60 + rng.normal(0, 0.8)) % len(palette)]
        dx, dy = length * np.cos(angle), length * np.sin(angle)
        shade = rng.normal(0, 14)
        fill = tuple(int(part) for part in (colour + shade).clip(0, 255))
        draw.line((x - dx, y - dy, x + dx, y + dy), fill=fill, width=int(rng.integers(2, 5)))
    return np.asarray(image).copy()


def _mixed(palette: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Colours between neighbours of a palette that closes to a ring."""
    low = place.astype(int) % len(palette)
    share = (place % 1)[..., None]
    return palette[low] * (1 - share) + palette[(low + 1) % len(palette)] * share


def _bytes(pixels: np.ndarray) -> np.ndarray:
    return pixels.round().clip(0, 255).astype(np.uint8)
