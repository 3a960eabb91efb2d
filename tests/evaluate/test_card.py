"""The model card says what is known, and what is not."""

import re

import pytest
from markdown_it import MarkdownIt

from deepglass.core.run_folder import RunFolder
from deepglass.evaluate import card
from tests.evaluate.run_folders import TASKS

HEADINGS = ("Intended use", "Data", "Training", "Metrics", "Groups", "Limits", "Repeat it")


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


NAMES = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "a\n\n<script>alert(1)</script>",
    "`<b>` [here](javascript:alert(1))",
    "![pixel](https://evil.example/pixel.png)",
    "&lt;b&gt; & |",
)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_users_hold_no_html_and_no_link(finished_run, tmp_path, name):
    folder = RunFolder(tmp_path / "run").create()
    source = finished_run("tabular-classification")
    metrics, config, task = (source.read(f"{part}.json") for part in ("metrics", "config", "task"))
    metrics["test"]["details"]["per_class"][0]["class"] = name
    metrics["baseline"]["name"] = name
    metrics["warnings"] = [f"class {name} is rare"]
    task["licence"] = name
    task["state"] = {"columns": [{"name": f"age {name}"}]}
    for part, content in (("metrics", metrics), ("config", config | {"source": name, "model": name}), ("task", task)):
        folder.write(f"{part}.json", content)
    card.write_card(folder)
    text = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert not re.search(r"<(img|script|b|a)\b", rendered), rendered
    assert text.count("\n## ") == source_headings(finished_run)


def source_headings(finished_run) -> int:
    return (finished_run("tabular-classification") / "MODEL_CARD.md").read_text(encoding="utf-8").count("\n## ")


def test_a_run_that_was_not_evaluated_says_so(tmp_path):
    folder = RunFolder(tmp_path / "run").create()
    folder.write("config.json", {"source": "x.csv", "task": "forecasting", "model": "dlinear"})
    card.write_card(folder)
    text = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "has not been evaluated yet" in text
    assert "Not measured." in text
