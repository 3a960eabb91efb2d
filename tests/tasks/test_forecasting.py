"""Forecasting from a table to answers: what is decided, that nothing leaks, and what bad input is told."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table, Text
from deepglass.data.series import spans
from deepglass.tasks.forecasting import Config, Task
from deepglass.training.config import TrainConfig
from deepglass.training.loop import fit
from deepglass.zoo import architectures

SHARED = Path(__file__).parents[2] / "../shared/data"
SMALL = {"horizon": 4, "context": 12, "season": 12}


def table(count: int = 240, frequency: str = "h", season: int = 12, noise: float = 0.1) -> Table:
    rng = np.random.default_rng(0)
    wave = np.sin(np.arange(count) * 2 * np.pi / season)
    times = pd.date_range("2024-01-01", periods=count, freq=frequency)
    load, wind = 50 + 10 * wave + noise * rng.normal(size=count), 5 + wave + noise * rng.normal(size=count)
    return Table(pd.DataFrame({"time": times, "load": load, "wind": wind}), "power")


def make_task(data: DataConfig = DataConfig(), **options) -> Task:  # noqa: B008 - frozen
    return Task(data, Config(**{**SMALL, **options}), 0)


def train(task: Task, prepared, model_name: str = "dlinear", **options):
    torch.manual_seed(0)
    defaults = task.train_defaults(model_name, len(prepared.train)) | {"device": "cpu"} | options
    task.train_config = TrainConfig(**defaults)
    settings = task.model_defaults(model_name, len(prepared.train))
    model = architectures.load(model_name, task=task.name, **prepared.dims, **settings)
    task.begin(model, prepared)
    return fit(model, task, prepared.train, prepared.val, task.train_config).model


# -- the contract ---------------------------------------------------------------------------------------------------


def test_from_table_to_judged_model():
    task, data = make_task(), table()
    prepared = task.prepare(data)
    outputs = task.outputs(train(task, prepared, epochs=30), prepared.test)
    assert outputs.predictions.shape == outputs.targets.shape == (len(prepared.test), 4, 2)
    scores, baseline = task.evaluate(outputs), task.baseline(prepared)
    assert scores["mase"]["value"] < baseline["mase"]["value"]
    assert baseline["name"] == "seasonal naive (12 steps)"
    assert set(task.validate(outputs)) >= {task.monitor}
    json.dumps([scores, baseline, task.state(), task.mistakes(outputs, prepared, data)])


@pytest.mark.parametrize("model_name", ["lstm", "gru", "patch-transformer"])
def test_every_model_trains(model_name):
    task = make_task(targets="load")
    prepared = task.prepare(table())
    model = train(task, prepared, model_name, epochs=2)
    assert np.isfinite(task.outputs(model, prepared.test).predictions).all()


def test_standardised_scores_are_errors_in_deviations_of_the_training_part():
    task = make_task()
    prepared = task.prepare(table())
    outputs = task.outputs(train(task, prepared, epochs=1), prepared.test)
    deviations = table().frame[["load", "wind"]].iloc[: int(prepared.val.origins[0])].std(ddof=0).to_numpy()
    expected = (((outputs.predictions - outputs.targets) / deviations) ** 2).mean()
    assert task.evaluate(outputs)["mse_standardized"]["value"] == pytest.approx(expected, rel=1e-6)
    assert outputs.losses.mean() == pytest.approx(expected, rel=1e-4)


def test_the_baseline_repeats_the_last_season():
    task, data = make_task(targets="load"), table()
    prepared = task.prepare(data)
    load, origins = data.frame["load"].to_numpy(), prepared.ids["test"]
    errors = np.abs(load[origins[:, None] + np.arange(4)] - load[origins[:, None] - 12 + np.arange(4)])
    assert task.baseline(prepared)["mae"]["value"] == pytest.approx(errors.mean(), rel=1e-5)


def test_mistakes_are_the_worst_windows_and_do_not_overlap():
    task, data = make_task(), table()
    prepared = task.prepare(data)
    outputs = task.outputs(train(task, prepared, epochs=1), prepared.test)
    worst = task.mistakes(outputs, prepared, data, count=3)
    assert worst[0]["loss"] == pytest.approx(outputs.losses.max())
    assert [len(worst[0]["series"][part]) for part in ("past", "target", "predicted")] == [12, 4, 4]
    begins = sorted(pd.Timestamp(mistake["id"]) for mistake in worst)
    assert all(after - before >= pd.Timedelta(hours=4) for before, after in pairwise(begins))


# -- no future leaks ------------------------------------------------------------------------------------------------


def test_what_comes_after_the_training_part_changes_nothing_in_it():
    changed = table()
    first, second = (make_task(calendar="none") for _ in range(2))  # whether it counts is decided by validation
    before = first.prepare(table())
    end = int(before.val.origins[0])
    changed.frame.loc[end:, ["load", "wind"]] += 1000.0
    after = second.prepare(changed)
    of_training = [{name: part for name, part in task.state().items() if name != "recent"} for task in (first, second)]
    assert of_training[0] == of_training[1]
    everything = torch.arange(len(before.train))
    for one, other in zip(before.train.batch(everything), after.train.batch(everything), strict=True):
        torch.testing.assert_close(one, other)


def test_parts_follow_each_other_and_futures_never_cross():
    prepared = make_task().prepare(table())
    ends = [int(part.origins.max()) + 4 for part in (prepared.train, prepared.val, prepared.test)]
    assert ends[0] <= int(prepared.val.origins.min())
    assert ends[1] <= int(prepared.test.origins.min())
    assert ends[2] == 240


def test_pasts_of_the_test_part_reach_back_over_its_border():
    prepared = make_task().prepare(table())
    assert int(prepared.test.origins[0]) == 240 - 48
    assert len(prepared.test) == 48 - 4 + 1


def test_gaps_are_fed_from_the_past_and_never_scored():
    data = table()
    data.frame.loc[[100, 101, 200], "load"] = np.nan
    task = make_task()
    prepared = task.prepare(data)
    assert torch.isfinite(prepared.train.values).all()
    assert prepared.train.values[101, 0] == prepared.train.values[99, 0]
    assert not torch.isfinite(prepared.train.truth[100, 0])
    outputs = task.outputs(architectures.load("dlinear", task="forecasting", **prepared.dims), prepared.test)
    begins = prepared.ids["test"].tolist()
    assert np.isnan(outputs.targets[begins.index(198), 2, 0])
    assert np.isfinite([outputs.losses[begins.index(198)], task.evaluate(outputs)["mae"]["value"]]).all()
    batch = prepared.train.batch(torch.tensor([100 - 12]))  # its future begins in the gap
    model = architectures.load("dlinear", task="forecasting", **prepared.dims)
    assert torch.isfinite(task.loss(model, batch))


# -- choices --------------------------------------------------------------------------------------------------------


def test_named_targets_make_the_others_covariates():
    prepared = make_task(targets="load").prepare(table())
    assert (prepared.dims["num_series"], prepared.dims["num_covariates"]) == (1, 1)
    assert make_task(targets="load", covariates="none").prepare(table()).dims["num_covariates"] == 0


@pytest.mark.parametrize("splits", ["120,60,60", "120h,60h,60h", "5d,60h,60h"])
def test_parts_can_be_given_in_steps_or_time(splits):
    prepared = make_task(splits=splits).prepare(table())
    assert (int(prepared.val.origins[0]), int(prepared.test.origins[0])) == (120, 180)


def test_parts_that_the_data_declare_are_kept():
    data = table()
    data.splits = {"train": np.arange(150), "test": np.arange(150, 240)}
    prepared = make_task().prepare(data)
    assert int(prepared.test.origins[0]) == 150
    assert int(prepared.train.origins[-1]) + 4 <= int(prepared.val.origins[0]) < 150


def test_the_season_is_found():
    task = Task(DataConfig(), Config(), 0)
    task.prepare(table(480, season=24))
    assert task.plan.season == 24
    assert task.plan.context >= 24


@pytest.mark.parametrize(("seconds", "horizon"), [(60, 60), (3600, 24), (86400, 14), (7 * 86400, 13), (2.6e6, 12)])
def test_the_horizon_suits_the_step(seconds, horizon):
    assert spans.default_horizon(seconds) == horizon


def test_folds_roll_forward():
    folds = make_task().folds(table(), 3)
    assert [len(fold["test"]) for fold in folds] == [40, 40, 40]
    assert all(fold["train"].max() < fold["test"].min() for fold in folds)


# -- bad input ------------------------------------------------------------------------------------------------------


def test_disorder_is_sorted_and_said():
    shuffled = Table(table().frame.sample(frac=1, random_state=0).reset_index(drop=True), "power")
    prepared = make_task().prepare(shuffled)
    assert any(guess.what == "order" for guess in prepared.guesses)
    torch.testing.assert_close(prepared.train.values, make_task().prepare(table()).train.values)


def test_absent_times_become_gaps():
    data = table()
    data.frame = data.frame.drop(index=range(50, 55)).reset_index(drop=True)
    prepared = make_task().prepare(data)
    assert len(prepared.train.values) == 240 + 4  # and room for the last future
    assert any(guess.what == "gaps" for guess in prepared.guesses)


def spoil(column: str, rows, value) -> Table:
    data = table()
    data.frame[column] = data.frame[column].astype(object) if isinstance(value, str) else data.frame[column]
    data.frame.loc[rows, column] = value
    return data


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (spoil("time", [3], pd.Timestamp("2024-01-01 02:00")), {}, "repeats times.*rows 3, 4"),
        (spoil("load", [5, 9], np.inf), {}, "'load' is infinite in rows 6, 10"),
        (spoil("load", slice(None), 1.0), {"targets": "load"}, "always 1"),
        (spoil("load", slice(None), np.nan), {"targets": "load"}, "empty"),
        (table(10), {"season": 2, "horizon": 4}, "training part has 7 steps.*needs 16"),
        (table(40), {"horizon": 20, "context": 4}, "val part has 3 steps|test part has 8 steps"),
        (Text("words", "book"), {}, "is no table"),
    ],
)
def test_bad_data_are_refused_in_words(data, options, message):
    with pytest.raises(DataError, match=message):
        make_task(**options).prepare(data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 0}, "--horizon: expected at least 1"),
        ({"season": 200}, "--season 200: expected at most the 173 steps"),
        ({"targets": "lod"}, "did you mean 'load'"),
        ({"covariates": "load"}, "forecast already"),
        ({"splits": "8,2"}, "three lengths"),
        ({"splits": "soon,1,1"}, "got 'soon'"),
        ({"splits": "200,60,60"}, "the series has 240"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(OptionError, match=message):
        make_task(**options).prepare(table())


def test_declared_parts_must_follow_each_other():
    data = table()
    data.splits = {"train": np.arange(100, 240), "test": np.arange(100)}
    with pytest.raises(DataError, match="follow each other in time"):
        make_task().prepare(data)


# -- prediction -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained():
    task = make_task(targets="load")
    prepared = task.prepare(table())
    again = make_task()
    again.load_state(json.loads(json.dumps(task.state())))
    return again, train(task, prepared, epochs=10), task


def test_state_makes_the_same_task(trained):
    again, model, task = trained
    assert again.state() == task.state()
    inputs = table(60)
    mine, _ = task.read(inputs, with_target=False)
    other, _ = again.read(inputs, with_target=False)
    np.testing.assert_array_equal(task.outputs(model, mine).predictions, again.outputs(model, other).predictions)


def test_prediction_continues_the_time(trained):
    task, model, _ = trained
    examples, names = task.read(table(30), with_target=False)
    outputs = task.outputs(model, examples)
    answers = task.answers(outputs, names)
    assert outputs.targets is None
    assert [answer["time"] for answer in answers] == [f"2024-01-02 {hour:02}:00:00" for hour in (6, 7, 8, 9)]
    assert all(set(answer) == {"time", "load"} for answer in answers)  # without a validation, no interval
    truth = table(34).frame["load"].to_numpy()[-4:]
    assert np.abs(np.array([answer["load"] for answer in answers]) - truth).mean() < 5


@pytest.mark.parametrize(
    ("frequency", "following"),
    [("h", "2024-01-11 00:00:00"), ("D", "2024-08-28"), ("MS", "2044-01-01")],
)
def test_the_first_forecast_follows_the_last_row(frequency, following):
    task = make_task()
    task.prepare(table(frequency=frequency))
    assert task.read(table(frequency=frequency), with_target=False)[1]["time"][0][0] == following


def test_order_and_further_columns_do_not_matter(trained):
    task, model, _ = trained
    frame = table(40).frame
    other = frame[["wind", "load", "time"]].assign(note="x")
    predictions = [
        task.outputs(model, task.read(Table(f, "new"), with_target=False)[0]).predictions for f in (frame, other)
    ]
    np.testing.assert_array_equal(*predictions)


def test_rolling_evaluation_has_a_forecast_for_every_step_with_a_future(trained):
    task, model, _ = trained
    examples, names = task.read(table(40), with_target=True)
    assert len(examples) == 40 - 12 - 4 + 1
    outputs = task.outputs(model, examples)
    assert task.evaluate(outputs)["count"] == 25
    answers = task.answers(outputs, names)
    assert answers[4]["begins"] == "2024-01-01 13:00:00"
    assert [answer["step"] for answer in answers[:5]] == [1, 2, 3, 4, 1]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (table(8).frame, "has 8 steps: expected at least 12"),
        (table(40).frame.drop(columns="wind"), "lacks 1 column: wind"),
        (table(40).frame.drop(columns="time"), "lacks 1 column: time"),
        (table(40, frequency="D").frame, "step of 1 day: expected 1 hour"),
        (table(40).frame.assign(load="high"), "'load' holds 'high'"),
    ],
)
def test_new_data_that_do_not_fit_are_refused(trained, frame, message):
    with pytest.raises(DataError, match=message):
        trained[0].read(Table(frame, "new"), with_target=False)


# -- real series ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "season"),
    [
        ("airline-passengers/airline-passengers.csv", 12),
        ("daily-min-temperatures/daily-min-temperatures.csv", 365),
    ],
)
def test_the_defaults_beat_the_seasonal_naive_forecast(file, season):
    if not (SHARED / file).is_file():
        pytest.skip(f"{file} is not beside the checkout")
    from deepglass.data.reading.source import read

    task = Task(DataConfig(), Config(), 0)
    prepared = task.prepare(read(SHARED / file))
    assert task.plan.season == season
    scores = task.evaluate(task.outputs(train(task, prepared), prepared.test))
    assert scores["mase"]["value"] < 1


# -- runs of the first version --------------------------------------------------------------------------------------

FIRST_VERSION = {  # the state that 0.1.0 wrote, and what it forecast with the weights below
    "axis": {"column": "month", "unit": "months", "size": 1.0},
    "standardizer": {
        "mean": [121.23255813953489, -0.012531008780614042],
        "std": [14.240194030070716, 0.710239658585126],
    },
    "mase_scale": [3.999999999999999],
    "targets": ["load"],
    "covariates": ["wind"],
    "season": 4,
    "horizon": 2,
    "context": 4,
    "statistics": {},
}


def test_a_run_of_the_first_version_loads_and_forecasts_as_before():
    task = Task(DataConfig(), Config(horizon=2, context=4, season=4, targets="load"), 0)
    task.load_state(json.loads(json.dumps(FIRST_VERSION)))
    model = architectures.load("dlinear", task="forecasting", context=4, horizon=2, num_series=1, num_covariates=1)
    with torch.no_grad():
        for i, (_, weight) in enumerate(model.named_parameters()):
            numbers = (torch.arange(weight.numel()).float().reshape(weight.shape) % 7 - 3) / 10
            weight.copy_(numbers * (1 + i % 3))
    steps = np.arange(60)
    frame = pd.DataFrame({
        "month": pd.date_range("2019-01-01", periods=60, freq="MS"),
        "load": 100 + steps + 10 * np.sin(steps * np.pi / 2),
        "wind": np.cos(steps),
    })  # fmt: skip
    examples, names = task.read(frame.iloc[-9:].reset_index(drop=True), with_target=False)
    answers = task.answers(task.outputs(model.eval(), examples), names)
    assert [set(answer) for answer in answers] == [{"month", "load"}] * 2
    assert [answer["month"] for answer in answers] == ["2024-01-01", "2024-02-01"]
    assert [answer["load"] for answer in answers] == pytest.approx([151.71330739423954, 163.59622412695495], rel=1e-6)
    rolling, _ = task.read(frame, with_target=True)
    scores = task.evaluate(task.outputs(model, rolling))
    assert scores["count"] == 55
    assert scores["mase"]["value"] == pytest.approx(2.623039307999989, rel=1e-6)
