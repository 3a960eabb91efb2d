"""Scores by group: names for every kind of column, small groups marked, what chance explains does not stand out."""

import re

import numpy as np
import pandas as pd
import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.evaluate import groups
from deepglass.evaluate.metrics import classification


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", None, "b"], ["a", "missing", "b"]),
        ([1999, 2000, 1999], ["1999", "2000", "1999"]),
        ([1.5, np.nan, 2.0], ["1.5", "missing", "2"]),
        ([True, False, True], ["True", "False", "True"]),
        (pd.Series(["x", "y", "x"], dtype="category"), ["x", "y", "x"]),
        (pd.to_datetime(["2024-01-01", None]), ["2024-01-01", "missing"]),
    ],
)
def test_a_value_is_a_group(values, expected):
    assert groups.names_of(pd.Series(values)).tolist() == expected


def test_many_numbers_are_cut_into_quarters_and_many_words_into_the_frequent_ones():
    quarters = groups.names_of(pd.Series([*range(100), np.nan]))
    assert dict(zip(*np.unique(quarters, return_counts=True), strict=True)) == {
        "0 to 24.75": 25, "24.75 to 49.5": 25, "49.5 to 74.25": 25, "74.25 to 99": 25, "missing": 1,
    }  # fmt: skip
    days = groups.names_of(pd.Series(pd.date_range("2024-01-01", periods=100)))
    assert days[0] == "2024-01-01 to 2024-01-25"
    assert len(set(days)) == 4
    words = groups.names_of(pd.Series([f"w{min(i // 3, 40)}" for i in range(200)]))
    assert len(set(words)) == groups.MOST_GROUPS
    assert (words == "others").sum() == max(np.unique(words, return_counts=True)[1])


def test_groups_stand_out_by_more_than_chance_only_and_small_ones_are_marked():
    rng = np.random.default_rng(0)
    names = np.repeat(["good", "bad", "few"], [300, 300, 9])
    is_right = rng.random(609) < np.repeat([0.9, 0.6, 0.0], [300, 300, 9])
    targets = rng.integers(0, 2, 609)
    shares = np.eye(2)[np.where(is_right, targets, 1 - targets)] * 0.8 + 0.1
    found = groups.scores_by(names, lambda r: classification.evaluate(shares[r], targets[r], ["no", "yes"]))
    assert [(row["group"], row["count"], row["is_small"], row["stands_out"]) for row in found] == [
        ("bad", 300, False, "worse"), ("good", 300, False, "better"), ("few", 9, True, ""),
    ]  # fmt: skip
    same = groups.scores_by(
        rng.choice(["a", "b"], 609), lambda r: classification.evaluate(shares[r], targets[r], ["no", "yes"])
    )
    assert [row["stands_out"] for row in same] == ["", ""]


@pytest.fixture
def people(tmp_path):
    rng = np.random.default_rng(1)
    count = 200
    x = rng.normal(size=count)
    frame = pd.DataFrame({
        "x": x, "label": np.where(x > 0, "yes", "no"), "value": x + 1, "region": rng.choice(["north", "south"], count),
    })  # fmt: skip
    frame["text"] = np.where(x > 0, "good fine film", "dull grey film")
    return frame


@pytest.mark.parametrize(
    "options",
    [
        {"target": "label", "score_by": "region", "ignore": "region,text,value"},
        {"target": "value", "score_by": "region", "ignore": "label,text"},
        {"target": "label", "score_by": "region", "task": "text-classification", "text_column": "text"},
    ],
)
def test_the_report_has_scores_by_a_column_learnt_from_or_not(people, tmp_path, options):
    mode, console.mode = console.mode, "quiet"
    try:
        quick = {"bags": 1, "blend": False, "device": "cpu"}
        run = dg.train(people, run=tmp_path / "run", epochs=1, **quick, **options)
    finally:
        console.mode = mode
    found = run.metrics["groups"]
    assert found["column"] == "region"
    assert sorted(row["group"] for row in found["rows"]) == ["north", "south"]
    assert sum(row["count"] for row in found["rows"]) == run.metrics["test"]["count"]
    html = (run.path / "report.html").read_text(encoding="utf-8")
    assert "<h3>By region</h3>" in html
    assert re.search(r'<th scope="row">north</th>', html)
    columns = run.folder.read("task.json")["state"].get("preprocessing", {})
    if "ignore" in options and "region" in options["ignore"]:
        assert "region" not in str(columns)
        assert len(run.predict(people[["x"]])) == len(people)


def test_a_column_that_is_not_there_or_a_task_without_columns_is_refused(people, tmp_path):
    with pytest.raises(OptionError, match=r"score-by.*regoin"):
        dg.train(people, target="label", score_by="regoin", run=tmp_path / "a", epochs=1)
    with pytest.raises(OptionError, match="score-by"):
        dg.train("co2", score_by="co2", run=tmp_path / "b", epochs=1)
