"""Answers with a coverage, and the section on reliability: what is promised is counted, what cannot be is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import deepglass as dg
from deepglass.audit.auditing import audit, settings_of
from deepglass.cli.main import app
from deepglass.core.console import console
from deepglass.core.errors import OptionError, RunError
from deepglass.evaluate import conformal
from deepglass.runs import conformity
from tests.tasks import small

QUICK = {"batch_size": 32, "threads": 1, "precision": "float32", "device": "cpu"}


def table(rows=400):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.normal(size=rows), "z": random.normal(size=rows)}).round(3)
    frame["side"] = random.choice(["left", "right"], rows)
    frame["day"] = pd.date_range("2024-01-01", periods=rows, freq="7h").strftime("%Y-%m-%d")
    score = frame["x"] + 0.5 * random.normal(size=rows)
    frame["kind"] = np.select([score < -0.6, score < 0.6], ["low", "middle"], "high")
    frame["value"] = score.round(3)
    return frame


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """One that answers classes, and one that answers numbers."""
    folder, mode = tmp_path_factory.mktemp("reliability"), console.mode
    console.mode = "quiet"
    options = {**QUICK, "epochs": 8, "model": "mlp", "bags": 1, "learning_rate": 0.01, "val_fraction": 0.3}
    table().to_csv(folder / "table.csv", index=False)
    found = {}
    for target, other in (("kind", "value"), ("value", "kind")):
        run = dg.train(folder / "table.csv", run=folder / target, target=target, ignore=other, **options)
        found[target] = dg.load(run.path)
    console.mode = mode
    return found


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")


def test_sets_hold_the_classes_that_score_low_enough_and_the_likeliest(runs):
    run = runs["kind"]
    rows = table()[["x", "z", "side", "day"]]
    answers, plain = run.predict(rows, coverage=0.9), run.predict(rows)
    assert [{k: v for k, v in row.items() if k != "set"} for row in answers] == plain
    probs = np.array([[row[f"p({name})"] for name in run.task.classes] for row in plain], np.float32)
    limit = conformal.quantile(conformity.scores_of(run.folder), 0.9)
    sets = conformal.class_sets(probs, limit)
    assert [set(row["set"]) for row in answers] == [
        {name for name, own in zip(run.task.classes, row, strict=True) if own} for row in sets
    ]
    assert all(row["set"][0] == row["prediction"] for row in answers)
    wider = run.predict(rows, coverage=0.98)
    assert all(set(row["set"]) <= set(more["set"]) for row, more in zip(answers, wider, strict=True))


def test_an_interval_is_as_wide_as_the_errors_of_the_validation(runs):
    run = runs["value"]
    reach = conformal.quantile(conformity.scores_of(run.folder), 0.8)
    for row in run.predict(table()[["x", "z", "side", "day"]], coverage=0.8)[:20]:
        assert row["upper"] - row["prediction"] == pytest.approx(reach)
        assert row["prediction"] - row["lower"] == pytest.approx(reach)


def test_the_scores_are_those_of_the_validation_part(runs):
    for run in runs.values():
        from deepglass.runs.again import own_job

        job = own_job(run)
        val = run.task.outputs(run.model, job.prepared.val)
        assert np.allclose(conformity.scores_of(run.folder), np.sort(run.task.conformity(val)), atol=1e-5)


def test_a_set_is_one_cell_of_a_table_and_a_list_in_json(runs, tmp_path):
    table()[["x", "z", "side", "day"]].head(30).to_csv(tmp_path / "new.csv", index=False)
    asked = ["predict", str(runs["kind"].path), str(tmp_path / "new.csv"), "--coverage", "0.97"]
    found = CliRunner().invoke(app, asked)
    assert found.exit_code == 0
    assert found.stdout.splitlines()[0].endswith(",set")
    assert " | " in found.stdout
    assert isinstance(json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)[0]["set"], list)


@pytest.mark.parametrize("coverage", [0.0, 1.0, 90.0, -0.5])
def test_a_coverage_that_is_no_share_is_refused(runs, coverage):
    with pytest.raises(OptionError, match="--coverage: expected a share between 0 and 1"):
        runs["kind"].predict("nothing is read before", coverage=coverage)


def test_a_coverage_that_needs_more_examples_says_how_many(runs):
    with pytest.raises(OptionError, match=r"--coverage 0.9999: needs 9,999 validation examples, and there were \d+"):
        runs["kind"].predict("nothing is read before", coverage=0.9999)


def test_a_run_of_before_or_with_a_damaged_file_says_so(runs, tmp_path):
    import shutil

    shutil.copytree(runs["kind"].path, tmp_path / "old")
    run = dg.load(tmp_path / "old")
    run.folder.write("conformal.json", {"scores": [0.1, "x"], "count": 2})
    with pytest.raises(RunError, match=r"conformal.json"):
        run.predict(table(), coverage=0.9)
    run.folder.remove("conformal.json")
    with pytest.raises(OptionError, match="remembers no scores of validation examples: train it again"):
        run.predict(table(), coverage=0.9)
    assert run.predict(table().head(2))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("forecasting", "were learnt in training for 0.8: leave it out, or train again with --coverage 0.9"),
        ("object_detection", "object-detection answers with neither a class nor a number"),
        ("language_modelling", "language-modelling answers with neither a class nor a number"),
        ("multi_label_classification", "answers with neither a class nor a number"),
        ("generation", "generation answers with neither a class nor a number"),
    ],
)
def test_answers_of_other_kinds_are_refused_by_the_name_of_the_option(tmp_path, name, message):
    from deepglass.core.run_folder import RunFolder
    from deepglass.runs.job import plan_job

    tiny = small.of(name)
    options = {**QUICK, **tiny.OPTIONS, "task": name.replace("_", "-")}
    job = plan_job(tiny.data(tmp_path), options.pop("task"), options.pop("model", None), options)
    with pytest.raises(OptionError, match=message):
        conformity.limit_for(RunFolder(tmp_path), job.task, 0.9)


def test_intervals_of_its_own_are_given_as_they_are_where_just_they_are_asked_for(tmp_path):
    from deepglass.runs.job import plan_job

    tiny = small.of("forecasting")
    job = plan_job(tiny.data(tmp_path), "forecasting", None, {**QUICK, **tiny.OPTIONS})
    records = [{"low": 1.0, "high": 2.0}]
    assert conformity.with_coverage(None, job.task, None, records, job.task.own_coverage) == records


# -- the section ----------------------------------------------------------------------------------------------------


def section_of(run, **settings):
    (section,), _ = audit(run, only=["reliability"], settings=settings_of(settings))
    return section


def test_coverage_is_counted_and_held_against_its_exact_band(runs):
    for run in runs.values():
        found = section_of(run).numbers
        exact = found["coverage_exact"]
        assert exact["band_low"] <= exact["value"] <= exact["band_high"]
        assert found["coverage"]["value"] >= exact["value"]


def test_calibration_is_shown_before_and_after_a_temperature(runs):
    section = section_of(runs["kind"])
    assert section.curves[0].diagonal
    assert set(section.curves[0].lines) == {"as it answers", "at the temperature of the validation"}
    assert section.numbers["temperature"]["value"] > 0
    assert "calibration_error" not in section_of(runs["value"]).numbers


def test_groups_are_counted_apart_and_few_rows_are_too_few(runs):
    tables = {found.title: found.rows for found in section_of(runs["kind"], group_columns="side").tables}
    assert {row["side"] for row in tables["Coverage by side"]} == {"left", "right"}
    assert any(row["coverage"] == "too few to say" for row in tables["Coverage by true class"])


def test_columns_of_other_data_that_moved_are_named(runs, tmp_path):
    other = table()
    other["x"] += 2
    other["side"] = "left"
    other.to_csv(tmp_path / "later.csv", index=False)
    (section,), _ = audit(runs["kind"], str(tmp_path / "later.csv"), only=["reliability"])
    (said,) = [words for words in section.warnings if "differ from the training" in words]
    assert "x" in said.split("(")[1]
    assert "side" in said.split("(")[1]
    assert " z" not in said.split("(")[1].split(")")[0]
    same = section_of(runs["kind"])
    assert not [words for words in same.warnings if "differ from the training" in words]


def test_inputs_that_are_torn_apart_are_noticed():
    """Two columns that always agree: torn apart they do not, and only what is inside the network may tell."""
    import torch
    from torch import nn

    from deepglass.audit.familiarity import inside, torn_apart
    from deepglass.evaluate.unfamiliar import Mahalanobis, auroc

    torch.manual_seed(0)
    x = torch.randn(600, 1)
    known, judged = torch.hstack([x, x])[:400], torch.hstack([x, x])[400:]
    net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3))
    far = Mahalanobis.fit(inside(net, (known,), True).hidden, np.zeros(400, int))
    strange = torn_apart((judged,), 0)
    assert torch.equal(strange[0].sort(dim=0).values, judged.sort(dim=0).values)
    found = auroc(far(inside(net, (judged,), True).hidden), far(inside(net, strange, True).hidden))
    assert found > 0.9
