"""Clips: short moving pictures of equally many frames, held in memory.

The frames of a clip lie one after the other among the channels of a picture, (H, W, T·C): whatever is done to a picture
is done to all of its frames alike, so that a shift or a mirror never tears a movement apart.
"""

from dataclasses import dataclass, replace

import numpy as np

from deepglass.data.containers import Images


@dataclass
class Clips(Images):
    """Clips and, perhaps, what is known of them.

    Attributes:
        pixels: (N, H, W, T·C) bytes; `channels` is T·C.
        num_frames: T, of every clip.
        lengths: (N,) frames that each had before so many were taken of it, evenly spread.
        usual_target: The column of `frame` that is learnt where nobody asks; of sets that know it.
    """

    num_frames: int = 1
    lengths: np.ndarray | None = None
    usual_target: str | None = None

    @property
    def colours(self) -> int:
        """Channels C of one frame: 1 for grey, 3 for colour."""
        return self.channels // self.num_frames

    def frames(self, row: int) -> np.ndarray:
        """(T, H, W, C) of one clip."""
        return in_frames(self.pixels[row], self.num_frames)  # type: ignore[index]

    def taken(self, rows: np.ndarray) -> "Clips":
        """Some of the clips, in this order."""
        return replace(
            self,
            pixels=self.pixels[rows],  # type: ignore[index]
            labels=None if self.labels is None else self.labels[rows],
            splits={split: np.flatnonzero(np.isin(rows, of_split)) for split, of_split in self.splits.items()},
            names=None if self.names is None else [self.names[row] for row in rows],
            groups=None if self.groups is None else self.groups[rows],
            lengths=None if self.lengths is None else self.lengths[rows],
            frame=None if self.frame is None else self.frame.iloc[rows].reset_index(drop=True),
            survey=None,
        )

    def first(self, count: int | None) -> "Clips":
        """So many of the clips, evenly spread over them; all without a count."""
        if count is None or count >= len(self):
            return self
        return self.taken(np.linspace(0, len(self) - 1, count).astype(int))


def stacked(frames: np.ndarray) -> np.ndarray:
    """(T, H, W, C) → (H, W, T·C)."""
    T, H, W, C = frames.shape
    return np.moveaxis(frames, 0, 2).reshape(H, W, T * C)


def in_frames(pixels: np.ndarray, num_frames: int) -> np.ndarray:
    """(H, W, T·C) → (T, H, W, C)."""
    H, W, channels = pixels.shape
    return np.moveaxis(pixels.reshape(H, W, num_frames, channels // num_frames), 2, 0)


def strip(frames: np.ndarray, most: int = 8) -> np.ndarray:
    """Frames (T, H, W, C) side by side with a grey line between, at most so many, evenly spread: one picture."""
    shown = frames[np.linspace(0, len(frames) - 1, min(most, len(frames))).round().astype(int)]
    line = np.full((frames.shape[1], 1, frames.shape[3]), 128, np.uint8)
    return np.concatenate([part for one in shown for part in (one, line)][:-1], axis=1)


def evenly(length: int, count: int) -> np.ndarray:
    """(count,) which of `length` frames are taken: evenly spread, of a shorter clip some of them twice."""
    return np.linspace(0, length - 1, count).round().astype(int)
