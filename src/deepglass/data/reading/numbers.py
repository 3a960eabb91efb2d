"""Numbers as people write them: `1,234.50` `1.234,50` `1'234.50` `1 234,50` `$1,200` `12 %` `(1,234)` `123-` `12 kg`.

Which mark stands before decimals and which between thousands is decided on a whole column, never on one cell: `1.234`
is a thousand in one file and little more than one in another. A column without any decisive cell follows the rest of
its file (`MarksOfFile`). What was decided is a `NumberFormat`, a regular expression in the end, which reads every later
cell of the column, here (RE2, in bulk) and in the small runtime (Python's `re`, cell by cell) alike.
"""

import re
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from deepglass.core.errors import OptionError

MARKS = {"point": ".", "comma": ",", "apostrophe": "'", "blank": " ", "underscore": "_", "none": ""}
NAMES = {mark: name for name, mark in MARKS.items()}
BLANKS = " \u00a0\u2007\u2009\u202f"  # also no-break, figure, thin and narrow no-break
APOSTROPHES = "'\u2019\u02bc\u00b4`"
DASHES = "-\u2013\u2014"  # what stands for no decimals: 12.-
SPELLINGS = {".": "[.]", ",": ",", "'": f"[{APOSTROPHES}]", " ": f"[{BLANKS}]", "_": "_"}
SIGN = "[-+\u2212\u2013\ufe63\uff0d]"  # also the minus of mathematics, the en dash, small and wide hyphens
CURRENCIES = (
    "[$\u00a2-\u00a5\u20a0-\u20c0]|(?:US|A|C|HK|NZ|S|R)[$]|AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|INR|JPY|KRW|MXN|"
    "NOK|NZD|PLN|RON|RUB|SEK|SGD|THB|TRY|USD|ZAR|S?Fr[.]?|Rs[.]?|kr[.]?|z\u0142|K\u010d|Ft|TL|\u043b\u0432|\u0440\u0443\u0431[.]?"
)
SHARES = "[%\u2030\uff05]"
UNIT = r"[^-0-9\s()+.,'%][^-0-9()+]{0,11}"  # what may follow a number: kg, km/h, °C
DIGITS = f"(?:[0-9]|[.,][0-9])[0-9.,{APOSTROPHES}_{BLANKS}]*"
LONGEST_INTEGER = 18  # digits; longer ones are names: a float would not tell them apart
ENOUGH_GROUPED = 5  # so many different cells of three digits after the mark, and nothing else, are no chance
BARE = "\n"  # nothing before and nothing behind
DOMINATES = 0.8  # a way of writing that so many of the cells have; the others are mistakes
FEW_VALUES = 20  # so few different whole numbers with a unit, each in some rows, are classes: "5 stars"
ROWS_A_VALUE = 5


