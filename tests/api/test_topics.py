"""What the spine names is there: lessons, code, tests, commands with their options, figures that reach their floors."""

import json
import re
import shlex
import sys

import pytest
from typer.testing import CliRunner

from deepglass.api import floors, read
from deepglass.api import topics as rows
from deepglass.cli.main import app
from deepglass.core import topics
from deepglass.course import catalogue

TOPICS = list(topics.topics().values())
every_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.id)
COMMANDS = sorted({command for topic in TOPICS for command in topic.run})


@every_topic
def test_what_a_row_names_is_there(topic):
    assert {lesson.slug for lesson in catalogue.lessons()} >= set(topic.lesson)
    named = [*topic.read, *(place for word in topic.words for place in topic.reads(word))]
    assert [name for name in named if not read.has_code(name)] == []
    assert [proof for proof in topic.proof if not rows.has_test(proof)] == []
    assert [line for line in topic.run if not rows.is_known_command(line)] == []


@every_topic
def test_a_recorded_figure_reaches_its_floor(topic):
    measured = [floor for floor in topic.floor if floor != floors.UNMEASURED]
    assert [floor for floor in measured if not floors.is_met(floor)] == []


@pytest.fixture
def fresh_train(monkeypatch):
    """`deepglass train` imported anew, as its options are those of the model on the command line."""
    import deepglass.cli.train

    monkeypatch.setattr(deepglass.cli, "train", deepglass.cli.train)  # both are put back afterwards
    monkeypatch.delitem(sys.modules, "deepglass.cli.train")


@pytest.mark.usefixtures("fresh_train")
@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_knows_the_options_that_a_row_gives_it(line, monkeypatch):
    words = shlex.split(line.partition("deepglass ")[2])
    monkeypatch.setattr("sys.argv", ["deepglass", *words])
    monkeypatch.setenv("COLUMNS", "200")
    shown = CliRunner().invoke(app, [*words, "--help"])
    assert shown.exit_code == 0
    for option in [word for word in words if word.startswith("--")]:
        assert re.search(rf"{option}\b", shown.output), f"{option} is not in the help of {words[0]}"


def test_every_lesson_is_the_lesson_of_a_topic():
    named = {slug for topic in TOPICS for slug in topic.lesson}
    assert named == {lesson.slug for lesson in catalogue.lessons()}


def made(**links):
    """A topic of which everything is there, but for what is said."""
    real = {
        "lesson": ("05_perceptron",),
        "read": ("Perceptron",),
        "run": ("deepglass train iris",),
        "proof": ("tests/api/test_topics.py::test_what_a_row_names_is_there",),
        "floor": (),
    }
    return topics.Topic("Z01", "Z", "made", "asks", {}, **(real | links))


def test_a_row_is_whole_when_nothing_is_missing():
    assert rows.row(made())["is_whole"] is True
    assert rows.missing(made()) == []


@pytest.mark.parametrize(
    "links",
    [
        {"lesson": ()},
        {"lesson": ("99_nothing",)},
        {"read": ()},
        {"read": ("Perceptron", "nothing_of_this_name")},
        {"read": ("models/nothing.py",)},
        {"run": ()},
        {"run": ("deepglass see perceptron",)},
        {"run": ("deepglass topics B01",)},
        {"run": ("deepglass fly",)},
        {"run": ("ls",)},
        {"proof": ()},
        {"proof": ("tests/api/test_topics.py::test_of_another_name",)},
        {"proof": ("tests/api/test_nothing.py::test_what_a_row_names_is_there",)},
        {"floor": (floors.UNMEASURED,)},
        {"floor": ("quality.json runs[data=digits].scores.accuracy >= 1.01",)},
    ],
    ids=str,
)
def test_what_is_missing_is_named(links):
    assert rows.missing(made(**links)) == list(links)
    assert rows.row(made(**links))["is_whole"] is False


def test_without_a_checkout_tests_and_figures_are_believed(monkeypatch, tmp_path):
    monkeypatch.setattr(rows, "CHECKOUT", tmp_path)
    monkeypatch.setattr(floors, "RESULTS", tmp_path / "bench" / "results")
    row = made(proof=("tests/x.py::test_x",), floor=("quality.json runs.x >= 1",))
    assert rows.missing(row) == []
    assert rows.missing(made(floor=(floors.UNMEASURED,))) == ["floor"]


def test_the_rows_are_plain():
    listed = json.loads(json.dumps(rows.topics()))  # no `default`: nothing in them needs one
    assert [row["id"] for row in listed] == [topic.id for topic in TOPICS]
    assert all(row["is_whole"] == (not row["missing"]) for row in listed)
