"""No cell, and no line of a head, makes an expression try every way to part it: what fits nowhere is known at once."""

import contextlib
import time
from itertools import product

import pytest

from deepglass.data.reading.date_forms import MONTHS, pattern_of
from deepglass.data.reading.dates import FORMS
from deepglass.data.reading.number_format import NumberFormat
from deepglass.deploy.runtime import cells, http1
from deepglass.deploy.runtime.limits import Limits

MOST_SECONDS = 0.5  # of the processor for one cell; on any machine, for the worst took minutes
NUMBERS = [
    NumberFormat(decimal, thousands, before, after, is_scaled=is_scaled)
    for decimal, thousands in ((".", ""), (".", ","), (",", "."), (",", " "), (".", "'"))
    for before, after in (("", ""), ("$", ""), ("", "€"), ("US$", "kg"))
    for is_scaled in (False, True)
] + [NumberFormat(is_clock=True)]
BEGINNINGS = ("", "-", "(", "$", "1", "1,")
PUMPS = (" ", "1", ",", "1,", "1,111", " 1", "-", "(", "$", "'", "1 ", "0" * 3 + ",", "\u202f", "e", "K")
DATE_BEGINNINGS = ("", "1 ", "31", "Fri, ", "2020", "Jan 1 ", "2020-01-31", "1 Jan ")
DATE_PUMPS = (" ", "st", "of", "de", "1", "T", "-", "/", " 1", "Jan ", "a", ":")


def seconds_of(read, cell: str, written: dict) -> float:
    begun = time.thread_time()
    with contextlib.suppress(ValueError):
        read(cell, written)
    return time.thread_time() - begun


@pytest.mark.parametrize("format", NUMBERS, ids=NumberFormat.example)
def test_a_number_that_fits_nowhere_is_refused_at_once(format):
    written = {"pattern": format.pattern, "is_plain": False, "example": format.example()}
    for begin, pump, middle in product(BEGINNINGS, PUMPS, ("", "-", "5")):
        half = pump * ((cells.LONGEST - 10) // 2 // len(pump))
        cell = f"{begin}{half}{middle}{half}x"
        assert seconds_of(cells.number, cell, written) < MOST_SECONDS, cell


@pytest.mark.parametrize("form", FORMS)
def test_a_date_that_fits_nowhere_is_refused_at_once(form):
    written = {"patterns": [pattern_of(form)], "months": MONTHS, "example": "x"}
    for begin, pump, middle in product(DATE_BEGINNINGS, DATE_PUMPS, ("", "Jan", "abcdefgh")):
        half = pump * ((cells.LONGEST_TIME - 20) // 2 // len(pump))
        cell = f"{begin}{half}{middle}{half}!"
        assert seconds_of(cells.days, cell, written) < MOST_SECONDS, cell


BLANKS = b" " * 60_000


@pytest.mark.parametrize("value", [BLANKS, b"a" + BLANKS + b"b", b"\t " * 30_000])
def test_a_line_of_a_head_that_is_nearly_all_blanks_is_read_at_once(value):
    begun = time.thread_time()
    headers = http1.request_of([b"GET / HTTP/1.1", b"Host: localhost", b"X:" + value], Limits()).headers
    assert headers["x"] == value.strip().decode()
    assert time.thread_time() - begun < MOST_SECONDS


@pytest.mark.parametrize("value", [BLANKS + b"\1", b"a" + BLANKS + b"\0", b"\t " * 30_000 + b"\x7f"])
def test_a_line_of_a_head_that_is_none_is_refused_at_once(value):
    begun = time.thread_time()
    with pytest.raises(http1.Refusal, match="is not a header"):
        http1.request_of([b"GET / HTTP/1.1", b"Host: localhost", b"X:" + value], Limits())
    assert time.thread_time() - begun < MOST_SECONDS


@pytest.mark.parametrize(
    ("cell", "value"),
    [("-   5", -5), ("$ - 5", None), ("(  5 )", -5), ("1,234 ", 1234), ("-\u202f5", -5), ("$1,234.50", 1234.5),
     ("- $ 5", -5), ("5  -", -5), ("$   (5)", -5), ("1, 234", None), ("5 . 5", None)],
)  # fmt: skip
def test_the_parts_of_a_number_are_found_between_blanks(cell, value):
    written = {"pattern": NumberFormat(".", ",", "$").pattern, "is_plain": False, "example": "$1"}
    if value is None:
        with pytest.raises(ValueError, match="written like"):
            cells.number(cell, written)
    else:
        assert cells.number(cell, written) == value
