"""Texts of one huge word, and of nothing but marks: as many ids are made as the model looks at."""

import tracemalloc

import pytest

from deepglass.deploy.runtime.texts import FIRST_WORD, UNKNOWN_WORD, Texts, tokenizer

TOKENS = {
    "kind": "words",
    "pattern": r"\w+|[^\w\s]",
    "words": ["good"],
    "pieces": ["<a", "aa", "ab"],
    "lengths": [2, 3],
}
DESCRIBED = {"name": "text", "tensor": "tokens", "min_length": 1, "max_length": 10, "padding": 0}
MOST_BYTES = 8_000_000  # for 200,000 characters; a list of all parts of a word took ten times as much


@pytest.mark.parametrize("piece", ["a", "ab", "z", ".", "a\u0301", "z "])
def test_a_long_text_costs_little_memory(piece):
    text = piece * (200_000 // len(piece))
    encoder = Texts(DESCRIBED, TOKENS, 200_000)
    tracemalloc.start()
    tensors = encoder.encode([text])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert tensors["tokens"].shape[1] <= 10
    assert most < MOST_BYTES


SHORT = ("good", "good aab", "aab good aa", "x y z", "", "a" * 16, "good " * 30, "ab! ab? good.")


@pytest.mark.parametrize("text", SHORT)
@pytest.mark.parametrize("max_words", [None, 3])
def test_the_first_ids_are_those_of_the_whole_text(text, max_words):
    tokens = TOKENS | ({"max_words": max_words} if max_words else {})
    assert tokenizer(tokens, 10).ids_of(text)[:10] == tokenizer(tokens).ids_of(text)[:10]
    assert tokenizer(tokens).ids_of("good aab")[:2] == [FIRST_WORD, UNKNOWN_WORD]
