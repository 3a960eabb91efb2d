"""Photographs as inputs of a network that paints them: windows in training, whole pictures to choose and to test by.

    picture ── longer side to at most 256 pixels ── colours from 0 to 1 ── a window of them, mirrored or turned

No answer stands beside a picture: how well it is painted is told by a network that looks at it.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.data.coarse_pictures import ColourPictures
from deepglass.data.containers import Images
from deepglass.data.examples import Examples
from deepglass.data.fields import AnswerField, Part, coarse_image
from deepglass.data.preprocess.image import ImagePreprocessor, learn_scale
from deepglass.data.preprocess.tiled_image import TiledPictures
from deepglass.data.preprocess.whole_image import sizes_of

LONGER_SIDE = 256  # to which larger pictures are scaled: strokes are as large as those of a style picture of that size
LEAST_SIDE = 32  # pixels per side, of which the coarsest map of features has four places
CHANNELS = (1, 3)


@dataclass(frozen=True)
class Options(coarse_image.Windows):
    """Settings of pictures that are painted."""

    image_size: int | None = None  # longer side to scale to; the usual one of the pictures, at most 256
    crop_size: int | None = None  # side of the random windows that are learnt from, in pixels; at most 96


class Field(coarse_image.Field):
    """Pictures of any size, in colour."""

    name = "colour_image"
    SETTINGS = Options
    PREPROCESSOR = TiledPictures
    WHY_TURNED: ClassVar[str] = "a mirrored or turned picture is painted in the same style"
    options: Options  # type: ignore[assignment]
    scale = 1

    def fit(self, data: Images, splits: Any, answer: AnswerField) -> list[Guess]:
        """The longer side, the windows, and how pictures are read.

        Raises:
            DataError: If pictures are too small, or neither grey nor colour.
            OptionError: If a size that was asked for is too small.
        """
        if data.channels not in CHANNELS:
            raise DataError(f"{data.name}: pictures of {data.channels} channels, expected grey or colour: 1 or 3")
        if (asked := self.options.image_size) is not None and asked < LEAST_SIDE:
            raise OptionError(f"--image-size: expected {LEAST_SIDE} pixels or more, got {asked}")
        self._require_pixels(data, np.concatenate([*splits.values()]), np.zeros(0))
        guesses = super(coarse_image.Field, self).fit(data, splits, answer)
        self._choose_window(self.preprocessor.working_sizes(data, splits["train"]))  # type: ignore[attr-defined]
        return guesses

    @property
    def dims(self) -> dict[str, Any]:
        """Three colours, also of grey pictures."""
        return {"in_channels": 3, "image_size": (self.preprocessor.height, self.preprocessor.width)}

    def extremes(self) -> tuple[Tensor, ...]:
        """A black picture."""
        return (torch.zeros(1, 3, self.preprocessor.height, self.preprocessor.width),)

    def state(self) -> dict[str, Any]:
        """How pictures are read."""
        return {name: part for name, part in super().state().items() if name != "scale"}

    def load_state(self, state: dict[str, Any]) -> None:
        super(coarse_image.Field, self).load_state(state)

    # -- helpers ------------------------------------------------------------------------------------------------

    def _require_pixels(self, data: Images, rows: np.ndarray, sizes: np.ndarray) -> None:
        sizes = sizes_of(data, rows)
        if len(small := rows[sizes.min(axis=1) < LEAST_SIDE]):
            files = data.names or data.paths or [f"picture {row + 1}" for row in range(len(data))]
            raise DataError(
                f"{data.name}: {len(small):,} of its pictures are less than {LEAST_SIDE} pixels high or wide, such as "
                f"{files[small[0]]}: too small to be painted; leave them out"
            )

    def _examples(self, images: Images, part: Part, answer: AnswerField) -> Examples:
        fitted = self.preprocessor

        def load(place: int) -> np.ndarray:
            return fitted.row(images, int(part.rows[place]))  # type: ignore[attr-defined]

        window = self.window if part.is_training else None
        changes = self.augmentations if part.is_training else ()
        return ColourPictures(self._kept(images, load), part.targets[-1], window, changes)

    def _fitted(self, images: Images, rows: np.ndarray) -> tuple[ImagePreprocessor, list[Guess]]:
        scale, guesses = learn_scale(images, rows, self.options.pixel_range)
        usual = int(np.median(sizes_of(images, rows).max(axis=1)))
        longer = self.options.image_size or min(LONGER_SIDE, usual)
        return TiledPictures.fit(images, rows, longer, self._workers, scale), guesses

    def _size_guess(self, images: Images) -> list[Guess]:
        if self.options.image_size is not None:
            return []
        why = "their longer side, to learn from; `deepglass paint` takes pictures of other sizes too"
        return [Guess("pictures scaled to", self.preprocessor.longer, why, "--image-size")]  # type: ignore[attr-defined]
