"""Pictures of any size as inputs, with an answer for each of their pixels; learnt from random windows of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import build, read
from deepglass.core.tiles import enlarged
from deepglass.data.augment.masks import AUGMENTATIONS, crop
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout
from deepglass.data.examples import Batch, Examples, InMemory
from deepglass.data.fields import AnswerField, Part, whole_image
from deepglass.data.masked_pictures import MaskedPictures
from deepglass.data.pictures import PicturesOnDisk
from deepglass.data.preprocess.image import ImagePreprocessor, learn_scale
from deepglass.data.preprocess.tiled_image import TiledPictures
from deepglass.data.reading.mask_classes import Key
from deepglass.data.reading.masks import Asked, read_masks
from deepglass.data.splits import Splits

READS = ("masks", "boxes")  # kinds of layouts; of boxes those with outlines
USUAL = ("flip", "zoom", "colour")
LARGEST_CROP = 256  # pixels per side of a window
LEAST_CROP = 16


@dataclass(frozen=True)
class Options(whole_image.Options):
    """Settings of pictures with an answer for each pixel."""

    augment: str | None = None  # flip, turn, rotate, zoom, colour by commas, or none; the masks move along
    image_size: int | None = None  # longer side to scale to; pictures up to 1024 keep their scale, larger become 512
    crop_size: int | None = None  # side of the random windows that are learnt from; at most 256 where nobody asks
    mask_names: str | None = None  # names of the classes by commas, from the smallest value in the masks to the largest
    ignore_label: str | None = None  # values in masks that are neither learnt nor judged, or none; usually 255


class Field(whole_image.Field):
    """Pictures, and what each of their pixels shows."""

    name = "tiled_image"
    SETTINGS = Options
    PREPROCESSOR = TiledPictures
    LOOKED_AT: ClassVar[int] = 64  # training pictures from which statistics are taken
    options: Options
    preprocessor: TiledPictures
    key: Key | None = None  # what the values of the training masks stood for

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Layouts of pictures with masks or outlines."""
        return isinstance(data, MaskedPictures) or (isinstance(data, Layout) and data.kind in READS)

    def as_source(self, data: Data) -> MaskedPictures:
        """The pictures with their masks.

        Raises:
            DataError: If the data hold no masks, or these are damaged or do not fit their pictures.
        """
        if isinstance(data, Layout) and data.kind in READS:
            asked = Asked(self.options.mask_names, self.options.ignore_label, self.key)
            return read_masks(data, self.data_config, asked).first(self.data_config.max_rows)
        if not isinstance(data, MaskedPictures):
            raise DataError(
                f"{data.name} holds no masks: expected a folder of pictures and one of masks with the same names, "
                "pictures beside NAME_mask.png, or outlines in COCO, labelme or YOLO files"
            )
        return data

    def fit(self, data: MaskedPictures, splits: Splits, answer: AnswerField) -> list[Guess]:
        guesses = super().fit(data, splits, answer)
        self.key = data.key
        self._note_sizes(data)
        return guesses

    def disable_augmentation(self, train: Examples) -> None:
        """Show windows of the training pictures as they are."""
        self.augmentations = []
        train.transform = self._in_windows(lambda batch: batch)  # type: ignore[attr-defined]

    # -- data that come later -----------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Also what the values of the masks stood for, and the side of the windows."""
        return super().state() | {"mask_key": vars(self.key) if self.key else None}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        key = read(state, "mask_key", dict[str, Any] | None)
        self.key = build(Key, key) if key else None

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Images, np.ndarray, dict[str, Any]]:
        images, rows, names = super().read(inputs, with_target=with_target)
        if len(rows):
            self._note_sizes(images)
        return images, rows, names

    # -- helpers ------------------------------------------------------------------------------------------------

    def _note_sizes(self, images: Images) -> None:
        images.working_sizes = self.preprocessor.working_sizes(images, np.arange(len(images)))

    def _examples(self, images: Images, part: Part, answer: AnswerField) -> Examples:
        fitted, rows = self.preprocessor, part.rows
        transform = self._augmented(answer) if part.is_training else fitted.transform()
        sizes = images.working_sizes
        assert sizes is not None
        height, width = sizes.max(axis=0).tolist() if len(sizes) else (1, 1)
        each = height * width * fitted.channels * (4 if fitted.scale.keeps_depth else 1)
        if images.paths is not None and len(images) * each > self.options.max_memory * 2**30:

            def load(path: Any) -> np.ndarray:
                return enlarged(fitted.load(path), height, width)

            return PicturesOnDisk([images.paths[i] for i in rows], part.targets[-1], load, transform, self._workers)
        pixels = np.zeros(
            (len(rows), height, width, fitted.channels), np.float32 if fitted.scale.keeps_depth else np.uint8
        )
        if len(rows):
            found = fitted.pixels(images, rows, self._workers)
            pixels = np.stack([enlarged(picture, height, width) for picture in found])
        stack = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()  # (N, C, H, W)
        return InMemory(stack, *part.targets, transform=transform)

    def _augmented(self, answer: AnswerField) -> Callable[[Batch], Batch]:
        return self._in_windows(lambda batch: answer.augment(batch, self.augmentations))

    def _in_windows(self, augment: Callable[[Batch], Batch]) -> Callable[[Batch], Batch]:
        """The transform of training: a random window of each picture, augmented, then centred and scaled."""
        plain, (height, width) = self.preprocessor.transform(), self.window

        def apply(batch: Batch) -> Batch:
            images, *between, targets = batch
            images, targets = crop(images, targets, height, width)
            return plain(augment((images.float(), *between, targets)))

        return apply

    @property
    def window(self) -> tuple[int, int]:
        """Height and width of what is learnt from at once."""
        side = self.options.crop_size or LARGEST_CROP
        return min(side, self.preprocessor.height), min(side, self.preprocessor.width)

    def _fitted(self, images: Images, rows: np.ndarray) -> tuple[ImagePreprocessor, list[Guess]]:
        if self.options.crop_size is not None and self.options.crop_size < LEAST_CROP:
            raise OptionError(f"--crop-size: expected {LEAST_CROP} pixels or more, got {self.options.crop_size}")
        scale, guesses = learn_scale(images, rows, self.options.pixel_range)
        fitted = TiledPictures.fit(images, rows, self.options.image_size, self._workers, scale)
        if (given := self.beginning.scaling) is not None and len(given.mean) == images.channels:
            fitted = replace(fitted, mean=given.mean, std=given.std)
        return fitted, guesses

    def _size_guess(self, images: Images) -> list[Guess]:
        if self.options.image_size is not None or self.preprocessor.longer is None:
            return []
        why = "their longer side; masks are given at their own size again"
        return [Guess("pictures scaled to", self.preprocessor.longer, why, "--image-size")]

    def _choose_augmentations(self, images: Images, rows: np.ndarray, answer: AnswerField) -> list[Guess]:
        if self.options.augment is not None:
            return super()._choose_augmentations(images, rows, answer)
        self.augmentations = [name for name in USUAL if name in AUGMENTATIONS]
        why = "usual for photographs; add turn where there is no above and below, leave flip out of letters"
        return [Guess("augment", ", ".join(self.augmentations), why, "--augment")]
