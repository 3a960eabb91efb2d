"""Low frequencies of pictures, also of parts of them: how near are two pictures if one is cropped a little?

The cosine transform of a part [left, right] x [top, bottom] is a product with two small matrices, so many crops are one
matrix product. The best of 81 crops of either picture, or of both at opposite sides, is found on the 27 lowest
frequencies, and refined by Gauss and Newton's steps on the finer ones.
"""

from itertools import product

import numpy as np

SIDE = 32  # of the thumbnails
ORDER = 12  # frequencies along each side
COARSE_ORDER = 6
FLAT = 3.0  # levels of contrast; below, a picture is noise and is not stretched to look like more
MARGINS = np.array(list(product((0.0, 0.045, 0.09), repeat=4)))  # left, top, right, bottom of a crop, as shares
INSET, LARGEST_MARGIN = 0.03, 0.2  # of both, so that one may move either way; and what a crop may leave out
STEPS, STEP, LONGEST_STEP = 3, 0.01, 0.03  # of the refinement: how many, for the slope, and at most
PAIRS_AT_ONCE = 512
AT_ONCE = 4096  # pictures
COLOUR = np.array([[0.299, 0.587, 0.114], [0.701, -0.587, -0.114], [-0.299, -0.587, 0.886]], np.float32)  # Y, R-Y, B-Y

_I, _J = np.mgrid[:ORDER, :ORDER]
FINE = (_I + _J <= ORDER) & (_I + _J > 0)  # without the mean brightness
COARSE = (_I + _J <= COARSE_ORDER) & (_I + _J > 0)
_LOW = COARSE[: COARSE_ORDER + 1, : COARSE_ORDER + 1]
_OPPOSITE = np.array([int(np.flatnonzero((m[[2, 3, 0, 1]] == MARGINS).all(axis=1))[0]) for m in MARGINS])


def describe(pictures: np.ndarray) -> np.ndarray:
    """Cosine coefficients, (N, 12, 12, C), of thumbnails (N, 32, 32, C); colour as luminance and two differences."""
    basis = bases(np.zeros(1), np.ones(1))[0]
    parts = (pictures[start : start + AT_ONCE] for start in range(0, len(pictures), AT_ONCE))
    return np.concatenate([_transform(_as_floats(part), basis, basis) for part in parts])


def fine_of(coefficients: np.ndarray) -> np.ndarray:
    """(N, F) of contrast 1."""
    return unit(coefficients[:, FINE].reshape(len(coefficients), -1))


def unit(features: np.ndarray) -> np.ndarray:
    """Features (…, F) of length 1; those of nearly blank pictures stay shorter, of blank ones 0."""
    return features / np.maximum(np.linalg.norm(features, axis=-1, keepdims=True), FLAT)


def bases(low: np.ndarray, high: np.ndarray, order: int = ORDER, side: int = SIDE) -> np.ndarray:
    """(n, order, side): cosines over the intervals from `low` to `high` (n,) of a side of length 1."""
    centre = (np.arange(side) + 0.5) / side
    low, high = low[:, None], high[:, None]
    inside = np.minimum(centre + 0.5 / side, high) - np.maximum(centre - 0.5 / side, low)
    weight = inside.clip(0) / (high - low)  # (n, side): how much of each pixel is in the interval
    first = np.cos(np.pi * (centre - low) / (high - low))
    waves = [np.ones_like(first), first]
    for _ in range(2, order):  # cos kx = 2 cos x cos (k-1)x - cos (k-2)x, after Chebyshev
        waves.append(2 * first * waves[-1] - waves[-2])
    scale = np.where(np.arange(order) == 0, 1, np.sqrt(2))[:, None]
    return (np.stack(waves, axis=1) * scale * weight[:, None]).astype(np.float32)


