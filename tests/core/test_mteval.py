"""Words of a sentence are those of mteval-v13a, as sacrebleu tells them apart."""

import numpy as np
import pytest
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

from deepglass.core.mteval import words_of

PARTS = [*"abZ019 .,-'\"!?;:()[]{}<>@#%&*/\\|~^_$€äß日", "3.50", "1,000", "don't", "&amp;", "&lt;", "5-3", "-\n", "\n"]


def test_words_are_those_of_sacrebleu():
    theirs = Tokenizer13a()
    rng = np.random.default_rng(0)
    for _ in range(400):
        text = "".join(rng.choice(PARTS, rng.integers(0, 15)))
        assert words_of(text) == theirs(text.rstrip()).split(), text  # BLEU takes off the end before it tells apart


@pytest.mark.parametrize(
    ("text", "words"),
    [("", []), ("It costs 3.50.", ["It", "costs", "3.50", "."]), ("a-b 5-3", ["a-b", "5", "-", "3"])],
)
def test_points_within_numbers_stay(text, words):
    assert words_of(text) == words
