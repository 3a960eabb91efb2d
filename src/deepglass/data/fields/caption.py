"""Caption: a sentence about a clip, from a column of the table that names its file."""

from typing import Any

import numpy as np

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import numbered
from deepglass.data.clips import Clips
from deepglass.data.containers import Table
from deepglass.data.fields import sentence
from deepglass.data.fields.sentence import cells_of
from deepglass.data.reading.sentence_columns import guess_target_sentences


class Field(sentence.Field):
    """Ids of the caption's tokens; the column is asked for with `--target`, or guessed."""

    name = "caption"

    def take(self, data: Any) -> list[Guess]:
        """Choose the column, and leave out clips without a caption.

        Raises:
            DataError: If there is no column of sentences, or all of them are empty.
        """
        frame = self._frame(data)
        paths = [(data.columns or {}).get("image_column", "")]
        rest = frame.drop(columns=[name for name in paths if name in frame])
        self.target, guess = guess_target_sentences(Table(rest, data.name), self.data_config)
        return [guess, *_leave_out_empty(data, self.target)]

    def select(self, data: Any) -> list[Guess]:
        """Leave out clips without a caption.

        Raises:
            DataError: If there is no such column, or it is empty.
        """
        if self.target not in self._frame(data):
            raise DataError(f"{data.name} has no column {self.target!r}: expected the captions of its clips in it")
        return _leave_out_empty(data, self.target)

    def _frame(self, data: Any) -> Any:
        if data.frame is None:
            raise DataError(
                f"{data.name} has no captions: expected a table with a column of files and one of sentences; or "
                "choose --task video-classification, for which folders are classes"
            )
        return data.frame


def _leave_out_empty(clips: Clips, column: str) -> list[Guess]:
    is_empty = np.array([not text.strip() for text in cells_of(clips, column)], bool)  # type: ignore[arg-type]
    if not is_empty.any():
        return []
    if is_empty.all():
        raise DataError(f"column {column!r} of {clips.name} is empty in every row: expected captions in it")
    rows = numbered("row", (np.flatnonzero(is_empty) + 1).tolist())
    vars(clips).update(vars(clips.taken(np.flatnonzero(~is_empty))))
    return [Guess("rows left out", f"{is_empty.sum():,}", f"{column} is empty in {rows}", "a caption in every row")]
