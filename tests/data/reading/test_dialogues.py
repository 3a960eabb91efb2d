"""Conversations are read in every usual form; what is broken is named with its place."""

import gzip
import json

import pandas as pd
import pytest

from deepglass.core.errors import DataError
from deepglass.data.containers import Table, Text
from deepglass.data.reading.dialogues import answered, as_dialogues, of_json, of_table, of_text

HI = [("user", "Hi"), ("assistant", "Hello!")]
AS_MESSAGES = [{"role": role, "content": text} for role, text in HI]


def turns(found):
    return [list(one.turns) for one in found.content]


def written(folder, *records, name="talk.jsonl"):
    path = folder / name
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in records))
    return path


@pytest.mark.parametrize(
    "record",
    [
        {"messages": AS_MESSAGES},
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello!"}]},
        {"dialogue": [{"speaker": "customer", "text": "Hi"}, {"speaker": "agent", "text": "Hello!"}]},
        {"messages": [AS_MESSAGES[0], {"role": "assistant", "content": [{"type": "text", "text": "Hello!"}]}]},
        {"messages": [{"role": "User ", "content": " Hi "}, {"role": "user", "content": "  "}, AS_MESSAGES[1]]},
        {"turns": ["Hi", "Hello!"]},
    ],
)
def test_every_usual_form_is_the_same_conversation(tmp_path, record):
    assert turns(of_json(written(tmp_path, record))) == [HI]


def test_lines_and_lists_and_packed_files_are_read(tmp_path):
    lines = written(tmp_path, {"messages": AS_MESSAGES, "topic": "greeting"}, "", {"messages": AS_MESSAGES})
    listed = written(tmp_path, [{"messages": AS_MESSAGES}] * 2, name="talk.json")
    packed = tmp_path / "talk.jsonl.gz"
    packed.write_bytes(gzip.compress(lines.read_bytes()))
    for path in (lines, listed, packed):
        assert turns(of_json(path)) == [HI, HI]
    assert [one.topic for one in of_json(lines).content] == ["greeting", ""]
    assert of_json(lines).facts == {"dialogues": 2, "turns": 4, "answers": 2}


def test_two_turns_of_one_speaker_are_one_and_the_system_stays_apart(tmp_path):
    said = [{"role": "developer", "content": "Be kind."}, AS_MESSAGES[0], {"role": "user", "content": "You?"}]
    found = of_json(written(tmp_path, {"messages": [*said, AS_MESSAGES[1]]}))
    assert turns(found) == [[("system", "Be kind."), ("user", "Hi\nYou?"), ("assistant", "Hello!")]]


def test_of_equals_either_side_is_learnt(tmp_path):
    (one,) = of_json(written(tmp_path, {"turns": ["a", "b", "c"]})).content
    assert [list(told.turns) for told in one.told()] == [
        [("user", "a"), ("assistant", "b"), ("user", "c")],
        [("user", "b"), ("assistant", "c")],
    ]


@pytest.mark.parametrize("first", [{"text": "no turns"}, {"messages": "none"}, '{"messages": [', "[1, 2]", "[]"])
def test_a_file_whose_first_record_holds_none_is_left_to_others(tmp_path, first):
    assert of_json(written(tmp_path, first)) is None


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ('{"messages": [', r"talk\.jsonl, line 2: not JSON"),
        ({"text": "x"}, r"line 2: no list of turns"),
        ([1], r"line 2: no list of turns"),
        ({"messages": [{"role": "walrus", "content": "x"}]}, r"line 2: the role 'walrus' is unknown: expected system"),
        ({"messages": [{"role": "user"}]}, r"line 2: turn 1 lacks a role or a text"),
        ({"messages": [{"content": "x"}]}, r"line 2: turn 1 lacks a role or a text"),
        ({"messages": [AS_MESSAGES[0], 7]}, r"line 2: turn 2 is '7': expected an object"),
    ],
)
def test_a_later_record_that_is_broken_is_named(tmp_path, record, why):
    with pytest.raises(DataError, match=why):
        of_json(written(tmp_path, {"messages": AS_MESSAGES}, record))


def test_rows_of_a_table_are_put_together_by_conversation():
    frame = pd.DataFrame({"Question": ["Hi", "You?", "Hi"], "Answer": ["Hello!", "Fine.", None], "dialog": [1, 1, 2]})
    found = of_table(Table(frame, "talk"))
    assert turns(found) == [[*HI, ("user", "You?"), ("assistant", "Fine.")], [("user", "Hi")]]
    assert "'dialog'" in found.guesses[-1].why
    alone = of_table(Table(frame.drop(columns="dialog"), "talk"))
    assert [len(one.turns) for one in alone.content] == [2, 2, 1]
    assert of_table(Table(frame[["Question"]], "talk")) is None


def test_lines_of_speakers_are_read():
    found = of_text(Text("Ann: Hi\nBob: Hello!\n\nbot: Bye\nuser: Hi\n", "talk"))
    assert turns(found) == [HI, [("assistant", "Bye"), ("user", "Hi")]]  # names of roles are roles, whoever begins


def test_a_text_of_few_speakers_is_none_and_three_are_refused():
    assert of_text(Text("It was a dark night.\nNobody spoke.\nAnn: Hi", "tale")) is None
    assert of_text(Text("", "tale")) is None
    with pytest.raises(DataError, match=r"talk, conversation 2 has 3 speakers .*: expected two"):
        of_text(Text("Ann: Hi\nBob: Hello!\n\nAnn: Hi\nBob: Hello!\nCy: Hey", "talk"))


def test_what_holds_no_conversation_is_refused_in_words():
    with pytest.raises(DataError, match=r"holds columns 'a', 'b': expected JSON lines"):
        as_dialogues(Table(pd.DataFrame({"a": [1], "b": [2]}), "numbers"))
    with pytest.raises(DataError, match="no conversations: expected JSON lines"):
        as_dialogues(Text("It was a dark night.", "tale"))


def test_conversations_without_an_answer_are_left_out_and_said(tmp_path):
    kept, guesses = answered(of_json(written(tmp_path, {"messages": AS_MESSAGES}, {"messages": AS_MESSAGES[:1]})))
    assert len(kept) == 1
    assert (guesses[0].what, guesses[0].value) == ("left out", "1 dialogue")
    with pytest.raises(DataError, match="without a single answer"):
        answered(of_json(written(tmp_path, {"messages": AS_MESSAGES[:1]})))
