"""Series on an even axis: gaps, scales, windows, times to come."""

import numpy as np
import pandas as pd
import pytest
import torch

from deepglass.core.errors import DataError
from deepglass.data.containers import Table
from deepglass.data.preprocess.series import Standardizer, filled, series_of, value_columns
from deepglass.data.preprocess.time_axis import TimeAxis, as_texts
from deepglass.data.preprocess.windows import Windows, origins_between


def hourly(count: int = 48, **columns) -> pd.DataFrame:
    times = pd.date_range("2024-01-01", periods=count, freq="h")
    return pd.DataFrame({"time": times, "load": np.arange(count, dtype=float), **columns})


# -- the axis -------------------------------------------------------------------------------------------------------


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
    ],
)
def test_times_continue_at_the_step_of_the_data(start, frequency, following):
    times = pd.date_range(start, periods=34, freq=frequency)
    assert as_texts(TimeAxis.of(times, "time").after(times[-1], 3)) == following


def test_an_axis_of_numbers_counts_on():
    axis = TimeAxis.of(pd.Index([1990, 1992, 1994]), "year")
    assert axis.after(1994, 2).tolist() == [1996, 1998]
    assert axis.seconds is None


def test_an_axis_survives_its_state():
    axis = TimeAxis.of(pd.date_range("2021-01-31", periods=9, freq="ME"), "month")
    assert TimeAxis(**axis.state()) == axis


def test_a_step_needs_three_times():
    with pytest.raises(DataError, match="at least 3 times"):
        TimeAxis.of(pd.date_range("2024", periods=2), "time")


# -- from table to series -------------------------------------------------------------------------------------------


def test_disorder_is_sorted():
    frame = hourly(10).sample(frac=1, random_state=0)
    series = series_of(Table(frame, "t"), "time", ["load"])
    assert series.values[:, 0].tolist() == list(range(10))
    assert "sorted" in str(series.guesses[0])


def test_absent_steps_become_gaps():
    series = series_of(Table(hourly(10).drop(index=[4, 5]).reset_index(drop=True), "t"), "time", ["load"])
    assert len(series) == 10
    assert np.flatnonzero(np.isnan(series.values[:, 0])).tolist() == [4, 5]


def test_a_repeated_time_is_refused():
    frame = pd.concat([hourly(5), hourly(1, load=9.0)], ignore_index=True)
    with pytest.raises(DataError, match="rows 1, 6"):
        series_of(Table(frame, "t"), "time", ["load"])


def test_infinities_are_refused_with_their_rows():
    frame = hourly(10)
    frame.loc[[2, 7], "load"] = np.inf
    with pytest.raises(DataError, match="'load' is infinite in rows 3, 8"):
        series_of(Table(frame, "t"), "time", ["load"])


def test_words_are_refused():
    with pytest.raises(DataError, match="'load' holds 'a'"):
        series_of(Table(hourly(3, load=["a", "b", "c"]), "t"), "time", ["load"])


def test_a_missing_column_is_named():
    with pytest.raises(DataError, match="lacks 1 column: wind"):
        series_of(Table(hourly(3), "t"), "time", ["load", "wind"])


def test_counters_constants_and_words_are_no_values():
    frame = hourly(6, No=np.arange(6), flat=1.0, wind=list("ababab"))
    columns, guesses = value_columns(frame, "time")
    assert columns == ["load"]
    assert {str(guess.value) for guess in guesses} == {"wind", "No", "flat"}


def test_gaps_are_filled_from_the_past_only():
    values = np.array([[np.nan, 1.0], [2.0, np.nan], [np.nan, np.nan], [5.0, 4.0]])
    assert filled(values, np.array([-1.0, -2.0])).tolist() == [[-1, 1], [2, 1], [2, 1], [5, 4]]


def test_standardizer_goes_there_and_back_and_ignores_gaps():
    values = np.array([[1.0, 7.0], [3.0, 7.0], [np.nan, 7.0]])
    standardizer = Standardizer.fit(values)
    assert standardizer.mean.tolist() == [2, 7]
    assert standardizer.std.tolist() == [1, 1]
    np.testing.assert_allclose(standardizer.backward(standardizer.forward(values)), values)
    again = Standardizer.from_state(standardizer.state())
    assert again.state() == standardizer.state()


# -- windows --------------------------------------------------------------------------------------------------------


def windows(count: int = 20, context: int = 4, horizon: int = 3) -> Windows:
    values = torch.arange(count, dtype=torch.float32)[:, None]
    return Windows(values, -values, values, origins_between(0, count, context, horizon), context, horizon)


def test_a_window_is_the_past_and_the_future_around_its_origin():
    past, covariates, future = windows().batch(torch.tensor([0, 13]))
    assert past[:, :, 0].tolist() == [[0, 1, 2, 3], [13, 14, 15, 16]]
    assert covariates[:, :, 0].tolist() == [[0, -1, -2, -3], [-13, -14, -15, -16]]
    assert future[:, :, 0].tolist() == [[4, 5, 6], [17, 18, 19]]


def test_there_are_as_many_windows_as_fit():
    assert len(windows(20, 4, 3)) == 20 - 4 - 3 + 1
    assert origins_between(10, 13, 4, 3).tolist() == [10]
    assert len(origins_between(10, 12, 4, 3)) == 0


def test_season_before_repeats_the_last_season():
    forecast = windows(20, 4, 3).season_before(2)
    assert forecast[0, :, 0].tolist() == [2, 3, 2]


def test_windows_without_a_known_future_are_left_out():
    all_windows = windows(12, 2, 2)
    all_windows.truth[5] = torch.nan
    assert all_windows.with_known_future(1.0).origins.tolist() == [2, 3, 6, 7, 8, 9, 10]
    all_windows.truth[6] = torch.nan
    assert all_windows.with_known_future(1e-6).origins.tolist() == [2, 3, 4, 6, 7, 8, 9, 10]
