"""Coarse pictures as inputs, made of fine ones: windows in training, whole pictures to choose and to test by.

    picture ── cut to a multiple of the scale ── antialiased bicubic ── coarse picture ── its brightness

Without a truth beside it, a picture is taken as the coarse one that it is.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import listing
from deepglass.data.coarse_pictures import CoarsePictures
from deepglass.data.containers import Images
from deepglass.data.examples import Examples
from deepglass.data.fields import AnswerField, Part, fine_image, image
from deepglass.data.preprocess.coarse_image import CoarseImages
from deepglass.data.preprocess.image import ImagePreprocessor, learn_scale
from deepglass.data.preprocess.whole_image import sizes_of
from deepglass.data.splits import Splits

USUAL = ("flip", "turn")
SIDE, LEAST_SIDE = 96, 8  # pixels per side of a window of the fine picture: the usual one, and the least
LEAST_COARSE = 4  # pixels per side of a coarse picture, for there to be anything to make finer
SCALES = (2, 3, 4)


@dataclass(frozen=True)
class Windows:
    """Settings of pictures that windows are learnt from."""

    augment: str | None = None  # flip, turn by commas, or none; both suit all pictures but letters
    crop_size: int | None = None  # side of the random windows that are learnt from, in pixels that come out; at most 96
    max_memory: float = 2.0  # GiB of decoded pictures to hold; of a larger folder they are decoded when asked for
    decode_workers: int | None = None  # threads that decode files to look at them; as many as there are processors
    pixel_range: str | None = None  # values of black and white, such as 0,4095; guessed for all but bytes
    near_copies: Literal["together", "apart"] = "together"  # on one side of a random split, or left to chance


@dataclass(frozen=True)
class Options(Windows):
    """Settings of pictures that are to get more pixels."""

    scale: Literal[2, 3, 4] = 2  # how many times as many pixels per side come out


class Field(image.Field):
    """Pictures of any size, and coarser copies of them."""

    name = "coarse_image"
    SETTINGS = Options
    PREPROCESSOR: ClassVar[type[ImagePreprocessor]] = CoarseImages
    LOOKED_AT: ClassVar[int] = 64
    WHY_TURNED: ClassVar[str] = "a mirrored or turned picture is as sharp as it was; none for letters"
    sizes_of_answer = ()
    options: Options  # type: ignore[assignment]
    scale: int = 2
    window: tuple[int, int] = (1, 1)  # of a coarse picture, that is learnt from at once
    times: int = 1  # that windows fit into a training picture

    # -- learning from the training data ------------------------------------------------------------------------

    def fit(self, data: Images, splits: Splits, answer: AnswerField) -> list[Guess]:
        """The side of the windows, and how pictures are read.

        Raises:
            DataError: If pictures are too small, or neither grey nor colour.
            OptionError: If the windows that were asked for are too small.
        """
        self.scale, rows = self.options.scale, np.concatenate([*splits.values()])
        sizes = sizes_of(data, rows)
        self._require_pixels(data, rows, sizes)
        self._choose_window(sizes_of(data, splits["train"]))
        return super().fit(data, splits, answer)

    def _require_pixels(self, data: Images, rows: np.ndarray, sizes: np.ndarray) -> None:
        least = LEAST_COARSE * self.scale
        if len(small := rows[sizes.min(axis=1) < least]):
            files = data.names or data.paths or [f"picture {row + 1}" for row in range(len(data))]
            raise DataError(
                f"{data.name}: less than {least} pixels high or wide, of which {self.scale} times coarser ones cannot "
                f"be made: {listing([str(files[row]) for row in small], 3)}; leave them out"
            )

    def _choose_window(self, sizes: np.ndarray) -> None:
        asked = self.options.crop_size
        if asked is not None and asked < LEAST_SIDE:
            raise OptionError(f"--crop-size: expected {LEAST_SIDE} pixels or more, got {asked}")
        side = min(asked or SIDE, int(np.median(sizes.min(axis=1)))) // self.scale
        self.window = (max(1, side), max(1, side))
        pixels = float(sizes.prod(axis=1).mean()) / (side * self.scale) ** 2
        self.times = max(1, round(pixels))

    @property
    def dims(self) -> dict[str, Any]:
        """One plane, of brightness, and the scale."""
        fitted = self.preprocessor
        return {"in_channels": 1, "scale": self.scale, "image_size": (fitted.height, fitted.width)}

    def extremes(self) -> tuple[Tensor, ...]:
        """A black tile."""
        return (torch.zeros(1, 1, self.preprocessor.height, self.preprocessor.width),)

    def disable_augmentation(self, train: Examples) -> None:
        """Show the middle of each training picture as it is."""
        self.augmentations = []
        train.changes, train.is_still = [], True  # type: ignore[attr-defined]

    # -- data that come later -----------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Also the scale."""
        return super().state() | {"scale": self.scale}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.scale = read(state, "scale", int)
        require(self.scale in SCALES, "a scale of 2, 3 or 4", self.scale)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Images, np.ndarray, dict[str, Any]]:
        """Pictures as for training; with a target they are fine ones, else coarse ones.

        Raises:
            DataError: If a picture is broken or, with a target, too small; or there are none.
        """
        images, rows, names = super().read(inputs, with_target=with_target)
        if with_target:
            self._require_pixels(images, rows, sizes_of(images, rows))
        return images, rows, names

    def remarks(self, data: Images, rows: np.ndarray) -> list[str]:
        """Without the advice for few pictures of a class: classes, where folders name some, are not learnt."""
        return super().remarks(replace(data, labels=None), rows)

    # -- helpers ------------------------------------------------------------------------------------------------

    def _examples(self, images: Images, part: Part, answer: AnswerField) -> Examples:
        """Pictures that fit into memory are decoded once, when they are first asked for."""
        fitted, makes_fine = self.preprocessor, self._makes_fine(part, answer)

        def load(place: int) -> np.ndarray:
            picture = fitted.row(images, int(part.rows[place]))  # type: ignore[attr-defined]
            if not makes_fine:
                return picture
            height, width = (size // self.scale * self.scale for size in picture.shape[:2])
            return picture[:height, :width]

        window = self.window if part.is_training else None
        changes = self.augmentations if part.is_training else ()
        return CoarsePictures(self._kept(images, load), part.targets[-1], self.scale, makes_fine, window, changes)

    def _kept(self, images: Images, load: Callable[[int], np.ndarray]) -> Callable[[int], np.ndarray]:
        each = self.preprocessor.channels * (4 if self.preprocessor.scale.keeps_depth else 1)
        needed = float(sizes_of(images, np.arange(len(images))).prod(axis=1).sum()) * each
        return cache(load) if needed <= self.options.max_memory * 2**30 else load

    def _makes_fine(self, part: Part, answer: AnswerField) -> bool:
        known = isinstance(answer, fine_image.Field) and len(part.rows) > 0
        return known and bool((part.targets[-1] == fine_image.KNOWN).all())

    def _fitted(self, images: Images, rows: np.ndarray) -> tuple[ImagePreprocessor, list[Guess]]:
        scale, guesses = learn_scale(images, rows, self.options.pixel_range)
        return CoarseImages.fit(images, rows, self.options.scale, self._workers, scale), guesses

    def _size_guess(self, images: Images) -> list[Guess]:
        return []

    def _require_training_pictures(self, images: Images, rows: np.ndarray, answer: AnswerField) -> None:
        """Classes, where folders name some, are not learnt."""

    def _choose_augmentations(self, images: Images, rows: np.ndarray, answer: AnswerField) -> list[Guess]:
        if self.options.augment is not None:
            return super()._choose_augmentations(images, rows, answer)
        self.augmentations = [*USUAL]
        return [Guess("augment", ", ".join(USUAL), self.WHY_TURNED, "--augment")]
