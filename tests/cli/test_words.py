"""`deepglass words`: a text, a file, a table, a bundled set, standard input; and what holds no text."""

import json

import pytest
from typer.testing import CliRunner

from deepglass.cli.main import app
from deepglass.core.errors import DeepglassError


def words(*arguments, stdin=None):
    return CliRunner().invoke(app, ["words", *map(str, arguments)], input=stdin)


def test_a_text_is_shown_with_stems_lemmas_and_counts():
    done = words("The ponies ran; a pony runs.")
    assert done.exit_code == 0
    assert done.output.startswith("8 tokens, 8 words, 7 stems, 6 lemmas")
    rows = [line.split() for line in done.output.splitlines()]
    assert ["ponies", "poni", "pony", "1"] in rows
    assert "meet in one lemma: pony (ponies, pony); run (ran, runs)" in done.output


def test_everything_as_json(tmp_path):
    (tmp_path / "a.txt").write_text("cats and a cat")
    found = json.loads(words(tmp_path / "a.txt", "--json").stdout)
    assert {name: found[name] for name in ("tokens", "words", "stems", "lemmas")} == {
        "tokens": 4, "words": 4, "stems": 3, "lemmas": 3,
    }  # fmt: skip
    assert found["counts"][0] == {"token": "cats", "stem": "cat", "lemma": "cat", "count": 1}
    assert found["meet"]["stem"] == {"cat": ["cats", "cat"]}


def test_a_table_is_read_by_its_column_of_texts(tmp_path):
    rows = [f"{i},the plots were warm and dull {i},yes" for i in range(20)]
    (tmp_path / "notes.csv").write_text("\n".join(["n,note,label", *rows]))
    for more in ([], ["--text-column", "note"]):
        done = words(tmp_path / "notes.csv", *more)
        assert "plots" in done.output
        assert "yes" not in done.output


def test_the_most_frequent_are_shown_and_the_rest_is_counted():
    done = words("a b b c c c", "--limit", 1)
    assert "and 2 more: --limit 3 shows them all" in done.output
    assert "b" not in [line.split()[0] for line in done.output.splitlines() if line.split()]


def test_standard_input_is_read():
    assert "2 tokens" in words("-", stdin="two words\n").output


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "empty"), ("  ", "empty"), ("digits", "no text"), ("iris", "no text"), ("nothere.txt", "does not exist")],
)
def test_what_holds_no_text_is_refused_in_words(text, said):
    done = words(text)
    assert isinstance(done.exception, DeepglassError)
    assert said in str(done.exception)


def test_a_text_in_another_script_is_shown_as_it_is():
    found = json.loads(words("東京 naïve שלום 👍", "--json").stdout)
    assert [word["token"] for word in found["counts"]] == ["東", "京", "naïve", "שלום", "👍"]
    assert all(word["stem"] == word["lemma"] == word["token"] for word in found["counts"])
