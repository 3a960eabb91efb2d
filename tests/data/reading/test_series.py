"""How a table holds series: which column is the time, and which name the series."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.reading.series import layout_of
from deepglass.data.reading.source import guess_task, read

CONFIG = DataConfig()


def days(count, freq="D"):
    return pd.Series(pd.date_range("2020-01-31", periods=count, freq=freq))


def one(times) -> Table:
    return Table(pd.DataFrame({"t": times, "v": np.arange(len(times), dtype=float)}), "series")


def long(series: int = 3, steps: int = 30, **more) -> Table:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "date": np.tile(days(steps), series),
            "shop": np.repeat([f"s{i}" for i in range(series)], steps),
            "town": np.repeat(["Ulm", "Bonn", "Ulm"] * series, steps)[: series * steps],
            "sales": rng.normal(size=series * steps),
            **more,
        }
    )
    return Table(frame, "shops")


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
    assert (layout_of(one(times.reset_index(drop=True)), CONFIG) is not None) == is_series


def test_times_that_repeat_by_a_column_make_many_series():
    layout = layout_of(long(), CONFIG)
    assert (layout.time, layout.keys) == ("date", ("shop",))
    assert [guess.option for guess in layout.guesses] == ["--time-column", "--series-column"]
    assert guess_task(long(), CONFIG)[0] == "forecasting"


def test_words_name_a_series_before_numbers_do():
    assert layout_of(long(size=np.repeat([3, 1, 2], 30)), CONFIG).keys == ("shop",)


def test_two_columns_may_name_a_series_together():
    table = long(4)
    table.frame["product"] = np.repeat(["p0", "p1", "p0", "p1"], 30)
    table.frame["shop"] = np.repeat(["s0", "s0", "s1", "s1"], 30)
    table.frame["town"] = "Ulm"
    assert set(layout_of(table, CONFIG).keys) == {"shop", "product"}


def test_groups_of_a_few_rows_are_no_series():
    assert layout_of(long(40, 3), CONFIG) is None


def test_what_was_asked_for_is_taken():
    asked = DataConfig(series_column="town,shop", time_column="date")
    assert layout_of(long(), asked).keys == ("town", "shop")
    assert layout_of(long(), DataConfig(time_column="none")) is None
    with pytest.raises(OptionError, match=r"--series-column.*did you mean 'shop'"):
        layout_of(long(), DataConfig(series_column="shp"))


def test_whole_numbers_called_year_are_a_time():
    table = Table(
        pd.DataFrame({"year": np.arange(1990, 2020), "spots": np.random.default_rng(0).normal(size=30)}), "sun"
    )
    assert layout_of(table, CONFIG).time == "year"
    table.frame["year"] = np.random.default_rng(0).permutation(60)[:30]
    assert layout_of(table, CONFIG) is None


def test_times_spread_over_columns_are_put_together():
    times = pd.date_range("2020-01-01", periods=50, freq="h")
    frame = pd.DataFrame({"year": times.year, "month": times.month, "day": times.day, "hour": times.hour, "v": 1.5})
    table = read(frame, CONFIG)
    assert list(table.frame.columns) == ["time", "v"]
    assert table.frame["time"].tolist() == times.tolist()


def test_so_are_those_of_many_series():
    times = pd.date_range("2020-01-01", periods=30, freq="MS")
    one = pd.DataFrame({"year": times.year, "month": times.month})
    frame = pd.concat([one.assign(shop=name, sales=np.arange(30.0)) for name in "abc"], ignore_index=True)
    table = read(frame, CONFIG)
    assert layout_of(table, CONFIG).keys == ("shop",)
    assert table.frame["time"].nunique() == 30


def test_a_year_alone_or_repeated_days_are_no_time():
    frame = pd.DataFrame({"year": [2007, 2008] * 20, "month": [1, 2] * 20, "v": range(40)})
    assert list(read(frame, CONFIG).frame.columns) == ["year", "month", "v"]
