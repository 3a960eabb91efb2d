"""The best linear forecast in closed form: what it finds, and what the model makes of it."""

import numpy as np
import pandas as pd
import pytest
import torch

from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.tasks.forecasting import Config, Task
from deepglass.zoo import architectures


def prepared_of(values: np.ndarray, frequency: str = "D", more: dict | None = None, **options):
    times = pd.date_range("2022-01-03", periods=len(values), freq=frequency)
    task = Task(DataConfig(), Config(**options), 0)
    return task, task.prepare(Table(pd.DataFrame({"time": times, "load": values, **(more or {})}), "power"))


def error_of(task: Task, prepared) -> float:
    """Of the model where training begins, in deviations of the training part."""
    settings = task.model_defaults("dlinear", len(prepared.train))
    model = architectures.load("dlinear", task="forecasting", **prepared.dims, **settings)
    task.begin(model, prepared)
    return task.evaluate(task.outputs(model.eval(), prepared.test))["mse_standardized"]["value"]


def remembering(count: int, rng: np.random.Generator) -> np.ndarray:
    values = rng.normal(size=count)
    for i in range(2, count):
        values[i] += 0.6 * values[i - 1] + 0.3 * values[i - 2]
    return values


def test_the_model_says_what_the_solution_says():
    rng = np.random.default_rng(0)
    task, prepared = prepared_of(np.cumsum(rng.normal(size=400)) + 0.1 * np.arange(400), horizon=5, context=12)
    settings = task.model_defaults("dlinear", len(prepared.train))
    model = architectures.load("dlinear", task="forecasting", **prepared.dims, **settings)
    task.begin(model, prepared)
    past, covariates, known, static, _ = prepared.test.batch(torch.arange(20))
    expected = task.start.solution.forecast(past.double(), static.double()).float()
    torch.testing.assert_close(model(past, covariates, known, static), expected, atol=1e-5, rtol=1e-5)


def test_an_autoregression_is_forecast_as_well_as_it_can_be():
    rng = np.random.default_rng(0)
    values = remembering(3000, rng)
    task, prepared = prepared_of(values, horizon=1, context=8)
    assert error_of(task, prepared) * task.plan.deviations[0, 0] ** 2 == pytest.approx(1, rel=0.12)  # the noise itself


def test_a_long_cycle_is_looked_back_at():
    rng, count = np.random.default_rng(0), 900
    course = np.repeat(rng.normal(size=20), 7)  # 140 steps of any shape, again and again
    values = 3 * np.tile(course, 8)[:count] + rng.normal(size=count)
    task, prepared = prepared_of(values)
    assert task.plan.season == 140
    assert task.plan.context >= 140
    short, parts = prepared_of(values, context=20, horizon=task.plan.horizon)
    assert error_of(task, prepared) < 0.7 * error_of(short, parts)


def test_the_hour_and_the_weekday_are_seen_where_they_matter():
    rng, hours = np.random.default_rng(0), np.arange(24 * 7 * 8)
    busy = np.where(hours // 24 % 7 < 5, 3.0, 1.0) * np.sin(2 * np.pi * hours / 24)
    values = busy + 0.3 * remembering(len(hours), rng)
    task, prepared = prepared_of(values, "h")
    assert {days for days, _ in task.plan.periods} == {7.0, 1.0}
    without, parts = prepared_of(values, "h", calendar="none", horizon=task.plan.horizon)
    assert without.plan.periods == ()
    assert error_of(task, prepared) < error_of(without, parts)


def test_noise_has_no_calendar():
    task, _ = prepared_of(np.random.default_rng(0).normal(size=600), "h")
    assert task.plan.periods == ()


def test_a_season_alone_is_no_reason_for_the_calendar():
    """What a day was like yesterday says more than what days were like for a month."""
    rng, hours = np.random.default_rng(0), np.arange(24 * 50)
    course = rng.normal(size=24) + np.cumsum(0.3 * rng.normal(size=(50, 24)), axis=0)  # each hour wanders by itself
    task, _ = prepared_of(course[hours // 24, hours % 24] + 0.1 * rng.normal(size=len(hours)), "h")
    assert task.plan.season == 24
    assert task.plan.periods == ()


def test_gaps_in_the_future_are_no_reason_to_learn_less():
    rng, steps = np.random.default_rng(0), np.arange(700)
    values = 5 * np.sin(2 * np.pi * steps / 24) + 0.3 * rng.normal(size=700)
    whole, parts = prepared_of(values, "h", horizon=24, context=48)
    holes = values.copy()
    holes[rng.random(700) < 0.1] = np.nan  # hardly a future of a day is whole
    task, prepared = prepared_of(holes, "h", horizon=24, context=48)
    assert error_of(task, prepared) < 2 * error_of(whole, parts)


def test_covariates_that_run_ahead_are_used():
    rng = np.random.default_rng(0)
    wind = remembering(800, rng)
    load = np.roll(wind, 3) + 0.1 * rng.normal(size=800)  # follows the wind by three steps
    task, prepared = prepared_of(load, more={"wind": wind}, targets="load", horizon=3, context=12)
    assert task.plan.covariate_lags > 0
    alone, parts = prepared_of(load, targets="load", horizon=3, context=12)
    assert error_of(task, prepared) < 0.5 * error_of(alone, parts)


def test_covariates_of_chance_are_not():
    rng = np.random.default_rng(0)
    task, _ = prepared_of(
        remembering(500, rng), more={"wind": rng.normal(size=500)}, targets="load", horizon=3, context=12
    )
    assert task.plan.covariate_lags == 0


def test_training_polishes_and_does_not_begin_anew():
    task, prepared = prepared_of(np.random.default_rng(0).normal(size=300), horizon=3, context=12)
    assert task.train_defaults("dlinear", len(prepared.train))["learning_rate"] < 1e-4
    assert task.train_defaults("lstm", len(prepared.train))["learning_rate"] >= 1e-3
