"""`deepglass topics`: all of them, a group, one with its links; `see` and `read` find them by several words."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from deepglass.api import topics as rows
from deepglass.cli import see
from deepglass.cli.main import GROUPS, app, group_of
from deepglass.cli.topics import command
from deepglass.core import catalogue, topics
from deepglass.core.console import console
from deepglass.core.errors import OptionError


@pytest.fixture(autouse=True)
def normal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")
    yield
    console.mode = "normal"


def test_the_table_ends_in_the_counts(capsys):
    command()
    out = capsys.readouterr().out
    whole = sum(row["is_whole"] for row in rows.topics())
    assert out.count("\n") > 131
    assert out.splitlines()[-1].startswith("131 topics: ")
    assert out.splitlines()[-1].endswith(f"; {whole} whole.")


def test_a_letter_lists_its_group(capsys):
    command(["j"], json=True)
    listed = json.loads(capsys.readouterr().out)
    assert {row["id"][0] for row in listed} == {"J"}
    assert len(listed) == 12


@pytest.mark.parametrize("words", [["G06"], ["batch", "norm"], ["Batch-Normalization"]])
def test_one_topic_is_shown_with_its_links(words, capsys):
    command(words)
    out = capsys.readouterr().out
    assert out.startswith("G06  Batch normalisation")
    for link in (
        "18_batch_normalisation",
        "batch_norm",
        "deepglass train",
        "tests/lessons/test_18_batch_normalisation",
    ):
        assert link in out
    command(words, json=True)
    assert json.loads(capsys.readouterr().out)["id"] == "G06"


def test_what_is_missing_is_said(capsys, monkeypatch):
    empty = replace(topics.topics()["C01"], lesson=(), read=())
    monkeypatch.setattr(topics, "find", lambda *words: empty)
    command(["C01"])
    out = capsys.readouterr().out
    assert "missing  lesson, read\n" in out
    assert "nothing yet" in out


def test_a_floor_is_shown_with_what_was_measured(capsys):
    command(["image", "classification"])
    assert "(measured 0.9926)" in capsys.readouterr().out


def test_read_and_see_take_several_words_without_quotes():
    read = CliRunner().invoke(app, ["read", "length", "penalty"])
    assert "models/decoding/beam.py" in read.output
    seen = CliRunner().invoke(app, ["see", "batch", "norm", "--list"])
    assert "Batch normalisation" in seen.output


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder, and what would be served: the address of the page."""
    monkeypatch.chdir(tmp_path)
    served = []
    monkeypatch.setattr(see, "serve", lambda address, *rest: served.append(address))
    return tmp_path, served


def a_run(folder):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"task": "tabular-classification", "model": "mlp"}')
    (folder / "task.json").write_text("{}")


def test_see_opens_a_run_before_a_topic_and_says_how_to_get_the_other(here, capsys):
    folder, served = here
    a_run(folder / "iris")
    see.command(["iris"])
    assert served == [f"see/at{folder.resolve()}/iris"]
    assert "iris is a run here, and a topic too: deepglass see C04" in capsys.readouterr().out


def test_see_opens_data_before_a_topic(here, capsys):
    folder, served = here
    (folder / "iris").write_text("a,b\n1,2\n")
    see.command(["iris"])
    assert served == [f"see/at{folder.resolve()}/iris"]
    assert "iris is data here, and a topic too: deepglass see C04" in capsys.readouterr().out


def test_where_there_is_no_path_the_topic_is_opened_and_bundled_data_are_named(here, capsys):
    _, served = here
    see.command(["iris"])
    assert served == ["lessons/07_logistic_regression/"]
    assert "iris is a topic, and bundled data too: deepglass check iris" in capsys.readouterr().out


def test_bundled_data_that_are_no_topic_are_opened(here):
    _, served = here
    see.command(["breast-cancer"])
    assert served == ["see/bundled/breast-cancer"]


def test_an_address_is_quoted(here):
    folder, served = here
    a_run(folder / "50 % #1?")
    see.command(["50 % #1?"])
    assert served == [f"see/at{folder.resolve()}/50%20%25%20%231%3F"]


def test_a_run_is_told_as_json(here, capsys):
    folder, served = here
    a_run(folder / "run")
    see.command(["run"], json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["stage"]["name"] == "stopped"
    assert {"name", "title", "see", "read"} <= told["panels"][0].keys()
    assert not served


def test_a_path_where_nothing_is_is_refused_with_what_there_could_be(here):
    for wanted in ("runs/nope", "houses.csv"):
        with pytest.raises(OptionError, match="is not there: expected a run folder, a file or folder of data"):
            see.command([wanted])


def test_runs_are_not_shown_to_other_machines(here):
    folder, _ = here
    a_run(folder / "run")
    with pytest.raises(OptionError, match=r"on this machine alone.*ssh -L"):
        see.command(["run"], host="0.0.0.0")


def test_every_command_names_one_of_the_five_groups():
    commands = [name for name in catalogue.entries("cli") if name != "main"]
    assert {group_of(name) for name in commands} == set(GROUPS)


def test_help_lists_the_commands_under_their_headings():
    out = CliRunner().invoke(app, ["--help"]).output
    places = [out.index(f"{group.capitalize()}:\n") for group in GROUPS]
    assert places == sorted(places)
    assert out.index("Ship:") < out.index("\n  export ")
    assert out.index("Learn:") < out.index("\n  topics ") < out.index("Train:") < out.index("\n  train ")
