"""Comparisons from tables, JSON lines and conversations; what is broken is named with its row."""

import json

import pandas as pd
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout
from deepglass.data.reading.preferences import KIND, as_preferences, different, from_records
from deepglass.data.reading.source import guess_task, read


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


PLAIN = {"prompt": "Hi", "chosen": "Hello!", "rejected": "What?"}
FORMS = {
    "texts": PLAIN,
    "other names": {"Question": "Hi", "Chosen": "Hello!", "Rejected": "What?"},
    "messages": {"prompt": [user("Hi")], "chosen": [assistant("Hello!")], "rejected": [assistant("What?")]},
    "whole conversations": {"chosen": [user("Hi"), assistant("Hello!")], "rejected": [user("Hi"), assistant("What?")]},
}


def only(content):
    (one,) = content
    return one.prompt.turns, one.chosen, one.rejected


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_alike(form):
    assert only(from_records([FORMS[form]], "here").content) == ((("user", "Hi"),), "Hello!", "What?")


def test_a_file_of_them_is_known_by_itself(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps(PLAIN) + "\n" + json.dumps(FORMS["messages"]) + "\n")
    found = read(path, DataConfig())
    assert isinstance(found, Layout)
    assert found.kind == KIND
    assert found.facts == {"comparisons": 2, "prompts": 1}
    assert guess_task(found, DataConfig())[0] == "preferences"


def test_a_table_becomes_comparisons_where_that_is_asked_for(tmp_path):
    pd.DataFrame([PLAIN, PLAIN | {"rejected": "No"}]).to_csv(tmp_path / "pairs.csv", index=False)
    table = read(tmp_path / "pairs.csv", DataConfig())
    assert [one.rejected for one in as_preferences(table).content] == ["What?", "No"]


def test_what_was_said_before_belongs_to_the_prompt():
    before = [user("Hi"), assistant("Hello!"), user("Who are you?")]
    record = {"prompt": before, "chosen": [assistant("A model.")], "rejected": [assistant("Ann.")]}
    turns, chosen, _ = only(from_records([record], "here").content)
    assert [text for _, text in turns] == ["Hi", "Hello!", "Who are you?"]
    assert chosen == "A model."


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"prompt": "Hi", "chosen": "Hello!"}, "here 2: no prompt, chosen and rejected"),
        (PLAIN | {"rejected": " "}, "here 2: rejected is empty"),
        (PLAIN | {"chosen": None}, "here 2: chosen is empty"),
        (FORMS["messages"] | {"chosen": [user("Hello!")]}, "in 'chosen' user speaks"),
        (FORMS["messages"] | {"chosen": []}, "in 'chosen' nobody speaks"),
        (FORMS["messages"] | {"prompt": [assistant("Hi")]}, "nobody asks anything"),
        (FORMS["whole conversations"] | {"rejected": [user("Ho"), assistant("What?")]}, "nobody asks anything|speaks"),
        (FORMS["messages"] | {"prompt": [{"role": "crowd", "content": "Hi"}]}, "'crowd' is unknown"),
    ],
)
def test_what_is_broken_is_named(record, said):
    with pytest.raises(DataError, match=said):
        from_records([PLAIN, record], "here")


def test_a_broken_line_is_named(tmp_path):
    (tmp_path / "pairs.jsonl").write_text(json.dumps(PLAIN) + "\n{oops\n")
    with pytest.raises(DataError, match="line 2: not JSON"):
        read(tmp_path / "pairs.jsonl", DataConfig())


def test_answers_that_do_not_differ_are_left_out_and_said_to_be():
    found, (guess,) = different(from_records([PLAIN, PLAIN | {"rejected": "Hello!"}], "here"))
    assert len(found) == 1
    assert "1 comparison" in str(guess)
    with pytest.raises(DataError, match="both answers are the same"):
        different(from_records([PLAIN | {"rejected": "Hello!"}], "here"))


def test_other_data_are_none():
    with pytest.raises(DataError, match=r"'a'.*prompt, chosen and rejected"):
        as_preferences(read(pd.DataFrame({"a": [1, 2], "b": [3, 4]}), DataConfig()))
