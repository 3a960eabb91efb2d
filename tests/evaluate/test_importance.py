"""A column is worth what the loss grows by without it: one that is everything, one that is nothing, no time."""

import numpy as np
import pandas as pd
import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.evaluate.importance import of_columns

ROWS = 400


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.normal(size=ROWS).round(3) for name in ("all", "idle")})
    frame["some"] = rng.choice(["red", "blue"], ROWS)
    frame["y"] = 3 * frame["all"] + (frame["some"] == "red") + rng.normal(size=ROWS) * 0.1
    return frame


def test_what_the_truth_depends_on_comes_first_and_idle_columns_hold_zero():
    truth, rng = np.arange(200.0), np.random.default_rng(1)
    guess = truth + rng.normal(size=200)
    shuffled = {
        "idle": lambda generator: (guess - truth) ** 2,
        "all": lambda generator: (generator.permutation(guess) - truth) ** 2,
    }
    first, second = of_columns((guess - truth) ** 2, shuffled, seconds=10_000)
    assert first["column"] == "all"
    assert 0 < first["low"] < first["value"] < first["high"]
    assert second == {"column": "idle", "value": 0.0, "low": 0.0, "high": 0.0}


def test_without_time_nothing_is_said():
    assert of_columns(np.zeros(30), {"a": lambda generator: np.ones(30)}, seconds=-1.0) == []


@pytest.mark.parametrize("options", [{"bags": 2}, {"bags": 1, "blend": False}])
def test_a_run_on_a_table_says_what_its_columns_are_worth(tmp_path, options):
    mode, console.mode = console.mode, "quiet"
    try:
        run = dg.train(table(), target="y", run=tmp_path / "run", epochs=12, device="cpu", **options)
    finally:
        console.mode = mode
    found = run.folder.read("importance.json")
    assert [one["column"] for one in found[:2]] == ["all", "some"]
    assert found[0]["low"] > 0
    idle = next(one for one in found if one["column"] == "idle")
    assert idle["value"] < 0.05 * found[0]["value"]
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert "What the columns are worth" in page
    assert "Look here first for wrong labels" not in page


def test_what_is_no_table_has_no_columns(tmp_path):
    mode, console.mode = console.mode, "quiet"
    try:
        run = dg.train("digits", max_rows=60, run=tmp_path / "run", epochs=1, device="cpu")
    finally:
        console.mode = mode
    assert not (run.path / "importance.json").exists()


def test_mistakes_mark_what_is_unusual_and_nothing_else(tmp_path):
    frame = table()
    frame["told"] = np.where(frame["y"] > 0, "Yes", "No")
    frame["member"] = np.random.default_rng(3).choice(["Yes", "No"], ROWS)
    frame.loc[::60, "some"] = "seldom"
    mode, console.mode = console.mode, "quiet"
    try:
        run = dg.train(frame.drop(columns="y"), target="told", run=tmp_path / "run", epochs=1, device="cpu", bags=1)
    finally:
        console.mode = mode
    marked = [(name, item["record"][name]) for item in run.folder.read("mistakes.json") for name in item["unusual"]]
    assert not [name for name, _ in marked if name == "member"]
    assert {cell for name, cell in marked if name == "some"} <= {"seldom"}
