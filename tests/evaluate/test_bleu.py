"""BLEU and chrF are those of sacrebleu, on sentences of every degenerate kind too."""

import math

import numpy as np
import pytest
import sacrebleu

from deepglass.evaluate import bleu, chrf
from deepglass.evaluate.metrics import sentences

WORDS = [
    "the",
    "Hund",
    "läuft",
    "3.50",
    "1,000",
    ",",
    ".",
    "-",
    "a-b",
    "5-3",
    "don't",
    '"',
    "&amp;",
    "日本",
    "x/y",
    "%",
]
DEGENERATE = [
    ([""], ["a dog runs"]),
    (["a dog runs"], [""]),
    ([""], [""]),
    (["", "a dog"], ["a dog", ""]),
    (["a"], ["a"]),
    (["a b c"], ["a b c"]),
    (["a b c d"], ["e f g h"]),
    (["a a a a a a"], ["a b a"]),
    (["  a\n b  "], ["a b"]),
    (["the <skipped> cat sat on it"], ["the cat sat on it"]),
    (["a b c d e", "x"], ["a b c x e", "y z"]),
    (["x " * 300], ["x y " * 200]),
]


def corpora():
    rng = np.random.default_rng(0)
    for _ in range(60):
        true = [" ".join(rng.choice(WORDS, rng.integers(0, 12))) for _ in range(rng.integers(1, 9))]
        noisy = [" ".join(w if rng.random() < 0.7 else rng.choice(WORDS) for w in text.split()) for text in true]
        yield [text[: rng.integers(0, len(text) + 1)] if rng.random() < 0.3 else text for text in noisy], true


@pytest.mark.parametrize(("written", "true"), [*DEGENERATE, *corpora()])
def test_scores_are_those_of_sacrebleu(written, true):
    theirs = sacrebleu.metrics.BLEU().corpus_score(written, [true]).score
    assert math.isclose(bleu.bleu(written, true), theirs, abs_tol=1e-6), (written, true)
    theirs = sacrebleu.metrics.CHRF().corpus_score(written, [true]).score
    assert math.isclose(chrf.chrf(written, true), theirs, abs_tol=1e-6), (written, true)


def test_the_signatures_are_those_of_sacrebleu():
    for ours, theirs in ((bleu.SIGNATURE, sacrebleu.metrics.BLEU()), (chrf.SIGNATURE, sacrebleu.metrics.CHRF())):
        theirs.corpus_score(["a"], [["a"]])
        assert str(theirs.get_signature()).rpartition("|version")[0] == ours


def test_scores_of_some_sentences_have_intervals_around_them():
    pairs = list(corpora())
    written, true = ([text for pair in pairs for text in pair[side]] for side in (0, 1))
    found = sentences.evaluate(written, true)
    for name in found["headline"]:
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]
    assert found["bleu"]["value"] == pytest.approx(bleu.bleu(written, true))
    assert sentences.evaluate(true, true)["chrf"]["value"] == pytest.approx(100)
    assert sentences.evaluate(true, true)["bleu"]["value"] == pytest.approx(100)


def test_more_wrong_words_are_a_lower_score():
    true = "a man in a red shirt is standing on a ladder"
    scores = [bleu.bleu([true.replace(*change)], [true]) for change in (("zz", ""), ("red", "blue"), ("a ", "the "))]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(100)
