"""`--card medical`: what the card of a risk says, and of what it refuses to be written."""

import json

import numpy as np
import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.data.datasets import patients

QUICK = {"model": "linear", "epochs": 12, "bags": 1, "blend": False, "batch_size": 32, "learning_rate": 0.02}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    frame = patients.patients(900, seed=3).drop(columns="risk")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "mode", "quiet")
        folder = tmp_path_factory.mktemp("runs") / "p"
        return dg.train(frame, target="event", card="medical", score_by="smoker", run=str(folder), **QUICK)


def read(run, name):
    return json.loads((run.path / name).read_text(encoding="utf-8"))


def test_the_card_says_that_it_is_no_medical_device_and_how_groups_fare(run):
    card = (run.path / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "**Not a medical device.**" in card
    for words in ("| sex | Patients |", "| woman", "| age | Patients |", "| smoker | Patients |", "| 1 empty cell"):
        assert words in card
    assert "sensitivity" in card
    assert "`sex`" in card.split("## Groups")[1]


def test_groups_are_those_of_the_test_rows(run):
    risk, test = read(run, "metrics.json")["risk"], read(run, "metrics.json")["test"]
    assert set(risk["groups"]) == {"age", "sex", "smoker"}
    for rows in (*risk["groups"].values(), risk["empty"]):
        assert sum(row["count"] for row in rows) == test["count"]
    assert risk["class"] == "yes"
    assert read(run, "model_card.json")["medical"] == risk
    assert {"age", "sex", "smoker"} <= set(read(run, "model_card.json")["groups_tested"])


def test_what_the_model_leans_on_moves_risks_most_when_it_is_empty(run):
    columns = read(run, "metrics.json")["risk"]["columns"]
    assert {row["column"] for row in columns} == {"age", "sex", "smoker", "pressure", "cholesterol", "marker"}
    moved = [row["moved"] for row in columns]
    assert moved == sorted(moved, reverse=True)
    usual = read(run, "metrics.json")["test"]["roc_auc"]["value"]
    areas = {row["column"]: row["roc_auc"]["value"] for row in columns}
    assert areas["marker"] < usual - 0.02
    assert np.mean(list(areas.values())) < usual


def test_the_report_draws_the_decision_curve_also_without_the_option(run):
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert "Decision curve of yes" in page
    assert "If so many of the others are to be left in peace" in page


def test_the_usual_card_has_no_such_section(tmp_path, monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")
    frame = patients.patients(200).drop(columns="risk")
    run = dg.train(frame, target="event", run=str(tmp_path / "p"), **QUICK | {"epochs": 1})
    assert "risk" not in read(run, "metrics.json")
    assert "Medical" not in (run.path / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_three_classes_have_no_risk(tmp_path, monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")
    with pytest.raises(OptionError, match="--card has no effect: it describes the risk of one of two classes, and"):
        dg.train("iris", target="species", card="medical", epochs=1, run=str(tmp_path / "r"))
    assert not (tmp_path / "r").exists()
