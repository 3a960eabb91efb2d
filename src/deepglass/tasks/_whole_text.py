"""A task on one running text, read as a whole: its field cuts the text by position and knows what there is to know."""

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from deepglass.core.effects import Unused
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Examples
from deepglass.data.fields import tokens, words
from deepglass.tasks import BaseTask, Prepared


class WholeTextTask(BaseTask):
    """What tasks do around the field of their text."""

    inputs: tokens.Field | words.Field

    def __init__(self, data_config: DataConfig, config: Any, seed: int, field: type[tokens.Field] | type[words.Field]):
        super().__init__(data_config, config, seed)
        self.inputs = field(config, data_config, seed)

    def prepare(self, data: Data) -> Prepared:
        """Cut the text in order of position, learn from its training part what a token or a word is, make the examples.

        Raises:
            DataError: If there is no text, or too little of it.
        """
        found = self.inputs.fit(self.inputs.as_source(data))
        self.statistics = self.inputs.statistics
        return Prepared(**found.examples, dims=self.dims, guesses=found.guesses)

    @property
    def dims(self) -> dict[str, Any]:
        """What the data determine of a model."""
        return self.inputs.dims

    def extremes(self) -> tuple[Tensor, ...]:
        """Two examples, as short as they come."""
        return self.inputs.extremes()

    def state(self) -> dict[str, Any]:
        """What the field learnt from the text."""
        return self.inputs.state()

    def load_state(self, state: dict[str, Any]) -> None:
        self.inputs.load_state(state)
        self.statistics = self.inputs.statistics

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Examples, dict[str, Any]]:
        """New data, as the field reads them.

        Raises:
            DataError: If there is nothing in them to answer.
        """
        return self.inputs.read(inputs, with_target=with_target)

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also what the field has no room for."""
        yield from super().unused_options(asked, data, model)
        yield from self.inputs.unused_options(asked)
