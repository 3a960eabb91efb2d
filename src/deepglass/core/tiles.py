"""Pictures of any size, in tiles: cut with overlap, answered one by one, joined so that no seam is seen.

    picture (H, W, C) ── mirrored beyond its edges ── tiles (n, h, w, C) ── answers (n, h, w, K) ── weighted mean

What a network says at the edge of a tile is a guess, for it sees only half of the surroundings. So the outermost
pixels of a tile count nothing where a neighbour knows better, and further in the neighbours fade into each other. A
network that looks no farther than that margin says exactly what it would say of the whole picture. NumPy alone: this
very file is a part of `deploy/runtime` too.

References:
    Ronneberger, Fischer & Brox (2015), U-Net, https://arxiv.org/abs/1505.04597 (figure 2: overlapping tiles, mirrored
    borders)
"""

from collections.abc import Callable
from itertools import islice, product

import numpy as np

GRID = 16  # tiles begin at multiples of it, so that the coarse maps of a network lie as in the whole picture
OVERLAP = 1 / 4  # of the side of a tile, shared by neighbours
MARGIN = 1 / 4  # of the overlap, which counts nothing
TILES_AT_ONCE = 4  # answered together

Answering = Callable[[np.ndarray], np.ndarray]  # tiles (n, h, w, C) → (n, h, w, K)


def in_tiles(answer: Answering, picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """What is said of a whole picture by something that takes tiles of one size.

    Args:
        answer: From tiles to what is said of each of their pixels.
        picture: Of any size.
        height: Of a tile.
        width: Of a tile.

    Shape:
        - picture: (H, W, C)
        - output: (H, W, K) float32
    """
    H, W = picture.shape[:2]
    rows, columns = starts(H, height), starts(W, width)
    whole = enlarged(picture, rows[-1] + height, columns[-1] + width)
    said: np.ndarray | None = None
    total = np.zeros(whole.shape[:2], np.float32)
    places = product(rows, columns)
    while some := list(islice(places, TILES_AT_ONCE)):
        tiles = np.stack([whole[y : y + height, x : x + width] for y, x in some])
        for (y, x), part in zip(some, answer(tiles), strict=True):
            weight = weights(rows, y, height)[:, None] * weights(columns, x, width)
            said = np.zeros((*whole.shape[:2], part.shape[-1]), np.float32) if said is None else said
            said[y : y + height, x : x + width] += weight[..., None] * part
            total[y : y + height, x : x + width] += weight
    assert said is not None
    return said[:H, :W] / total[:H, :W, None]


def starts(size: int, side: int) -> list[int]:
    """Where the tiles along one side of a picture begin; the last may reach beyond its end.

    Example:
        >>> starts(64, 64), starts(100, 64), starts(10, 64)
        ([0], [0, 48], [0])
    """
    last = -(-max(0, size - side) // GRID) * GRID
    step = max(1, side - overlap_of(side))
    return [*range(0, last, step), last]


def overlap_of(side: int) -> int:
    """Pixels that neighbours share, at least, so that steps stay on the grid."""
    return side - max(1, int(side * (1 - OVERLAP)) // GRID) * GRID if side > GRID else 0


def weights(begins: list[int], begin: int, side: int) -> np.ndarray:
    """(side,) how much the pixels of a tile along one side count: all the same where the tile has no neighbour."""
    overlap = overlap_of(side)
    margin = int(overlap * MARGIN)
    inside = np.arange(side) + 0.5 - margin
    rise = np.clip(inside / max(1, overlap - 2 * margin), 0, 1)
    weight = np.ones(side)
    if begin > begins[0]:
        weight *= rise
    if begin < begins[-1]:
        weight *= rise[::-1]
    return weight.astype(np.float32)


def working_size(height: int, width: int, longer: int | None) -> tuple[int, int]:
    """The size with which a network sees a picture: its own, or that with a longer side of so many pixels.

    Example:
        >>> working_size(300, 400, None), working_size(300, 400, 100)
        ((300, 400), (75, 100))
    """
    if longer is None:
        return height, width
    factor = longer / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))


def enlarged(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """A picture (H, W, …) mirrored beyond its lower and right edge up to a size; one that is larger stays."""
    more = [(0, max(0, height - picture.shape[0])), (0, max(0, width - picture.shape[1]))]
    if not any(after for _, after in more):
        return picture
    return np.pad(picture, more + [(0, 0)] * (picture.ndim - 2), mode="reflect")
