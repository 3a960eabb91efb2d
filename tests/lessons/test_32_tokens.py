"""What lesson 32 claims about tokens (J01)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepglass.data.datasets.shakespeare import load
from deepglass.data.preprocess import byte_pair
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("32_tokens").module


@pytest.fixture(scope="module")
def merges():
    return opened("32_tokens").defs["merges"]


def test_the_word_is_new_to_the_plays_and_becomes_larger_pieces(lesson, merges):
    assert lesson.NEW_WORD not in load().text.lower()
    pieces = lesson.tokens_of(lesson.NEW_WORD, merges)
    assert b"".join(pieces) == lesson.NEW_WORD.encode()
    assert 1 < len(pieces) < len(lesson.NEW_WORD)


def test_more_joins_never_make_a_text_longer(lesson, merges):
    lengths = [len(lesson.tokens_of(lesson.LINE, merges[:count])) for count in lesson.MOMENTS]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] == len(lesson.LINE)
    assert lengths[-1] < len(lesson.LINE) / 2


def test_the_first_join_is_the_most_frequent_pair_inside_words(lesson, merges):
    text = load().text[lesson.LEARNT].encode()
    counts = {}
    for word in byte_pair.split(text):
        for pair in byte_pair.pairs(byte_pair.letters(word)):
            counts[pair] = counts.get(pair, 0) + 1
    assert counts[merges[0]] == max(counts.values())


def test_each_join_adds_one_token(merges):
    assert len(byte_pair.vocabulary(merges)) == 256 + len(merges)


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_any_text_reads_back(text):
    merges = opened("32_tokens").defs["merges"]
    ids = byte_pair.encode(text.encode("utf-8", "surrogatepass"), merges)
    assert byte_pair.decode(ids, merges) == text.encode("utf-8", "surrogatepass")


def test_words_leave_much_of_a_new_scene_unknown_and_byte_pairs_nothing(lesson, merges):
    text, scene = load().text[lesson.LEARNT], load().text[lesson.HELD_OUT]
    characters, words, pairs = lesson.three_ways(text, merges, scene)
    assert pairs["unknown"] == 0
    assert characters["unknown"] / characters["the text has"] < 0.001
    assert words["unknown"] / words["the text has"] > 0.1
    assert (words["reads back"], pairs["reads back"]) == ("no", "yes")
    assert words["the text has"] < pairs["the text has"] < characters["the text has"]


def test_the_odd_text_breaks_the_first_two_ways_and_not_the_third(lesson, merges):
    rows = lesson.three_ways(load().text[lesson.LEARNT], merges, "naïve 👍🏽 Straße 한국어")
    assert [row["unknown"] > 0 for row in rows] == [True, True, False]
    assert [row["reads back"] for row in rows] == ["no", "no", "yes"]


def test_a_character_that_is_cut_spells_nothing(merges):
    ids = byte_pair.encode("한".encode(), merges)
    assert len(ids) == 3
    assert byte_pair.decode(ids[:2], merges).decode("utf-8", "replace") == "\N{REPLACEMENT CHARACTER}"


def test_the_picture_names_every_token_for_those_who_hear_it(lesson, merges):
    svg = lesson.boxes(lesson.tokens_of('a "quote" <b>', merges), "A line")
    assert "&lt;" in svg
    assert svg.count("<rect") == len(lesson.tokens_of('a "quote" <b>', merges))


def test_the_dearest_line_is_the_one_whose_characters_no_join_knows():
    from deepglass.course.widgets.choice import Choice

    asked = next(w for w in opened("32_tokens").widgets if isinstance(w, Choice) and w.name == "cost")
    assert np.array(asked.right).tolist() == [2]


def test_an_overlap_is_told():
    code = """
def join(tokens, pair, new):
    out = []
    for i, t in enumerate(tokens):
        if tuple(tokens[i:i+2]) == tuple(pair):
            out.append(new)
        elif not (i and tuple(tokens[i-1:i+1]) == tuple(pair)):
            out.append(t)
    return out"""
    assert "used up" in tried("join", code).message
