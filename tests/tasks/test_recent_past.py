"""The end of a series goes with the run and its bundle: a page that forecasts begins with it."""

import numpy as np
import pandas as pd

from deepglass.data.preprocess.series import Series
from deepglass.deploy.serve.examples import recent_past as of_schema
from deepglass.tasks._recent_past import recent_past


def series(steps: int) -> Series:
    values = np.stack([np.arange(steps, dtype=float), np.full(steps, np.nan)], axis=1)
    return Series(pd.date_range("2024-01-01", periods=steps, freq="D"), values, {}, [])


def test_it_is_the_last_steps_in_the_unit_of_the_data_with_gaps_as_nothing():
    found = recent_past(series(100 + 10), 100, ["a", "b"], context=20, horizon=4)
    assert len(found["times"]) == 20
    assert found["times"][-1] == "2024-04-09"
    assert found["values"]["a"] == [float(value) for value in range(80, 100)]
    assert found["values"]["b"] == [None] * 20
    assert len(recent_past(series(100 + 10), 100, ["a", "b"], context=20, horizon=10)["times"]) == 30
    assert len(recent_past(series(15 + 10), 15, ["a", "b"], context=20, horizon=10)["times"]) == 15
    assert len(recent_past(series(9000 + 10), 9000, ["a", "b"], context=8000, horizon=10)["times"]) == 2000


def test_a_run_without_it_has_none_and_one_that_is_too_short_too():
    plan = {"context": 20, "horizon": 4, "axis": {"column": "day", "unit": "seconds", "size": 86400.0}}
    assert of_schema({"series": plan}) is None
    assert of_schema({"series": plan | {"recent": recent_past(series(15 + 10), 15, ["a", "b"], 20, 4)}}) is None
    whole = of_schema({"series": plan | {"recent": recent_past(series(50 + 10), 50, ["a", "b"], 20, 4)}})
    assert list(whole) == ["day", "a", "b"]
    assert len(whole["day"]) == 20
