"""Dates as people write them: the form is decided on the whole column, and other forms are not read."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.reading.asked import date_forms
from deepglass.data.reading.cells import typed
from deepglass.data.reading.date_forms import pattern_of, readable

FORMS = {  # cells → the moment of the first, in UTC
    "2020-01-31": ["2020-01-31", "2021-12-01"],
    "2020-01-31T10:00": ["2020-01-31 10:00", "2021-12-01T11:30:05.25"],
    "2020-01-31T09:00": ["2020-01-31T10:00:00+01:00", "2021-07-01T11:00:00+02:00"],
    "2020-01": ["2020-01", "2020-12"],
    "2020-03-01": ["03/2020", "12/2021"],
    "2020-04-01": ["04.2020", "12.2021"],
    "1990-04-01": ["1990Q2", "1991Q4"],
    "1990-07-01": ["Q3 1990", "Q1/1991"],
    "1990-10-01": ["1990-Q4", "1991-T1"],
    "2019-01-07": ["2019-W02", "2020W53"],
    "2019-01-09": ["2019-W02-3", "2020W531"],
    "2021-01-04": ["KW 1/2021", "KW 52/2021"],
    "2020-01-31T00:00": ["31/01/2020", "1/12/2021"],
    "2020-01-31T15:15": ["01/31/2020 03:15 PM", "12/01/2021 11:00 am"],
    "2020-02-01": ["31.01.2020 24:00", "1.12.2021 10:00"],
    "1999-12-31": ["31/12/99", "01/02/03"],
    "2020-03-05": ["5. März 2020", "31. Dezember 2021"],
    "2020-08-03": ["3 août 2020", "14 juillet 2021"],
    "2021-05-01": ["1 de mayo de 2021", "12 de enero de 2022"],
    "2020-01-31T10:05": ["Fri, 31 Jan 2020 10:05:00 GMT", "Sat, 1 Feb 2020 10:00:00 GMT"],
    "2020-01-31T10:06": ["Fri Jan 31 10:06:00 2020", "Sat Feb  1 10:00:00 2020"],
    "2020-01-31T10:07": ["January 31st, 2020 10:07", "Feb 1, 2020"],
    "2020-01-31T10:08": ["31/Jan/2020:10:08:00 +0000", "01/Feb/2020:10:00:00 +0000"],
    "2020-01-31T10:09": ["20200131T100900", "20200201T101500"],
    "2020-01-31T11:00": ["2020-01-31T11", "2020-02-01T23"],
    "2020-01-31T10:10": ["2020-01-31T10:10:00+00:00[Europe/London]", "2020-02-01T10:10:00+00:00[Europe/London]"],
    "2020-01-31T09:05": ["31.01.2020, 9:05 Uhr", "01.02.2020, 10:00 Uhr"],
    "2020-01-30": ["2020年1月30日", "2020年12月1日"],
    "9999-12-31": ["9999-12-31", "0001-01-01"],
}


def dates(cells, name="when", **options):
    found = typed(pd.DataFrame({name: cells}), DataConfig(**options), lambda rows: f"rows {rows.tolist()}")
    return found.frame[name], found.format.by_name[name], [str(guess) for guess in found.guesses]


@pytest.mark.parametrize("moment", FORMS)
def test_a_form(moment):
    times, format, _ = dates([*FORMS[moment], None])
    assert format.kind == "date"
    assert times.to_numpy()[0] == np.datetime64(moment)
    assert times.isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    "cells", [["1.5", "2.5"], ["10-20", "20-30"], ["1/2 cup", "3"], ["12345678", "87654321"], ["12 May", "5 June"]]
)
def test_what_merely_resembles_a_date_is_none(cells):
    assert dates(cells)[1].kind != "date"


def test_a_day_above_12_decides_for_all():
    month_first = [f"{m:02}/{d:02}/2023" for m, d in [(7, 1), (8, 2), (12, 25)]]
    times, format, _ = dates(month_first)
    assert times.dt.month.tolist() == [7, 8, 12]
    assert format.date.forms == ("%m/%d/%Y",)


def test_dates_that_could_be_either_are_guessed_aloud():
    cells = [f"{day:02}/{month:02}/2020" for day in range(1, 13) for month in (1, 2)]
    times, _, guesses = dates(cells)
    assert set(times.dt.month) == {1, 2}
    assert any("the day comes first" in guess and "--date-format month-first" in guess for guess in guesses)
    assert set(dates(cells, date_format="month-first")[0].dt.day) == {1, 2}
    assert set(dates(cells, date_format="when=month-first")[0].dt.day) == {1, 2}
    assert set(dates(cells, date_format="when=MM/DD/YYYY")[0].dt.day) == {1, 2}


def test_the_first_of_every_month_is_no_january():
    month_first = [f"{month:02}/01/{year}" for year in (1990, 1991) for month in range(1, 13)]
    times, _, guesses = dates(month_first)
    assert set(times.dt.day) == {1}
    assert any("so the day is always the same" in guess for guess in guesses)


def test_other_dates_of_the_table_decide():
    frame = pd.DataFrame({"a": ["01/02/2020", "03/04/2020"], "b": ["12/25/2020", "01/31/2020"]})
    found = typed(frame, DataConfig(), str)
    assert found.frame["a"].dt.month.tolist() == [1, 3]


def test_dates_and_times_of_iso_mix_and_others_do_not():
    assert dates(["2020-01-31", "2020-02-01 10:00:00", "2020/02/03"])[0].dt.hour.tolist() == [0, 10, 0]
    assert dates(["2020-01-31", "31 Jan 2020"])[1].kind == "date"
    with pytest.raises(
        DataError, match=r"other forms such as '05/01/2020' in rows \[1\].*--date-format when=day-first"
    ):
        dates(["2020-01-31", "05/01/2020"])
    times, _, _ = dates(["2020-01-31", "05/01/2020"], date_format="day-first")
    assert times.dt.month.tolist() == [1, 1]


def test_a_form_by_order_names_what_does_not_fit():
    with pytest.raises(DataError, match="but no date such as 'soon'"):
        dates(["31/01/2020", "soon"], date_format="when=%d/%m/%Y")


def test_offsets_are_said_and_kept_and_the_local_clock_can_be_asked_for():
    cells = ["2024-01-01T23:30:00+01:00", "2024-07-01T23:30:00+02:00", "2024-07-02T12:00:00Z", "2024-07-02T12:00:00"]
    times, format, guesses = dates(cells)
    assert times.dt.hour.tolist() == [22, 21, 12, 12]
    assert set(format.date.offsets) == {"+01:00", "+02:00", "Z", ""}
    assert any("counted in UTC" in guess and "--date-format when=local" in guess for guess in guesses)
    assert dates(cells, date_format="when=local")[0].dt.hour.tolist() == [23, 23, 12, 12]


def test_a_zone_of_pandas_is_kept():
    stamps = pd.date_range("2024-01-01", periods=3, tz="Europe/Berlin")
    times, format, _ = dates(stamps)
    assert format.date.zone == "Europe/Berlin"
    assert times.dt.hour.tolist() == [23, 23, 23]


@pytest.mark.parametrize(
    ("name", "numbers", "first"),
    [
        ("timestamp", [1_580_428_800, 1_580_432_400], "2020-01-31"),
        ("created_at", [1_580_428_800_000, 1_580_432_400_000], "2020-01-31"),
        ("date", [20200131, 20200229], "2020-01-31"),
        ("year", list(range(1990, 2010)), "1990-01-01"),
        ("month", [202001, 202012], "2020-01-01"),
        ("date", list(range(43_861, 43_881)), "2020-01-31"),
    ],
)
@pytest.mark.parametrize("as_words", [False, True])
def test_numbers_that_are_times(name, numbers, first, as_words):
    cells = [str(number) for number in numbers] if as_words else numbers
    times, format, guesses = dates(cells, name)
    assert format.kind == "date"
    assert times.to_numpy()[0] == np.datetime64(first)
    assert any(f"--numbers {name}" in guess for guess in guesses)
    assert dates(cells, name, numbers=name)[0].tolist() == numbers


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("x", [1_580_428_800, 1_580_432_400]),
        ("year", [2001, 2001, 2002] * 5),
        ("size", [20200131, 99999999]),
        ("time", list(range(43_861, 43_881))),
        ("n", [202001, 202012]),
    ],
)
def test_numbers_that_are_none(name, numbers):
    assert dates(numbers, name)[1].kind == "number"


def test_forms_can_be_written_as_people_write_them():
    assert date_forms("born=%d.%m.%Y, sold=month-first") == {"born": "%d.%m.%Y", "sold": "month-first"}
    assert date_forms("%b %d, %Y") == {"": "%b %d, %Y"}
    assert date_forms("DD.MM.YYYY HH:MM") == {"": "%d.%m.%Y %H:%M"}
    for wrong in ("backwards", "%d/%k/%Y", "%d/%m"):
        with pytest.raises(OptionError, match="--date-format"):
            date_forms(wrong)


def test_patterns_are_read_by_both_engines():
    import re

    import pyarrow as pa
    from pyarrow import compute

    for form in ("%d/%m/%Y", "%b %d %Y", "%Y Q%q", "%G W%V %u", "%Y-%j", "%d.%m.%y %H:%M:%S.%f %z"):
        assert re.fullmatch(pattern_of(form).strip("^$"), readable(form)), form
        assert compute.match_substring_regex(pa.array([readable(form)]), pattern_of(form))[0].as_py(), form
