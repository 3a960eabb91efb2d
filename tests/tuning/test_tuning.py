"""The whole search on tiny tables: pauses that change nothing, budgets, kills, several processes, messages."""

import json
import shutil
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DeepglassError, OptionError, RunError
from deepglass.training.progress import Watcher
from deepglass.tuning import trial as trials
from deepglass.tuning.study import StudyFolder
from deepglass.tuning.trial import Subject, Trial, advance, claimed

FAST = {"model": "mlp", "epochs": 9, "device": "cpu", "precision": "float32", "threads": 1, "compile": "off",
        "bags": 1, "blend": False, "target": "kind", "task": "tabular-classification"}  # fmt: skip
LONG = "10h"  # no test waits for a clock


@pytest.fixture(autouse=True)
def _quiet():
    console.mode = "quiet"


def table(count=80):
    draw = np.random.default_rng(0)
    width, height = draw.normal(size=(2, count))
    kind = np.where(width + height + 0.3 * draw.normal(size=count) > 0, "long", "wide")
    return pd.DataFrame({"width": width, "height": height, "kind": kind})


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "table.csv"
    table().to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def found(file, tmp_path_factory):
    console.mode = "quiet"
    folder = tmp_path_factory.mktemp("study") / "study"
    return dg.tune(file, budget=LONG, trials=8, study=folder, search=["learning-rate=1e-4..0.1"], **FAST)


def test_a_search_leaves_a_judged_run_and_a_page(found):
    assert found.ended == "all 8 trials are made"
    assert found.best.metrics["test"]["accuracy"]["value"] > 0.5
    assert found.usual.path.name == "0000"
    assert (found.path / "study.html").read_text().count("<svg") >= 1
    assert len(found.trials) == 8
    assert found.best.predict(table().head(2))


def test_few_trials_go_to_the_end_and_all_begin(found):
    epochs = [trial.epochs for trial in found.trials]
    assert max(epochs) == 9
    assert epochs.count(9) < 8
    assert min(epochs) == min(StudyFolder(found.path).rungs.epochs)


def test_no_trial_is_left_paused_that_was_ahead_of_all_that_are_done(found):
    done = [trial for trial in found.trials if trial.is_done]
    for trial in found.trials:
        rung = max(trial.costs)
        assert trial.is_done or trial.cost >= min(other.costs[rung] for other in done)


def test_the_winner_is_ahead_on_validation_by_more_than_its_noise_or_the_usual_settings_stay(found):
    if found.settings:
        gains = trials.paired_losses(found.best.path, found.usual.path)
        assert gains.mean() > gains.std(ddof=1) / len(gains) ** 0.5
        assert found.verdict
    else:
        assert found.best.path == found.usual.path


def test_a_paused_training_goes_on_to_the_bit(file, tmp_path):
    options = {name: value for name, value in FAST.items() if name not in ("task", "model")}
    subject = Subject(str(file), FAST["task"], FAST["model"], options)
    for name, stops in (("at once", [9]), ("in pieces", [1, 2, 5, 9])):
        one = Trial(1, {"learning_rate": 0.02}, [0.5])
        for until in stops:
            assert not one.is_done
            advance(one, tmp_path / name, subject, until, Watcher(), time.monotonic() + 1e6)
            assert one.epochs == until
        assert one.is_done, one.failure
    for part in ("weights.safetensors", "history.json"):
        pieces = [(tmp_path / name / part).read_bytes() for name in ("at once", "in pieces")]
        if part == "history.json":
            pieces = [[r["val_loss"] for r in json.loads(piece)["epochs"]] for piece in pieces]
        assert pieces[0] == pieces[1]


@pytest.mark.slow("three searches")
def test_a_search_that_was_killed_goes_on_to_the_same_study(file, found, tmp_path):
    folder = tmp_path / "study"
    search = ["learning-rate=1e-4..0.1"]
    dg.tune(file, budget=LONG, trials=4, study=folder, search=search, **FAST)
    shutil.rmtree(folder / "trials" / "0003")
    (folder / "trials" / "0003").mkdir()  # begun, and nothing written
    again = dg.tune(study=folder, resume=True, budget=LONG, trials=9)
    values = {tuple(trial.values.items()): trial.costs[0] for trial in again.trials if trial.number in (1, 2)}
    assert values == {tuple(trial.values.items()): trial.costs[0] for trial in found.trials if trial.number in (1, 2)}


