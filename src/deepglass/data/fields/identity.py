"""Identity: who or what a picture shows, of which a network shall learn to tell whether two are the same.

The identities of validation and test are others than those of the training: whoever knows a person's pictures by heart
has not learnt to compare. So a split parts identities, and never the pictures of one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import listing
from deepglass.data.fields import AnswerField, Source

NOBODY = -1  # the position of a picture whose identity is not known
FEWEST_IN_PART = 2  # identities: with a single one nobody is a stranger
FEWEST = 3 * FEWEST_IN_PART


class Field(AnswerField):
    """Positions in `identities`, int64; those of the training come first.

    Attributes:
        identities: Their names; of data that come later, unknown ones are added behind them, until the next data.
        num_trained: K, how many of them training learns from.
    """

    name = "identity"
    suits = (
        "flip",
        "nudge",
    )  # faces are cut out nearly alike; crops with black edges told ten held-out people apart worse
    uncut_side = 112  # forehead and chin, which a square leaves out, tell people apart
    identities: list[str]
    num_trained: int

    def take(self, data: Source) -> list[Guess]:
        """The folders of the pictures.

        Raises:
            DataError: If there are too few of them, or hardly one has two pictures.
        """
        names = data.classes if data.labels is not None else []
        if len(names) < FEWEST:
            found = f"{_identities(len(names))} ({listing(names)})" if names else "no identities"
            raise DataError(
                f"{data.name} has {found}: expected {FEWEST} or more, a folder of pictures each, for those of "
                "validation and test are others than those of the training; or use --task image-classification, which "
                "tells known ones apart"
            )
        several = int((np.bincount(data.labels, minlength=len(names)) > 1).sum())
        if several < FEWEST:
            raise DataError(
                f"{data.name}: {_identities(several)} of {len(names)} with two pictures or more: expected {FEWEST}, "
                "for what is the same is learnt from two pictures of one"
            )
        return []

    def require(self, data: Source) -> list[Guess]:
        """Any pictures can be learnt."""
        return []

    def together(self, data: Source) -> np.ndarray:
        """(N,) the identities.

        Raises:
            DataError: If one is in two of the splits that the data declare.
        """
        for one, other in (("train", "test"), ("train", "val"), ("val", "test")):
            if one not in data.splits or other not in data.splits:
                continue
            both = np.intersect1d(data.labels[data.splits[one]], data.labels[data.splits[other]])
            if len(both):
                names = listing([data.classes[place] for place in both])
                raise DataError(
                    f"{data.name}: {_identities(len(both))} in both {one} and {other} ({names}): "
                    "expected other identities in each, or the test says nothing of new ones; move their folders"
                )
        return np.asarray(data.labels)

    def fit(self, data: Source, rows: np.ndarray) -> None:
        """The names, those of the training first."""
        learnt = [data.classes[place] for place in np.unique(data.labels[rows])]
        self.identities = learnt + [name for name in data.classes if name not in set(learnt)]
        self.num_trained = len(learnt)
        self._known = len(self.identities)

    def encode(self, data: Source) -> np.ndarray:
        """(N,) positions in `identities`.

        Raises:
            DataError: If nobody says who the pictures show.
        """
        if data.labels is None:
            raise DataError(f"{data.name} has no pictures with identities: expected a folder of pictures for each")
        del self.identities[self._known :]
        known = set(self.identities)
        self.identities += [name for name in data.classes if name not in known]
        place = {name: position for position, name in enumerate(self.identities)}
        return np.array([place[name] for name in data.classes], np.int64)[data.labels]

    def blank(self, count: int) -> np.ndarray:
        """-1."""
        return np.full(count, NOBODY)

    @property
    def size(self) -> int:
        """One vector; how many numbers it has, the task says."""
        return 1

    def unused_options(self, asked: Mapping[str, Any], data: Source) -> Iterator[Unused]:
        """Other groups than the identities."""
        for name in {"group_from_name", "group_column", "near_copies"} & asked.keys():
            yield Unused(name, "the pictures of one identity are kept together, whatever else they share")

    def state(self) -> dict[str, Any]:
        """The names, and how many of them training has learnt from."""
        return {"identities": self.identities[: self._known], "num_trained": self.num_trained}

    def load_state(self, state: dict[str, Any]) -> None:
        self.identities = read(state, "identities", list[str])
        self.num_trained, self._known = read(state, "num_trained", int), len(self.identities)
        names = len(set(self.identities))
        require(0 < self.num_trained <= names == self._known, "different identities, counted", self.num_trained)


def _identities(number: int) -> str:
    return f"{number:,} {'identity' if number == 1 else 'identities'}"
