"""Pictures as inputs whose answer lies in them: kept whole, and augmented together with the answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.data import fingerprints
from deepglass.data.augment.boxes import AUGMENTATIONS
from deepglass.data.boxed_pictures import BoxedPictures
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout
from deepglass.data.fields import AnswerField, image
from deepglass.data.fields._shown import picture
from deepglass.data.preprocess.image import ImagePreprocessor, is_container, learn_scale
from deepglass.data.preprocess.whole_image import WholePictures, sizes_of
from deepglass.data.reading import source
from deepglass.data.reading.boxes import read_boxes

READERS = {"boxes": read_boxes}  # of layouts, by kind
# Validation mAP at IoU 0.5 of blood cells after 15 epochs: 83 % so, 73 % with zoom for crop; of shapes 98 % with both.
USUAL = ("flip", "crop", "colour")


@dataclass(frozen=True)
class Options(image.Options):
    """Settings of pictures that are kept whole."""

    augment: str | None = None  # flip, crop, zoom, colour by commas, or none; the boxes move along
    image_size: int | None = None  # longer side to scale to; pictures of one size up to 128 stay, larger become 320


class Field(image.Field):
    """Pictures, and what lies in them."""

    name = "whole_image"
    SETTINGS = Options
    PREPROCESSOR = WholePictures
    sizes_of_answer = ("num_classes",)
    options: Options

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Layouts of pictures that hold their answers."""
        return isinstance(data, BoxedPictures) or (isinstance(data, Layout) and data.kind in READERS)

    def as_source(self, data: Data) -> Images:
        """The pictures with what lies in them.

        Raises:
            DataError: If the data hold no boxes, or these are damaged.
        """
        if isinstance(data, Layout) and data.kind in READERS:
            return READERS[data.kind](data, self.data_config).first(self.data_config.max_rows)
        if not isinstance(data, BoxedPictures):
            raise DataError(
                f"{data.name} holds no boxes: expected pictures with Pascal VOC, COCO, YOLO or labelme annotations"
            )
        return data

    def remarks(self, data: Images, rows: np.ndarray) -> list[str]:
        """Also what was odd in what lies in the pictures."""
        return super().remarks(data, rows) + list(getattr(data, "remarks", []))

    def picture(self, data: Images, row: int) -> np.ndarray:
        """One picture (H, W, C) of its own size, as bytes."""
        return picture(data, row, self.preprocessor.scale)

    def unused_options(self, asked: Mapping[str, Any], data: Data, answer: AnswerField) -> Iterator[Unused]:
        """As of other pictures, told by the pictures themselves."""
        yield from super().unused_options(asked, self.as_source(data), answer)

    # -- data that come later -----------------------------------------------------------------------------------

    def open(self, inputs: Any, *, with_target: bool) -> Any:
        """Pictures with what lies in them; without it as they were given."""
        is_named = isinstance(inputs, str | Path) and is_container(inputs)
        if with_target or is_named:
            found = source.read(inputs, self._config_of_new, follow=("picture",))
            return self.as_source(found) if with_target or self.accepts(found, self.data_config) else inputs
        return inputs

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Images, np.ndarray, dict[str, Any]]:
        """As the other pictures; names also hold the height and the width of each, for places are shares of them."""
        images, rows, names = super().read(inputs, with_target=with_target)
        height, width = sizes_of(images, rows).T.tolist() if len(rows) else ([], [])
        return images, rows, names | {"height": height, "width": width}

    def fingerprints(self, data: Any) -> np.ndarray | None:
        """Of every picture, its content."""
        return fingerprints.of_pictures(self.as_source(data)) if self.accepts(data, self.data_config) else None

    # -- helpers ------------------------------------------------------------------------------------------------

    def _require_training_pictures(self, images: Images, rows: np.ndarray, answer: AnswerField) -> None:
        """The answer knows what there must be to learn from."""

    def _fitted(self, images: Images, rows: np.ndarray) -> tuple[ImagePreprocessor, list[Guess]]:
        scale, guesses = learn_scale(images, rows, self.options.pixel_range)
        fitted = WholePictures.fit(images, rows, self.options.image_size, self._workers, scale)
        if (given := self.beginning.scaling) is not None and len(given.mean) == images.channels:
            fitted = replace(fitted, mean=given.mean, std=given.std)
        return fitted, guesses

    def _size_guess(self, images: Images) -> list[Guess]:
        return [replace(guess, why="the shape of most; scaled to it whole") for guess in super()._size_guess(images)]

    def _choose_augmentations(self, images: Images, rows: np.ndarray, answer: AnswerField) -> list[Guess]:
        if self.options.augment is not None:
            return super()._choose_augmentations(images, rows, answer)
        self.augmentations = [name for name in USUAL if name in AUGMENTATIONS]
        why = "usual for things in pictures; add zoom where they come near and far, leave flip out of letters"
        return [Guess("augment", ", ".join(self.augmentations), why, "--augment")]