@pytest.mark.slow("the clock has to run out")
def test_the_clock_ends_a_search_and_keeps_everything(file, tmp_path):
    began = time.monotonic()
    study = dg.tune(file, budget="25s", study=tmp_path / "study", **FAST)
    assert study.ended == "the time budget is used up"
    assert len(study.trials) >= 1
    assert time.monotonic() - began < 250  # a busy machine; nothing was begun behind the deadline


def test_a_grid_is_searched_to_its_end(file, tmp_path):
    search = ["hidden-dim=8|16", "optimizer=adam|sgd"]
    study = dg.tune(file, budget=LONG, sampler="grid", search=search, study=tmp_path / "study", **FAST)
    assert study.ended == "every combination was tried"
    tried = {tuple(trial.values.values()) for trial in study.trials if trial.number}
    assert tried == {(8, "adam"), (8, "sgd"), (16, "adam"), (16, "sgd")}


def test_settings_that_fail_are_a_finding(file, tmp_path):
    study = dg.tune(file, budget=LONG, trials=4, search=["learning-rate=100..900"], study=tmp_path / "study", **FAST)
    assert study.best.path == study.usual.path
    assert any(trial.failure or trial.cost > 10 * study.trials[0].cost for trial in study.trials[1:])


def test_data_in_memory_are_searched_too(tmp_path):
    study = dg.tune(table(), budget=LONG, trials=2, study=tmp_path / "study", **FAST)
    assert len(study.trials) == 2


@pytest.mark.slow("a process of its own")
def test_two_processes_share_a_study(file, tmp_path):
    folder = tmp_path / "study"
    dg.tune(file, budget=LONG, trials=1, study=folder, search=["learning-rate=1e-4..0.1"], **FAST)
    code = f"import deepglass as dg; dg.tune(study={str(folder)!r}, resume=True, budget='10h', trials=7)"
    other = subprocess.Popen([sys.executable, "-c", code])
    dg.tune(study=folder, resume=True, budget=LONG, trials=7)
    assert other.wait(timeout=280) == 0
    made = StudyFolder(folder).trials()
    assert [trial.number for trial in made] == list(range(7))
    assert all(trial.costs for trial in made)


def test_a_trial_belongs_to_one_process_at_a_time(tmp_path):
    seen = []

    def other():
        with claimed(tmp_path / "trial") as is_ours:
            seen.append(is_ours)

    with claimed(tmp_path / "trial") as is_ours:
        assert is_ours
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    with claimed(tmp_path / "trial") as is_ours:
        assert is_ours
    assert seen == [False]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sampler": "guess"}, "unknown sampler"),
        ({"search": ["lerning-rate=1..2"]}, "learning_rate"),
        ({"search": ["dropout=0..0.5", "dropout=0|0.1"]}, "given twice"),
        ({"search": ["epochs=1..5"]}, "epochs"),
        ({"search": ["dropout=0..0.5"], "dropout": 0.1}, "leave one of them out"),
        ({"trials": 0}, "--trials: expected 1 or more"),
        ({"budget": "soon"}, "--budget"),
        ({"resume": True}, "give --study DIR"),
        ({"target": "colour"}, "colour"),
    ],
)
def test_mistakes_are_messages_and_leave_nothing(file, tmp_path, given, message):
    with pytest.raises(DeepglassError, match=message):
        dg.tune(None if given.get("resume") else file, **(FAST | {"study": None, "runs": tmp_path / "runs"} | given))
    assert not (tmp_path / "runs").exists()


def test_nothing_to_learn_from_is_said():
    with pytest.raises(OptionError, match="nothing to learn from"):
        dg.tune()


def test_a_study_decides_what_was_decided_when_it_began(found):
    with pytest.raises(OptionError, match="--sampler was decided"):
        dg.tune(study=found.path, resume=True, sampler="random")
    with pytest.raises(OptionError, match="--hidden-dim was decided"):
        dg.tune(study=found.path, resume=True, hidden_dim=3)


def test_folders_that_are_no_studies_are_named(tmp_path, found, file):
    with pytest.raises(RunError, match="holds no study"):
        dg.tune(study=tmp_path, resume=True)
    with pytest.raises(RunError, match="already holds a study"):
        dg.tune(file, study=found.path, **FAST)


def test_a_damaged_trial_is_one_message(found, tmp_path):
    copy = shutil.copytree(found.path, tmp_path / "copy")
    (copy / "trials" / "0002" / "trial.json").write_text('{"number": 2}')
    with pytest.raises(RunError, match=r"trial\.json"):
        dg.tune(study=copy, resume=True, budget=LONG, trials=8)
