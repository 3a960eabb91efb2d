"""The example itself as the answer: nothing is predicted of it, and nobody has to label anything.

Where the data happen to name a class of each example (folders of pictures, `--target`, the target of a bundled set),
it is kept out of the inputs and colours the map of the codes. Nothing is learnt from it. `Judging` is for tasks whose
groups are held against these classes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from deepglass.core.effects import Unused
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.data.containers import Images
from deepglass.data.fields import AnswerField, Source
from deepglass.data.reading.learnable import labels_of
from deepglass.data.reading.table import require_column

NOBODY = -1  # the position of an example whose group is not known
MOST_GROUPS = 20  # more of them no picture tells apart
KEPT_IN = "none"  # as `--target`: the column that the data call their target is an input too


class Field(AnswerField):
    """Positions in `groups`, int64; -1 where there is none.

    Attributes:
        groups: Names of what colours the map; none where the data name no classes.
    """

    name = "itself"
    may_be_absent = True
    groups: list[str]
    why = "it colours the map, and nothing is learnt from it"
    most_groups: float = MOST_GROUPS

    def take(self, data: Source) -> list[Guess]:
        """Keep the column of the classes, if there is one, out of the inputs.

        Raises:
            OptionError: If the column that was asked for is absent.
        """
        if isinstance(data, Images) or self.data_config.target == KEPT_IN:
            return []
        self.target = self.data_config.target or data.target or ""
        if not self.target:
            return []
        require_column(data.frame, self.target, "--target")
        return [Guess("left out", self.target, self.why, f"--target {KEPT_IN}")]

    def require(self, data: Source) -> list[Guess]:
        """Anything can be learnt."""
        return []

    def fit(self, data: Source, rows: np.ndarray) -> None:
        """The names of the groups, if there are not too many."""
        found = list(data.classes) if isinstance(data, Images) else sorted(set(self._words(data)) - {""})
        self.groups = found if len(found) <= self.most_groups else []

    def encode(self, data: Source) -> np.ndarray:
        """(N,) positions in `groups`; of groups that training has not seen, -1."""
        place = {name: i for i, name in enumerate(self.groups)}
        if not isinstance(data, Images):
            return np.array([place.get(word, NOBODY) for word in self._words(data)], np.int64)
        if data.labels is None:
            return self.blank(len(data))
        return np.array([place.get(name, NOBODY) for name in data.classes], np.int64)[data.labels]

    def _words(self, data: Source) -> list[str]:
        """(N,) the cells of the column of classes as words; empty where there are none."""
        if not self.target or self.target not in data.frame:
            return [""] * len(data.frame)
        return labels_of(data.frame[self.target]).fillna("").tolist()

    def blank(self, count: int) -> np.ndarray:
        """-1."""
        return np.full(count, NOBODY)

    @property
    def size(self) -> int:
        """One row, that of the example."""
        return 1

    def unused_options(self, asked: Mapping[str, Any], data: Source) -> Iterator[Unused]:
        """A column of pictures; one that is not there to be left out."""
        if isinstance(data, Images) and "target" in asked:
            yield Unused("target", "pictures are learnt without their classes")
        if asked.get("target") == KEPT_IN and not getattr(data, "target", None):
            yield Unused("target", "the data name no target, so every column is learnt from anyway")

    def state(self) -> dict[str, Any]:
        """The column, and what colours the map."""
        return {"beside": {"target": self.target, "groups": self.groups}}

    def load_state(self, state: dict[str, Any]) -> None:
        beside = read(state, "beside", dict[str, Any])
        self.target, self.groups = read(beside, "target", str), read(beside, "groups", list[str])


class Judging(Field):
    """The same where the classes judge what was found, however many they are."""

    why = "it only judges the groups that are found, and nothing is learnt from it"
    most_groups = float("inf")
