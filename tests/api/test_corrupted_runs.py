"""Every file of a run, corrupted in every way that bench/hostile/files.py knows: one message, exit 2, and nothing else.

`python -m bench.corrupted` does thousands of these, also for bundles and weights.
"""

import os
import random
import shutil
from functools import cache

import pytest
from bench.corrupted import STATES, Made, one_run, one_source, suits
from bench.hostile import files as hostile
from bench.hostile import small_runs, tables
from bench.hostile.commands import LISTING, READS, carried_out, tree

import deepglass as dg
from deepglass.core import checksums, files
from deepglass.core.console import console
from deepglass.core.errors import RunError, TrainingError
from deepglass.deploy.runtime import checksums as bundle_checksums
from deepglass.training.loop import Trainer

SLOW = ("shrink", "train --config", "train {data}")  # do much before they come to the file
EVERY = 5  # of the corruptions one is tried by each command and file; they take turns, so that each file meets all
NAMES = list(hostile.CORRUPTIONS)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Runs with data that they answer, each trained once."""
    folder = tmp_path_factory.mktemp("whole")
    console.mode = "quiet"
    return cache(lambda small: Made(small, *small.make(folder)))


@pytest.fixture(params=small_runs.ALL, ids=lambda small: small.name)
def whole(request, made):
    """Each of them."""
    return made(request.param)


@pytest.fixture
def table(made):
    """The one that answers with a blend."""
    return made(small_runs.TABLE)


@pytest.fixture
def mark(tmp_path, monkeypatch):
    """What code in a file would write if it were run."""
    monkeypatch.setenv(hostile.CANARY, str(tmp_path / "code was run"))
    return tmp_path / "code was run"


def is_left_alone(command, name, corruption):
    """What no command can notice: root may read everything, and a part of a report may be missing."""
    return (corruption == "unreadable" and os.geteuid() == 0) or (
        command.startswith("report") and corruption == "missing"
    )


@pytest.mark.slow("every command meets every file in several forms")
@pytest.mark.parametrize("command", [command for command in READS if not command.startswith((*SLOW, LISTING))])
def test_a_corrupted_file_is_one_message(whole, command, tmp_path, mark):
    if not suits(command, whole.small):
        pytest.skip(f"a run of {whole.small.name} has nothing to do with {command}")
    for i, name in enumerate(READS[command]):
        if not (whole.run / name).is_file():
            continue
        turn = (i + list(READS).index(command)) % EVERY
        for corruption in NAMES[turn::EVERY]:
            outcome, _, left = one_run(tmp_path, whole, command, name, corruption, STATES[0], random.Random(turn))
            what = f"{command} with {name}: {corruption}\n{outcome.error}"
            if not is_left_alone(command, name, corruption):
                assert outcome.status == 2, what
                assert outcome.error.count("error: ") == 1, what
                assert name in outcome.error, what
            assert not left, what
    assert not mark.exists()


@pytest.mark.slow("every file in every form")
@pytest.mark.parametrize("name", ["config.json", "task.json", "weights.safetensors", "blend.json", "blend.safetensors"])
def test_runs_without_checksums_give_messages_too(table, name, tmp_path, mark):
    """As version 0.1.0 wrote them: what does not show in the answers is not seen, and nothing is a traceback."""
    for i, corruption in enumerate(NAMES):
        command = "predict {run} {data}" if i % 2 else "evaluate {run} {data}"
        outcome, _, left = one_run(tmp_path, table, command, name, corruption, STATES[1], random.Random(i))
        assert outcome.status in (0, 2), f"{name}: {corruption}\n{outcome.error}"
        assert not left
    assert not mark.exists()


@pytest.mark.parametrize("size", [10**9, 10**18, -1, "1000000000", 1e300])
def test_sizes_that_a_machine_cannot_bear_are_refused_before_they_are_made(table, size, tmp_path):
    run, data = table.run, table.data
    copy = shutil.copytree(run, tmp_path / "copy")
    (copy / checksums.NAME).unlink()
    config = files.read_json(copy / "config.json")
    config["model_options"]["hidden_dim"] = size
    files.write_json(copy / "config.json", config)
    for words in (["predict", copy, data], ["train", "--config", copy, "--run", tmp_path / "again"]):
        outcome = carried_out([str(word) for word in words])
        assert outcome.status == 2, outcome.error
        assert any(word in outcome.error for word in ("hidden_dim", "weights or more", "negative")), outcome.error
    assert not (tmp_path / "again").exists()


def test_a_config_changed_by_hand_can_be_repeated_and_says_what_to_do_elsewhere(table, tmp_path):
    run, data = table.run, table.data
    copy = shutil.copytree(run, tmp_path / "copy")
    config = files.read_json(copy / "config.json")
    config["model_options"]["hidden_dim"] = 4
    files.write_json(copy / "config.json", config)
    with pytest.raises(RunError, match=r"config\.json was changed .* remove its line"):
        dg.load(copy).predict(data)
    again = dg.train(config=copy, run=tmp_path / "again")
    assert again.config["model_options"]["hidden_dim"] == 4


@pytest.mark.slow("exports a run")
def test_a_report_and_an_export_leave_a_run_valid(table, tmp_path):
    run, data = table.run, table.data
    copy = shutil.copytree(run, tmp_path / "copy")
    before = dg.load(copy).predict(data)
    dg.load(copy).report()
    dg.load(copy).export(to="bundle")
    dg.train(run=copy, resume=True, epochs=2)
    assert dg.load(copy).folder.unverified() == []
    assert len(dg.load(copy).predict(data)) == len(before)
    assert not [name for name in tree(copy) if name.endswith(".tmp")]


def test_a_damaged_run_hides_no_other_in_the_list(table, tmp_path):
    run = table.run
    for name in ("good", "bad"):
        shutil.copytree(run, tmp_path / name)
    (tmp_path / "bad" / "metrics.json").write_text("[" * 100_000)
    outcome = carried_out(["runs", str(tmp_path)])
    assert outcome.status == 0
    assert "good" in outcome.said
    assert "damaged" in outcome.said


STATES_THAT_LIE = [  # what each changes in task.json of the table: a value that only arithmetic would stumble over
    (("preprocessing", "numbers", 0, "knots"), [1.0]),
    (("preprocessing", "numbers", 0, "fill"), "x"),
    (("preprocessing", "numbers", 0, "edges"), [0.0]),
    (("preprocessing", "categories", 0, "levels"), ["red", "red"]),
    (("preprocessing", "categories"), []),
    (("classes",), ["long"]),
    (("class_counts",), [1, "2"]),
    (("statistics", "width", "quantiles"), [0.0]),
    (("reading", "columns", 0, "number"), {"decimal": "x"}),
    (("reading", "file", "delimiter"), ""),
    (("class_choice",), {}),
    (("target",), None),
]


@pytest.mark.parametrize(("place", "value"), STATES_THAT_LIE, ids=lambda part: str(part)[:40])
def test_a_state_that_does_not_fit_is_a_message_although_its_checksum_holds(table, place, value, tmp_path):
    copy = shutil.copytree(table.run, tmp_path / "copy")
    content = files.read_json(copy / "task.json")
    *path, last = ("state", *place)
    where = content
    for key in path:
        where = where[key]
    where[last] = value
    dg.load(copy).folder.write("task.json", content)
    for command in ("predict", "evaluate"):
        outcome = carried_out([command, str(copy), str(table.data)])
        assert outcome.status == 2, outcome.error
        assert "task.json" in outcome.error


@pytest.mark.parametrize("name", ["num_outputs", "cardinalities", "num_features"])
def test_sizes_that_are_not_those_of_the_state_are_a_message(table, name, tmp_path):
    copy = shutil.copytree(table.run, tmp_path / "copy")
    content = files.read_json(copy / "task.json")
    content["dims"][name] = [7] if name == "cardinalities" else 7
    dg.load(copy).folder.write("task.json", content)
    with pytest.raises(RunError, match=rf"task\.json cannot be understood .*{name}"):
        dg.load(copy).predict(table.data)


def test_a_training_that_fails_before_anything_is_learnt_leaves_no_folder(table, tmp_path, monkeypatch):
    usual = Trainer.loss
    monkeypatch.setattr(Trainer, "loss", lambda trainer, *batch: usual(trainer, *batch) * float("nan"))
    with pytest.raises(TrainingError, match="before anything was learnt"):
        dg.train(table.data, target="kind", model="mlp", bags=1, run=tmp_path / "new" / "run", **small_runs.USUAL)
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_task_is_lost_is_not_resumed(table, tmp_path):
    copy = shutil.copytree(table.run, tmp_path / "copy")
    (copy / "task.json").unlink()
    with pytest.raises(RunError, match=r"task\.json is missing"):
        dg.train(run=copy, resume=True, epochs=2)


@pytest.mark.slow("exports a run")
def test_a_damaged_bundle_inside_a_run_is_not_served(table, tmp_path):
    copy = shutil.copytree(table.run, tmp_path / "copy")
    assert carried_out(["export", str(copy), "--to", "bundle", "--quiet"]).status == 0
    assert carried_out(["serve", str(copy)]).status == 0
    schema = copy / "export" / "bundle" / "schema.json"
    described = files.read_json(schema)
    del described["inputs"][0]["kind"]
    files.write_json(schema, described)
    assert "was changed or damaged" in carried_out(["serve", str(copy)]).error
    bundle_checksums.write(schema.parent)
    outcome = carried_out(["serve", str(copy)])
    assert outcome.status == 2, outcome.error
    assert "damaged description (expected 'kind', which is missing)" in outcome.error


@pytest.mark.parametrize("small", small_runs.SOURCES, ids=lambda small: small.name)
def test_corrupted_data_are_a_message_or_are_read(small, tmp_path, mark):
    """Every form of data, in a few of the ways: check and train answer, or say what is wrong."""
    for i, corruption in enumerate(NAMES):
        if (i + small_runs.SOURCES.index(small)) % (2 * EVERY):
            continue
        outcome, left = one_source(tmp_path, small, "check {data}", corruption, random.Random(i))
        assert outcome.status in (0, 2), f"{corruption}\n{outcome.error}"
        assert outcome.error.count("error: ") == (outcome.status == 2)
        assert not left
    assert not mark.exists()


@pytest.mark.slow("trains on thirteen spoilt tables")
@pytest.mark.parametrize("spoiling", tables.SPOILINGS)
def test_a_spoilt_table_is_a_message_or_is_read(spoiling, tmp_path):
    for i, small in enumerate((small_runs.TABLE, small_runs.BAG, small_runs.SHOPS, small_runs.TEXTS)):
        outcome, left = one_source(tmp_path, small, "check {data}", spoiling, random.Random(i))
        assert outcome.status in (0, 2), f"{small.name}\n{outcome.error}"
        assert not left
