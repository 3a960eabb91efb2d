"""Zones told from offsets and from an hour that comes twice."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.reading import zones


def hourly(zone: str, start: str = "2024-03-01", hours: int = 6_500) -> pd.DatetimeIndex:
    return pd.date_range(start, periods=hours, freq="h", tz="UTC").tz_convert(zone)


def utc_of(times: pd.DatetimeIndex) -> np.ndarray:
    return times.tz_convert("UTC").tz_localize(None).to_numpy()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/London", "America/New_York", "Australia/Sydney"])
def test_offsets_tell_the_zone(zone):
    times = hourly(zone)
    words = pd.Series([time.isoformat() for time in times])
    assert zones.zone_of_offsets(utc_of(times), zones.offsets_of(words)) == zone


def test_one_offset_is_its_own_zone():
    assert zones.offsets_of(pd.Series(["2020-01-01T00:00Z", "2020-01-01T00:00:00-05:00", "2020"])).tolist()[:2] == [
        0,
        -300,
    ]
    assert zones.zone_of_offsets(utc_of(hourly("UTC", hours=9)), np.full(9, 330.0)) == "+05:30"
    assert zones.offsets_of(pd.Series(["2020-01-01 00:00", "2020-01-02"])) is None


def test_offsets_of_no_place_have_no_zone():
    assert zones.zone_of_offsets(utc_of(hourly("UTC", hours=9)), np.tile([60.0, -300.0, 540.0], 3)) is None


def test_an_hour_that_comes_twice_tells_the_zone():
    found = zones.zone_of_doubled(pd.Series(hourly("Europe/Berlin").tz_localize(None)))
    assert found == ("Europe/Berlin", pd.Timestamp("2024-10-27 02:00"))


def test_times_that_repeat_elsewhere_are_no_change_of_the_clock():
    times = pd.Series(pd.date_range("2024-01-01", periods=40, freq="h"))
    times[7] = times[6]
    assert zones.zone_of_doubled(times) is None
    assert zones.zone_of_doubled(pd.Series(pd.date_range("2024-10-27", periods=40, freq="h")).repeat(2)) is None


def test_the_wall_clock_of_a_zone_becomes_utc():
    times = hourly("Europe/Berlin")
    assert (zones.to_utc(pd.Series(times.tz_localize(None)), "Europe/Berlin", "t").to_numpy() == utc_of(times)).all()


def test_a_time_that_clocks_jump_over_is_named():
    with pytest.raises(DataError, match="2024-03-31 02:30:00 does not exist in Europe/Berlin"):
        zones.to_utc(pd.Series(pd.to_datetime(["2024-03-31 02:30"])), "Europe/Berlin", "meter")


def test_a_zone_that_is_none_is_refused():
    with pytest.raises(OptionError, match="did you mean Europe/Berlin"):
        zones.require_zone("berlin")
