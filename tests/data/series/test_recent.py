"""The end of a series goes with the run and its bundle: a page that forecasts begins with it."""

import numpy as np
import pandas as pd

from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.series.choice import make_plan
from deepglass.data.series.recent import recent_past
from deepglass.deploy.runtime.fields.series import Field
from deepglass.tasks.forecasting import Config


def of_schema(plan: dict) -> dict | None:
    return Field({"name": "a"}, {"series": plan}).recent_past()


def recent(steps: int, **options) -> dict:
    days = pd.date_range("2024-01-01", periods=steps, freq="D")
    seen = np.where(np.arange(steps) < steps - 3, 1.0 * np.arange(steps) % 11, np.nan)
    table = Table(pd.DataFrame({"day": days, "a": np.arange(steps, dtype=float), "b": seen}), "ab")
    options = {"targets": "a", "horizon": 4, "context": 20, "season": 1} | options
    plan, series, _, _ = make_plan(table, Config(**options), DataConfig(time_column="day"))
    return recent_past(table, series, plan)


def test_it_is_the_last_rows_in_the_unit_of_the_data_with_gaps_as_nothing():
    found = recent(110)
    assert len(found["times"]) == 20
    assert found["times"][-1][:10] == "2024-04-19"
    assert found["values"]["a"] == [float(value) for value in range(90, 110)]
    assert found["values"]["b"][-3:] == [None] * 3
    assert len(recent(110, horizon=10)["times"]) == 30
    assert len(recent(4000, context=2500)["times"]) == 2000


def test_what_is_known_in_advance_has_a_future():
    values = recent(110, known="b", covariates="none")["values"]
    assert values["a"][-4:] == [None] * 4
    assert values["a"][-5] == 105.0
    assert values["b"][-4] == 106 % 11


def test_a_run_without_it_has_none_and_one_that_is_too_short_too():
    plan = {"context": 20, "horizon": 4, "axis": {"column": "day", "unit": "seconds", "size": 86400.0}}
    assert of_schema(plan) is None
    found = recent(110)
    short = {"times": found["times"][:15], "values": {name: cells[:15] for name, cells in found["values"].items()}}
    assert of_schema(plan | {"recent": short}) is None
    whole = of_schema(plan | {"recent": found})
    assert list(whole) == ["day", "a", "b"]
    assert len(whole["day"]) == 20
