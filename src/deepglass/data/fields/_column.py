"""An answer that is one column of a table, or what a folder says of its pictures."""

from typing import Any, ClassVar

import pandas as pd

from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.fields import AnswerField, Source
from deepglass.data.reading.learnable import ClassChoice, drop_rows_without_target, keep_classes, require_learnable
from deepglass.data.reading.roles import guess_target
from deepglass.data.reading.table import require_column


class ColumnAnswer(AnswerField):
    """One answer per example; of a table its column is asked for, or guessed."""

    is_classification: ClassVar[bool]

    def __init__(self, data_config: DataConfig):
        super().__init__(data_config)
        self.class_choice = ClassChoice()  # of a column of classes, which of them are not learnt as they are

    def take(self, data: Source) -> list[Guess]:
        """Choose the column, and leave out rows in which it is empty; of pictures see `take_of_pictures`."""
        if isinstance(data, Images):
            return self.take_of_pictures(data)
        self.target, guess = guess_target(data, self.data_config)
        return [guess, *drop_rows_without_target(data, self.target)]

    def take_of_pictures(self, images: Images) -> list[Guess]:
        """Find the answers of pictures."""
        raise NotImplementedError

    def require(self, data: Source) -> list[Guess]:
        """Keep the classes that were asked for; the readers have done so with pictures."""
        if isinstance(data, Images):
            return []
        if self.is_classification:
            self.class_choice = keep_classes(data, self.data_config, self.target)
        require_learnable(data, self.target, is_classification=self.is_classification)
        return [*self.class_choice.guesses]

    def select(self, data: Source) -> list[Guess]:
        """Leave out rows of classes that training left out, and rows without a target."""
        if isinstance(data, Images):
            return []
        require_column(data.frame, self.target, "--target")
        return [*self.class_choice.apply(data, self.target), *drop_rows_without_target(data, self.target)]

    def cells(self, table: Any) -> pd.Series:
        """The column of the target.

        Raises:
            OptionError: If it is absent.
        """
        return table.frame[require_column(table.frame, self.target, "--target")]

    def state(self) -> dict[str, Any]:
        """Of a table the name of its column, and what became of its classes."""
        return {"target": self.target, "class_choice": self.class_choice.state()} if self.target else {}

    def load_state(self, state: dict[str, Any]) -> None:
        self.target = read(state, "target", str, "")
        self.class_choice = ClassChoice.from_state(state.get("class_choice"))
