"""Animated pictures → bytes (B, T, H, W, C): frames, taken evenly, on one ground, of the size of training.

    file ── header: what will all frames take? ── some of them ── on one ground, grey or colour ── scaled to cover

What the header promises is judged before anything is unpacked: size times frames against the bounds of one picture.
"""

from typing import Any

import numpy as np

from .nested import flatten
from .picture_files import Budget, Opened, TooMuch, opened, told
from .pictures import MODES, Pictures, fit_to, plain, with_channels

MOST_FRAMES = 1_000  # of a file


class Clips(Pictures):
    """Encodes clips: the bytes of a file, base64 text, or an array (T, H, W, C).

    Args:
        described: The input, with frames, height, width and channels.
        budget: What all frames of one clip may take together.
        most_pixels: Of all clips of a request; None has no bound.
    """

    def __init__(self, described: dict[str, Any], budget: Budget, most_pixels: int | None = None):
        super().__init__(described, budget, most_pixels)
        self.frames = described["frames"]

    def pixels_of(self, notes: list[dict[str, Any]]) -> int:
        return len(notes) * self.frames * self.height * self.width

    def covering(self, pixels: np.ndarray) -> np.ndarray:
        """A clip (T, H, W, C) of so many frames of the network's size."""
        taken = pixels if len(pixels) == self.frames else pixels[evenly(len(pixels), self.frames)]
        return np.stack([fit_to(frame, self.height, self.width) for frame in taken])

    def unpacked(self, picture: Any) -> np.ndarray:
        """(T, H, W, C) of the frames that are wanted.

        Raises:
            ValueError: If the file is damaged.
        """
        film, frames = picture.image, []
        with told():
            for place in evenly(film.n_frames, self.frames):
                film.seek(int(place))
                frames.append(np.asarray(plain(film, MODES[self.channels], self.background)))
        return np.stack(frames).reshape(len(frames), *frames[0].shape[:2], self.channels)

    def _file(self, content: bytes) -> Opened:
        found = opened(content, self.channels, self.budget)
        with told():
            count = getattr(found.image, "n_frames", 1)
        if count < 2:
            raise ValueError("has one frame: expected a clip of two or more, such as an animated GIF")
        pixels = count * found.image.width * found.image.height
        if count > MOST_FRAMES or pixels > self.budget.pixels:
            most = f"at most {MOST_FRAMES:,} frames and {self.budget.pixels:,} pixels in all of them"
            raise TooMuch(f"{count:,} frames of {found.image.width} x {found.image.height}, expected {most}: cut it")
        if found.is_deep:
            raise ValueError("has more than 8 bits per channel: save it as a GIF")
        found.pixels = pixels
        return found

    def _array(self, content: Any) -> np.ndarray:
        message = f"expected an animated picture, base64, or bytes (frames, height, width, {self.channels})"
        try:
            values = content if isinstance(content, np.ndarray) else _numbers(content)
        except (ValueError, OverflowError):
            raise ValueError(message) from None
        if values.ndim != 4 or not values.size or values.shape[-1] not in (1, 3) or values.dtype.kind not in "ui":
            raise ValueError(f"{message}, got shape {list(values.shape)}")
        if values.min() < 0 or values.max() > 255:
            raise ValueError(f"{message}, got values from {values.min()} to {values.max()}")
        return with_channels(values.astype(np.uint8), self.channels)


def evenly(length: int, count: int) -> np.ndarray:
    """(count,) which of `length` frames are taken, as in training."""
    return np.linspace(0, length - 1, count).round().astype(int)


def _numbers(content: Any) -> np.ndarray:
    values, shape = flatten(content)
    if {*map(type, values)} - {int}:
        raise ValueError
    return np.array(values, np.int64).reshape(shape)