def best_distances(pictures: np.ndarray, first: np.ndarray, second: np.ndarray, worth_refining: float) -> np.ndarray:
    """(P,) the distance of each pair of rows under the crops that fit best; infinite where none comes near.

    Args:
        pictures: (N, 32, 32, C) thumbnails.
        first, second: (P,) rows.
        worth_refining: Distance on the lowest frequencies beyond which no refinement is tried.
    """
    result = np.full(len(first), np.inf)
    for start in range(0, len(first), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        a, b = _as_floats(pictures[first[part]]), _as_floats(pictures[second[part]])
        distances, margins = _best_of_81(a[..., 0], b[..., 0])
        good = np.flatnonzero(distances < worth_refining)
        if len(good):
            a, b, margins = a[good], b[good], margins[good]
            other_way = ~margins[:, :4].any(axis=1)  # the first is whole: the second is the one to move
            a[other_way], b[other_way] = b[other_way].copy(), a[other_way].copy()
            margins[other_way] = np.roll(margins[other_way], 4, axis=1)
            result[start + good] = _distances(a, b, _refined(a, b, margins))
    return result


def _best_of_81(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For pairs of luminance (n, 32, 32): the least distance, and the margins (n, 8) of both that give it."""
    of_a, of_b = _all_crops(a), _all_crops(b)  # (n, 81, 27)
    whole = 0  # the first crop leaves everything
    tried = [(of_a, of_b[:, [whole]]), (of_a[:, [whole]], of_b), (of_a, of_b[:, _OPPOSITE])]
    squares = np.concatenate([((x - y) ** 2).sum(axis=2) for x, y in tried], axis=1)  # (n, 243)
    best = squares.argmin(axis=1)
    kind, crop = best // len(MARGINS), best % len(MARGINS)
    of_first = np.where((kind == 1)[:, None], 0, MARGINS[crop])
    other = np.where((kind == 1)[:, None], MARGINS[crop], MARGINS[_OPPOSITE[crop]])
    of_second = np.where((kind == 0)[:, None], 0, other)
    return np.sqrt(squares.min(axis=1)), np.concatenate([of_first, of_second], axis=1)


def _all_crops(luminance: np.ndarray) -> np.ndarray:
    halved = luminance.reshape(len(luminance), SIDE // 2, 2, SIDE // 2, 2).mean(axis=(2, 4))
    return unit((halved.reshape(len(halved), -1) @ _crop_operator()).reshape(len(halved), len(MARGINS), -1))


def _crop_operator() -> np.ndarray:
    """(256, 81 · 27): the lowest frequencies of every crop of a picture of 16 x 16."""
    if not _OPERATOR:
        rows = bases(MARGINS[:, 1], 1 - MARGINS[:, 3], COARSE_ORDER + 1, SIDE // 2)
        columns = bases(MARGINS[:, 0], 1 - MARGINS[:, 2], COARSE_ORDER + 1, SIDE // 2)
        crops = np.einsum("nih,njw->nijhw", rows, columns)[:, _LOW]  # (81, 27, 16, 16)
        _OPERATOR.append(crops.reshape(-1, (SIDE // 2) ** 2).T.copy())
    return _OPERATOR[0]


_OPERATOR: list[np.ndarray] = []


def _refined(a: np.ndarray, b: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Move the margins of the first picture so that its finer frequencies agree with those of the second."""
    a, b = a[..., :1], b[..., :1]  # luminance
    left_over = 1 - margins[:, [0, 1, 0, 1, 4, 5, 4, 5]] - margins[:, [2, 3, 2, 3, 6, 7, 6, 7]]
    margins = margins + INSET * left_over
    target, best, least = _cropped(b, margins[:, 4:]), margins, np.full(len(a), np.inf)
    for step in range(STEPS + 1):
        here = _cropped(a, margins[:, :4])
        error = target - here  # (n, F)
        distances = np.linalg.norm(error, axis=1)
        best = np.where((distances < least)[:, None], margins, best)
        least = np.minimum(least, distances)
        if step < STEPS:
            slopes = [(_cropped(a, margins[:, :4] + STEP * one) - here) / STEP for one in np.eye(4)]
            margins = margins.copy()
            margins[:, :4] = (margins[:, :4] + _step(np.stack(slopes, axis=2), error)).clip(0, LARGEST_MARGIN)
    return best


def _step(slopes: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Least squares for slopes (n, F, 4) and errors (n, F), a little damped."""
    square = slopes.transpose(0, 2, 1) @ slopes  # (n, 4, 4)
    damping = 1e-3 * np.trace(square, axis1=1, axis2=2)[:, None, None] / 4 + 1e-9
    right = slopes.transpose(0, 2, 1) @ error[..., None]
    return np.linalg.solve(square + damping * np.eye(4), right)[..., 0].clip(-LONGEST_STEP, LONGEST_STEP)


def _distances(a: np.ndarray, b: np.ndarray, margins: np.ndarray) -> np.ndarray:
    return np.linalg.norm(_cropped(a, margins[:, :4]) - _cropped(b, margins[:, 4:]), axis=1)


def _cropped(pictures: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Fine features (n, F) of a crop of each picture; margins (n, 4) left, top, right, bottom."""
    rows, columns = bases(margins[:, 1], 1 - margins[:, 3]), bases(margins[:, 0], 1 - margins[:, 2])
    return fine_of(_transform(pictures, rows, columns))


def _as_floats(pictures: np.ndarray) -> np.ndarray:
    """Grey as it is, colour as luminance and two differences; float32."""
    return pictures.astype(np.float32) @ COLOUR.T if pictures.shape[-1] == 3 else pictures.astype(np.float32)


def _transform(pictures: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(n, 12, 12, C) of pictures (n, 32, 32, C) by cosines along rows and columns."""
    planes = np.moveaxis(pictures, -1, 0)  # (C, n, 32, 32)
    return np.moveaxis(rows @ planes @ columns.swapaxes(-1, -2), 0, -1)
