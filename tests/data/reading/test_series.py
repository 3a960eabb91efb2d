"""Series made regular: order, repetitions, gaps, and what has no step."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.reading.series import guess_time_column, regular, step_of, words_of
from deepglass.data.reading.source import read

CONFIG = DataConfig()


def series(times, name="t"):
    return Table(pd.DataFrame({name: times, "v": np.arange(len(times), dtype=float)}), "series")


def days(count, freq="D"):
    return pd.Series(pd.date_range("2020-01-31", periods=count, freq=freq))


@pytest.mark.parametrize(
    ("freq", "words"),
    [("D", "1 day"), ("h", "1 hour"), ("5min", "5 minutes"), ("MS", "1 month"), ("ME", "1 month"), ("QS", "3 months"),
     ("7D", "7 days"), ("10s", "10 seconds"), ("YS", "12 months")],
)  # fmt: skip
def test_steps(freq, words):
    assert words_of(step_of(days(30, freq))) == words


@pytest.mark.parametrize("freq", ["D", "h", "MS", "ME", "QS", "B"])
def test_a_regular_series_is_left_alone(freq):
    table = series(days(40, freq))
    result = regular(table, "t")
    pd.testing.assert_frame_equal(result.frame, table.frame)
    assert result.guesses == []


@pytest.mark.parametrize("freq", ["D", "MS", "ME"])
def test_gaps_become_rows_without_values(freq):
    times = days(40, freq).drop([10, 11, 30]).reset_index(drop=True)
    result = regular(series(times), "t")
    assert result.frame["t"].tolist() == days(40, freq).tolist()
    assert result.frame.index[result.frame["v"].isna()].tolist() == [10, 11, 30]
    assert any(guess.what == "gaps" and "3 rows put in" in guess.value for guess in result.guesses)


def test_disorder_is_sorted_aloud_and_splits_follow():
    table = series(days(20).iloc[[1, 0, *range(2, 20)]].reset_index(drop=True))
    table.splits = {"train": np.arange(15), "test": np.arange(15, 20)}
    result = regular(table, "t")
    assert result.frame["v"].tolist()[:3] == [1.0, 0.0, 2.0]
    assert "row 2 was earlier" in str(result.guesses[0])
    assert result.splits["train"].tolist() == list(range(15))
    assert table.frame["v"].tolist()[:3] == [0.0, 1.0, 2.0]  # what was handed over is unchanged


def test_a_split_keeps_its_rows_when_they_move():
    table = series(days(20).iloc[[19, *range(19)]].reset_index(drop=True))
    table.splits = {"train": np.arange(1, 20), "test": np.array([0])}
    result = regular(table, "t")
    assert result.splits["test"].tolist() == [19]
    assert result.splits["train"].tolist() == list(range(19))


def test_splits_follow_gaps():
    table = series(days(20).drop([5]).reset_index(drop=True))
    table.splits = {"train": np.arange(14), "test": np.arange(14, 19)}
    result = regular(table, "t")
    assert result.splits["train"].tolist() == list(range(15))
    assert result.splits["test"].tolist() == list(range(15, 20))


def test_rows_that_say_the_same_are_joined():
    table = series(days(20))
    table.frame = pd.concat([table.frame, table.frame.iloc[[3]]], ignore_index=True)
    result = regular(table, "t")
    assert len(result.frame) == 20
    assert "row 21" in str(result.guesses[0])


def test_contradicting_rows_of_one_time_are_named():
    times = days(20)
    times[7] = times[6]
    with pytest.raises(DataError, match=r"repeats times with different values, first 2020-02-06.*rows 7, 8"):
        regular(series(times), "t")


def test_a_missing_time_is_named():
    times = days(20)
    times[4] = pd.NaT
    with pytest.raises(DataError, match="time column 't' is empty in row 5"):
        regular(series(times), "t")


def test_words_are_no_times():
    with pytest.raises(DataError, match="neither dates nor numbers"):
        regular(series([f"step {i}" for i in range(9)]), "t")


def test_irregular_times_are_counted_aloud():
    times = days(40)
    times[20:] += pd.Timedelta(hours=5)
    result = regular(series(times), "t")
    assert len(result.frame) == 40
    assert result.guesses[0].what == "irregular times"


def test_numbers_that_count_steps_are_a_time():
    assert len(regular(series(np.arange(10)), "t").frame) == 10


@pytest.mark.parametrize(
    ("times", "is_series"),
    [
        (days(50), True),
        (days(50).sample(frac=1, random_state=0), True),
        (days(10).repeat(5), False),
        (pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(np.cumsum(np.arange(50) ** 2), unit="h")), False),
    ],
)
def test_which_dates_make_a_series(times, is_series):
    table = series(times.reset_index(drop=True))
    assert (guess_time_column(table, CONFIG) is not None) == is_series


def test_times_spread_over_columns_are_put_together():
    times = pd.date_range("2020-01-01", periods=50, freq="h")
    frame = pd.DataFrame({"year": times.year, "month": times.month, "day": times.day, "hour": times.hour, "v": 1.5})
    table = read(frame, CONFIG)
    assert list(table.frame.columns) == ["time", "v"]
    assert table.frame["time"].tolist() == times.tolist()


def test_a_year_alone_or_repeated_days_are_no_time():
    frame = pd.DataFrame({"year": [2007, 2008] * 20, "month": [1, 2] * 20, "v": range(40)})
    assert list(read(frame, CONFIG).frame.columns) == ["year", "month", "v"]
