"""How the numbers of one column are written, as a regular expression, and what it finds as numbers."""

import re
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from deepglass.core.state import build, require
from deepglass.data.reading._strings import (
    any_filled,
    decimals,
    group,
    is_filled,
    strings,
    translated,
    whole_numbers,
)

MARKS = {"point": ".", "comma": ",", "apostrophe": "'", "blank": " ", "underscore": "_", "none": ""}
NAMES = {mark: name for name, mark in MARKS.items()}
BLANKS = " \u00a0\u2007\u2009\u202f"  # also no-break, figure, thin and narrow no-break
APOSTROPHES = "'\u2019\u02bc\u00b4`"
DASHES = "-\u2013\u2014"  # what stands for no decimals: 12.-
SPELLINGS = {".": "[.]", ",": ",", "'": f"[{APOSTROPHES}]", " ": f"[{BLANKS}]", "_": "_"}
MINUS = "[-\u2212\u2013\ufe63\uff0d]"  # also that of mathematics, the en dash, small and wide hyphens
SIGN = f"(?:{MINUS}|[+])"
CURRENCIES = (
    "[$\u00a2-\u00a5\u20a0-\u20c0\uffe1\uffe5]|(?:US|A|C|HK|NZ|S|R)[$]|AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|INR|JPY|KRW|MXN|"
    "NOK|NZD|PLN|RON|RUB|SEK|SGD|THB|TRY|USD|ZAR|S?Fr[.]?|Rs[.]?|kr[.]?|z\u0142|K\u010d|Ft|TL|\u043b\u0432|\u0440\u0443\u0431[.]?"
)
SHARES = "[%\u2030\uff05]"
UNIT = r"[^-0-9\s()+.,'%][^-0-9()+]{0,11}"  # what may follow a number: kg, km/h, °C
DIGITS = f"(?:[0-9]|[.,][0-9])[0-9.,{APOSTROPHES}_{BLANKS}]*"
SCALES = {
    "K": 1e3,
    "k": 1e3,
    "M": 1e6,
    "Mio": 1e6,
    "Mio.": 1e6,
    "mio": 1e6,
    "B": 1e9,
    "bn": 1e9,
    "Mrd": 1e9,
    "Mrd.": 1e9,
}
SCALE = "|".join(re.escape(scale) for scale in sorted(SCALES, key=len, reverse=True))
CLOCK = (
    r"^(?P<sign>-?)(?:(?P<days>[0-9]{1,6}) ?(?:days?|d),? ?[+]?)?(?P<hours>[0-9]{1,4}):(?P<minutes>[0-5][0-9])"
    r"(?::(?P<seconds>[0-5][0-9])(?:[.,](?P<fraction>[0-9]{1,9}))?)?(?: ?(?P<half>[AaPp])[.]?[Mm][.]?)?$"
)
LONGEST_INTEGER = 18  # digits; longer ones are names: a float would not tell them apart


