"""Times of a request: the borders of calendars, changes of the clock, and two of them ten thousand years apart."""

import time

import numpy as np
import pytest

from deepglass.deploy.runtime.axis import Axis
from deepglass.deploy.runtime.errors import InputError

HOURS = {"column": "time", "unit": "seconds", "size": 3600.0}
AXES = {
    "hours": Axis(**HOURS),
    "hours in Berlin": Axis(**HOURS, zone="Europe/Berlin"),
    "days in Berlin": Axis("time", "seconds", 86400.0, zone="Europe/Berlin", has_clock=False),
    "seconds": Axis("time", "seconds", 1.0),
    "working days": Axis("time", "slots", 7 * 86400.0, [day * 86400 for day in range(5)], [("easter", 1)]),
    "month ends": Axis("time", "month ends", 1.0),
    "months in New York": Axis("time", "months", 3.0, zone="America/New_York"),
    "first Mondays": Axis("time", "month slots", 1.0, [(0, "weekday", 1, 0, 0)], [("date", 12, 25)]),
    "numbers": Axis("time", "number", 1.0),
    "counted": Axis("time", "steps", 1.0),
}
ODD = [
    "0001-01-01", "0001-01-01T00:00+14:00", "0001-01-03", "9999-12-31", "9999-12-31T23:59:59-14:00", "9999-12-30",
    "10000-01-01", "-0001-01-01", "2024-02-30", "2024-03-31 02:30", "2024-10-27 02:30", "noon", "", None, True, False,
    0, -1, 1.5, 1e18, 1e300, float("inf"), float("nan"), 10**400, {}, [], {"a": 1}, "NaT", "20240131", "2024-W05-3",
    "2024-01-31T24:00",
]  # fmt: skip


@pytest.mark.parametrize("name", AXES)
def test_any_two_times_are_laid_out_and_followed_or_refused_with_a_sentence_and_at_once(name):
    axis, begun, answered, refused = AXES[name], time.thread_time(), 0, []
    for first in ODD:
        for last in (first, "0001-01-03", "2024-01-31", "2024-02-01 10:00", "9999-12-29", 17):
            try:
                times = axis.read([first, last])
                times, values = axis.laid_out(times, np.array([[1.0], [np.nan]]))
                assert len(times) == len(values) < 500_000
                assert len(axis.texts(axis.after(times[-1], 3))) == 3
                answered += 1
            except InputError as error:
                refused.append(str(error))
    assert all(message.startswith("'time': ") for message in refused)
    assert answered > 5
    assert time.thread_time() - begun < 20


def test_thirty_thousand_times_on_the_wall_are_read_in_seconds():
    walls = np.datetime64("2010-01-01T00:00") + np.arange(30_000) * np.timedelta64(1, "h")
    begun = time.thread_time()
    times = AXES["hours in Berlin"].read([str(wall) for wall in walls])
    assert time.thread_time() - begun < 5
    assert len(np.unique(times)) > 29_900


def test_an_hour_that_comes_twice_is_two_hours():
    times = AXES["hours in Berlin"].read([f"2024-10-27 {hour}:00" for hour in ("01", "02", "02", "03")])
    assert (np.diff(times) == np.timedelta64(1, "h")).all()
    with_offset = AXES["hours in Berlin"].read(["2024-10-27T02:00+02:00", "2024-10-27 02:00"])
    assert (np.diff(with_offset) == np.timedelta64(1, "h")).all()


def test_gaps_are_filled_up_to_a_bound_that_says_what_to_do():
    axis = AXES["hours"]
    times, values = axis.laid_out(axis.read(["2020-01-01", "2024-01-01"]), np.ones((2, 1)))
    assert len(times) == 4 * 365 * 24 + 25
    assert np.isfinite(values).sum() == 2
    with pytest.raises(
        InputError, match=r"0400-01-01.* are 14,235,\d+ steps, of which 2 came: send the end of the series"
    ):
        axis.laid_out(axis.read(["0400-01-01", "2024-01-01"]), np.ones((2, 1)))


def test_a_time_that_comes_twice_may_say_the_same_twice_and_nothing_else():
    axis = AXES["hours"]
    twice = axis.read(["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 00:00"])
    times, values = axis.laid_out(twice, np.array([[1.0], [2.0], [1.0]]))
    assert len(times) == 2
    assert values[:, 0].tolist() == [1.0, 2.0]
    with pytest.raises(InputError, match="2024-01-01T00:00:00 comes twice with different values"):
        axis.laid_out(twice, np.array([[1.0], [2.0], [3.0]]))
