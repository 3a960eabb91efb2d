"""The small runtime reads single cells as the training reads columns: the same values, the same refusals."""

import numpy as np
import pyarrow as pa
import pytest

from deepglass.data.reading.dates import FORMS, DateFormat
from deepglass.data.reading.number_format import NumberFormat
from deepglass.data.reading.table_format import ColumnFormat, TableFormat
from deepglass.deploy.reading import of_table
from deepglass.deploy.runtime.cells import days, number

NUMBERS = [
    "1", "-1", "+1", "\u22121", "1.5", "1,5", ".5", "5.", "-", "", "1.234", "1,234", "1.234,5", "1,234.5", "1'234.5",
    "1\u2019234", "1 234", "1\u202f234,5", "12,34,567", "1_000", "0,123", "01", "00.5", "1e3", "1E-3", "1,5e2", "(5)",
    "(1,234)", "5-", "-5-", "$5", "$ 5", "-$5", "$-5", "5 $", "5 €", "5€", "5%", "5 %", "12.-", "12,--", "12 kg",
    "12kg", "1.2K", "3M", "2 bn", "09:30", "24:00", "9:30 AM", "13:00 PM", "1 day 02:00:00", "-1 days +23:00:00", "x",
    "$(5)", "($5)", "1x", "NaN", "inf", "1.2.3", "1..2", "1,,2", "--1", "1 2", "0x1F", "\u0661",
]  # fmt: skip
NUMBER_FORMATS = [
    NumberFormat(d, t, before, after)
    for d, t in [(".", ""), (".", ","), (",", ""), (",", "."), (",", " "), (".", "'"), (".", "_")]
    for before, after in [("", ""), ("$", ""), ("", "€"), ("", "%"), ("", "kg")]
] + [NumberFormat(is_scaled=True), NumberFormat(",", ".", is_scaled=True), NumberFormat(is_clock=True)]
DATES = [
    "2020-01-31", "2020-1-31", "2020-02-30", "2020-01-31 10:00", "2020-01-31T10:00:05.25Z", "2020-01-31T10:00:00+01:30",
    "2020-01-31 24:00", "2020-01-31 25:00", "2020-01-31 10", "2020-01-31 3:15 PM", "2020-01-31 13:15 PM", "2020-13-01",
    "31/01/2020", "01/31/2020", "1/2/2020", "31.01.2020", "31-01-20", "31/12/99", "20200131", "20200131T101500",
    "31 Jan 2020", "31. Januar 2020", "Jan 31, 2020", "Fri, 31 Jan 2020 10:00:00 GMT", "31 Foo 2020", "January 2020",
    "Fri Jan 31 10:00:00 2020", "1990Q1", "1990-Q5", "Q2 1990", "2019-W02", "2019-W54", "2019-W02-3", "KW 2/2019",
    "2020-01", "01/2020", "0001-01-01", "9999-12-31", "", "x", "2020", "2020-01-31T10:00+02:00[Europe/Paris]",
]  # fmt: skip


def of_training(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def of_runtime(read, cells, written) -> list[float | None]:
    found = []
    for cell in cells:
        try:
            found.append(read(cell, written))
        except ValueError:
            found.append(None)
    return found


@pytest.mark.parametrize("format", NUMBER_FORMATS, ids=lambda format: format.example() + format.thousands)
def test_numbers(format):
    written = of_table(TableFormat((ColumnFormat("x", "number", number=format),)))["columns"]["x"]["number"]
    assert of_runtime(number, NUMBERS, written) == pytest.approx(of_training(format.parse(NUMBERS)))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("clock", ["utc", "local"])
def test_dates(form, clock):
    format = DateFormat((form,), clock)
    written = of_table(TableFormat((ColumnFormat("x", "date", date=format),)))["columns"]["x"]["date"]
    times = format.parse(pa.array(DATES))
    in_days = (times - np.datetime64("1970-01-01", "us")) / np.timedelta64(1, "D")
    assert of_runtime(days, DATES, written) == pytest.approx(of_training(in_days))
    assert sum(value is not None for value in of_training(in_days)) >= 9  # those of ISO 8601 at least


@pytest.mark.parametrize(
    ("form", "cell"),
    [("epoch seconds", 1_580_428_800), ("epoch milliseconds", 1_580_428_800_000), ("spreadsheet days", 43_861)],
)
def test_times_since_1970(form, cell):
    format = DateFormat((form,))
    written = of_table(TableFormat((ColumnFormat("x", "date", date=format),)))["columns"]["x"]["date"]
    assert days(cell, written) == days(str(cell), written) == days("2020-01-31", written)
    assert format.from_numbers(np.array([cell]))[0] == format.parse(pa.array([str(cell)]))[0]


def test_a_very_long_cell_is_refused_at_once():
    written = of_table(TableFormat((ColumnFormat("x", "number", number=NumberFormat(".", ",")),)))["columns"]["x"][
        "number"
    ]
    with pytest.raises(ValueError, match="expected a finite number"):
        number("1" * 100_000 + "x", written)
