"""`python -m deepglass_runtime`: whatever is wrong with a file is one message, and 2."""

import json
import sys

import pytest

from deepglass.deploy.runtime import __main__ as command
from tests.deploy.serve import bundles

ROW = '{"length": 5.0, "width": 1.0, "colour": "red"}'
CONTENTS = {
    "broken.json": b'{"length": 5',
    "deep.json": b"[" * 200_000,
    "latin.csv": "length,width,colour\n1,2,ros\xe9\n".encode("latin-1"),
    "quote.csv": b'length,width,colour\n1,2,"red\n',
    "word.csv": b"length,width,colour\nlong,2,red\n",
    "short.csv": b"length,width,colour\n1,2\n",
    "nothing.csv": b"",
    "nothing.json": b"",
    "number.json": b"5",
    "binary.csv": bytes(range(256)),
}


@pytest.fixture(scope="module")
def flowers(tmp_path_factory):
    return bundles.flowers(tmp_path_factory.mktemp("bundle") / "flowers")


def run(monkeypatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["deepglass_runtime", *map(str, words)])
    return command.main()


@pytest.mark.parametrize("name", CONTENTS)
def test_a_broken_file_is_one_message(flowers, tmp_path, monkeypatch, capsys, name):
    (tmp_path / name).write_bytes(CONTENTS[name])
    assert run(monkeypatch, flowers, tmp_path / name) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["/nowhere", "x.csv"], ["BUNDLE", "/nowhere.csv"], ["BUNDLE", "/"], ["BUNDLE", "a" * 5000]]
)
def test_what_is_not_there_is_one_message(flowers, monkeypatch, capsys, words):
    assert run(monkeypatch, *(flowers if word == "BUNDLE" else word for word in words)) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_coverage_is_answered_or_refused_before_anything_is_read(flowers, tmp_path, monkeypatch, capsys):
    (tmp_path / "row.json").write_text('{"length": 0, "width": 0, "colour": "blue"}')  # of no class for sure
    assert run(monkeypatch, flowers, tmp_path / "row.json", "--csv", "--coverage", "0.95") == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.endswith(",set")
    assert row.endswith(",daisy | iris | poppy")
    assert run(monkeypatch, flowers, "/nowhere.csv", "--coverage", "0.99") == 2
    assert "ask for 0.95 at most" in capsys.readouterr().err


def test_a_long_text_is_a_text_and_not_a_path(tmp_path, monkeypatch, capsys):
    mood = bundles.mood(tmp_path / "mood")
    assert run(monkeypatch, mood, "good " * 1500, "a\0b") == 0
    assert len(json.loads(capsys.readouterr().out)) == 2


def test_rows_are_answered_in_either_form(flowers, tmp_path, monkeypatch, capsys):
    (tmp_path / "rows.json").write_bytes(b"\xef\xbb\xbf" + ROW.encode())
    assert run(monkeypatch, flowers, tmp_path / "rows.json", "--csv") == 0
    assert (
        capsys.readouterr().out.splitlines()[0]
        == "label,probability,probabilities iris,probabilities poppy,probabilities daisy"
    )
