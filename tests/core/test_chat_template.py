"""Turns become one row of tokens; the oldest fall out, whole, and what the system said last of all."""

import pytest

from deepglass.core.chat_template import BYTES, ROLES, ChatTemplate

MARKS = {"system": 90, "user": 91, "assistant": 92, "end": 93}


def template(context=16):
    return ChatTemplate(MARKS, context)


def test_every_turn_stands_between_its_marks_and_the_answer_begins():
    ids, dropped = template().prompt([("user", [5, 6]), ("assistant", [7]), ("user", [8])])
    assert ids == [91, 5, 6, 93, 92, 7, 93, 91, 8, 93, 92]
    assert dropped == 0


def test_no_text_can_spell_a_mark():
    assert set(BYTES) == {*ROLES, "end"}
    for byte in BYTES.values():
        with pytest.raises(UnicodeDecodeError):
            bytes([byte]).decode("utf-8")
        assert byte > 0xF4  # RFC 3629: UTF-8 has no byte above


def test_the_oldest_turns_fall_out_whole():
    turns = [("user", [1] * 3), ("assistant", [2] * 3), ("user", [3] * 3)]  # 5 tokens each, of 11
    ids, dropped = template().prompt(turns)
    assert ids == [92, 2, 2, 2, 93, 91, 3, 3, 3, 93, 92]
    assert dropped == 1


def test_a_quarter_stays_free_for_the_answer():
    for context in (16, 40, 128):
        for length in range(1, 12):
            turns = [("user", [1] * length), ("assistant", [2] * length)] * 9 + [("user", [3] * length)]
            ids, _ = template(context).prompt(turns)
            assert len(ids) <= context - context // 4


def test_what_the_system_said_stays_until_nothing_else_is_left():
    system = ("system", [9, 9])
    ids, dropped = template().prompt([system, ("user", [1] * 3), ("assistant", [2] * 3), ("user", [3] * 3)])
    assert ids == [90, 9, 9, 93, 91, 3, 3, 3, 93, 92]
    assert dropped == 2
    ids, dropped = template().prompt([system, ("user", [1]), ("user", [3] * 8)])  # 4 + 3 + 10 of 11
    assert ids == [91, *[3] * 8, 93, 92]
    assert dropped == 2


def test_of_a_last_turn_that_is_too_long_the_end_is_read():
    ids, dropped = template().prompt([("user", [*range(30)])])
    assert ids == [91, *range(21, 30), 93, 92]
    assert len(ids) == 12
    assert dropped == 0


def test_what_fits_exactly_stays():
    assert template().dropped(["user", "assistant", "user"], [3, 3, 5], room=11) == set()
    assert template().dropped(["user", "assistant", "user"], [3, 3, 6], room=11) == {0}
    assert template().dropped(["user"], [99], room=11) == set()
