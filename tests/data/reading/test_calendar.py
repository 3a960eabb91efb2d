"""Calendars learnt from times: what is cut off the end comes back, whatever the rule, also with gaps."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.calendar import Calendar
from deepglass.data.reading.calendar import grid_of, learn
from deepglass.data.reading.calendar_words import words_of

HOURS = pd.date_range("2022-01-03", "2022-06-30", freq="h")
MINUTES = pd.date_range("2022-01-03", "2022-03-15", freq="5min")
DAYS = pd.date_range("2022-01-03", periods=400)
MONTHS = pd.date_range("2018-01-01", periods=50, freq="MS")


def weekdays(*days: int) -> pd.DatetimeIndex:
    return DAYS[DAYS.day_of_week.isin(days)]


def hours(first: int, last: int, days: int = 5) -> pd.DatetimeIndex:
    return HOURS[(HOURS.day_of_week < days) & (HOURS.hour >= first) & (HOURS.hour <= last)]


def at(*clock: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([day + pd.Timedelta(hours=hour) for day in DAYS[:100] for hour in clock])


def day_of_month(day: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([month + pd.Timedelta(days=min(day, month.days_in_month) - 1) for month in MONTHS])


def range_of(frequency: str, count: int) -> pd.DatetimeIndex:
    return pd.date_range("2019-02-04", periods=count, freq=frequency)


CALENDARS = {
    "days": range_of("D", 200), "hours": range_of("h", 300), "15 minutes": range_of("15min", 800),
    "5 seconds": range_of("5s", 500), "90 minutes": range_of("90min", 400), "7 hours": range_of("7h", 300),
    "mondays": range_of("W-MON", 60), "sundays": range_of("W-SUN", 100), "two weeks": range_of("14D", 60),
    "10 days": range_of("10D", 60), "month starts": range_of("MS", 60), "month ends": range_of("ME", 60),
    "quarters": range_of("QS", 30), "quarter ends": range_of("QE", 30), "years": range_of("YS", 20),
    "year ends": range_of("YE", 20), "last working day": range_of("BME", 60), "first working day": range_of("BMS", 60),
    "1st and 15th": range_of("SMS", 60), "3rd friday": range_of("WOM-3FRI", 50), "half years": range_of("6MS", 40),
    **{f"day {day} of the month": day_of_month(day) for day in (5, 15, 28, 29, 30, 31)},
    "last friday": pd.DatetimeIndex([month + pd.offsets.LastWeekOfMonth(weekday=4) for month in MONTHS]),
    "working days": weekdays(0, 1, 2, 3, 4), "sunday to thursday": weekdays(6, 0, 1, 2, 3),
    "monday to saturday": weekdays(0, 1, 2, 3, 4, 5), "tuesdays and thursdays": weekdays(1, 3),
    "monday, wednesday, friday": weekdays(0, 2, 4),
    "business hours": hours(8, 17), "lunch gap": hours(8, 17)[hours(8, 17).hour != 12],
    "short saturdays": hours(8, 17).union(HOURS[(HOURS.day_of_week == 5) & HOURS.hour.isin([9, 10, 11])]),
    "nights": HOURS[(HOURS.hour >= 22) | (HOURS.hour < 6)],
    "twice a day": at(6, 18), "twice a day, uneven": at(8, 18), "three times a day": at(7, 13, 19),
    "trading": MINUTES[(MINUTES.day_of_week < 5) & (MINUTES.hour >= 9) & (MINUTES.hour < 16)],
    "tens of days": pd.DatetimeIndex([month + pd.Timedelta(days=day) for month in MONTHS for day in (0, 10, 20)]),
    "10th, 20th, last": pd.DatetimeIndex([month + pd.Timedelta(days=day) if day else month + pd.offsets.MonthEnd(0)
                                          for month in MONTHS for day in (9, 19, 0)]),
    "four, four, five weeks": pd.Timestamp("2018-01-07") + pd.to_timedelta(np.cumsum([28, 28, 35] * 14), unit="D"),
    "every other friday off": DAYS[(DAYS.day_of_week < 4) | ((DAYS.day_of_week == 4) & (np.arange(400) // 7 % 2 == 0))],
}  # fmt: skip


@pytest.mark.parametrize("absent", [0.0, 0.1])
@pytest.mark.parametrize("name", CALENDARS)
def test_what_was_cut_off_comes_back(name, absent):
    times = CALENDARS[name].sort_values()
    count = min(12, len(times) // 4)
    past, future = times[:-count], times[-count:]
    keep = np.random.default_rng(0).random(len(past)) >= absent
    keep[-1] = True  # a forecast begins after the last row
    came = learn(past[keep].to_numpy()).after(past[-1].to_datetime64(), count)
    assert pd.DatetimeIndex(came).tolist() == future.tolist()


@pytest.mark.parametrize("name", ["working days", "business hours", "month ends", "twice a day, uneven"])
def test_gaps_are_steps_and_closing_times_are_not(name):
    times = CALENDARS[name].to_numpy().astype("datetime64[us]")
    past = np.delete(times, [20, 21, 33])
    assert np.array_equal(grid_of(learn(past), past), times)


def test_few_rows_are_enough_for_what_is_usual():
    for times, following in (
        (pd.date_range("2024-01-01", periods=10, freq="B"), "2024-01-15"),
        (pd.date_range("2001-01-01", periods=3, freq="YS"), "2004-01-01"),
        (pd.date_range("2001-07-01", periods=3, freq="MS"), "2001-10-01"),
        (pd.date_range("2001-07-01", periods=5), "2001-07-06"),
    ):
        came = learn(times.to_numpy()).after(times[-1].to_datetime64(), 1)
        assert str(came[0])[:10] == following


def test_holidays_of_every_year_are_left_out():
    days = pd.date_range("2015-01-01", "2019-12-20", freq="B")
    easter = {2015: "04-05", 2016: "03-27", 2017: "04-16", 2018: "04-01", 2019: "04-21"}
    fridays = pd.DatetimeIndex([f"{year}-{day}" for year, day in easter.items()]) - pd.Timedelta(days=2)
    is_off = ((days.month == 12) & (days.day == 25)) | ((days.month == 1) & (days.day == 1)) | days.isin(fridays)
    calendar = learn(days[~is_off].to_numpy())
    assert set(calendar.absent) == {("date", 1, 1), ("date", 12, 25), ("easter", -2)}
    following = calendar.after(np.datetime64("2019-12-20"), 10).astype("datetime64[D]").astype(str).tolist()
    assert following == ["2019-12-23", "2019-12-24", "2019-12-26", "2019-12-27", "2019-12-30", "2019-12-31",
                         "2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07"]  # fmt: skip


def test_gaps_by_chance_are_no_holidays():
    days = pd.date_range("2015-01-01", "2018-12-31")
    keep = np.random.default_rng(0).random(len(days)) > 0.1
    assert learn(days[keep].to_numpy()).absent == ()


@pytest.mark.parametrize(("before", "after"), [(7, 5), (5, 7)])
def test_what_comes_follows_the_last_rule(before, after):
    """A shop that opens on Sundays since last year, or no longer."""
    days = pd.date_range("2022-01-01", periods=700)
    is_open = days.day_of_week < np.where(days < "2023-01-01", before, after)
    calendar = learn(days[is_open].to_numpy()[:-20])
    assert (
        pd.DatetimeIndex(calendar.after(days[is_open][-21].to_datetime64(), 20)).tolist()
        == days[is_open][-20:].tolist()
    )


@pytest.mark.parametrize("seed", range(4))
def test_events_have_no_calendar(seed):
    rng = np.random.default_rng(seed)
    for gaps in (rng.exponential(3600, 300), rng.integers(1, 6, 300) * 86_400.0):
        times = np.datetime64("2020-01-01", "us") + (np.cumsum(gaps) * 1e6).astype("timedelta64[us]")
        assert learn(times) == Calendar("steps")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("days", "1 day"), ("15 minutes", "15 minutes"), ("mondays", "7 days"), ("quarters", "3 months"),
        ("month ends", "1 month, on the last day"), ("3rd friday", "1 month, on the 3rd Friday"),
        ("last working day", "1 month, on the last working day"), ("1st and 15th", "1 month, on the 1st and the 15th"),
        ("working days", "1 day, Monday to Friday"), ("sunday to thursday", "1 day, Sunday to Thursday"),
        ("business hours", "1 hour, Monday to Friday 08:00 to 17:00"),
        ("lunch gap", "1 hour, Monday to Friday 08:00 to 11:00 and 13:00 to 17:00"),
        ("twice a day, uneven", "2 times a day, at 08:00 and 18:00"),
    ],
)  # fmt: skip
def test_a_calendar_in_words(name, words):
    assert words_of(learn(CALENDARS[name].sort_values().to_numpy())) == words


def test_seconds_apart_over_decades_follow_no_rule_and_cost_no_memory():
    """Ratings of films: two of them within a second, others years apart."""
    rng = np.random.default_rng(0)
    seconds = np.sort(np.append(rng.integers(0, 700_000_000, 2_000), [0, 1, 2]))
    times = np.datetime64("1996-03-29T18:36:55", "us") + np.unique(seconds) * np.timedelta64(1, "s")
    assert learn(times).unit in ("steps", "seconds")
