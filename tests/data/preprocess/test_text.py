"""Words, characters and byte pairs: what goes in comes out, and new text never breaks them."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepglass.core.errors import RunError
from deepglass.data.preprocess.text import (
    PADDING,
    REPLACEMENT,
    UNKNOWN,
    BytePairs,
    Characters,
    WordVocabulary,
    split_words,
    tokens_from_state,
)

PAIRS = BytePairs.fit("to be, or not to be: that is the question\n" * 20, vocab_size=300)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't panic!", ["don't", "panic", "!"]),
        ("wo n't", ["wo", "n't"]),
        ("Ünïcode 3.5", ["ünïcode", "3", ".", "5"]),
        ("東京 is big", ["東", "京", "is", "big"]),
        (" \n\t ", []),
    ],
)
def test_words_are_split(text, words):
    assert split_words(text) == words


@given(st.text())
def test_splitting_words_loses_only_blanks(text):
    lowered = text.lower()
    assert "".join(split_words(text)) == "".join(c for c in lowered if not c.isspace())


def test_vocabulary_knows_frequent_words_first_and_nothing_else():
    vocabulary = WordVocabulary.fit(["a b a", "a b c"], min_count=2)
    assert vocabulary.words == ["a", "b"]
    assert len(vocabulary) == 4
    assert vocabulary.encode(["b a zebra"]).tolist() == [[3, 2, UNKNOWN]]


def test_texts_are_padded_and_cut_to_the_length_of_training():
    vocabulary = WordVocabulary.fit(["a b c", "a"])
    assert vocabulary.max_length == 3
    assert vocabulary.encode(["", "a", "a b c a b"]).tolist() == [
        [PADDING, PADDING, PADDING],
        [2, PADDING, PADDING],
        [2, 3, 4],
    ]


def test_vocabulary_survives_json():
    vocabulary = WordVocabulary.fit(["the cat — sat", "the “dog”"])
    again = WordVocabulary.from_state(json.loads(json.dumps(vocabulary.state())))
    texts = ["the dog sat", "unseen"]
    assert np.array_equal(vocabulary.encode(texts), again.encode(texts))


@given(st.text(min_size=1))
def test_characters_read_back_what_they_learnt(text):
    tokens = Characters.fit(text)
    ids = tokens.encode(text)
    assert tokens.decode(ids) == text
    assert len(ids) == len(text)
    assert ids.min() > 0
    assert ids.max() < len(tokens)


@given(st.text(), st.text())
def test_unknown_characters_become_the_replacement(known, text):
    tokens = Characters.fit(known)
    assert tokens.decode(tokens.encode(text)) == "".join(c if c in known else REPLACEMENT for c in text)


@settings(max_examples=200)
@given(st.text())
def test_byte_pairs_read_back_any_text(text):
    assert PAIRS.decode(PAIRS.encode(text)) == text


def test_byte_pairs_are_shorter_than_bytes_on_familiar_text():
    text = "to be, or not to be"
    assert len(PAIRS.encode(text)) < len(text) / 2
    assert 256 < len(PAIRS) <= 300


@pytest.mark.parametrize("tokens", [PAIRS, Characters.fit("to be\n")], ids=["byte-pairs", "characters"])
def test_tokens_survive_json(tokens):
    again = tokens_from_state(json.loads(json.dumps(tokens.state())))
    assert len(again) == len(tokens)
    assert np.array_equal(again.encode("to be\n"), tokens.encode("to be\n"))


def test_unknown_kind_of_tokens_is_refused():
    with pytest.raises(RunError, match="expected characters, byte-pairs or published"):
        tokens_from_state({"kind": "runes"})


def test_the_pieces_of_words_have_an_order_that_no_program_run_changes():
    vocabulary = WordVocabulary(["bad", "sad"], 4)
    vocabulary.learn_pieces(["bad sad", "sad bad"], 3)
    assert vocabulary.pieces == ["<b", "ba", "ad"]  # each in both texts: the one that comes first


@pytest.mark.parametrize(("normalise", "expected"), [("none", 4), ("stem", 2), ("lemma", 2)])
def test_forms_of_a_word_are_counted_as_one_where_it_is_asked_for(normalise, expected):
    vocabulary = WordVocabulary.fit(["ponies pony", "running runs"], normalise=normalise)
    assert len(vocabulary.words) == expected
    again = WordVocabulary.from_state(json.loads(json.dumps(vocabulary.state())))
    assert again.encode(["pony's runs"]).tolist() == vocabulary.encode(["pony's runs"]).tolist()
    assert (UNKNOWN in vocabulary.encode(["pony's runs"])) == (normalise == "none")


def test_a_vocabulary_of_an_earlier_version_counts_words_as_they_are():
    vocabulary = WordVocabulary.fit(["ponies pony"])
    assert "normalise" not in vocabulary.state()
    assert WordVocabulary.from_state(vocabulary.state()).normalise == "none"


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="expected none, stem or lemma"):
        WordVocabulary.from_state({"words": ["a"], "max_length": 3, "normalise": "root"})
