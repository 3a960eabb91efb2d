"""The axis of a series: which times follow, in which zone, and how they are written."""

import json

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.preprocess.time_axis import TimeAxis, as_texts


def axis_of(times: pd.DatetimeIndex, zone: str | None = None) -> TimeAxis:
    return TimeAxis.of(times.to_numpy().astype("datetime64[us]"), "time", zone)


@pytest.mark.parametrize(
    ("start", "frequency", "following"),
    [
        ("2024-02-28 22:00", "h", ["2024-03-01 08:00:00", "2024-03-01 09:00:00", "2024-03-01 10:00:00"]),
        ("2024-02-20", "D", ["2024-03-25", "2024-03-26", "2024-03-27"]),
        ("2024-01-01", "W", ["2024-09-01", "2024-09-08", "2024-09-15"]),
        ("2021-01-01", "MS", ["2023-11-01", "2023-12-01", "2024-01-01"]),
        ("2021-03-31", "ME", ["2024-01-31", "2024-02-29", "2024-03-31"]),
        ("2015-01-01", "QS", ["2023-07-01", "2023-10-01", "2024-01-01"]),
        ("1990-01-01", "YS", ["2024-01-01", "2025-01-01", "2026-01-01"]),
        ("2024-01-01", "B", ["2024-02-16", "2024-02-19", "2024-02-20"]),
    ],
)
def test_times_continue_at_the_step_of_the_data(start, frequency, following):
    times = pd.date_range(start, periods=34, freq=frequency)
    axis = axis_of(times)
    assert axis.texts(axis.after(times[-1].to_datetime64(), 3)) == following


def test_an_axis_of_numbers_counts_on():
    axis = TimeAxis.of(np.array([1990, 1992, 1994]), "year")
    assert axis.after(1994, 2).tolist() == [1996, 1998]
    assert axis.seconds is None
    assert axis.grid(np.array([1990, 1994])).tolist() == [1990, 1992, 1994]


@pytest.mark.parametrize("times", [np.array([1, 2, 4, 9, 11, 30]), np.arange(5).astype(float) ** 2])
def test_numbers_without_a_step_are_counted(times):
    axis = TimeAxis.of(times, "t")
    assert axis.is_counted
    assert (axis.name, axis.after(30, 2).tolist()) == ("step", [1, 2])


@pytest.mark.parametrize(
    ("zone", "first", "expected"),
    [
        ("Europe/Berlin", "2024-03-28 00:00", ["2024-04-01T23:00:00+02:00", "2024-04-02T00:00:00+02:00"]),
        ("+01:00", "2024-03-28 00:00", ["2024-04-01T22:00:00+01:00", "2024-04-01T23:00:00+01:00"]),
        ("UTC", "2024-03-28 00:00", ["2024-04-01T21:00:00+00:00", "2024-04-01T22:00:00+00:00"]),
    ],
)
def test_hours_go_on_through_a_change_of_the_clock(zone, first, expected):
    times = pd.date_range(first, periods=117, freq="h")  # in UTC
    axis = axis_of(times, zone)
    assert axis.texts(axis.after(times[-1].to_datetime64(), 2)) == expected


def test_days_keep_their_hour_on_the_wall():
    """Eight in the morning is eight in the morning, also when that is another hour in UTC."""
    wall = pd.date_range("2024-03-01 08:00", periods=29, freq="D", tz="Europe/Berlin")
    axis = axis_of(wall.tz_convert("UTC").tz_localize(None), "Europe/Berlin")
    last = wall[-1].tz_convert("UTC").tz_localize(None).to_datetime64()
    assert axis.texts(axis.after(last, 3)) == [
        f"2024-03-{day}T08:00:00+0{2 if day > 30 else 1}:00" for day in (30, 31)
    ] + ["2024-04-01T08:00:00+02:00"]


def test_business_hours_keep_to_the_wall():
    wall = pd.date_range("2024-03-04", "2024-03-29 17:00", freq="h", tz="Europe/Berlin")
    wall = wall[(wall.day_of_week < 5) & (wall.hour >= 8) & (wall.hour <= 17)]
    axis = axis_of(wall.tz_convert("UTC").tz_localize(None), "Europe/Berlin")
    last = wall[-1].tz_convert("UTC").tz_localize(None).to_datetime64()
    assert axis.texts(axis.after(last, 1)) == ["2024-04-01T08:00:00+02:00"]


def test_an_axis_survives_its_state():
    for frequency in ("ME", "B", "h"):
        axis = axis_of(pd.date_range("2021-01-31", periods=30, freq=frequency))
        assert TimeAxis.from_state(json.loads(json.dumps(axis.state()))) == axis


def test_an_axis_of_the_first_version_is_read():
    axis = TimeAxis.from_state({"column": "month", "unit": "months", "size": 1.0})
    assert axis.texts(axis.after(np.datetime64("2020-01-31"), 2)) == ["2020-02-29", "2020-03-31"]


def test_a_step_needs_three_times():
    with pytest.raises(DataError, match="at least 3 times"):
        axis_of(pd.date_range("2024", periods=2))


@pytest.mark.parametrize(
    ("step", "unit", "size"),
    [("15min", "seconds", 900.0), ("1h", "seconds", 3600.0), ("7 days", "seconds", 604_800.0),
     ("2d", "seconds", 172_800.0), ("1month", "months", 1.0), ("quarter", "months", 3.0), ("rows", "steps", 1.0)],
)  # fmt: skip
def test_a_step_can_be_asked_for(step, unit, size):
    axis = TimeAxis.asked(step, "t", None)
    assert (axis.unit, axis.size) == (unit, size)


@pytest.mark.parametrize("step", ["soon", "-1h", "0s"])
def test_a_step_that_is_none_is_refused(step):
    with pytest.raises(OptionError, match="--step: expected rows, or a step"):
        TimeAxis.asked(step, "t", None)


@pytest.mark.parametrize(
    ("trained", "new", "fits"),
    [("h", "h", True), ("h", "D", False), ("D", "B", False), ("B", "B", True), ("ME", "ME", True), ("ME", "MS", False),
     ("W-MON", "W-TUE", True)],
)  # fmt: skip
def test_which_new_times_fit(trained, new, fits):
    axis = axis_of(pd.date_range("2020-01-01", periods=60, freq=trained))
    times = pd.date_range("2023-01-01", periods=60, freq=new).to_numpy().astype("datetime64[us]")
    assert axis.fits(times) == fits


def test_days_are_counted_on_the_wall():
    axis = TimeAxis("t", "seconds", 3600.0, zone="Europe/Berlin", has_clock=True)
    assert axis.days(np.array(["1970-01-01T23:00"], "datetime64[us]")).tolist() == [1.0]


def test_fractions_of_a_second_are_written():
    times = pd.date_range("2024-01-01", periods=3, freq="500ms")
    assert as_texts(times)[1] == "2024-01-01 00:00:00.500000"
