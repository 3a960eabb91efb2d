"""Trainings that are started, watched, stopped and gone on with; the command itself is played by another program."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from deepglass.core import run_log
from deepglass.core.errors import OptionError, RunError
from deepglass.course.trainings import Trainings

FAKE = (sys.executable, str(Path(__file__).with_name("fake_training.py")))
PATIENCE = 300  # seconds for another process


@pytest.fixture
def trainings(tmp_path):
    made = Trainings(tmp_path, FAKE)
    yield made
    for own in made.of_run.values():
        own.process.kill()
        own.process.wait()


def wait(trainings, run, *names):
    """Until its stage has one of these names."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = trainings.stage(run)
        if found["name"] in names and (found["name"] == "learning" or not trainings.is_working(run)):
            return found
        time.sleep(0.02)
    raise AssertionError(f"still {trainings.stage(run)}")


@pytest.mark.slow("starts two processes of Python")
def test_one_is_started_stopped_and_gone_on_with(trainings, tmp_path):
    run = trainings.start("houses.csv", "houses", {"target": "price", "epochs": "3", "budget": " "})
    assert run == tmp_path.resolve() / "runs" / "houses"
    assert trainings.command_of(run) == "deepglass train houses.csv --target=price --epochs=3 --run=runs/houses"
    assert trainings.stage(run)["name"] in ("preparing", "learning")
    now = wait(trainings, run, "learning")
    assert (now["epoch"], now["step"], now["can_stop"]) == (2, 1, True)
    with pytest.raises(OptionError, match="nothing to go on with: it is at work"):
        trainings.resume(run)
    assert "stops after its step" in trainings.stop(run)
    now = wait(trainings, run, "stopped")
    assert now["can_resume"]
    assert json.loads((run / "signals.json").read_text()) == [signal.SIGINT]
    with pytest.raises(OptionError, match="no process works on"):
        trainings.stop(run)
    trainings.resume(run)
    assert trainings.command_of(run) == "deepglass train --run=runs/houses --resume"
    assert wait(trainings, run, "learning")["epoch"] == 3
    assert trainings.end() == [run]
    assert wait(trainings, run, "stopped")["epoch"] == 2


@pytest.mark.slow("starts a process of Python")
def test_one_that_is_asked_twice_gets_one_signal(trainings):
    run = trainings.start("houses.csv", "houses", {})
    process = wait(trainings, run, "learning")["process"]
    os.kill(trainings.of_run[run].process.pid, signal.SIGSTOP)  # it hears nothing for a while
    trainings.stop(run)
    assert "it was asked to stop" in trainings.stop(run)
    told = trainings.stage(run)
    assert (told["words"], told["can_stop"]) == ("stops after its step", False)
    os.kill(process, signal.SIGCONT)
    wait(trainings, run, "stopped")
    assert json.loads((run / "signals.json").read_text()) == [signal.SIGINT]


def test_one_that_fails_says_why(trainings):
    run = trainings.start("houses.csv", "houses", {"target": "fail"})
    told = wait(trainings, run, "failed")
    assert "column 'fail' is not in the data" in told["told"]
    assert not told["can_resume"]


def test_one_that_is_stopped_before_its_first_step_did_not_fail(trainings):
    run = trainings.start("houses.csv", "houses", {"target": "slow"})
    assert trainings.stage(run)["name"] == "preparing"
    assert trainings.stop(run) == "it ends before its first step"
    told = wait(trainings, run, "stopped")
    assert "nothing is kept" in told["sentence"]
    assert not told["can_resume"]


@pytest.mark.slow("starts a process of Python")
def test_one_that_was_started_elsewhere_is_stopped_too(trainings, tmp_path):
    elsewhere = Trainings(tmp_path, FAKE)
    run = elsewhere.start("houses.csv", "houses", {})
    try:
        wait(elsewhere, run, "learning")
        assert trainings.command_of(run) == ""
        assert "stops after its step" in trainings.stop(run)
        wait(elsewhere, run, "stopped")
    finally:
        elsewhere.of_run[run].process.kill()


def test_one_on_another_machine_is_left_alone(trainings, tmp_path, monkeypatch):
    run = tmp_path.resolve() / "run"
    run.mkdir()
    (run / "config.json").write_text("{}")
    monkeypatch.setattr(run_log.platform, "node", lambda: "another")
    with run_log.keeping(run) as log:
        log.write("start", total_steps=10)
        monkeypatch.undo()
        with pytest.raises(OptionError, match="another machine"):
            trainings.stop(run)


def test_one_that_is_judged_is_not_stopped(trainings, tmp_path):
    run = tmp_path.resolve() / "run"
    run.mkdir()
    (run / "config.json").write_text("{}")
    with run_log.keeping(run) as log:
        log.write("start", total_steps=10)
        log.write("finish", sentence="done")
        with pytest.raises(OptionError, match="is being judged"):
            trainings.stop(run)


def test_a_folder_that_nobody_knows_is_not_a_run(trainings, tmp_path):
    with pytest.raises(RunError):
        trainings.stage(tmp_path / "nope")


def test_only_options_of_the_page_are_passed_on_and_none_can_be_slipped_in(trainings, monkeypatch):
    with pytest.raises(OptionError, match="expected one of task, target"):
        trainings.start("houses.csv", "houses", {"pretrained": "hub:evil/model"})
    begun = []
    monkeypatch.setattr(trainings, "_begin", lambda run, words: begun.append(words))
    trainings.start("/tmp/houses.csv", "houses", {"target": "--config=/tmp/x", "model": "mlp --engine glass"})
    words = ["train", "/tmp/houses.csv", "--target=--config=/tmp/x", "--model=mlp --engine glass", "--run=runs/houses"]
    assert begun == [words]


def test_two_that_are_started_at_once_have_folders_of_their_own(trainings):
    runs = [trainings.start("houses.csv", "houses", {"target": "slow"}) for _ in range(3)]
    assert len(set(runs)) == 3
