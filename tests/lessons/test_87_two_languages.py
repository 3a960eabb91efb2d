"""What lesson 87 claims of a net that looks back, of BLEU, and of beams (J11)."""

import math

import numpy as np
import pytest

from deepglass.evaluate.bleu import bleu
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("87_two_languages").module


@pytest.fixture(scope="module")
def net(lesson):
    return lesson.net()


def test_what_is_asked_and_what_is_held_back_was_not_learnt(lesson):
    learnt, held_back, _ = lesson.pairs()
    english = {one for one, _ in learnt}
    assert not english & {one for one, _ in held_back}
    assert not english & {*lesson.ASKED.values()}
    assert (len(learnt), len(held_back)) == (lesson.PAIRS, lesson.HELD_BACK)


def test_attention_finds_the_word_that_each_word_translates(lesson, net):
    of = {"sieht": "sees", "Hund": "dog", "Apfel": "apple", "gefunden": "found", "kaufen": "buy", "Mann": "man"}
    found = 0
    for text in lesson.ASKED.values():
        written, attention = lesson.translated(net, text)
        assert np.allclose(attention.sum(axis=1), 1, atol=1e-5)
        for word, row in zip(written, attention):
            if word in of:
                assert lesson.words_in(text)[row.argmax()] == of[word]
                found += 1
    assert found == len(of)


def test_it_translates_what_it_never_saw_and_not_with_its_eyes_tied(lesson, net):
    assert lesson.score(net) > 90
    for how in ("everywhere alike", "in English order"):
        assert lesson.score(lesson.blindly(net, how)) < 50, how
    assert lesson.score(lesson.blindly(net, "where it wants")) == pytest.approx(lesson.score(net))


def test_bleu_by_hand_is_that_of_the_library(lesson):
    for written in lesson.WRITTEN.values():
        counts = lesson.statistics(written, lesson.TRUE)
        matched = [float(part) for part in lesson.as_counted(counts[2:6].astype(int))]
        short = math.exp(min(0.0, 1 - counts[1] / counts[0]))
        by_hand = 100 * short * math.prod(m / r for m, r in zip(matched, counts[6:])) ** 0.25
        assert by_hand == pytest.approx(bleu([written], [lesson.TRUE]))
    assert bleu([lesson.WRITTEN["the words in English order"]], [lesson.TRUE]) < 25


def test_greedy_misses_the_likeliest_sentence_and_a_beam_of_two_finds_it(lesson):
    all_of = {
        f"{one} {two}": share * further
        for one, share in lesson.TREE[""].items()
        for two, further in lesson.TREE[one].items()
    }
    best = max(all_of, key=all_of.get)
    assert lesson.searched(1)[0] != best
    for width in (2, 3):
        words, p = lesson.searched(width)
        assert (words, p) == (best, pytest.approx(all_of[best]))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "sum(w[i : i + n] in [t[j : j + n] for j in range(len(t) - n + 1)] for i in range(len(w) - n + 1))",
            "at most as often",
        ),
        ("sum((Counter(written) & Counter(true)).values())", "single words"),
    ],
)
def test_slips_are_told_apart(line, said):
    code = f"from collections import Counter\n\ndef matched_runs(w, t, n):\n    written, true = w, t\n    return {line}"
    assert said in tried("matched_runs", code).message
