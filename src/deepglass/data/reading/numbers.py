"""Numbers as people write them: `1,234.50` `1.234,50` `1'234.50` `1 234,50` `$1,200` `12 %` `(1,234)` `123-` `12 kg`.

Which mark comes before decimals and which between thousands is decided on a whole column, never on one cell: `1.234`
is a thousand in one file and little more than one in another. A column without any decisive cell follows the rest of
its file (`MarksOfFile`). What was decided is a `NumberFormat`, a regular expression in the end, which reads every later
cell of the column, here (RE2, in bulk) and in the small runtime (Python's `re`, cell by cell) alike.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from deepglass.core.errors import OptionError
from deepglass.data.reading._strings import any_filled, group, is_filled, matching, strings
from deepglass.data.reading.number_format import (
    BLANKS,
    CLOCK,
    CURRENCIES,
    DASHES,
    DIGITS,
    LONGEST_INTEGER,
    MARKS,
    MINUS,
    NAMES,
    SCALES,
    SHARES,
    SIGN,
    SPELLINGS,
    UNIT,
    NumberFormat,
    body_pattern,
)

ENOUGH_GROUPED = 5  # so many different cells of three digits after the mark, and nothing else, are no chance
BARE = "\n"  # nothing before and nothing behind
DOMINATES = 0.8  # a way of writing that so many of the cells have; the others are mistakes
FEW_VALUES = 20  # so few different whole numbers with a unit, each in some rows, are classes: "5 stars"
ROWS_PER_VALUE = 5


@dataclass(frozen=True)
class NumbersSeen:
    """What the different cells of a column say about how its numbers are written.

    Attributes:
        fits: (n,) which cells are numbers at all.
        marks: The pairs (decimal, thousands) under which they are; several where no cell decides.
        is_decisive: Whether a cell shows the decimal mark or the mark of thousands beyond doubt.
        small_beside: Beside cells with a mark and three digits there are small whole numbers without one, no large
            ones: `15.000` beside `523`.
        before, after: The currency, share or unit that stands at the numbers.
        bare: How many rows lack it.
        units: Several currencies or units, none of which is nearly everywhere: such a column holds no numbers.
        is_scaled: `1.2K` and `3M` stand among the cells.
        is_clock: The cells are clock times or durations.
        width: Digits of a code, where every cell has as many and one begins with a zero; -1 where they differ.
        example: One of the cells, that shows most.
    """

    fits: np.ndarray
    marks: tuple[tuple[str, str], ...]
    is_decisive: bool = False
    small_beside: bool = False
    before: str = ""
    after: str = ""
    bare: int = 0
    units: tuple[str, ...] = ()
    is_scaled: bool = False
    is_clock: bool = False
    has_brackets: bool = False
    has_minus_behind: bool = False
    width: int | None = None
    example: str = ""

    @property
    def is_code(self) -> bool:
        """Whether the cells are names made of digits: a number never begins with a zero."""
        return self.width is not None


@dataclass(frozen=True)
class MarksOfFile:
    """The marks that the columns of a file agree on, and what was asked for; None where nothing is known."""

    decimal: str | None = None
    thousands: str | None = None

    def settle(self, seen: NumbersSeen, delimiter: str | None = None) -> NumberFormat:
        """The format of a column: by its own cells, then by the rest of the file, then by habit."""
        decimal, thousands = seen.marks[0] if len(seen.marks) == 1 else self._choose(seen, delimiter)
        if not seen.is_decisive and self.decimal not in (None, thousands) and len(seen.marks) == 1:
            decimal = self.decimal  # whole numbers alone: later ones may have decimals
        if not thousands and self.thousands and self.thousands != decimal:
            thousands = self.thousands
        return NumberFormat(decimal, thousands, seen.before, seen.after, seen.is_scaled, seen.is_clock)

    def allows(self, decimal: str, thousands: str) -> bool:
        """Whether a pair is among those that were asked for."""
        return self.decimal in (None, decimal) and (not thousands or self.thousands in (None, thousands))

    def _choose(self, seen: NumbersSeen, delimiter: str | None) -> tuple[str, str]:
        as_decimal = next(pair for pair in seen.marks if not pair[1])
        as_thousands = next(pair for pair in seen.marks if pair[1])
        if seen.small_beside:  # the column itself says more than its neighbours
            return as_thousands
        if self.decimal is not None:
            return as_decimal if self.decimal == as_decimal[0] else as_thousands
        if self.thousands:
            return as_thousands if self.thousands == as_thousands[1] else as_decimal
        return as_thousands if as_thousands[1] == "," and delimiter in (",", None) else as_decimal


def asked_marks(decimal: str | None, thousands: str | None) -> MarksOfFile:
    """The marks of `--decimal` and `--thousands`.

    Raises:
        OptionError: If one is not a mark, or both are the same.
    """
    asked = MarksOfFile(_mark("--decimal", decimal, ".,"), _mark("--thousands", thousands, None))
    if asked.decimal is not None and asked.decimal == asked.thousands:
        raise OptionError(f"--decimal and --thousands are both {NAMES[asked.decimal]}: expected two different marks")
    if asked.decimal is None and asked.thousands in (".", ","):
        return MarksOfFile("," if asked.thousands == "." else ".", asked.thousands)
    return asked


def look(words: Any, counts: np.ndarray, asked: MarksOfFile = MarksOfFile()) -> NumbersSeen | None:
    """What different cells (n,) say, each of which occurs in `counts` (n,) rows; None where they are not numbers.

    Args:
        asked: Marks that the user named; no others are considered.
    """
    cells = strings(words)
    groups = compute.extract_regex(cells, GENERAL)
    is_number = np.asarray(compute.is_valid(groups)).astype(bool)
    is_number &= ~(matching(group(groups, "body"), "[.,]$") & matching(group(groups, "after"), "^[A-Za-z]"))  # 003.png
    if not is_number.any():
        return _look_at_clocks(cells, counts)
    affix = _affix_of(is_number, groups, counts)
    if not affix.fits.any():
        return replace(NOTHING, fits=affix.fits, units=affix.units) if affix.units else None
    mask = pa.array(affix.fits)
    bodies = compute.utf8_rtrim(group(groups, "body"), BLANKS).filter(mask)
    seen = _marks(affix.fits, bodies, group(groups, "exponent").filter(mask), counts, asked)
    if seen is None or (not _is_money_or_share(affix.after) and _are_classes(bodies, counts[affix.fits])):
        return None
    has_brackets = bool(is_filled(group(groups, "open")).any() or matching(group(groups, "inner"), "[(]").any())
    signs = (group(groups, name).filter(mask) for name in ("sign", "inner", "last"))
    is_decorated = affix.before or affix.after or affix.is_scaled or has_brackets or bool(any_filled(*signs).any())
    return replace(
        seen,
        before=affix.before,
        after=affix.after,
        bare=affix.bare,
        is_scaled=affix.is_scaled,
        has_brackets=has_brackets,
        has_minus_behind=bool(is_filled(group(groups, "last").filter(mask)).any()),
        width=None if is_decorated else seen.width,
        example=_telling(cells.filter(pa.array(seen.fits))),
    )


GENERAL = (
    rf"^(?P<open>\(?)[{BLANKS}]*(?P<sign>{SIGN}?)[{BLANKS}]*(?P<before>(?:{CURRENCIES}|{SHARES})?)[{BLANKS}]*"
    rf"(?P<inner>(?:{SIGN}|[(])?)(?P<body>{DIGITS})(?P<exponent>(?:[eE][-+]?[0-9]+)?)[{DASHES}]{{0,2}}[{BLANKS}]*"
    rf"(?P<after>(?:{SHARES}|{CURRENCIES}|{UNIT})?)[{BLANKS}]*(?P<last>{MINUS}?)\)?$"
)


@dataclass(frozen=True)
class Affix:
    """What stands at the numbers of a column; `fits` (n,) says which cells have it or may go without."""

    fits: np.ndarray
    before: str = ""
    after: str = ""
    bare: int = 0
    is_scaled: bool = False
    units: tuple[str, ...] = ()


def _affix_of(is_number: np.ndarray, groups: pa.StructArray, counts: np.ndarray) -> Affix:
    """The one currency, share or unit of the column."""
    pairs = compute.binary_join_element_wise(group(groups, "before"), group(groups, "after"), "\n")
    encoded = pairs.dictionary_encode()
    names, place = np.array(encoded.dictionary.to_pylist(), object), np.asarray(encoded.indices)
    weight = np.bincount(place[is_number], counts[is_number], len(names))
    total, is_bare = weight.sum(), names == BARE
    scales = np.array([name.partition("\n")[2] in SCALES and name[0] == "\n" for name in names])
    if scales.any() and weight[scales | is_bare].sum() >= DOMINATES * total:
        return Affix(is_number & (scales | is_bare)[place], is_scaled=True)
    best, bare = int(np.argmax(np.where(is_bare, -1, weight))), weight[is_bare].sum()
    is_optional = not is_bare[best] and _is_money_or_share(names[best])
    is_best = (np.arange(len(names)) == best) & ~is_bare
    if bare + is_optional * weight[best] >= DOMINATES * total:
        chosen = is_bare | is_best if is_optional else is_bare
    elif weight[best] >= DOMINATES * total:
        chosen = is_best
    else:
        units = [name.replace("\n", "") for name, share in zip(names, weight) if name != BARE and share]
        are_money = all(_is_money_or_share(name) for name, share in zip(names, weight) if share)
        return Affix(np.zeros(len(is_number), bool), units=tuple(units) if are_money else ())
    before, _, after = names[best].partition("\n") if chosen[best] else ("", "", "")
    return Affix(is_number & chosen[place], before, after, int(bare) if before or after else 0)


def _look_at_clocks(cells: pa.Array, counts: np.ndarray) -> NumbersSeen | None:
    """Clock times and durations; a few that recur are names of shifts, and stay words."""
    fits = matching(cells, CLOCK)
    if counts[fits].sum() < DOMINATES * counts.sum():
        return None
    if len(cells) <= FEW_VALUES and counts.sum() >= ROWS_PER_VALUE * len(cells):
        return None
    return NumbersSeen(fits, ((".", ""),), is_decisive=True, is_clock=True, example=cells[0].as_py())


NOTHING = NumbersSeen(np.zeros(0, bool), ())


def _is_money_or_share(pair: str) -> bool:
    return all(not affix or re.fullmatch(f"{SHARES}|{CURRENCIES}", affix) for affix in pair.split("\n"))


def _marks(
    fits: np.ndarray, bodies: pa.Array, exponents: pa.Array, counts: np.ndarray, asked: MarksOfFile
) -> NumbersSeen | None:
    """The pairs of marks that fit nearly all of the bodies; cells that no pair fits are not numbers."""
    present = [mark for mark, spelling in SPELLINGS.items() if matching(bodies, spelling).any()]
    own = counts[fits]
    if not present:
        return _without_marks(fits, bodies, exponents)
    pairs = [
        (d, t) for d in ".," for t in ("", *SPELLINGS) if d != t and asked.allows(d, t) and _is_enough(d, t, present)
    ]
    shares = {pair: matching(bodies, rf"^(?:{body_pattern(*pair)})$") for pair in pairs}
    for decimal, thousands in pairs:  # what has an exponent has decimals
        if thousands in (".", ","):
            shares[decimal, thousands] &= ~(is_filled(exponents) & matching(bodies, SPELLINGS[thousands]))
    weights = {pair: float(own @ found) for pair, found in shares.items()}
    top = max(weights.values(), default=0.0)
    if top <= 0.5 * own.sum():
        return None
    best = [pair for pair in pairs if weights[pair] == top]
    places = np.flatnonzero(fits)
    kept = np.zeros(len(fits), bool)
    kept[places[shares[best[0]]]] = True
    bodies = bodies.filter(pa.array(shares[best[0]]))
    best = _without_idle(best, bodies)
    if len(best) == 1:
        return NumbersSeen(kept, tuple(best), is_decisive=_shows(best[0], bodies), width=None)
    mark = next(thousands for _, thousands in best if thousands)
    grouped = matching(bodies, SPELLINGS[mark])
    plain = bodies.filter(pa.array(~grouped))
    small = bool(len(plain)) and not matching(plain, "^[0-9]{4,}$").any()
    enough = int(grouped.sum()) >= min(ENOUGH_GROUPED, max(1, len(bodies) // 2))
    return NumbersSeen(kept, tuple(best), small_beside=small and enough)


def _without_marks(fits: np.ndarray, bodies: pa.Array, exponents: pa.Array) -> NumbersSeen | None:
    """Digits alone: whole numbers, codes, or names too long for a number."""
    lengths = np.asarray(compute.utf8_length(bodies))
    if lengths.max() > LONGEST_INTEGER and not is_filled(exponents).all():
        return None
    is_padded = matching(bodies, "^0[0-9]") & ~is_filled(exponents)
    width = None if not is_padded.any() else int(lengths[0]) if (lengths == lengths[0]).all() else -1
    return NumbersSeen(fits, ((".", ""),), width=width)


def _is_enough(decimal: str, thousands: str, present: list[str]) -> bool:
    """Whether the pair explains every mark that occurs, and needs each of its own."""
    return set(present) <= {decimal, thousands} and (not thousands or thousands in present)


def _without_idle(pairs: list[tuple[str, str]], bodies: pa.Array) -> list[tuple[str, str]]:
    """Of pairs that differ only in a decimal mark that no cell shows, the usual one."""
    shown: dict[tuple[str | None, str], tuple[str, str]] = {}
    for decimal, thousands in pairs:
        occurs = matching(bodies, SPELLINGS[decimal]).any()
        shown.setdefault((decimal if occurs else None, thousands), (decimal, thousands))
    return list(shown.values())


def _shows(pair: tuple[str, str], bodies: pa.Array) -> bool:
    """Whether the decimal mark occurs, or thousands that leave only one mark for decimals."""
    decimal, thousands = pair
    return bool(matching(bodies, SPELLINGS[decimal]).any()) or thousands in (".", ",")


def _are_classes(bodies: pa.Array, counts: np.ndarray) -> bool:
    """Few different whole numbers with a unit, each in several rows."""
    return (
        len(bodies) <= FEW_VALUES
        and bool(matching(bodies, "^[0-9]+$").all())
        and counts.sum() >= ROWS_PER_VALUE * len(bodies)
    )


def _telling(cells: pa.Array) -> str:
    """The longest of the first cells: it has most marks."""
    some = cells.slice(0, 200).to_pylist()
    return max(some, key=len, default="")


def _mark(option: str, asked: str | None, allowed: str | None) -> str | None:
    if asked is None:
        return None
    names = {"dot": ".", "space": " ", "period": "."} | MARKS
    mark = names.get(asked, "'" if asked == "\u2019" else " " if asked in BLANKS and asked else asked)
    known = [name for name, mark in MARKS.items() if allowed is None or (mark and mark in allowed)]
    if mark not in (MARKS[name] for name in known):
        raise OptionError(f"{option}: expected {', '.join(known)}, got {asked!r}")
    return mark
