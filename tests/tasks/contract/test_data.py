"""What every task makes of data, before anything is learnt."""

import json
import re

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from deepglass.cli.main import app
from deepglass.core import catalogue
from deepglass.data.check import inspect
from deepglass.data.config import DataConfig
from deepglass.data.reading.file_column import KINDS
from deepglass.data.reading.source import read
from deepglass.runs import options as option_space
from deepglass.runs.job import plan_job
from deepglass.tasks import BaseTask
from deepglass.zoo import architectures

PARTS = ("train", "val", "test")


def batch_of(examples, rows):
    torch.manual_seed(0)
    return examples.batch(torch.as_tensor(np.array(rows, dtype=np.int64)))


def test_it_says_who_it_is(case):
    assert case.Task.name == case.name.replace("_", "-")
    assert case.Task.name in option_space.task_names()
    entry = architectures.entry(case.Task.default_model, case.Task.name)
    assert entry.summary


def test_what_is_read_without_importing_is_what_the_class_says(case):
    """A literal in a class between the contract and the task would be overlooked."""
    names = [name for name in vars(BaseTask) if name.isupper() or name in ("name", "default_model", "plain_text")]
    for name in [*names, "name", "default_model"]:
        assert catalogue.declared_by(case.name, name) == getattr(case.Task, name), name


def test_every_part_has_examples_and_none_is_in_two(case):
    prepared = case.job.prepared
    assert all(len(getattr(prepared, part)) for part in PARTS)
    for part, rows in prepared.ids.items():
        assert len(rows) == len(np.unique(rows)) == len(getattr(prepared, part))
    for one, other in (("train", "test"), ("val", "test"), *([("train", "val")] if prepared.fold is None else [])):
        assert not np.isin(prepared.ids.get(one, []), prepared.ids.get(other, [])).any()


def test_ids_name_the_examples_of_the_source(case):
    """What `read` makes of a row is what `prepare` made of it; training may augment, so the others are looked at."""
    prepared, task = case.job.prepared, case.job.task
    if not case.Task.PREDICTS or not prepared.ids:
        pytest.skip("no example is a row of the source")
    whole, _ = task.read(task.open(case.source, with_target=True), with_target=True)
    everything = batch_of(whole, range(len(whole)))
    for part in ("val", "test"):
        made = batch_of(getattr(prepared, part), range(len(getattr(prepared, part))))
        if task.fingerprints(case.job.data) is not None:
            found = batch_of(whole, prepared.ids[part])
            assert torch.equal(made[0], found[0])
            assert torch.equal(made[-1], found[-1])
        else:
            known = {tuple(tensor[i].numpy().tobytes() for tensor in everything) for i in range(len(whole))}
            assert all(tuple(tensor[i].numpy().tobytes() for tensor in made) in known for i in range(len(made[0])))


def test_guesses_name_options_that_there_are(case):
    known = {name.replace("_", "-") for name in option_space.known_names(case.Task.name, case.job.model)}
    for guess in case.job.guesses:
        assert guess.what, guess
        assert guess.why, guess
        named = {name.removeprefix("no-") for name in re.findall(r"--([a-z][a-z-]*)", guess.option)}
        assert named <= {*known, "task", "model"}, guess
        assert guess.option, guess


def test_dims_suffice_to_build_the_usual_model_and_extremes_go_through_it(case):
    values = {**case.job.prepared.dims, **case.job.model_options}
    assert case.job.task.dims.items() <= case.job.prepared.dims.items()
    model = architectures.load(case.Task.default_model, task=case.Task.name, **values).eval()
    inputs = case.job.task.extremes()
    with torch.no_grad():
        if inputs:
            assert torch.isfinite(model(*inputs)).all()
        *tensors, _ = batch_of(case.job.prepared.test, [0, 0])
        if tensors and case.Task.ANSWERS_IN_ONE_CALL:  # else it is noise that goes in, or what is on its way from there
            assert len(model(*tensors)) == 2


def test_a_state_that_went_through_a_file_reads_and_answers_alike(case):
    task, again = case.run.task, case.again()
    state = task.state()
    assert json.loads(json.dumps(state)) == json.loads(json.dumps(again.state()))
    assert again.dims == task.dims
    other = again.outputs(case.run.model, case.job.prepared.test)
    for name in ("predictions", "targets", "losses"):
        here, there = getattr(case.outputs, name), getattr(other, name)
        assert here is there is None or np.array_equal(here, there, equal_nan=here.dtype.kind == "f"), name
    if case.Task.PREDICTS:
        examples, names = again.read(again.open(case.together), with_target=False)
        assert again.answers(again.outputs(case.run.model, examples), names) == case.run.predict(case.together)


def test_check_describes_its_data(case):
    config = DataConfig(**{name: v for name, v in case.options.items() if name in vars(DataConfig())})
    findings = inspect(read(case.source, config, follow=tuple(KINDS)), config)
    assert findings.task is not None
    assert findings.size
    assert all(count for count in findings.size.values())
    json.dumps(findings.as_dict())
    for look in catalogue.declared_by(case.name, "CHECKS"):
        assert callable(catalogue.load("data/checks", look).look)
    done = CliRunner().invoke(app, ["check", str(case.source)])
    assert done.exit_code == 0, done.output
    assert findings.kind in done.output


def test_several_trainings_may_be_planned_on_what_was_read_once(case, monkeypatch):
    first = case.planned({})
    monkeypatch.setattr("deepglass.runs.job._read", lambda *args: pytest.fail("read once more"))
    given = dict(case.options)
    second = plan_job(case.source, case.Task.name, given.pop("model", None), given, reading=first.reading)
    assert second.data is first.data
    assert second.config == first.config
    assert second.prepared.remarks == first.prepared.remarks
    assert list(map(str, second.guesses)) == list(map(str, first.guesses))
    for part in PARTS:
        ours, theirs = getattr(second.prepared, part), getattr(first.prepared, part)
        assert len(ours) == len(theirs)
        pairs = zip(batch_of(ours, [0, 1]), batch_of(theirs, [0, 1]), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)
