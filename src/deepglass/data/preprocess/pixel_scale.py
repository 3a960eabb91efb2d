"""Which stored value is black and which is white: decided once from the training pictures, for files and arrays alike.

A 12-bit scan in a 16-bit file has 4,095 for white, a float array perhaps 1. Were this decided picture by picture, a
bright scan could become darker than a dim one. So each kind of pixels has one scale in a run: bytes always 0 to 255,
deeper whole numbers up to the 10, 12, 14 or 16 bits that training used, floats as training had them. Everything
behind this file speaks of brightness from 0 to 255: as bytes where that loses nothing, else as float32.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import counted

Range = tuple[float, float]  # the values of black and white

BITS = (8, 10, 12, 14, 16, 24, 32)  # of scanners, cameras and detectors
OUTLIERS = 1e-4  # share of pixels, such as dead ones of a detector, that may lie beyond the scale
SPAN_USED = 32  # values that never exceed this are not bytes in another type: their largest is white
FEW_LEVELS = 32  # different values; fewer look like steps, and fine differences are gone
PIXELS_PER_PICTURE = 10_000  # looked at, evenly spread
BYTES: Range = (0.0, 255.0)
SIXTEEN_BITS: Range = (0.0, 65_535.0)


@dataclass(frozen=True)
class PixelScale:
    """The values of black and white, of each kind of pixels.

    deep: Of whole numbers beyond bytes; None where training had none.
    real: Of floats; None where training had none.
    keeps_depth: Whether pictures are held as float32 with their fine steps, not as bytes.
    seen: How many pictures had values beyond the scale, or of a kind that training did not have; for messages.
    """

    deep: Range | None = None
    real: Range | None = None
    keeps_depth: bool = False
    seen: Counter = field(default_factory=Counter, compare=False, repr=False)

    @classmethod
    def from_state(cls, state: dict[str, Any] | None) -> "PixelScale":
        """Take back what `state` gave; None is a run of a version that knew bytes only.

        Raises:
            ValueError: If it does not fit.
        """
        state = {} if state is None else state
        deep, real = (read(state, name, Range | None, None) for name in ("deep", "real"))
        for scale in (deep, real):
            require(scale is None or scale[0] < scale[1], "black below white", scale)
        return cls(deep, real, read(state, "keeps_depth", bool, False))

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"deep": self.deep, "real": self.real, "keeps_depth": self.keeps_depth}

    def range_of(self, pixels: np.ndarray) -> Range:
        """Black and white of these pixels: by their kind, and only where training had none by what is usual.

        Raises:
            DataError: If training had bytes, and these are neither bytes nor 16 bits nor between 0 and 255.
        """
        kind = kind_of(pixels)
        if kind == "bytes":
            return BYTES
        if known := (self.deep if kind == "deep" else self.real):
            return known
        self.seen[kind] += 1
        if pixels.dtype == np.uint16:
            return SIXTEEN_BITS
        low, high = float(pixels.min(initial=0)), float(pixels.max(initial=0))
        if low < 0 or high > 255:
            raise DataError(f"pixels range from {low:g} to {high:g}: expected 0 to 255, as in training; scale them")
        return (0.0, 1.0) if kind == "real" and high <= 1 else BYTES

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """Brightness from 0 to 255: uint8, or float32 where the run keeps depth; values beyond are clipped.

        Raises:
            DataError: If a value is NaN or infinite.
        """
        if pixels.dtype == np.bool_:
            pixels = pixels.astype(np.uint8) * np.uint8(255)
        if pixels.dtype == np.uint8:
            return pixels.astype(np.float32) if self.keeps_depth else pixels
        low, high = self.range_of(pixels)
        least, most = float(pixels.min(initial=high)), float(pixels.max(initial=low))
        if not np.isfinite([least, most]).all():
            raise DataError("pixels are NaN or infinite: expected numbers; replace them, or leave out the pictures")
        self.seen["beyond"] += int(least < low or most > high)
        if (low, high) == SIXTEEN_BITS and not self.keeps_depth:
            values = (pixels.clip(0, 65_535).astype(np.uint16) >> 8).astype(np.uint8)  # the upper byte
            self.seen["coarse"] += int(len(np.unique(values)) < FEW_LEVELS)
            return values
        values = (pixels.clip(low, high).astype(np.float32) - low) * (255 / (high - low))
        return values if self.keeps_depth else values.round().astype(np.uint8)

    def remarks(self) -> list[str]:
        """What a user should know of the pictures that were read since the last time, and forget it."""
        found = []
        if beyond := self.seen.pop("beyond", 0):
            found.append(f"{counted(beyond, 'picture')} with values beyond the scale of the training: they are clipped")
        coarse = self.seen.pop("coarse", 0)
        if self.seen.pop("deep", 0) and self.deep is None:
            few = f"; {counted(coarse, 'picture')} keep fewer than {FEW_LEVELS} levels of brightness" if coarse else ""
            found.append(f"pictures deeper than the bytes of the training: 65,535 is read as white, of arrays 255{few}")
        if self.seen.pop("real", 0) and self.real is None:
            found.append("pictures in floating point, which the training did not have: white is 1, or 255 beyond that")
        return found


def kind_of(pixels: np.ndarray) -> str:
    """ "bytes", "deep" (other whole numbers) or "real".

    Raises:
        DataError: If the array does not hold numbers.
    """
    if pixels.dtype in (np.uint8, np.bool_):
        return "bytes"
    if pixels.dtype.kind not in "iuf":
        raise DataError(f"pixels of type {pixels.dtype}: expected numbers, such as uint8")
    return "deep" if pixels.dtype.kind in "iu" else "real"


def fit_scale(pictures: Iterable[np.ndarray], asked: str | None = None) -> tuple[PixelScale, list[Guess]]:
    """Learn black and white from training pictures.

    Args:
        pictures: Arrays of any shape as they are stored, several pictures in one or one in each.
        asked: What `--pixel-range` says, such as "0,4095"; it holds for whatever is not bytes.

    Raises:
        DataError: If a value is NaN or infinite.
        OptionError: If `asked` is not a range, or all pictures are bytes.
    """
    samples: dict[str, list[np.ndarray]] = {"deep": [], "real": []}
    for picture in pictures:
        if (kind := kind_of(picture)) != "bytes":
            samples[kind].append(_some(picture))
    values = {kind: np.concatenate(parts) for kind, parts in samples.items() if parts}
    if not values:
        if asked:
            raise OptionError("--pixel-range: all pictures have bytes, whose range is known: leave it out")
        return PixelScale(), []
    ranges = {kind: parse_range(asked) if asked else _range(found) for kind, found in values.items()}
    keeps = any(not _fits_bytes(found, ranges[kind]) for kind, found in values.items())
    scale = PixelScale(**ranges, keeps_depth=keeps)
    return scale, [] if asked else [_guess(kind, found, ranges[kind]) for kind, found in values.items()]


def parse_range(asked: str) -> Range:
    """ "0,4095" → (0, 4095).

    Raises:
        OptionError: If it is not two numbers, the smaller first.
    """
    try:
        low, high = (float(part) for part in asked.split(","))
    except ValueError:
        low, high = 0.0, 0.0
    if not low < high:
        raise OptionError(f"--pixel-range: expected the values of black and white, such as 0,4095, got {asked!r}")
    return low, high


def few_levels(pictures: Iterable[np.ndarray], scale: PixelScale) -> str | None:
    """A warning where deep pictures have few different values in the end.

    Raises:
        DataError: If pixels are NaN or infinite.
    """
    deep = [_some(picture) for picture in pictures if kind_of(picture) != "bytes"]
    if not deep:
        return None
    levels = len(np.unique(np.concatenate([scale.apply(part) for part in deep])))
    if levels >= FEW_LEVELS:
        return None
    return (
        f"only {levels} different values of brightness remain in pictures of more than 8 bits: fine differences are "
        "lost; check how they were saved, or give the values of black and white with --pixel-range"
    )


def _some(picture: np.ndarray) -> np.ndarray:
    """Pixels of one array, evenly spread; checked to be numbers throughout."""
    flat = picture.reshape(-1)
    if picture.dtype.kind == "f" and not np.isfinite(picture).all():
        raise DataError("pixels are NaN or infinite: expected numbers; replace them, or leave out the pictures")
    return flat[:: max(1, len(flat) // PIXELS_PER_PICTURE)]


def _range(values: np.ndarray) -> Range:
    low, high = (float(value) for value in np.quantile(values, (OUTLIERS, 1 - OUTLIERS), method="nearest"))
    if low < 0:
        return (-1.0, 1.0) if low >= -1 and high <= 1 and values.dtype.kind == "f" else (low, max(high, low + 1e-6))
    if high <= 1:
        return 0.0, 1.0
    if high <= SPAN_USED:
        return 0.0, high
    if values.dtype.kind in "iu" or (high > 255 and (values == np.round(values)).all()):
        return 0.0, float(next((1 << bits) - 1 for bits in BITS if high < 1 << bits or bits == BITS[-1]))
    return BYTES if high <= 255 else (0.0, high)


def _fits_bytes(values: np.ndarray, of: Range) -> bool:
    """Whether bytes hold every value exactly, as of arrays that were bytes divided by 255."""
    scaled = (values.astype(np.float64) - of[0]) * (255 / (of[1] - of[0]))
    return bool((np.abs(scaled - scaled.round()) < 1e-3).all())


def _guess(kind: str, values: np.ndarray, of: Range) -> Guess:
    low, high = (f"{value:,.6g}" for value in of)
    found = f"training pictures hold {_shown(values.min())} to {_shown(values.max())}"
    if kind == "deep" and of[0] == 0:
        found = f"{int(of[1]).bit_length()} bits, {found}"
    beyond = float(((values < of[0]) | (values > of[1])).mean())
    found += f", the {beyond:.2g} of them beyond is clipped" if beyond else ""
    return Guess("pixel range", f"{low} is black, {high} is white", found, "--pixel-range")


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, np.integer) else f"{float(value):,.4g}"
