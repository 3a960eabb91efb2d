"""Regions of a picture in short form: runs of pixels, and outlines.

COCO writes a region as the lengths of its runs, column by column, beginning with what is outside. Packed into text, a
length is written in digits of base 32 from the lowest on, each a character from "0" on; from the third length on only
the difference to the one but last is written.

References:
    Lin et al. (2014), Microsoft COCO, https://arxiv.org/abs/1405.0312 (and its tools, https://cocodataset.org)
"""

import numpy as np


def unpacked(text: str) -> list[int]:
    """The lengths that a text stands for.

    Raises:
        ValueError: If it ends within a number, or holds other characters.

    Example:
        >>> unpacked("422O")
        [4, 2, 2, 1]
    """
    lengths: list[int] = []
    value = shift = 0
    for character in text:
        digit = ord(character) - 48
        if not 0 <= digit < 64 or shift > 60:
            raise ValueError(f"{character!r} is not a digit of run lengths")
        value |= (digit & 0x1F) << shift
        shift += 5
        if digit & 0x20:  # more follow
            continue
        if digit & 0x10:  # the highest digit of a negative number
            value -= 1 << shift
        lengths.append(value + lengths[-2] if len(lengths) > 2 else value)
        value = shift = 0
    if shift:
        raise ValueError("the run lengths end within a number")
    return lengths


def region_of_runs(lengths: list[int], height: int, width: int) -> np.ndarray:
    """The region (height, width) bool of runs.

    Raises:
        ValueError: If a length is negative, or they do not fill the picture.
    """
    if any(length < 0 for length in lengths) or sum(lengths) != height * width:
        raise ValueError(f"run lengths that add up to {sum(lengths):,}: expected {height:,} x {width:,} pixels")
    inside = np.arange(len(lengths)) % 2 == 1
    return np.repeat(inside, lengths).reshape(width, height).T


def region_of_outline(points: np.ndarray, height: int, width: int) -> np.ndarray:
    """The pixels (height, width) bool whose middle lies inside a polygon (n, 2), by the even-odd rule.

    Example:
        >>> region_of_outline(np.array([[1, 1], [3, 1], [3, 2], [1, 2]]), 3, 4).astype(int).tolist()
        [[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]
    """
    region = np.zeros((height, width), bool)
    points = np.asarray(points, np.float64)
    x0, y0 = points.T
    x1, y1 = np.roll(points, -1, axis=0).T
    first = max(0, int(np.floor(y0.min())))
    for row in range(first, min(height, int(np.ceil(y0.max())) + 1)):
        middle = row + 0.5
        crosses = (y0 <= middle) != (y1 <= middle)
        if not crosses.any():
            continue
        a, b = y0[crosses], y1[crosses]
        places = np.sort(x0[crosses] + (middle - a) / (b - a) * (x1[crosses] - x0[crosses]))
        columns = np.clip(np.ceil(places - 0.5), 0, width).astype(int)
        for begin, end in zip(columns[::2], columns[1::2]):
            region[row, begin:end] ^= True
    return region
