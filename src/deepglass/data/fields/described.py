"""Described: one of several classes of which each has a description, and some no picture that training may see.

    roles      learnt: pictures in every part    chosen by: all in validation    unseen: all in the test

Those of validation stand in for classes that come later: the epoch, and how far the network leans towards what it
knows, are chosen by them, and the unseen ones are asked only once.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import counted, listing
from deepglass.data.containers import Images
from deepglass.data.descriptions import AN_EXAMPLE, Coding, Described, read_descriptions, require_apart
from deepglass.data.fields import Source, label
from deepglass.data.splits import Splits

LEARNT, CHOOSING, UNSEEN = range(3)
FEWEST_LEARNT = 2
UNSEEN_SHARE, CHOOSING_SHARE = 0.2, 0.15  # of the classes, where nobody names them
ENOUGH_TO_CHOOSE = 10  # classes, from which on some are kept to choose by


class Field(label.Field):
    """Positions in `classes`, int64.

    Attributes:
        described: Class → column → cell, of all classes; where nobody told it, as the pictures bring it.
        roles: (K,) `LEARNT`, `CHOOSING` or `UNSEEN`.
        coding: How descriptions become numbers.
        codes: (K, A) these numbers, float32.
        centre: (A,) their mean over the classes that are learnt.
        asked: Names of unseen classes, or how many, as the option has them.
        choosing: How many classes to choose by; None for the usual number.
    """

    name = "described"
    suits = ("nudge",)  # a mirror may change what a description says, and another colour does
    teaches_all = False
    described: Described | None = None
    roles: np.ndarray
    coding: Coding
    codes: np.ndarray
    centre: np.ndarray
    asked: str | None = None
    choosing: int | None = None
    seed: int = 0

    def take_of_pictures(self, images: Images) -> list[Guess]:
        """The classes, and which of them training never sees.

        Raises:
            DataError: If there are no descriptions, a class has none, or there are too few to learn from.
            OptionError: If an unseen class is not among them.
        """
        super().take_of_pictures(images)
        if self.described is None:
            if images.descriptions is None:
                raise DataError(f"{images.name}: nothing says what its classes are like: expected {AN_EXAMPLE}")
            self.described = read_descriptions(images.descriptions)
        if lacking := [name for name in images.classes if name not in self.described]:
            raise DataError(
                f"no description of {counted(len(lacking), 'class')} of {images.name} ({listing(lacking)}); there are "
                f"{listing(list(self.described), 10)}: add a row for each, or leave it out with --classes"
            )
        self.described = {name: self.described[name] for name in images.classes}
        names, why = self._unseen(images.classes)
        others = [name for name in images.classes if name not in names]
        count = self._number_to_choose_by(len(others))
        choosing = self._drawn(others, count)
        role = {**dict.fromkeys(choosing, CHOOSING), **dict.fromkeys(names, UNSEEN)}
        self.roles = np.array([role.get(name, LEARNT) for name in images.classes])
        guesses = [Guess("unseen", listing(names, 10), why, "--unseen")]
        if choosing and self.choosing is None:
            guesses.append(Guess("to choose by", listing(choosing, 10), "never learnt either", "--choosing"))
        return guesses

    def parted(self, splits: Splits, labels: np.ndarray) -> Splits:
        """The splits of all pictures (N,), those of unseen classes in the test and those to choose by in validation."""
        role, more = self.roles[labels], {"val": CHOOSING, "test": UNSEEN}
        found = {part: rows[role[rows] == LEARNT] for part, rows in splits.items()}
        return {
            part: np.sort(np.concatenate([rows, np.flatnonzero(role == more[part])])) if part in more else rows
            for part, rows in found.items()
        }

    def fit(self, data: Source, rows: np.ndarray) -> None:
        """Also how descriptions become numbers, from the classes that are learnt.

        Raises:
            DataError: If two classes are described alike, or an unseen one by what no learnt one has.
        """
        super().fit(data, rows)
        self.coding = Coding.fit(self.described, [name for name, role in zip(self.classes, self.roles) if not role])
        self._encode()
        require_apart(self.codes, self.classes)

    def state(self) -> dict[str, Any]:
        """Also what every class is like, and its role."""
        told = {"described": self.described, "roles": self.roles.tolist(), "coding": self.coding.state()}
        return super().state() | told

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.described = {
            name: {column: float(cell) if isinstance(cell, int) else cell for column, cell in cells.items()}
            for name, cells in read(state, "described", dict[str, dict[str, Any]]).items()
        }
        self.roles = np.array(read(state, "roles", list[int]), np.int64)
        self.coding = Coding.from_state(read(state, "coding", dict[str, Any]))
        is_whole = len(self.roles) == len(self.classes) and set(self.classes) <= self.described.keys()
        require(is_whole and (self.roles == LEARNT).any(), "a description and a role of every class")
        self._encode()

    def _encode(self) -> None:
        self.codes = self.coding.encode(self.described, self.classes)
        self.centre = self.codes[self.roles == LEARNT].mean(axis=0)

    # -- helpers ------------------------------------------------------------------------------------------------

    def _unseen(self, classes: list[str]) -> tuple[list[str], str]:
        """Names of the unseen classes, and why these."""
        asked = (self.asked or "").strip()
        if asked and not asked.isdecimal():
            names = [" ".join(name.split()) for name in asked.split(",") if name.strip()]
            if odd := [name for name in names if name not in classes]:
                raise OptionError(f"--unseen: no class {listing(odd)}; there are {listing(classes, 10)}")
            return self._few_enough(names, classes), "as asked"
        count = int(asked) if asked else max(1, round(UNSEEN_SHARE * len(classes)))
        if count < 1:
            raise OptionError("--unseen: expected 1 class or more, or names of classes")
        self._few_enough(classes[:count], classes)
        return self._drawn(classes, count), "drawn, so that what describes them is learnt from others"

    def _few_enough(self, names: list[str], classes: list[str]) -> list[str]:
        if len(classes) - len(set(names)) < FEWEST_LEARNT:
            raise OptionError(
                f"--unseen: {len(set(names))} of {counted(len(classes), 'class')}, which leaves fewer than "
                f"{FEWEST_LEARNT} to learn from; name fewer, or add folders"
            )
        return list(dict.fromkeys(names))

    def _number_to_choose_by(self, left: int) -> int:
        if self.choosing is None:
            return round(CHOOSING_SHARE * left) if left >= ENOUGH_TO_CHOOSE else 0
        if not 0 <= self.choosing <= left - FEWEST_LEARNT:
            raise OptionError(
                f"--choosing: expected 0 to {left - FEWEST_LEARNT} of the {counted(left, 'class')} that are not "
                f"unseen, got {self.choosing}"
            )
        return self.choosing

    def _drawn(self, classes: Sequence[str], count: int) -> list[str]:
        """So many classes at random, without which the others still show all that describes them."""
        rng, chosen = np.random.default_rng(self.seed), []
        left = list(classes)
        for name in rng.permutation(np.array(classes, object)).tolist():
            others = [other for other in left if other != name]
            if len(chosen) < count and self._is_told_by(name, others):
                chosen, left = [*chosen, name], others
        if len(chosen) < count:
            raise DataError(
                f"--unseen: {counted(count, 'class')} asked, but only {len(chosen)} can be left out so that every word "
                "of its description is learnt from another class; ask for fewer, or name them"
            )
        return sorted(chosen)

    def _is_told_by(self, name: str, others: list[str]) -> bool:
        """Whether the coding of other classes can tell what a class is like."""
        if len(others) < FEWEST_LEARNT:
            return False
        try:
            Coding.fit(self.described, others).encode(self.described, [name])
        except DataError:
            return False
        return True
