"""Every judge is asked the same questions about a run of its kind; nobody else knows the kinds."""

import ast

import numpy as np
import pytest

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.evaluate import judges, scores
from deepglass.evaluate.comparison import compare
from deepglass.evaluate.warnings import warnings_for
from tests.evaluate.run_folders import TASKS

KINDS = catalogue.entries(judges.FOLDER)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_a_judge(finished_run, task):
    folder = finished_run(task)
    metrics = folder.read("metrics.json")
    judge = judges.judge_of_test(metrics)
    assert judge is not None
    assert metrics["test"]["kind"] in KINDS


@pytest.mark.parametrize("task", TASKS)
def test_the_sentence_holds_a_score_and_the_baseline(finished_run, task):
    metrics = finished_run(task).read("metrics.json")
    judge = judges.judge_of_test(metrics)
    sentence = judge.lead(metrics["test"], metrics["baseline"])
    assert sentence.endswith(".")
    assert metrics["baseline"]["name"] in sentence
    assert any(
        scores.show(name, entry["value"]) in sentence for name, entry in scores.scores_of(metrics["test"]).items()
    )
    assert judge.lead({"kind": metrics["test"]["kind"], "count": 1, "headline": []}, {}) == ""


@pytest.mark.parametrize("task", TASKS)
def test_a_run_is_as_good_as_itself_and_better_than_noise(finished_run, task):
    outputs = finished_run(task).read_outputs()
    kind = finished_run(task).read("metrics.json")["test"]["kind"]
    same = compare(outputs, outputs, kind)
    assert same["winner"] is None
    rng, worse = np.random.default_rng(0), dict(outputs)
    if "predictions" in outputs and kind != "language":
        worse["predictions"] = rng.permutation(outputs["predictions"])
    else:
        worse["losses"] = outputs["losses"] + 1
    assert compare(outputs, worse, kind, ("this", "noise"))["winner"] == "this"


@pytest.mark.parametrize("task", TASKS)
def test_what_it_shows_is_drawn_and_what_is_missing_is_left_out(finished_run, task):
    metrics = finished_run(task).read("metrics.json")
    judge = judges.judge_of_test(metrics)
    shown = judge.answers(metrics, finished_run(task).read_outputs())
    assert all(figure["caption"] and "<svg" in figure["svg"] for figure in shown.get("figures", []))
    judge.answers({"test": {"kind": metrics["test"]["kind"]}}, {})  # no detail and no array: nothing to show, no error
    title, command = judge.next_command("runs/mine")
    assert title
    assert command.startswith("deepglass ")
    assert "runs/mine" in command


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(OptionError, match="unknown kind of task 'sonnets'"):
        judges.judge_of("sonnets")
    with pytest.raises(OptionError, match="sonnets"):
        warnings_for({"test": {"kind": "sonnets", "count": 1, "headline": []}})
    assert judges.judge_of_test({}) is None


@pytest.mark.parametrize("kind", KINDS)
def test_scores_of_a_judge_alone_are_known_to_everybody(kind):
    for name, parts in catalogue.constant(judges.FOLDER, kind, "METRICS", {}).items():
        assert scores.metric(name) == scores.Metric(*parts)


def test_nobody_else_compares_with_the_name_of_a_kind_or_a_task():
    """A new kind of answer is one file: the rest of the folder must not branch on names."""
    names = {*KINDS, *TASKS}
    found = []
    for path in sorted((catalogue.PACKAGE / "evaluate").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                parts = [part.value for part in [node.left, *node.comparators] if isinstance(part, ast.Constant)]
                found += [f"{path.name}:{node.lineno} {part}" for part in parts if part in names]
    assert not found
