"""Which spellings mean that a cell has no value, and where such a spelling is a word after all.

"NA" is Namibia in a column of countries, "None" an answer of a questionnaire, "-" a class beside "+". A mark is taken
for a word in a column that looks like the target if it fills more than a few of its cells, and wherever it has the form
of the other codes; unless the same mark stands among numbers of the same file, where it can only be a gap.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.reading.asked import listed

MISSING = ("", " ", "?", "NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A", "-", "--")
OF_NUMBERS = (  # what is neither a number nor a word, among numbers and dates
    ".", "..", "...", ":", "*", "**", "\u2013", "\u2014", "\u2026", "none", "NONE", "Null", "nil", "NaT", "n.a.",
    "Na", "N/a", "NAN", "Nan", "missing", "Missing", "MISSING", "unknown", "Unknown", "UNKNOWN", "n/d", "N/D", "k.A.",
    "k. A.", "s/d", "N.A.", "n.a", "N.A", "#NA", "#VALUE!", "#DIV/0!", "#REF!", "#NUM!", "#NAME?", "#NULL!",
)  # fmt: skip
A_WORD_FROM = 0.03  # of the cells of a target: less often it is a gap
MANY_COLUMNS = 3  # in so many columns of words a mark is a habit of the file, and no word
CODE = re.compile(r"[A-Z]{2}$|[a-z]{2}$")  # of countries, states, languages
FEWEST_CODES = 3


@dataclass(frozen=True)
class MissingMarks:
    """The marks that count in a table.

    Attributes:
        usual: Those that everybody writes, without those that are words by `--not-missing`.
        added: Those of `--missing`.
    """

    usual: tuple[str, ...]
    added: tuple[str, ...]

    @classmethod
    def of(cls, config: DataConfig) -> "MissingMarks":
        """The usual ones, what was added, and without what was taken away.

        Raises:
            OptionError: If one is to be both, or `--not-missing` names what is not a mark.
        """
        added, kept = listed(config.missing), listed(config.not_missing)
        if both := set(added) & set(kept):
            raise OptionError(f"--missing and --not-missing both name {min(both)!r}: expected one of them")
        if odd := [mark for mark in kept if mark not in (*MISSING, *OF_NUMBERS)]:
            raise OptionError(
                f"--not-missing: {odd[0]!r} is a word anyway; the marks of missing cells are "
                f"{', '.join(mark for mark in MISSING if mark.strip())}"
            )
        return cls(tuple(mark for mark in MISSING if mark not in kept), added)

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.usual, *self.added)))

    @property
    def sentinels(self) -> tuple[float, ...]:
        """Added marks that are numbers."""
        return tuple(value for mark in self.added if (value := _number(mark)) is not None)


def kept_words(
    words: Iterable[str], counts: np.ndarray, marks: MissingMarks, habits: frozenset[str], *, is_target: bool
) -> tuple[str, ...]:
    """The marks that are words in a column.

    Args:
        words: Its different cells (n,), marks among them.
        counts: (n,) rows of each.
        habits: Marks that stand for gaps elsewhere in the table.
        is_target: Whether the column is the one to predict, as far as can be told.
    """
    cells = dict(zip(words, counts.tolist()))
    usual = [mark for mark in marks.usual if mark.strip() and mark in cells and mark not in {*habits, *marks.added}]
    others = [word for word in cells if word not in marks.all]
    if not usual or not others:
        return ()
    total = sum(count for word, count in cells.items() if word.strip())
    if is_target and len(others) <= sum(cells[word] for word in others) // 2:  # words that recur: classes
        return tuple(mark for mark in usual if cells[mark] > A_WORD_FROM * total)
    codes = len(others) >= FEWEST_CODES and all(CODE.match(word) for word in others)
    same_case = all(word.isupper() == others[0].isupper() for word in others)
    return tuple(
        mark for mark in usual if codes and same_case and CODE.match(mark) and mark.isupper() == others[0].isupper()
    )


def _number(mark: str) -> float | None:
    try:
        return float(mark)
    except ValueError:
        return None
