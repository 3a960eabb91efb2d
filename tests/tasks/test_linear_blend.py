"""A blend of linear forecasts: how it is weighed, and what a run learns again from the validation part."""

import numpy as np
import pandas as pd
import pytest
import torch

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.tasks import _linear_start
from deepglass.tasks._linear_blend import weights_of
from deepglass.tasks.forecasting import Config, Task
from deepglass.zoo import architectures


def table(change: float = 0.0, count: int = 300) -> Table:
    """A year of days that remember; the validation part differs by `change`."""
    rng, values = np.random.default_rng(0), np.zeros(count)
    for i in range(1, count):
        values[i] = 0.8 * values[i - 1] + rng.normal()
    times = pd.date_range("2022-01-03", periods=count)
    values[216:240] += change * np.sin(np.arange(24))
    return Table(pd.DataFrame({"time": times, "load": values}), "power")


def prepared_of(data: Table, **options):
    task = Task(DataConfig(), Config(**{"horizon": 3, **options}), 0)
    return task, task.prepare(data)


def begun(task: Task, prepared):
    settings = task.model_defaults("dlinear", len(prepared.train))
    model = architectures.load("dlinear", task="forecasting", **prepared.dims, **settings)
    task.begin(model, prepared)
    return model.eval()


def said(model, windows) -> torch.Tensor:
    with torch.no_grad():
        *inputs, _ = windows.batch(torch.arange(len(windows)))
        return model(*inputs)


def test_what_errs_less_weighs_more_and_a_few_futures_keep_the_weights_even():
    rng = np.random.default_rng(0)
    errors = rng.normal(size=(2, 5000)) * np.array([[1.0], [3.0]])
    many, few = weights_of(errors, 1000), weights_of(errors, 1)
    assert many[0] == pytest.approx(0.9, abs=0.03)  # independent errors: weights go with 1 / variance
    assert 0.5 < few[0] < many[0]
    assert many.sum() == pytest.approx(1)


def test_of_errors_that_cancel_each_other_the_mean_is_best():
    errors = np.random.default_rng(0).normal(size=(1, 2000))
    np.testing.assert_allclose(weights_of(np.concatenate([errors, -errors]), 100), [0.5, 0.5], atol=0.01)


def test_it_begins_with_what_training_says_alone_and_ends_with_what_validation_says_too(monkeypatch):
    monkeypatch.setattr(_linear_start, "PENALTIES", (1.0,))  # else validation chooses it
    monkeypatch.setattr(_linear_start, "MIDDLE", 0)
    options = {"context": 4, "blend": False, "calendar": "none"}
    one, other = (prepared_of(table(change), **options)[0].start for change in (0.0, 2.0))
    torch.testing.assert_close(one.solution.weights, other.solution.weights)
    assert float((one.whole.weights - other.whole.weights).abs().max()) > 1e-3


def test_the_model_moves_to_what_was_learnt_again_and_keeps_what_training_has_added():
    task, prepared = prepared_of(table())
    model = begun(task, prepared)
    before = said(model, prepared.test)
    with torch.no_grad():
        model.rest[0].bias += 0.25  # by training
    assert task.refit(model)
    past, _, _, static, _ = prepared.test.batch(torch.arange(len(prepared.test)))
    expected = task.start.whole.forecast(past.double(), static.double()).float() + 0.25
    torch.testing.assert_close(said(model, prepared.test), expected, atol=1e-4, rtol=1e-4)
    assert not torch.equal(said(model, prepared.test), before)


def test_the_intervals_are_measured_before_anything_is_learnt_from_the_validation_part():
    task, prepared = prepared_of(table())
    model = begun(task, prepared)
    task.calibrate(model, prepared)
    windows = task.inputs.calibration
    errors = windows.futures() - windows.in_unit(said(model, windows))
    known = errors.isfinite()
    low, high = (torch.from_numpy(end) * windows.swings() for end in (task.intervals.low, task.intervals.high))
    inside = ((errors >= low) & (errors <= high))[known].double().mean()
    assert 0.75 < float(inside) < 1  # of what the model had not learnt from
    task.refit(model)
    assert task.intervals.low.tolist() == task.state()["intervals"]["low"]


def test_what_it_begins_with_is_said_of_a_model_that_begins_with_it():
    said_of = {}
    for name in ("dlinear", "lstm"):
        task = Task(DataConfig(), Config(horizon=3), 0)
        task.model = name
        said_of[name] = [guess.what for guess in task.prepare(table()).guesses]
    assert "begins with" in said_of["dlinear"]
    assert "begins with" not in said_of["lstm"]


@pytest.mark.parametrize("option", ["blend", "refit"])
def test_a_model_that_begins_with_no_linear_forecast_refuses_to_leave_it_out(option, tmp_path):
    with pytest.raises(OptionError, match=option):
        dg.train(table().frame, run=tmp_path / "run", model="lstm", horizon=3, **{option: False})


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    mode, console.mode = console.mode, "quiet"
    folder = tmp_path_factory.mktemp("runs")
    try:
        names = {"usual": {}, "without": {"refit": False}}
        return {
            name: dg.train(table().frame, run=folder / name, epochs=1, horizon=3, device="cpu", **more)
            for name, more in names.items()
        }
    finally:
        console.mode = mode


def test_a_run_answers_with_what_was_learnt_again_and_says_so(runs):
    assert runs["usual"].metrics["refit"] is True
    assert "refit" not in runs["without"].metrics
    weights = [dict(runs[name].network.state_dict()) for name in ("usual", "without")]
    assert not torch.equal(weights[0]["rest.0.weight"], weights[1]["rest.0.weight"])
    assert runs["usual"].metrics["val"] == runs["without"].metrics["val"]  # judged before
    intervals = [runs[name].folder.read("task.json")["state"]["intervals"] for name in ("usual", "without")]
    assert intervals[0] == intervals[1]


def test_the_export_says_what_the_run_says(runs, tmp_path):
    pytest.importorskip("onnxruntime")
    path = runs["usual"].export(tmp_path / "model.onnx")  # fails where the file would answer differently
    assert path.exists()
