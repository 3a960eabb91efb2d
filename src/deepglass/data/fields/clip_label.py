"""Clip label: one of several classes of a clip, as a column beside it or its folder says it."""

from typing import Any

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.core.wording import listing
from deepglass.data.clips import Clips
from deepglass.data.containers import Images, Table
from deepglass.data.fields import label
from deepglass.data.preprocess.labels import class_names, encode_labels
from deepglass.data.reading.layouts.videos import CLASS
from deepglass.data.reading.learnable import keep_classes, labels_of
from deepglass.data.reading.roles import guess_target
from deepglass.data.reading.table import require_column


class Field(label.Field):
    """Positions in `classes`, int64; the column is asked for with `--target`, or guessed."""

    name = "clip_label"
    column: str = ""  # of the classes; empty where the data name them otherwise

    def take_of_pictures(self, images: Images) -> list[Guess]:
        """Choose the column, and label the clips by it.

        Raises:
            OptionError: If the column that was asked for is absent.
        """
        guesses = []
        if images.labels is None and images.frame is not None:
            self.column, guess = self._chosen(images)
            guesses.append(guess)
            self._label(images)
            guesses += keep_classes(images, self.data_config).guesses
        return guesses + super().take_of_pictures(images)

    def select(self, data: Any) -> list[Guess]:
        """Label new clips by the same column.

        Raises:
            DataError: If they have none.
        """
        if isinstance(data, Images) and data.labels is None:
            if data.frame is None or self.column not in data.frame:
                raise DataError(
                    f"{data.name} has no column {self.column!r} with the classes of its clips: expected a table that "
                    "holds it, or a folder of clips for each class"
                )
            self._label(data)
        return []

    def state(self) -> dict[str, Any]:
        """Also the column."""
        return super().state() | {"class_column": self.column}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.column = read(state, "class_column", str, "")

    def _chosen(self, clips: Images) -> tuple[str, Guess]:
        assert clips.frame is not None
        if self.data_config.target:
            name = require_column(clips.frame, self.data_config.target, "--target")
            return name, Guess("target", name, "as asked", "--target")
        if isinstance(clips, Clips) and clips.usual_target:
            return clips.usual_target, Guess("target", clips.usual_target, "the data say so", "--target")
        if CLASS in clips.frame:
            return CLASS, Guess("target", CLASS, "the folders of the clips", "--target")
        paths = [(clips.columns or {}).get("image_column", "")]
        rest = clips.frame.drop(columns=[name for name in paths if name in clips.frame])
        return guess_target(Table(rest, clips.name), self.data_config)

    def _label(self, clips: Images) -> None:
        """Classes and labels of the clips; those without one are refused by name."""
        assert clips.frame is not None
        cells = labels_of(clips.frame[self.column])
        if cells.isna().any():
            rows = listing((cells.isna().to_numpy().nonzero()[0] + 1).tolist())
            raise DataError(
                f"column {self.column!r} is empty in rows {rows}: name the class of each, or leave them out"
            )
        clips.classes = class_names(cells)
        clips.labels = encode_labels(cells, clips.classes)
