"""Pictures that come with sentences: of a table that names files and captions, or of a bundled set.

What the sentences are for is a matter of the answer beside them: `prompt` has pictures made from them, `paired_text`
has them found by them. The answer also says how the pictures are augmented, and how large they may be.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from deepglass.core.effects import Unused
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout
from deepglass.data.fields import AnswerField, image
from deepglass.data.reading import source
from deepglass.data.reading.captions import CAPTIONS, has_captions, read_captions


@dataclass(frozen=True)
class Options(image.Options):
    """Settings of pictures with captions."""

    augment: str | None = None  # by default as suits what captions are for, no flip: it makes a lie of "left of"


class Field(image.Field):
    """Pictures, and a table with a sentence about each; where nothing is judged, pictures alone."""

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
        """Pictures with captions where they are judged; else pictures as they were given."""
        if not with_target:
            return inputs
        found = source.read(inputs, self._config_of_new, follow=("picture", "caption"))
        return self.as_source(found) if self.accepts(found, self.data_config) else found

    def unused_options(self, asked: Mapping[str, Any], data: Data, answer: AnswerField) -> Iterator[Unused]:
        """As of other pictures, told by the pictures themselves."""
        yield from super().unused_options(asked, self.as_source(data), answer)
