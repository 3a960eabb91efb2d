"""`dg.train` from end to end: what it leaves, what it repeats, what it refuses."""

import os
import re
import shutil

import numpy as np
import pandas as pd
import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError, RunError
from tests.clock import BUDGETED, Clock

FILES = {
    "config.json", "task.json", "weights.safetensors", "checkpoint.pt", "history.json", "metrics.json", "outputs.npz",
    "mistakes.json", "guesses.json", "environment.json", "repeat.json", "report.html", "MODEL_CARD.md",
}  # fmt: skip
QUICK = {"epochs": 3, "model": "mlp"}


@pytest.fixture(autouse=True)
def quiet():
    console.mode = "quiet"
    yield
    console.mode = "normal"


@pytest.fixture(scope="module")
def iris(tmp_path_factory):
    console.mode = "quiet"
    return dg.train("iris", run=tmp_path_factory.mktemp("runs") / "iris", **QUICK)


def test_a_run_holds_everything_that_belongs_to_it(iris):
    assert set(os.listdir(iris.path)) >= FILES
    assert iris.metrics["test"]["accuracy"]["value"] > iris.metrics["baseline"]["accuracy"]["value"]
    assert len(iris.history) == 3


def test_the_same_command_gives_the_same_numbers(iris, tmp_path):
    again = dg.train("iris", run=tmp_path / "again", **QUICK)
    assert again.metrics == iris.metrics
    assert (again.path / "weights.safetensors").read_bytes() == (iris.path / "weights.safetensors").read_bytes()


def test_another_seed_gives_others(iris, tmp_path):
    other = dg.train("iris", run=tmp_path / "other", seed=1, **QUICK)
    assert (other.path / "weights.safetensors").read_bytes() != (iris.path / "weights.safetensors").read_bytes()


def test_a_run_repeats_from_its_own_file(iris, tmp_path):
    again = dg.train(config=iris.path / "config.json", run=tmp_path / "again")
    assert again.metrics == iris.metrics
    assert again.config == iris.config


@pytest.mark.slow("trains three times, hundreds of steps")
def test_a_run_that_its_budget_ended_is_repeated_to_the_bit(tmp_path, monkeypatch):
    """As many epochs as the machine managed, in the way that it chose: the budget is not asked again."""
    Clock(tick=0.01).replaces(monkeypatch, *BUDGETED)
    first = dg.train("digits", run=tmp_path / "first", budget="9s", epochs=10_000, model="mlp")
    again = dg.train(config=first.path, run=tmp_path / "again")
    assert (again.path / "weights.safetensors").read_bytes() == (first.path / "weights.safetensors").read_bytes()
    beside = {"rival"}  # what stands beside the run is left out where a budget has no time for it
    assert {n: v for n, v in again.metrics.items() if n not in beside} == {
        n: v for n, v in first.metrics.items() if n not in beside
    }
    assert "repeated training" in again.folder.read("environment.json")["stopped"]
    page = (first.path / "report.html").read_text()
    assert "What a budget of 9s is worth is the machine&#39;s: the time budget is used up after" in page
    other = dg.train(config=first.path, run=tmp_path / "other", epochs=1, budget="60s")
    precision, threads, *_ = first.folder.read("repeat.json")["ways"][-1]
    assert (other.config["train"]["precision"], other.config["train"]["threads"]) == (precision, threads)
    assert len(other.history) == 1


def test_a_run_may_be_moved_and_zipped(iris, tmp_path):
    rows = pd.DataFrame({"sepal_length": [5.0], "sepal_width": [3.4], "petal_length": [1.5], "petal_width": [0.2]})
    columns = dict(zip(rows.columns, iris.task.preprocessor.columns, strict=False))
    rows = rows.rename(columns=columns)
    archive = shutil.make_archive(str(tmp_path / "iris"), "zip", iris.path)
    shutil.unpack_archive(archive, tmp_path / "elsewhere")
    moved = dg.load(tmp_path / "elsewhere")
    assert moved.predict(rows) == iris.predict(rows)
    assert moved.predict(rows)[0]["prediction"] == "setosa"


def test_columns_may_be_reordered_or_extra_but_not_missing(iris):
    names = iris.task.preprocessor.columns
    rows = pd.DataFrame([[5.0, 3.4, 1.5, 0.2]], columns=names)
    expected = iris.predict(rows)
    assert iris.predict(rows[names[::-1]].assign(comment="x")) == expected
    with pytest.raises(DataError, match=re.escape(f"{names[1]!r} is missing")):
        iris.predict(rows.drop(columns=names[1]))


def test_a_folder_with_a_run_is_not_overwritten(iris):
    with pytest.raises(RunError, match="already holds a run"):
        dg.train("iris", run=iris.path, **QUICK)


