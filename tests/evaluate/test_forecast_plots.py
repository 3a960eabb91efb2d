"""Pictures of forecasts: what is laid end to end, which series are shown, dates and bands."""

import numpy as np

from deepglass.evaluate import forecast_plots


def outputs(count: int = 30, steps: int = 5, **more) -> dict[str, np.ndarray]:
    series = np.arange(60.0)
    targets = np.stack([series[i : i + steps] for i in range(count)])[..., None]
    return {"targets": targets, "predictions": targets + 1, **more}


def test_windows_are_laid_end_to_end():
    targets = outputs()["targets"]
    assert forecast_plots._end_to_end(targets).tolist() == [0, 5, 10, 15, 20, 25]
    assert forecast_plots._end_to_end(targets[::5]).tolist() == [0, 1, 2, 3, 4, 5]
    targets[targets == 12] = np.nan  # a gap hides no overlap
    assert len(forecast_plots._end_to_end(targets)) == 6


def test_dates_stand_below_a_forecast():
    begins = np.datetime64("2024-05-01T08:00", "us") + np.arange(30) * np.timedelta64(1, "h")
    [picture] = forecast_plots.forecasts(outputs(begins=begins), ["load"])
    assert "2024-05-01 08:00" in picture
    assert "e+0" not in picture


def test_steps_are_counted_where_there_are_no_times():
    [picture] = forecast_plots.forecasts(outputs(begins=np.arange(30)), ["load"])
    assert "steps; a forecast looks 5 ahead" in picture


def test_of_many_series_the_best_and_the_worst_are_shown():
    keys = np.repeat([f"shop\t{i}" for i in range(6)], 5)
    found = forecast_plots.forecasts(outputs(series=keys), ["sales"], [f"shop {i}" for i in range(6)])
    assert ["(among the best)" in picture for picture in found] == [True, True, False, False]
    assert [name in picture for name, picture in zip(("shop 0", "shop 1", "shop 4", "shop 5"), found)] == [True] * 4


def test_a_window_shows_its_interval_its_dates_and_large_numbers_in_full():
    series = {"past": [1e6, None, 3e6], "target": [2e6, None], "predicted": [2e6, 2.5e6]}
    series |= {"lower": [1e6, 1e6], "upper": [3e6, 4e6], "times": [f"2024-01-0{day}" for day in range(1, 6)]}
    picture = forecast_plots.window(series)
    assert "2024-01-01" in picture
    assert "3,000,000" in picture
    assert "fill-opacity: 0.18" in picture or "opacity: 0.18" in picture


def test_coverage_by_step_needs_an_interval():
    rows = [{"step": h, "mae": 1.0, "rmse": 1.0} for h in range(1, 5)]
    assert forecast_plots.coverage(rows, 0.8) is None
    assert "80 % are promised" in forecast_plots.coverage([row | {"coverage": 0.7} for row in rows], 0.8)
