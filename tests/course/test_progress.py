"""What a reader did is kept whole, in the reader's own file."""

import json

import pytest

from deepglass.core.errors import OptionError
from deepglass.course import progress


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPGLASS_PROGRESS", str(tmp_path / "deep" / "progress.json"))
    return tmp_path / "deep" / "progress.json"


def test_opened_solved_and_done_are_kept(place):
    assert progress.load() == {}
    assert progress.tell("05_perceptron")["done"] is None
    progress.tell("05_perceptron", solved="update")
    progress.tell("05_perceptron", solved="update")
    entry = progress.tell("05_perceptron", done=True)
    assert entry["solved"] == ["update"]
    assert json.loads(place.read_text())["05_perceptron"]["done"] == entry["opened"]
    assert progress.tell("05_perceptron", done=False)["done"] is None


def test_a_damaged_file_is_as_if_empty(place):
    place.parent.mkdir()
    place.write_text('{"05_perc')
    assert progress.load() == {}
    progress.tell("05_perceptron", done=True)
    assert progress.load()["05_perceptron"]["done"]


def test_only_lessons_are_noted(place):
    with pytest.raises(OptionError, match="expected the name of a lesson"):
        progress.tell("../../etc/passwd", done=True)
    assert not place.exists()


def test_without_the_variable_it_lies_where_the_platform_keeps_such_files(monkeypatch):
    monkeypatch.delenv("DEEPGLASS_PROGRESS")
    assert progress.place().name == "progress.json"
    assert "deepglass" in progress.place().parts


def test_what_was_typed_and_chosen_is_kept_by_exercise(place):
    progress.tell("05_perceptron", kept={"update": {"code": "def update"}, "guess": {"chosen": [2]}})
    progress.tell("05_perceptron", kept={"update": {"code": "def update(w)"}}, solved="update")
    entry = progress.load()["05_perceptron"]
    assert entry["kept"] == {"update": {"code": "def update(w)"}, "guess": {"chosen": [2]}}
    assert entry["solved"] == ["update"]


@pytest.mark.parametrize(
    "what",
    [{"code": "x" * 30_000}, {"code": 1}, {"chosen": "all"}, {"chosen": [True]}, {"chosen": [0] * 99}, {"x": "x"}, []],
)
def test_nothing_else_is_kept(place, what):
    with pytest.raises(OptionError, match="expected"):
        progress.tell("05_perceptron", kept={"update": what})
    assert not place.exists()


def test_no_page_fills_the_file():
    for number in range(progress.MOST_KEPT):
        progress.tell("05_perceptron", kept={f"exercise {number}": {"typed": "1"}})
    with pytest.raises(OptionError, match="at most 40"):
        progress.tell("05_perceptron", kept={"one more": {"typed": "1"}})


def test_a_file_of_an_earlier_version_has_nothing_kept(place):
    place.parent.mkdir()
    place.write_text('{"05_perceptron": {"opened": "2026-01-01", "done": null, "solved": []}}')
    assert progress.tell("05_perceptron")["kept"] == {}
