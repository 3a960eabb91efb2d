"""Pictures with captions beside them: small enough to be made pixel by pixel, and shown as they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from deepglass.core.effects import Unused
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout
from deepglass.data.fields import AnswerField, image
from deepglass.data.preprocess.image import ImagePreprocessor
from deepglass.data.reading import source
from deepglass.data.reading.captions import CAPTIONS, has_captions, read_captions

SIDE = 32  # pixels per side of larger pictures: what a processor learns to make in minutes


@dataclass(frozen=True)
class Options(image.Options):
    """Settings of pictures with captions."""

    augment: str | None = None  # none by default: a mirrored picture turns "left of" into a lie; flip, crop, …
    image_size: int | None = None  # side to scale to; pictures of one size up to 32 stay, larger ones become 32


class Field(image.Field):
    """Pictures, and a table with a sentence about each."""

    name = "captioned_image"
    SETTINGS = Options
    sizes_of_answer: ClassVar[tuple[str, ...]] = ("vocab_size",)
    options: Options

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Pictures with captions."""
        return (isinstance(data, Layout) and data.kind == CAPTIONS) or (isinstance(data, Images) and has_captions(data))

    def as_source(self, data: Data) -> Images:
        """The pictures with their table.

        Raises:
            DataError: If the data are something else, or pictures are broken.
        """
        if isinstance(data, Layout) and data.kind == CAPTIONS:
            return read_captions(data, self.data_config)
        return super().as_source(data)

    def open(self, inputs: Any, *, with_target: bool) -> Any:
        """Pictures with captions, read as those of the training."""
        found = source.read(inputs, self._config_of_new, follow=("picture", "caption"))
        return self.as_source(found) if self.accepts(found, self.data_config) else found

    def unused_options(self, asked: Mapping[str, Any], data: Data, answer: AnswerField) -> Iterator[Unused]:
        """As of other pictures, told by the pictures themselves."""
        yield from super().unused_options(asked, self.as_source(data), answer)

    def _choose_augmentations(self, images: Images, rows: np.ndarray, answer: AnswerField) -> list[Guess]:
        if self.options.augment is not None:
            return super()._choose_augmentations(images, rows, answer)
        self.augmentations = []
        return []

    def _fitted(self, images: Images, rows: np.ndarray) -> tuple[ImagePreprocessor, list[Guess]]:
        fitted, guesses = super()._fitted(images, rows)
        if self.options.image_size is None and max(fitted.height, fitted.width) > SIDE:
            fitted = ImagePreprocessor.fit(images, rows, SIDE, self._workers, fitted.scale)
        return fitted, guesses
