"""Clips → one size, one number of frames, one scale of brightness: a picture whose channels are frames, and back.

Mean and deviation are those of a colour over all frames: were they a frame's own, a clip would change its light on the
way. Learnt from the training split alone and saved with the model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from deepglass.core.state import require, require_between
from deepglass.data.clips import Clips
from deepglass.data.containers import Images
from deepglass.data.examples import Batch
from deepglass.data.preprocess.image import ImagePreprocessor
from deepglass.data.preprocess.pixel_scale import PixelScale

MOST_FRAMES = 1 << 10  # that a network looks at


@dataclass(frozen=True)
class VideoPreprocessor(ImagePreprocessor):
    """What the training clips have taught; `channels` are those of all frames together.

    num_frames: Of a clip, as the network sees it.
    """

    num_frames: int = 1

    @classmethod
    def fit(
        cls,
        images: Images,
        rows: np.ndarray,
        size: int | None = None,
        workers: int = 1,
        scale: PixelScale | None = None,
    ) -> Self:
        """Learn from the clips at `rows` alone, which have their size already."""
        assert isinstance(images, Clips)
        fitted = super().fit(images, rows, size, workers, scale)
        return replace(fitted, num_frames=images.num_frames)._alike()

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "ImagePreprocessor":
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        found = super().from_state(state)
        assert isinstance(found, cls)
        require_between(found.num_frames, 1, MOST_FRAMES, "frames of a clip")
        require(found.channels % found.num_frames == 0, "as many channels in every frame", found.channels)
        return found

    @classmethod
    def sides(cls, images: Images, rows: np.ndarray, size: int | None) -> tuple[int, int]:
        """Those that the clips were read with."""
        return images.pixels.shape[1:3]  # type: ignore[union-attr]

    @property
    def colours(self) -> int:
        """Channels of one frame."""
        return self.channels // self.num_frames

    def transform(self, augmentations: Sequence[str] = ()) -> Callable[[Batch], Batch]:
        """From a batch of bytes (B, T·C, H, W) to what a model receives: (B, T, C, H, W); augmented for training."""
        as_picture = super().transform(augmentations)

        def apply(batch: Batch) -> Batch:
            images, *rest = as_picture(batch)
            B, _, H, W = images.shape
            return (images.reshape(B, self.num_frames, self.colours, H, W), *rest)

        return apply

    def as_pictures(self) -> Callable[[Batch], Batch]:
        """From a batch of bytes to what simple models receive: frames as channels, (B, T·C, H, W)."""
        return super().transform()

    def _alike(self) -> Self:
        """With the same mean and deviation in every frame: of all pixels of a colour."""
        mean, std = (np.array(of).reshape(self.num_frames, self.colours) for of in (self.mean, self.std))
        together = mean.mean(axis=0)
        spread = np.sqrt((std**2 + (mean - together) ** 2).mean(axis=0))
        tiled = (np.tile(of, self.num_frames).tolist() for of in (together, spread))
        return replace(self, **dict(zip(("mean", "std"), tiled)))
