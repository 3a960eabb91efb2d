"""The log of a training: whole lines are read, others are not, and who works on a run is known."""

import json
import os

import pytest

from deepglass.core import run_log


def written(folder, *lines):
    (folder / run_log.NAME).write_text("\n".join(lines), encoding="utf-8")
    return run_log.read(folder)


def epoch(number, **more):
    return json.dumps({"event": "epoch", "epoch": number, "loss": 1 / number, **more})


def test_what_is_written_is_read(tmp_path):
    with run_log.keeping(tmp_path) as log:
        log.write("start", total_steps=20, monitor="loss")
        log.write("step", step=3, loss=0.5)
        log.write("epoch", epoch=1, loss=0.4, is_best=True, layers={"a": [1.0, 0.1], "b": [2.0, None]})
        log.write("note", sentence="computes in float32")
        log.write("finish", sentence="all is done")
        log.write("end", interrupted=False)
    found = run_log.read(tmp_path)
    assert found.begin["process"] == os.getpid()
    assert found.start["total_steps"] == 20
    assert found.step == {"step": 3, "loss": 0.5}
    assert found.epochs == [{"epoch": 1, "loss": 0.4}]
    assert found.layers == {1: {"a": [1.0, 0.1], "b": [2.0, None]}}
    assert (found.notes, found.finish, found.end) == (["computes in float32"], "all is done", {"interrupted": False})


@pytest.mark.parametrize("cut", range(1, len(epoch(2))))
def test_a_line_that_is_half_written_is_not_there_yet(tmp_path, cut):
    assert [one["epoch"] for one in written(tmp_path, epoch(1), epoch(2)[:cut]).epochs] == [1]


@pytest.mark.parametrize(
    "line",
    ["nonsense", "[1, 2]", "null", "\0\0\0", '{"event": "epoch"}', '{"event": "epoch", "epoch": "two"}', "[" * 100_000,
     '{"event": "epoch", "epoch": 2, "layers": [1]}', '{"event": "epoch", "epoch": 2, "layers": {"a": [1]}}'],
)  # fmt: skip
def test_a_line_of_something_else_costs_nothing_but_itself(tmp_path, line):
    found = written(tmp_path, epoch(1), line, epoch(3))
    assert [one["epoch"] for one in found.epochs if one["epoch"] != 2] == [1, 3]
    assert not found.layers.get(2)


def test_without_a_log_it_is_empty(tmp_path):
    assert run_log.read(tmp_path) == run_log.Log()
    assert not run_log.is_written(tmp_path)


def test_epochs_that_were_learnt_anew_take_the_place_of_those_that_were_lost(tmp_path):
    begin = json.dumps({"event": "begin", "process": 1})
    found = written(tmp_path, begin, epoch(1), epoch(2, loss=9.0), begin, epoch(2, loss=0.2))
    assert [one["loss"] for one in found.epochs] == [1.0, 0.2]


def test_epochs_that_were_lost_are_not_shown_until_they_are_learnt_again(tmp_path):
    begin = json.dumps({"event": "begin", "process": 1})
    found = written(tmp_path, begin, *(epoch(number) for number in range(1, 8)), begin, epoch(3))
    assert [one["epoch"] for one in found.epochs] == [1, 2, 3]


def test_who_works_on_a_run_is_known_until_it_lets_go(tmp_path):
    with run_log.keeping(tmp_path):
        assert run_log.is_written(tmp_path)
    assert not run_log.is_written(tmp_path)


def test_a_reader_who_looks_does_not_keep_the_next_training_from_its_lock(tmp_path, monkeypatch):
    import fcntl

    (tmp_path / run_log.NAME).touch()
    with (tmp_path / run_log.NAME).open("rb") as reader:
        fcntl.flock(reader, fcntl.LOCK_SH)
        monkeypatch.setattr(run_log.time, "sleep", lambda seconds: reader.close())  # it has looked
        with run_log.keeping(tmp_path):
            assert run_log.is_written(tmp_path)


def test_a_log_that_cannot_be_written_stops_no_training(tmp_path):
    with run_log.keeping(tmp_path / "not there") as log:
        log.write("note", sentence="unheard")
    with run_log.keeping(tmp_path) as log:
        log._file.close()
        log.write("note", sentence="unheard")
        log.write("note", sentence="unheard")
    with run_log.keeping(None) as log:
        log.write("note", sentence="unheard")
    assert not log.is_due()


def test_steps_are_told_once_in_a_while_and_ever_more_seldom(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(run_log.time, "monotonic", lambda: now[0])
    log, told = run_log.RunLog(tmp_path / run_log.NAME), []
    for tenth in range(200_000):
        now[0] = tenth / 10
        if log.is_due():
            told.append(now[0])
    assert told[1] - told[0] == pytest.approx(run_log.EVERY)
    assert told[-1] - told[-2] == pytest.approx(now[0] / run_log.LINES, rel=0.01)
    assert len(told) < 2000  # of 200,000 steps in five and a half hours
