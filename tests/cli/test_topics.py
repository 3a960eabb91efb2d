"""`deepglass topics`: all of them, a group, one with its links; `see` and `read` find them by several words."""

import json

import pytest
from typer.testing import CliRunner

from deepglass.api import topics as rows
from deepglass.cli import see
from deepglass.cli.main import GROUPS, app, group_of
from deepglass.cli.topics import command
from deepglass.core import catalogue
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


def test_what_is_missing_is_said(capsys):
    row = next(row for row in rows.topics() if row["missing"] == ["lesson"])
    command([row["id"]])
    out = capsys.readouterr().out
    assert "missing  lesson\n" in out
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
    monkeypatch.chdir(tmp_path)
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    return tmp_path, opened


def test_see_opens_a_run_before_a_topic_and_says_how_to_get_the_other(here, capsys):
    folder, opened = here
    (folder / "iris").mkdir()
    (folder / "iris" / "report.html").write_text("a report")
    see.command(["iris"])
    assert opened == [(folder / "iris" / "report.html").resolve().as_uri()]
    assert "iris is also a topic: deepglass see C04" in capsys.readouterr().out
    see.command(["iris"], browser=False)
    see.command(["./iris"], json=True)
    assert len(opened) == 1


def test_where_a_path_is_no_run_the_topic_is_shown_and_the_path_named(here, capsys):
    folder, _ = here
    (folder / "iris").write_text("a,b\n1,2\n")
    see.command(["iris"], list_lessons=True)
    out = capsys.readouterr().out
    assert "iris is also a path here, and not a run: deepglass check ./iris describes data" in out
    assert "Logistic regression" in out


def test_what_is_neither_a_run_nor_a_topic_is_refused_with_a_way_out(here):
    folder, _ = here
    (folder / "houses.csv").write_text("a,b\n1,2\n")
    with pytest.raises(OptionError, match=r"houses.csv is neither a run nor a topic.*deepglass check houses.csv"):
        see.command(["houses.csv"])


def test_every_command_names_one_of_the_five_groups():
    commands = [name for name in catalogue.entries("cli") if name != "main"]
    assert {group_of(name) for name in commands} == set(GROUPS)


def test_help_lists_the_commands_under_their_headings():
    out = CliRunner().invoke(app, ["--help"]).output
    places = [out.index(f"{group.capitalize()}:\n") for group in GROUPS]
    assert places == sorted(places)
    assert out.index("Ship:") < out.index("\n  export ")
    assert out.index("Learn:") < out.index("\n  topics ") < out.index("Train:") < out.index("\n  train ")
