"""Calendars: which times follow, on any rule; and zones."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deepglass.core import calendar, state
from deepglass.core.calendar import Calendar, easter, utc_of, wall_of, with_offset

WORKING_DAYS = Calendar("slots", 7 * 86_400, tuple(86_400.0 * day for day in range(5)))


def days(times: np.ndarray) -> list[str]:
    return [str(time) for time in times.astype("datetime64[D]")]


def of_month(*slots, size: int = 1) -> Calendar:
    return Calendar("month slots", size, tuple((0, *slot, 0.0) for slot in slots))


@pytest.mark.parametrize(
    ("rule", "last", "following"),
    [
        (WORKING_DAYS, "2024-05-03", ["2024-05-06", "2024-05-07"]),
        (of_month(("day", 31, 0)), "2024-01-31", ["2024-02-29", "2024-03-31"]),
        (of_month(("day", 30, 0)), "2023-02-28", ["2023-03-30", "2023-04-30"]),
        (of_month(("day", 1, 0), ("day", 15, 0)), "2024-01-15", ["2024-02-01", "2024-02-15"]),
        (of_month(("weekday", 3, 4)), "2024-01-19", ["2024-02-16", "2024-03-15"]),
        (of_month(("weekday", -1, 4)), "2024-01-26", ["2024-02-23", "2024-03-29"]),
        (of_month(("weekday", 5, 0)), "2024-01-29", ["2024-04-29", "2024-07-29"]),  # few months have a fifth Monday
        (of_month(("working day", 1, 0)), "2024-05-01", ["2024-06-03", "2024-07-01"]),
        (of_month(("working day", -1, 0), size=3), "2024-01-31", ["2024-04-30", "2024-07-31"]),
        (Calendar("months", 1), "2020-01-31", ["2020-02-29", "2020-03-31"]),
        (Calendar("month ends", 1), "2020-02-29", ["2020-03-31", "2020-04-30"]),
        (Calendar("seconds", 86_400.0), "2023-12-31", ["2024-01-01", "2024-01-02"]),
    ],
)
def test_what_follows(rule, last, following):
    assert days(rule.after(np.datetime64(last), 2)) == following
    inside = rule.between(np.datetime64(last), np.datetime64(following[-1]))
    assert days(inside) == [last, *following]


def test_steps_and_numbers_have_no_dates():
    assert Calendar("steps").after(np.datetime64("2024-01-01"), 3).tolist() == [1, 2, 3]
    assert Calendar("number", 2.0).after(5, 2).tolist() == [7, 9]
    assert Calendar("steps").seconds is None


def test_days_that_are_left_out_every_year():
    rules = (("date", 12, 25), ("easter", -2), ("weekday", 11, 3, 4), ("last weekday", 5, 0, 1))
    rule = Calendar(WORKING_DAYS.unit, WORKING_DAYS.size, WORKING_DAYS.slots, rules)
    year = set(days(rule.between(np.datetime64("2024-01-01"), np.datetime64("2024-12-31"))))
    assert not year & {"2024-12-25", "2024-03-29", "2024-11-28", "2024-05-27"}
    assert {"2024-12-24", "2024-03-28", "2024-11-27", "2024-05-20"} <= year


def test_a_rule_without_a_future_is_no_endless_loop():
    never = Calendar(
        "slots", 86_400.0, (0.0,), tuple(("date", month, day) for month in range(1, 13) for day in range(1, 32))
    )
    with pytest.raises(ValueError, match="no times follow"):
        never.after(np.datetime64("2024-01-01"), 1)


@pytest.mark.parametrize(
    ("year", "date"), [(1999, "1999-04-04"), (2000, "2000-04-23"), (2024, "2024-03-31"), (2038, "2038-04-25")]
)
def test_easter(year, date):
    assert str(easter(year)) == date


def test_clocks_on_the_wall_and_back():
    utc = np.array(["2024-03-31T00:30", "2024-03-31T01:30", "2024-07-01T12:00"], "datetime64[us]")
    wall = wall_of(utc, "Europe/Berlin")
    assert [str(time)[:16] for time in wall] == ["2024-03-31T01:30", "2024-03-31T03:30", "2024-07-01T14:00"]
    assert (utc_of(wall, "Europe/Berlin") == utc).all()
    twice = np.array(["2024-10-27T02:30"], "datetime64[us]")
    first, second = (utc_of(twice, "Europe/Berlin", fold=fold)[0] for fold in (0, 1))
    assert second - first == np.timedelta64(1, "h")
    assert with_offset(first, "Europe/Berlin") == "2024-10-27T02:30:00+02:00"
    assert with_offset(second, "+05:30") == "2024-10-27T07:00:00+05:30"


def test_no_zone_of_that_name():
    with pytest.raises(ValueError, match="Europe/Berlinn"):
        calendar.zone_of("Europe/Berlinn")


def test_a_bundle_carries_the_very_same_file(tmp_path):
    """Copied with what checks it, in a Python without Deepglass and pandas."""
    folder = tmp_path / "of_a_bundle"
    folder.mkdir()
    for module in (calendar, state):
        (folder / Path(module.__file__).name).write_text(Path(module.__file__).read_text())
    code = (
        "import sys, json; sys.modules['deepglass'] = sys.modules['pandas'] = None\n"
        "from of_a_bundle.calendar import Calendar\nimport numpy as np\n"
        "print(json.dumps([str(t) for t in Calendar('month ends', 1).after(np.datetime64('2024-01-31'), 2)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [time[:10] for time in json.loads(done.stdout)] == ["2024-02-29", "2024-03-31"]
