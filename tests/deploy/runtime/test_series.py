"""Pasts of a request: read once, off the loop, and only as long as somebody waits."""

import json
from pathlib import Path

import pytest

from deepglass.deploy.runtime import series
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.errors import InputError
from tests.deploy.serve import bundles

PAST = {"time": [f"2024-01-01 {hour:02d}:00" for hour in range(14)], "load": [float(hour) for hour in range(14)]}


@pytest.fixture(scope="module")
def hours(tmp_path_factory) -> Bundle:
    return Bundle.open(bundles.hours(tmp_path_factory.mktemp("bundle") / "hours"))


def parts_of(folder: Path) -> Bundle:
    """The same, with times from a column each for year, month and day."""
    path = bundles.hours(folder)
    schema = json.loads((path / "schema.json").read_text())
    schema["reading"] = {"columns": {}, "time_parts": ["year", "month", "day"]}
    return Bundle.open(bundles._described(path, schema))


def test_every_cell_is_read_once_for_the_forecast_and_its_times(hours, monkeypatch):
    read: list[object] = []
    monkeypatch.setattr(series, "number", lambda cell, written: read.append(cell) or float(cell))
    [answer] = hours.predict([PAST])
    assert len(read) == len(PAST["load"])
    assert len(answer["time"]) == 4


def test_nobody_reads_on_when_nobody_waits(hours):
    asked = hours.inspect([PAST] * 3)
    assert not asked.is_quick
    with pytest.raises(TimeoutError):
        asked.encode(lambda: False)


ODD_PARTS = [
    {"a": 1}, "2024", 7, [1], [2024] * 13, [{}] * 14, ["x"] * 14, [1e300] * 14, [10**300] * 14, [-1] * 14, [True] * 14,
    [None] * 13 + [{}],
]  # fmt: skip


@pytest.mark.parametrize("part", ODD_PARTS, ids=lambda part: str(part)[:20])
def test_parts_of_a_time_that_make_no_date_are_refused_with_their_column(tmp_path, part):
    bundle = parts_of(tmp_path / "hours")
    past = {"year": [2024] * 14, "month": [1] * 14, "day": [*range(1, 15)], "load": PAST["load"]}
    assert bundle.predict([past])[0]["time"][0].startswith("2024-01-")
    for name in ("year", "month", "day"):
        with pytest.raises(InputError):
            bundle.predict([past | {name: part}])
