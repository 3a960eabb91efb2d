"""Every task is judged: a perfect answer scores best, and every score has a name."""

import html

import numpy as np
import pytest

from deepglass.evaluate import judges, scores, wording
from deepglass.evaluate.comparison import compare
from tests.tasks.contract.case import declared_by


def test_every_score_is_known(case):
    metrics = case.run.metrics
    assert metrics["test"]["kind"] in judges.catalogue.entries(judges.FOLDER)
    assert metrics["test"]["count"] == len(case.job.prepared.test)
    for part in ("test", "val", "baseline"):
        for name in scores.scores_of(metrics[part]):
            assert scores.metric(name).meaning, f"{name} is unknown: name it in the METRICS of a judge"
    assert set(metrics["test"]["headline"]) <= metrics["test"].keys()


def test_the_baseline_has_a_name_and_the_headline_scores(case):
    test, baseline = case.run.metrics["test"], case.run.metrics["baseline"]
    assert baseline["name"]
    assert any((baseline.get(name) or {}).get("value") is not None for name in test["headline"])


def test_a_rival_that_is_declared_is_there(case):
    if not declared_by(case.Task, "rivals", "simple_answers"):
        pytest.skip("it declares none")
    rival = case.run.metrics["rival"]
    assert rival["name"]
    assert rival["verdict"]
    assert any((rival.get(name) or {}).get("value") is not None for name in case.run.metrics["test"]["headline"])


def test_nothing_scores_better_than_a_perfect_answer(case):
    if not case.Task.PREDICTS:
        pytest.skip("there is no truth to be right about")
    perfect = case.run.task.evaluate(case.perfect())
    for other in (case.run.metrics["test"], case.run.metrics["baseline"], case.run.metrics.get("rival", {})):
        for name in perfect["headline"]:
            theirs, best = (other.get(name) or {}).get("value"), perfect[name]["value"]
            assert theirs is None or not scores.is_better(name, theirs, best), name
    name = perfect["headline"][0]
    assert scores.is_better(name, perfect[name]["value"], case.run.metrics["baseline"][name]["value"])
    assert case.run.task.validate(case.perfect())[case.Task.monitor] is not None


def test_the_metric_that_chooses_the_epoch_points_the_right_way(case):
    if not case.Task.PREDICTS:
        pytest.skip("there is no truth to be right about")
    best, own = (case.run.task.validate(outputs)[case.Task.monitor] for outputs in (case.perfect(), case.outputs))
    assert best <= own if case.Task.better == "lower" else best >= own


def test_losses_are_one_for_each_example_and_some_rows_can_be_judged_alone(case):
    outputs, count = case.outputs, len(case.job.prepared.test)
    assert len(outputs.predictions) == count
    assert outputs.losses is None or outputs.losses.shape == (count,)
    assert all(len(part) == count for part in outputs.extra.values())
    half = outputs.of_rows(np.arange(0, count, 2))
    assert case.run.task.evaluate(half)["count"] == len(half.predictions)


def test_what_was_judged_is_what_the_folder_holds(case):
    judged = case.run.folder.read_outputs()["predictions"]
    numbers = 0
    for written, said in zip(judged, case.outputs.predictions, strict=True):
        written, said = np.asarray(written), np.asarray(said)
        assert written.dtype != object, "numbers, or a sentence"
        if written.dtype.kind in "fc":
            np.testing.assert_allclose(said, written, rtol=1e-4, atol=1e-5)
        else:
            np.testing.assert_array_equal(said, written)
        numbers += written.size
    assert numbers, "nothing was compared"


def test_a_run_is_as_good_as_itself(case):
    outputs, kind = case.run.folder.read_outputs(), case.run.metrics["test"]["kind"]
    assert compare(outputs, outputs, kind)["winner"] is None


def test_the_report_and_the_card_name_the_headline_scores(case):
    metrics = case.run.metrics
    for name in ("report.html", "MODEL_CARD.md"):
        page = html.unescape((case.run.path / name).read_text(encoding="utf-8"))
        for score in metrics["test"]["headline"]:
            if metrics["test"][score]["value"] is not None:
                assert scores.metric(score).title in page, (name, score)
                assert scores.show(score, metrics["test"][score]["value"]) in page, (name, score)
        assert metrics["baseline"]["name"] in page
    assert wording.lead(metrics).endswith(".")


def test_worst_mistakes_can_be_shown(case):
    from deepglass.evaluate.report import mistake_of

    found = case.run.folder.read("mistakes.json")
    assert all(mistake_of(item) for item in found)
