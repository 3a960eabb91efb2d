"""Arrays of pictures: which axis holds the channels, and labels in the forms in which libraries keep them."""

from typing import Any

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted
from deepglass.data.containers import Images

MOST_CHANNELS = 64  # of a picture; a longer axis is a side
SCREEN = (1, 3, 4)  # channels that pictures mostly have
OF_FIVE_AXES = (
    "videos are read from files, animated pictures (.gif) in a folder for each class or named by a table; there is no "
    "task for volumes"
)


def from_picture_array(X: np.ndarray, y: Any = None, name: str = "data") -> Images:
    """Pictures (N, H, W), (N, H, W, C) or (N, C, H, W), with labels or without.

    Raises:
        DataError: If the array is of another shape, or does not hold numbers, or the labels do not fit.
    """
    pixels, guesses = with_channels_last(X)
    _require_numbers(pixels)
    images = Images(name, None, [], pixels.shape[-1], pixels=pixels, guesses=guesses)
    images.channels_first = any(guess.what == "axes" for guess in guesses)
    images.is_deep = pixels.dtype not in (np.uint8, np.bool_)
    images.facts = {"sizes": {f"{pixels.shape[1]}x{pixels.shape[2]}": len(pixels)}, "type": {str(X.dtype): len(X)}}
    if y is not None:
        labels, images.classes = labels_of(y, len(pixels))
        images.labels = labels
    return images


def with_channels_last(X: np.ndarray) -> tuple[np.ndarray, list[Guess]]:
    """The array as (N, H, W, C), and what was guessed of its axes.

    Raises:
        DataError: If no axis can be that of the channels.
    """
    if X.ndim == 3:
        return X[..., None], []  # (N, H, W) → (N, H, W, 1)
    if X.ndim != 4:
        raise DataError(
            f"pictures have shape {X.shape}: expected (N, H, W), (N, H, W, channels) or (N, channels, H, W)"
            + ("; " + OF_FIVE_AXES if X.ndim == 5 else "")
        )
    _, first, middle, last = X.shape
    could_be_last = last <= min(MOST_CHANNELS, first, middle)
    could_be_first = first <= min(MOST_CHANNELS, middle, last)
    if could_be_first and not (could_be_last and (last in SCREEN or first not in SCREEN)):
        guess = Guess("axes", "channels first", f"shape {X.shape}", "an array (N, H, W, channels)")
        return np.moveaxis(X, 1, 3), [guess, *_many(first)]
    if not could_be_last:
        raise DataError(
            f"pictures have shape {X.shape}: expected (N, H, W, channels) or (N, channels, H, W) with at most "
            f"{MOST_CHANNELS} channels, fewer than pixels along a side"
        )
    return X, _many(last)


def labels_of(y: Any, count: int) -> tuple[np.ndarray, list[str]]:
    """Positions (N,) int64 in the classes, and these; of numbers, words, a column (N, 1) or one-hot rows (N, K).

    Raises:
        DataError: If there are more or fewer labels than pictures, or several classes for one.
    """
    y = np.asarray(y)
    if len(y) != count:
        raise DataError(f"X has {count:,} rows and y has {len(y):,}: expected as many")
    if y.ndim == 2 and y.shape[1] > 1:
        if not (np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()):
            raise DataError(
                f"y has shape {y.shape}: expected one class of each picture, or one 1 in each row; there is no task "
                "for several labels of one picture yet"
            )
        y = y.argmax(axis=1)
    if y.dtype.kind == "f" and np.isfinite(y).all() and (y == np.round(y)).all():
        y = y.astype(np.int64)
    if y.dtype.kind == "f":
        raise DataError(
            "y holds numbers with fractions: expected classes; there is no task for numbers of pictures yet"
        )
    classes, labels = np.unique(y.reshape(count), return_inverse=True)
    return labels.astype(np.int64), [str(name) for name in classes]


def _many(channels: int) -> list[Guess]:
    """What pictures of other channels than a screen's go without."""
    if channels in (1, 3):
        return []
    why = "published weights and changes of colour are for one or three"
    return [Guess("channels", f"{channels}, taken as they are", why, "an array of 1 or 3 channels")]


def _require_numbers(pixels: np.ndarray) -> None:
    if pixels.dtype.kind not in "uifb":
        raise DataError(f"pixels of type {pixels.dtype}: expected numbers, such as uint8")
    if pixels.size == 0:
        raise DataError(f"pictures have shape {pixels.shape}: expected at least one pixel")
    if pixels.dtype.kind == "f":
        bad = ~np.isfinite(pixels.reshape(len(pixels), -1)).all(axis=1)
        if bad.any():
            raise DataError(
                f"{counted(int(bad.sum()), 'picture')} of {len(pixels):,} hold NaN or infinity (number "
                f"{int(np.flatnonzero(bad)[0])} first): replace these pixels, or leave the pictures out"
            )