@dataclass(frozen=True)
class NumberFormat:
    """How the numbers of a column are written.

    Args:
        decimal: The mark before decimals.
        thousands: The mark between groups of digits; "" where there is none. Numbers without it are read as well.
        before: What may stand before a number, such as "$".
        after: What may stand behind it, such as "%" or "kg". A number without it is meant in the same unit.
        is_scaled: `1.2K` and `3M` are thousands and millions.
        is_clock: `09:30` and `1 day 02:00:00` are hours.
    """

    decimal: str = "."
    thousands: str = ""
    before: str = ""
    after: str = ""
    is_scaled: bool = False
    is_clock: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether nothing stands at the digits but marks: what a reader of numbers takes as one then is one."""
        return not (self.before or self.after or self.is_scaled or self.is_clock)

    @cached_property
    def pattern(self) -> str:
        """The whole cell as a regular expression, with named groups for its parts."""
        if self.is_clock:
            return CLOCK
        blank, scale = f"[{BLANKS}]*", f"(?P<scale>(?:{SCALE})?)" if self.is_scaled else ""
        before, after = (f"(?:{re.escape(affix)})?" if affix else "" for affix in (self.before, self.after))
        decimal = SPELLINGS[self.decimal]
        return (
            rf"^(?P<open>\(?){blank}(?P<sign>{SIGN}?){blank}{before}{blank}(?P<inner>(?:{SIGN}|[(])?)"
            rf"(?P<whole>{_whole(self.thousands)})(?:{decimal}(?:[{DASHES}]{{1,2}}|(?P<fraction>[0-9]*)))?"
            rf"(?P<exponent>(?:[eE][-+]?[0-9]+)?){blank}{scale}{blank}{after}{blank}(?P<last>{MINUS}?)\)?$"
        )

    def parse(self, words: Any) -> np.ndarray:
        """Cells (n,) as numbers: int64 where all are whole, else float64 with NaN where the format does not fit."""
        groups = compute.extract_regex(strings(words), self.pattern)
        if self.is_clock:
            return _hours(groups)
        whole = compute.replace_substring_regex(group(groups, "whole"), "[^0-9]", "")
        fraction, exponent, scale = (group(groups, name) for name in ("fraction", "exponent", "scale"))
        has_digits = any_filled(whole, fraction)
        negative = is_filled(group(groups, "open"))
        for name in ("sign", "inner", "last"):
            negative |= is_minus(group(groups, name))
        are_whole = len(has_digits) and has_digits.all() and not any_filled(fraction, exponent, scale).any()
        if are_whole and compute.max(compute.utf8_length(whole)).as_py() <= LONGEST_INTEGER:
            integers = whole_numbers(whole)
            return np.where(negative, -integers, integers)
        magnitude = decimals(whole, fraction, exponent, has_digits) * translated(scale, SCALES, 1.0)
        return np.where(negative, -magnitude, magnitude)

    def example(self) -> str:
        """A number in this form, for messages."""
        if self.is_clock:
            return "13:45"
        digits = f"1{self.thousands}234{self.decimal}5" + ("K" if self.is_scaled else "")
        after = f"{'' if self.after[:1] in '%‰' else ' '}{self.after}" if self.after else ""
        return f"{self.before}{digits}{after}"

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "NumberFormat":
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        found = build(cls, state)
        require(found.decimal in SPELLINGS and found.thousands in ("", *SPELLINGS), "marks of numbers", found.decimal)
        return found

    def state(self) -> dict[str, Any]:
        """As JSON can hold it: the arguments of the class that are not the usual ones."""
        usual = asdict(NumberFormat())
        return {name: value for name, value in asdict(self).items() if value != usual[name]}


def is_minus(cells: pa.Array) -> np.ndarray:
    """(n,) whether a sign is one of the many minus signs."""
    return is_filled(cells) & ~np.asarray(compute.equal(cells, "+").to_numpy(zero_copy_only=False))


def body_pattern(decimal: str, thousands: str) -> str:
    """The digits of a number with these marks."""
    return f"(?:{_whole(thousands)})(?:{SPELLINGS[decimal]}[0-9]*)?"


def _hours(groups: pa.StructArray) -> np.ndarray:
    """Clock times and durations as hours; a minus in front of days belongs to the days alone."""
    fits = np.asarray(compute.is_valid(groups)).astype(bool)
    names = ("days", "hours", "minutes", "seconds")
    days, hours, minutes, seconds = (whole_numbers(group(groups, name)).astype(np.float64) for name in names)
    half = compute.utf8_lower(group(groups, "half")).to_numpy(zero_copy_only=False)
    fits &= (half == "") | ((hours >= 1) & (hours <= 12))
    hours = np.where(half == "", hours, hours % 12 + 12 * (half == "p"))
    seconds += decimals(pa.array(["0"] * len(groups)), group(groups, "fraction"), pa.array([""] * len(groups)), fits)
    time, sign = hours + minutes / 60 + seconds / 3600, np.where(is_filled(group(groups, "sign")), -1, 1)
    found = np.where(is_filled(group(groups, "days")), sign * days * 24 + time, sign * time)
    return np.where(fits, found, np.nan)


def _whole(thousands: str) -> str:
    """The digits before the decimal mark; groups of three, in India of two before the last three."""
    if not thousands:
        return "[0-9]*"
    mark = SPELLINGS[thousands]
    indian = f"|[1-9][0-9]?(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}}" if thousands == "," else ""
    return f"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+{indian}|[0-9]*"
