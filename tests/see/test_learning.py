"""How far a training is, from its files: while it runs, when it is killed, and of a version that kept no log."""

import json
import shutil

import pytest

from deepglass.core import run_log
from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder
from deepglass.see.learning import learnt, stage

CONFIG = {"task": "tabular-classification", "model": "mlp", "source": "iris"}


@pytest.fixture
def folder(tmp_path):
    run = RunFolder(tmp_path / "run").create()
    run.write("config.json", CONFIG)
    return run


def record(epoch):
    return {"epoch": epoch, "step": 8 * epoch, "loss": 1 / epoch, "val_loss": 1.0, "seconds": 2.0}


def test_it_is_told_from_the_first_line_to_the_last(folder):
    with run_log.keeping(folder.path) as log:
        assert stage(folder).name == "preparing"
        log.write("start", total_steps=32, monitor="loss")
        now = stage(folder)
        assert (now.name, now.epoch, now.step, now.can_stop) == ("learning", 1, 0, True)
        log.write("step", step=3, total_steps=32, loss=0.9, examples_per_second=50.0)
        now = stage(folder)
        assert (now.step, now.loss, now.examples_per_second) == (3, 0.9, 50.0)
        log.write("epoch", **record(1))
        now = stage(folder)
        assert (now.epoch, now.step, now.loss, now.seconds) == (2, 8, 1.0, 2.0)
        assert now.seconds_left == pytest.approx(2.0 / 8 * 24)
        log.write("finish", sentence="all is done")
        now = stage(folder)
        assert (now.name, now.can_stop, now.sentence) == ("judging", False, "all is done")
        folder.write("metrics.json", {})
        log.write("end", interrupted=False)
    now = stage(folder)
    assert (now.name, now.epoch, now.process, now.can_resume) == ("finished", 1, None, False)


def test_a_page_sees_that_there_are_new_curves(folder):
    with run_log.keeping(folder.path) as log:
        before = stage(folder).stamp
        log.write("start", total_steps=32, monitor="loss")
        log.write("epoch", **record(1))
        assert stage(folder).stamp != before


@pytest.mark.parametrize("last", ["start", "epoch", "finish"])
def test_a_training_that_was_killed_can_go_on(folder, last):
    lines = {"start": {"total_steps": 32}, "epoch": record(1), "finish": {"sentence": "done"}}
    with run_log.keeping(folder.path) as log:
        for event, content in lines.items():
            log.write(event, **content)
            if event == last:
                break
    now = stage(folder)
    assert (now.name, now.can_resume, now.can_stop) == ("stopped", True, False)


def test_a_training_that_was_interrupted_is_judged_and_can_go_on(folder):
    with run_log.keeping(folder.path) as log:
        log.write("start", total_steps=32)
        folder.write("metrics.json", {})
        log.write("end", interrupted=True)
    assert stage(folder).can_resume


def test_a_run_of_0_1_0_has_no_log(folder):
    folder.write("history.json", {"monitor": "loss", "best_epoch": 2, "epochs": [record(1), record(2)]})
    folder.write("metrics.json", {})
    (folder / "checksums.sha256").unlink()
    now = stage(folder)
    assert (now.name, now.epoch, now.step) == ("finished", 2, 16)


def test_the_log_goes_on_where_the_history_ends(folder):
    folder.write("history.json", {"monitor": "loss", "best_epoch": 1, "epochs": [record(1)]})
    with run_log.keeping(folder.path) as log:
        for number in (1, 2, 3):
            log.write("epoch", **record(number))
    assert [epoch["epoch"] for epoch in learnt(folder)] == [1, 2, 3]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"epochs": 3}', b'{"epochs": [3]}', b'{"epochs": [{"a": 1}]}'])
def test_a_history_that_cannot_be_read_leaves_the_log(folder, content):
    (folder / "history.json").write_bytes(content)
    with run_log.keeping(folder.path) as log:
        log.write("epoch", **record(1))
    assert [epoch["epoch"] for epoch in learnt(folder)] == [1]


def test_a_folder_that_has_gone_is_said(folder):
    shutil.rmtree(folder.path)
    with pytest.raises(RunError, match="is not a run"):
        stage(folder)


def test_a_stage_is_json_for_a_browser(folder):
    with run_log.keeping(folder.path) as log:
        log.write("start", total_steps=32)
        log.write("step", step=3, total_steps=32, loss=float("nan"))
        told = json.dumps(stage(folder).record(), allow_nan=False)
    assert '"loss": null' in told
