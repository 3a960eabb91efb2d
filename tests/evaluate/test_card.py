"""The model card says what is known, and what is not."""

import pytest

from deepglass.core.run_folder import RunFolder
from deepglass.evaluate import card
from tests.evaluate.run_folders import TASKS

HEADINGS = ("Intended use", "Data", "Training", "Metrics", "Groups not tested", "Limits", "Repeat it")


@pytest.mark.parametrize("task", TASKS)
def test_a_card_has_every_part_and_the_headline_scores(finished_run, task):
    folder = finished_run(task)
    text = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    for heading in HEADINGS:
        assert f"\n## {heading}\n" in text
    assert f"deepglass train --config {task}" in text
    assert "not stated by the source" in text
    assert folder.read("metrics.json")["baseline"]["name"] in text


def test_columns_about_people_are_named(finished_run):
    text = (finished_run("tabular-classification") / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "describe people: `age`" in text
    assert card.people_columns({"columns": [{"name": "Marital-Status"}, {"name": "agency"}, {"name": "price"}]}) == [
        "Marital-Status"
    ]


def test_a_bar_in_a_class_name_does_not_break_the_table(finished_run, tmp_path):
    folder = RunFolder(tmp_path / "run").create()
    metrics = finished_run("text-classification").read("metrics.json")
    metrics["test"]["details"]["per_class"][0]["class"] = "either|or"
    folder.write("metrics.json", metrics)
    card.write_card(folder)
    assert "| either\\|or |" in (folder / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_a_run_that_was_not_evaluated_says_so(tmp_path):
    folder = RunFolder(tmp_path / "run").create()
    folder.write("config.json", {"source": "x.csv", "task": "forecasting", "model": "dlinear"})
    card.write_card(folder)
    text = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "has not been evaluated yet" in text
    assert "Not measured." in text
