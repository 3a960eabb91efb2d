"""Pictures that come with sentences: of a table that names files and captions, or of a bundled set."""

from typing import Any

from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout
from deepglass.data.fields import image
from deepglass.data.reading import source
from deepglass.data.reading.captions import CAPTIONS, has_captions, read_captions


class Field(image.Field):
    """Pictures, and a table with a sentence about each; afterwards pictures alone."""

    name = "paired_image"
    sizes_of_answer = ("vocab_size",)

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
        """Pictures with captions where they are judged; pictures as they were given else."""
        if not with_target:
            return inputs
        found = source.read(inputs, self._config_of_new, follow=("picture", "caption"))
        return self.as_source(found) if self.accepts(found, self.data_config) else found
