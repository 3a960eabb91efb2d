"""From a table to series on an even axis: order, repetitions, gaps, splits, scales; one series or many."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError
from deepglass.data.containers import Table
from deepglass.data.preprocess.series import Series, filled, numbers_of, series_of, value_columns
from deepglass.data.preprocess.standardizer import Standardizer


def hourly(count: int = 48, **columns) -> pd.DataFrame:
    times = pd.date_range("2024-01-01", periods=count, freq="h")
    return pd.DataFrame({"time": times, "load": np.arange(count, dtype=float), **columns})


def long(lengths=(10, 6), freq="D", starts=("2024-01-01", "2024-01-03")) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {"shop": f"s{i}", "time": pd.date_range(start, periods=n, freq=freq), "load": np.arange(n) + 100.0 * i}
        )
        for i, (n, start) in enumerate(zip(lengths, starts, strict=True))
    ]
    return pd.concat(parts, ignore_index=True)


def laid_out(frame: pd.DataFrame, keys=(), splits=None, **more) -> Series:
    table = Table(frame, "t", splits=splits or {})
    return series_of(table, "time", numbers_of(frame, ["load"]), keys, **more)


# -- one series -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("freq", ["D", "h", "MS", "ME", "QS", "B"])
def test_a_regular_series_is_left_alone(freq):
    frame = hourly(40).assign(time=pd.date_range("2020-01-31", periods=40, freq=freq))
    series = laid_out(frame)
    assert series.values[:, 0].tolist() == frame["load"].tolist()
    assert [guess.what for guess in series.guesses if guess.what != "calendar"] == []


def test_disorder_is_sorted_aloud_and_splits_follow():
    frame = hourly(20).iloc[[1, 0, *range(2, 20)]].reset_index(drop=True)
    series = laid_out(frame, splits={"train": np.arange(15), "test": np.arange(15, 20)})
    assert series.values[:, 0].tolist() == list(range(20))
    assert "row 2 was earlier" in str(series.guesses[0])
    assert series.splits["train"].tolist() == list(range(15))


def test_a_split_keeps_its_rows_when_they_move():
    frame = hourly(20).iloc[[19, *range(19)]].reset_index(drop=True)
    series = laid_out(frame, splits={"train": np.arange(1, 20), "test": np.array([0])})
    assert series.splits["test"].tolist() == [19]


@pytest.mark.parametrize("freq", ["D", "MS", "ME", "B"])
def test_absent_steps_become_gaps_and_splits_follow(freq):
    times = pd.Series(pd.date_range("2020-01-31", periods=60, freq=freq))
    frame = hourly(60).assign(time=times).drop(index=[20, 21, 45]).reset_index(drop=True)
    series = laid_out(frame, splits={"train": np.arange(20), "test": np.arange(20, 57)})
    assert series.times.astype("datetime64[D]").tolist() == times.dt.date.tolist()
    assert np.flatnonzero(np.isnan(series.values[:, 0])).tolist() == [20, 21, 45]
    assert series.splits["train"].tolist() == list(range(22))
    assert any(guess.what == "gaps" and "3 rows put in" in guess.value for guess in series.guesses)


def test_rows_that_say_the_same_are_joined():
    frame = pd.concat([hourly(20), hourly(4).iloc[[3]]], ignore_index=True)
    series = laid_out(frame)
    assert len(series) == 20
    assert "row 21" in str(series.guesses[0])


def test_contradicting_rows_of_one_time_are_named():
    frame = pd.concat([hourly(5), hourly(1, load=9.0)], ignore_index=True)
    with pytest.raises(DataError, match=r"repeats times with different values, first 2024-01-01.*rows 1, 6"):
        laid_out(frame)


def test_an_hour_that_comes_twice_names_the_zone():
    wall = pd.date_range("2024-10-20", periods=300, freq="h", tz="Europe/Berlin").tz_localize(None)
    frame = hourly(300).assign(time=wall)
    with pytest.raises(DataError, match=r"2024-10-27 02:00:00 comes twice.*--time-zone Europe/Berlin"):
        laid_out(frame)
    series = laid_out(frame, zone="Europe/Berlin")
    assert len(series) == 300
    assert series.axis.unit == "seconds"
    assert series.axis.texts(series.times[-1:]) == ["2024-11-01T10:00:00+01:00"]


def test_a_missing_time_is_named():
    with pytest.raises(DataError, match="time column 'time' is empty in row 5"):
        laid_out(hourly(20).assign(time=lambda frame: frame["time"].mask(frame.index == 4)))


def test_words_are_no_times():
    with pytest.raises(DataError, match="neither dates nor numbers"):
        laid_out(hourly(9).assign(time=[f"step {i}" for i in range(9)]))


def test_events_are_counted_aloud():
    times = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.cumsum(np.arange(40) ** 2), unit="h")
    series = laid_out(hourly(40).assign(time=times))
    assert len(series) == 40
    assert series.axis.is_counted
    assert series.guesses[0].what == "irregular times"


def test_numbers_that_count_steps_are_a_time():
    series = laid_out(hourly(10).assign(time=[*range(1990, 1998), 1999, 2000]))
    assert len(series) == 11
    assert np.isnan(series.values[8, 0])


# -- many series ----------------------------------------------------------------------------------------------------


def test_series_lie_below_each_other_whatever_the_order_of_the_rows():
    frame = long().sample(frac=1, random_state=0).reset_index(drop=True)
    series = laid_out(frame, ("shop",))
    assert series.names == [("s0",), ("s1",)]
    assert series.starts.tolist() == [0, 10, 16]
    assert series.values[10:, 0].tolist() == [100, 101, 102, 103, 104, 105]


def test_rows_in_the_order_of_time_are_no_disorder():
    frame = long().sort_values(["time", "shop"]).reset_index(drop=True)
    assert [guess.what for guess in laid_out(frame, ("shop",)).guesses] == []


def test_each_series_has_gaps_of_its_own():
    frame = long().drop(index=[4, 12]).reset_index(drop=True)
    series = laid_out(frame, ("shop",))
    assert series.lengths.tolist() == [10, 6]
    assert np.flatnonzero(np.isnan(series.values[:, 0])).tolist() == [4, 12]
    assert "in 2 of 2 series" in str(series.guesses[-1])


def test_series_may_begin_on_other_weekdays():
    frame = long((30, 30), "7D", ("2024-01-01", "2024-01-03")).drop(index=[5]).reset_index(drop=True)
    series = laid_out(frame, ("shop",))
    assert series.lengths.tolist() == [30, 30]
    assert series.axis.seconds == 7 * 86_400
    assert str(series.times[5])[:10] == "2024-02-05"


def test_keys_are_one_spelling():
    frame = long().assign(shop=[1.0] * 10 + [2.0] * 6)
    assert laid_out(frame, ("shop",)).names == [("1",), ("2",)]


def test_splits_of_many_series_follow():
    frame = long().drop(index=[4]).reset_index(drop=True)
    is_late = frame["time"] >= "2024-01-06"
    splits = {"train": np.flatnonzero(~is_late), "test": np.flatnonzero(is_late)}
    series = laid_out(frame, ("shop",), splits=splits)
    assert (series.times[series.splits["test"]] >= np.datetime64("2024-01-06")).all()
    assert len(series.splits["train"]) + len(series.splits["test"]) == 16


# -- columns --------------------------------------------------------------------------------------------------------


def test_infinities_are_refused_with_their_rows():
    frame = hourly(10)
    frame.loc[[2, 7], "load"] = np.inf
    with pytest.raises(DataError, match="'load' is infinite in rows 3, 8"):
        laid_out(frame)


def test_words_are_refused():
    with pytest.raises(DataError, match="'load' holds 'a'"):
        laid_out(hourly(3, load=["a", "b", "c"]))


def test_counters_constants_and_words_are_no_values():
    frame = hourly(6, No=np.arange(6), flat=1.0, wind=list("ababab"))
    columns, guesses = value_columns(frame, ("time",))
    assert columns == ["load"]
    assert {str(guess.value) for guess in guesses} == {"wind", "No", "flat"}


def test_gaps_are_filled_from_the_past_only():
    values = np.array([[np.nan, 1.0], [2.0, np.nan], [np.nan, np.nan], [5.0, 4.0]])
    assert filled(values, np.array([-1.0, -2.0])).tolist() == [[-1, 1], [2, 1], [2, 1], [5, 4]]
    starts = np.array([0, 2, 4])  # of two series
    assert filled(values, np.array([-1.0, -2.0]), starts).tolist() == [[-1, 1], [2, 1], [-1, -2], [5, 4]]


def test_standardizer_goes_there_and_back_and_ignores_gaps():
    values = np.array([[1.0, 7.0], [3.0, 7.0], [np.nan, 7.0]])
    standardizer = Standardizer.fit(values)
    assert standardizer.mean.tolist() == [2, 7]
    assert standardizer.std.tolist() == [1, 1]
    np.testing.assert_allclose(standardizer.backward(standardizer.forward(values)), values)
    again = Standardizer.from_state(standardizer.state())
    assert again.state() == standardizer.state()