@dataclass(frozen=True)
class NumberFormat:
    """How the numbers of a column are written.

    Args:
        decimal: The mark before decimals.
        thousands: The mark between groups of digits; "" where there is none. Numbers without it are read as well.
        before: What may stand before a number, such as "$".
        after: What may stand behind it, such as "%" or "kg". A number without it is meant in the same unit.
    """

    decimal: str = "."
    thousands: str = ""
    before: str = ""
    after: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether a reader of numbers can be given the cells as they are."""
        return not (self.thousands or self.before or self.after)

    @cached_property
    def pattern(self) -> str:
        """The whole cell as a regular expression with the groups open, sign, inner, whole, fraction, exponent, last."""
        blank = f"[{BLANKS}]*"
        before, after = (f"(?:{_literal(affix)})?" if affix else "" for affix in (self.before, self.after))
        decimal = SPELLINGS[self.decimal]
        return (
            rf"^(?P<open>\(?){blank}(?P<sign>{SIGN}?){blank}{before}{blank}(?P<inner>{SIGN}?)"
            rf"(?P<whole>{_whole(self.thousands)})(?:{decimal}(?:[{DASHES}]{{1,2}}|(?P<fraction>[0-9]*)))?"
            rf"(?P<exponent>(?:[eE][-+]?[0-9]+)?){blank}{after}{blank}(?P<last>{SIGN}?)\)?$"
        )

    def parse(self, words: Any) -> np.ndarray:
        """Cells (n,) as numbers: int64 where all are whole, else float64 with NaN where the format does not fit."""
        groups = compute.extract_regex(_strings(words), self.pattern)
        texts = {
            name: _column(groups, name) for name in ("open", "sign", "inner", "whole", "fraction", "exponent", "last")
        }
        whole = compute.replace_substring_regex(texts["whole"], "[^0-9]", "")
        has_digits = _any_text(whole, texts["fraction"])
        is_whole = ~_any_text(texts["fraction"], texts["exponent"])
        magnitude = _floats(whole, texts["fraction"], texts["exponent"], has_digits)
        signs = [_is_minus(texts[name]) for name in ("sign", "inner", "last")]
        negative = np.logical_or.reduce([*signs, _text_mask(texts["open"])])
        values = np.where(negative, -magnitude, magnitude)
        if len(values) and has_digits.all() and is_whole.all():
            longest = compute.max(compute.utf8_length(whole)).as_py()
            if longest <= LONGEST_INTEGER:
                integers = compute.cast(whole, pa.int64()).to_numpy(zero_copy_only=False)
                return np.where(negative, -integers, integers)
        return values

    def example(self) -> str:
        """A number in this form, for messages."""
        digits = f"1{self.thousands}234{self.decimal}5"
        after = f"{'' if self.after[:1] in '%‰' else ' '}{self.after}" if self.after else ""
        return f"{self.before}{digits}{after}"

    def state(self) -> dict[str, Any]:
        """As JSON can hold it: the arguments of the class."""
        return asdict(self)


@dataclass(frozen=True)
class NumbersSeen:
    """What the different cells of a column say about how its numbers are written.

    Attributes:
        fits: (n,) which cells are numbers at all.
        marks: The pairs (decimal, thousands) under which they are; several where no cell decides.
        is_decisive: Whether a cell shows the decimal mark or the mark of thousands beyond doubt.
        small_beside: Beside cells with a mark and three digits there are small whole numbers without one, no large
            ones: `15.000` beside `523`.
        grouped: How many cells have a mark and three digits after it, where `marks` are several.
        width: Digits of a code, where every cell has as many and one begins with a zero; -1 where they differ.
        example: One of the cells, that shows most.
    """

    fits: np.ndarray
    marks: tuple[tuple[str, str], ...]
    is_decisive: bool = False
    small_beside: bool = False
    grouped: int = 0
    before: str = ""
    after: str = ""
    has_brackets: bool = False
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
        if not seen.is_decisive and self.decimal and len(seen.marks) == 1 and not thousands:
            decimal = self.decimal  # whole numbers alone: later ones may have decimals
        if not thousands and self.thousands and self.thousands != decimal:
            thousands = self.thousands
        return NumberFormat(decimal, thousands, seen.before, seen.after)

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
        OptionError: If one is no mark, or both are the same.
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
    cells = _strings(words)
    groups = compute.extract_regex(cells, GENERAL)
    is_number = np.asarray(compute.is_valid(groups))
    if not is_number.any():
        return None
    fits, prefix, suffix = _affixes(is_number, groups, counts)
    if not fits.any():
        return None
    mask = pa.array(fits)
    bodies = compute.utf8_rtrim(_column(groups, "body"), BLANKS).filter(mask)
    exponents = _column(groups, "exponent").filter(mask)
    seen = _marks(fits, bodies, exponents, counts, asked)
    if seen is None or (not _is_money_or_share(suffix) and _are_classes(bodies, counts[fits])):
        return None
    brackets = bool(_text_mask(_column(groups, "open")).any())
    has_signs = bool(_any_text(*(_column(groups, name).filter(mask) for name in ("sign", "inner", "last"))).any())
    width = None if prefix or suffix or brackets or has_signs else seen.width
    example = _telling(cells.filter(pa.array(seen.fits)))
    values = {**vars(seen), "before": prefix, "after": suffix, "has_brackets": brackets, "width": width}
    return NumbersSeen(**values | {"example": example})


GENERAL = (
    rf"^(?P<open>\(?)[{BLANKS}]*(?P<sign>{SIGN}?)[{BLANKS}]*(?P<before>(?:{CURRENCIES}|{SHARES})?)[{BLANKS}]*"
    rf"(?P<inner>{SIGN}?)(?P<body>{DIGITS})(?P<exponent>(?:[eE][-+]?[0-9]+)?)[{DASHES}]{{0,2}}[{BLANKS}]*"
    rf"(?P<after>(?:{SHARES}|{CURRENCIES}|{UNIT})?)[{BLANKS}]*(?P<last>{SIGN}?)\)?$"
)


def _affixes(is_number: np.ndarray, groups: pa.StructArray, counts: np.ndarray) -> tuple[np.ndarray, str, str]:
    """Which cells have the one currency, share or unit of the column, and what it is."""
    pairs = compute.binary_join_element_wise(_column(groups, "before"), _column(groups, "after"), "\n")
    encoded = pairs.dictionary_encode()
    names, place = np.array(encoded.dictionary.to_pylist(), object), np.asarray(encoded.indices)
    weight = np.bincount(place[is_number], counts[is_number], len(names))
    total, bare, is_bare = weight.sum(), weight[names == BARE].sum(), names == BARE
    best = int(np.argmax(np.where(is_bare, -1, weight)))
    is_optional = not is_bare[best] and _is_money_or_share(names[best])
    if bare + is_optional * weight[best] >= DOMINATES * total:
        chosen = is_bare | (np.arange(len(names)) == best if is_optional else False)
    elif weight[best] >= DOMINATES * total:
        chosen = np.arange(len(names)) == best
    else:
        return np.zeros(len(is_number), bool), "", ""
    before, _, after = names[best].partition("\n") if chosen[best] else ("", "", "")
    return is_number & chosen[place], before, after


def _is_money_or_share(pair: str) -> bool:
    return all(not affix or re.fullmatch(f"{SHARES}|{CURRENCIES}", affix) for affix in pair.split("\n"))


def _marks(
    fits: np.ndarray, bodies: pa.Array, exponents: pa.Array, counts: np.ndarray, asked: MarksOfFile
) -> NumbersSeen | None:
    """The pairs of marks that fit nearly all of the bodies; cells that no pair fits are no numbers."""
    present = [mark for mark, spelling in SPELLINGS.items() if _matching(bodies, spelling).any()]
    own = counts[fits]
    if not present:
        return _without_marks(fits, bodies, exponents)
    pairs = [
        (d, t) for d in ".," for t in ("", *SPELLINGS) if d != t and asked.allows(d, t) and _is_enough(d, t, present)
    ]
    shares = {pair: _matching(bodies, rf"^(?:{_body(*pair)})$") for pair in pairs}
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
    grouped = _matching(bodies, SPELLINGS[mark])
    plain = bodies.filter(pa.array(~grouped))
    small = bool(len(plain)) and not _matching(plain, "^[0-9]{4,}$").any()
    enough = int(grouped.sum()) >= min(ENOUGH_GROUPED, max(1, len(bodies) // 2))
    return NumbersSeen(kept, tuple(best), small_beside=small and enough, grouped=int(grouped.sum()))


def _without_marks(fits: np.ndarray, bodies: pa.Array, exponents: pa.Array) -> NumbersSeen | None:
    """Digits alone: whole numbers, codes, or names too long for a number."""
    lengths = np.asarray(compute.utf8_length(bodies))
    if lengths.max() > LONGEST_INTEGER and not _text_mask(exponents).all():
        return None
    is_padded = _matching(bodies, "^0[0-9]") & ~_text_mask(exponents)
    width = None if not is_padded.any() else int(lengths[0]) if (lengths == lengths[0]).all() else -1
    return NumbersSeen(fits, ((".", ""),), width=width)


def _is_enough(decimal: str, thousands: str, present: list[str]) -> bool:
    """Whether the pair explains every mark that occurs, and needs each of its own."""
    return set(present) <= {decimal, thousands} and (not thousands or thousands in present)


def _without_idle(pairs: list[tuple[str, str]], bodies: pa.Array) -> list[tuple[str, str]]:
    """Of pairs that differ only in a decimal mark that no cell shows, the usual one."""
    shown: dict[tuple[str | None, str], tuple[str, str]] = {}
    for decimal, thousands in pairs:
        occurs = _matching(bodies, SPELLINGS[decimal]).any()
        shown.setdefault((decimal if occurs else None, thousands), (decimal, thousands))
    return list(shown.values())


def _shows(pair: tuple[str, str], bodies: pa.Array) -> bool:
    """Whether the decimal mark occurs, or thousands that leave only one mark for decimals."""
    decimal, thousands = pair
    return bool(_matching(bodies, SPELLINGS[decimal]).any()) or thousands in (".", ",")


def _are_classes(bodies: pa.Array, counts: np.ndarray) -> bool:
    """Few different whole numbers with a unit, each in several rows."""
    return (
        len(bodies) <= FEW_VALUES
        and bool(_matching(bodies, "^[0-9]+$").all())
        and counts.sum() >= ROWS_A_VALUE * len(bodies)
    )


def _telling(cells: pa.Array) -> str:
    """The longest of the first cells: it has most marks."""
    some = cells.slice(0, 200).to_pylist()
    return max(some, key=len, default="")


def _whole(thousands: str) -> str:
    """The digits before the decimal mark; groups of three, in India of two before the last three."""
    if not thousands:
        return "[0-9]*"
    mark = SPELLINGS[thousands]
    indian = f"|[1-9][0-9]?(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}}" if thousands == "," else ""
    return f"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+{indian}|[0-9]*"


def _body(decimal: str, thousands: str) -> str:
    return f"(?:{_whole(thousands)})(?:{SPELLINGS[decimal]}[0-9]*)?"


def _literal(text: str) -> str:
    return re.escape(text)


def _mark(option: str, asked: str | None, allowed: str | None) -> str | None:
    if asked is None:
        return None
    names = {"dot": ".", "space": " ", "period": "."} | MARKS
    mark = names.get(asked, "'" if asked == "\u2019" else " " if asked in BLANKS and asked else asked)
    known = [name for name, mark in MARKS.items() if allowed is None or (mark and mark in allowed)]
    if mark not in (MARKS[name] for name in known):
        raise OptionError(f"{option}: expected {', '.join(known)}, got {asked!r}")
    return mark


# -- strings in bulk ------------------------------------------------------------------------------------------------


def _strings(words: Any) -> pa.Array:
    if isinstance(words, pa.Array):
        return words
    return pa.array(np.asarray(words, dtype=object), pa.string(), from_pandas=True)


def _column(groups: pa.StructArray, name: str) -> pa.Array:
    return compute.fill_null(compute.struct_field(groups, name), "")


def _matching(cells: pa.Array, pattern: str) -> np.ndarray:
    return compute.match_substring_regex(cells, pattern).to_numpy(zero_copy_only=False).astype(bool)


def _text_mask(cells: pa.Array) -> np.ndarray:
    return np.asarray(compute.utf8_length(cells)) > 0


def _any_text(*parts: pa.Array) -> np.ndarray:
    return np.logical_or.reduce([_text_mask(part) for part in parts])


def _is_minus(cells: pa.Array) -> np.ndarray:
    return _text_mask(cells) & ~np.asarray(compute.equal(cells, "+").to_numpy(zero_copy_only=False))


def _floats(whole: pa.Array, fraction: pa.Array, exponent: pa.Array, has_digits: np.ndarray) -> np.ndarray:
    text = compute.binary_join_element_wise(whole, ".", fraction, "0", exponent, "")
    text = compute.if_else(pa.array(has_digits), text, pa.scalar(None, pa.string()))
    return compute.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