def test_a_file_in_the_way_is_refused_before_anything_is_trained(tmp_path):
    (tmp_path / "run").write_text("mine")
    with pytest.raises(RunError, match="is a file"):
        dg.train("iris", run=tmp_path / "run", **QUICK)
    assert (tmp_path / "run").read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rat": 0.1}, "did you mean '--learning-rate'"),
        ({"epochs": "many"}, "--epochs: expected float"),
        ({"epochs": -1}, "--epochs: expected 1e-06 to 1e"),
        ({"optimizer": "adm"}, "'adam'"),
        ({"model": "resnet18"}, "does not fit tabular-classification"),
        ({"model": "tabn"}, "did you mean 'tabm'"),
        ({"task": "tabular"}, "unknown task"),
        ({"budget": "soon"}, "expected a time such as 90s"),
        ({"horizon": 3}, "unknown option '--horizon'"),
        ({"folds": 1}, "--folds: expected 2 or more"),
        ({"device": "cuda:9"}, "--device"),
        ({"engine": "jax"}, "unknown engine"),
    ],
)
def test_a_wrong_option_is_explained_and_leaves_nothing(tmp_path, options, message):
    with pytest.raises(OptionError, match=message):
        dg.train("iris", run=tmp_path / "run", **({"epochs": 1} | options))
    assert not (tmp_path / "run" / "weights.safetensors").exists()


def test_nothing_to_learn_from_is_an_error():
    with pytest.raises(OptionError, match="nothing to learn from"):
        dg.train()


def test_cross_validation_stands_beside_the_test(tmp_path):
    run = dg.train("iris", run=tmp_path / "run", folds=3, **QUICK)
    folds = run.metrics["cross_validation"]
    assert folds["count"] == 150
    assert len(folds["details"]["folds"]) == 3
    low, high = folds["accuracy"]["low"], folds["accuracy"]["high"]
    assert low < np.mean([fold["accuracy"] for fold in folds["details"]["folds"]]) < high


def test_a_learning_rate_is_found(tmp_path):
    run = dg.train("iris", run=tmp_path / "run", epochs=20, model="mlp", learning_rate="auto")
    assert 1e-5 < run.config["train"]["learning_rate"] < 1.0
    assert run.metrics["test"]["accuracy"]["value"] > 0.8


def test_tensorboard_files_are_written(tmp_path):
    run = dg.train("iris", run=tmp_path / "run", tensorboard=True, **QUICK)
    assert list((run.path / "tensorboard").glob("events.*"))


def test_arrays_and_frames_are_sources_too(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    run = dg.train((X, (X[:, 0] > 0).astype(int)), run=tmp_path / "arrays", **QUICK)
    assert run.config["task"] == "tabular-classification"
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": X @ [1.0, 2.0, 3.0]})
    run = dg.train(frame, target="y", run=tmp_path / "frame", **QUICK)
    assert run.config["task"] == "tabular-regression"


def test_comparing_needs_the_same_test(iris, tmp_path):
    other = dg.train("iris", run=tmp_path / "linear", model="linear", epochs=3)
    result = iris.compare(other)
    assert result["count"] == 30
    assert 0 <= result["tests"][0]["p_value"] <= 1
    wine = dg.train("wine", run=tmp_path / "wine", **QUICK)
    with pytest.raises(DataError):
        iris.compare(wine)


def test_a_budget_is_a_hard_stop(tmp_path, monkeypatch):
    clock = Clock(tick=0.02).replaces(monkeypatch, *BUDGETED)
    started = clock.now
    run = dg.train("digits", run=tmp_path / "run", budget="12s", epochs=10_000)
    assert 6 < clock.now - started < 12.5  # to the end of the judging, for which time was held back
    assert "the time budget is used up after" in run.folder.read("environment.json")["stopped"]
    assert run.metrics["test"]["accuracy"]["value"] > 0.5


def test_what_check_finds_is_said_before_training_and_stands_in_the_report(tmp_path, capsys, monkeypatch):
    from deepglass.data.check import inspect, remarks
    from deepglass.data.config import DataConfig
    from deepglass.data.reading.source import read

    rng = np.random.default_rng(0)
    label = rng.choice(["no", "yes"], 120)
    table = pd.DataFrame({"x": rng.normal(size=120).round(3), "same": 1, "told": label == "yes", "label": label})
    table = pd.concat([table, table.head(7)], ignore_index=True)
    table.to_csv(tmp_path / "table.csv", index=False)
    monkeypatch.setattr(console, "mode", "normal")
    run = dg.train(tmp_path / "table.csv", run=tmp_path / "run", model="linear", epochs=1)
    read_again = read(tmp_path / "table.csv")
    found = remarks(read_again, DataConfig(), "tabular-classification")
    warnings = inspect(read_again, DataConfig()).warnings
    assert len(found) == 2
    assert set(found) < set(warnings)
    assert len(warnings) == 3  # that a column is the same everywhere is said by training as a guess
    assert run.metrics["remarks"] == found
    said = capsys.readouterr()
    for remark in found:
        assert (said.out + said.err).replace("\n", " ").count(remark) == 1
        assert remark in run.metrics["warnings"]
