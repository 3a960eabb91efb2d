"""What lesson 71 claims of filters, pooling and words that can be read (T07)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("71_letters_of_life").module


def test_wide_pooling_lets_filters_spell_the_words_and_narrow_pooling_does_not(lesson):
    wide, narrow = lesson.likeness(lesson.WIDE), lesson.likeness(lesson.NARROW)
    assert (wide >= lesson.HELD).mean() >= 0.9
    assert (narrow >= lesson.HELD).mean() < 0.5


def test_both_name_the_protein_about_as_well(lesson):
    assert abs(lesson.right(lesson.WIDE) - lesson.right(lesson.NARROW)) < 0.06
    assert min(lesson.right(pool) for pool in lesson.POOLS) > 0.8  # one in eight by chance


def test_a_wide_filter_answers_most_where_its_word_was_planted(lesson):
    tokens, proteins, places = lesson.sequences()
    hits = []
    for row in range(lesson.LEARNT, lesson.LEARNT + lesson.SHOWN):
        filter = lesson.best(lesson.found(lesson.WIDE), int(proteins[row])).number
        answers = lesson.net(lesson.WIDE).responses(tokens[row : row + 1])[0, filter].detach().numpy()
        hits.append(abs(int(answers.argmax()) - (places[row] + 5)) <= 8)
    assert np.mean(hits) > 0.7


def test_in_the_film_the_word_grows(lesson):
    said = [float(frame.caption.rstrip(".").split()[-1]) for frame in lesson.film()]
    assert len(said) >= 4
    assert said[-1] > lesson.HELD
    assert said[-1] > said[0] + 0.2


def test_the_formula_is_that_of_the_logo(lesson):
    one = lesson.best(lesson.found(lesson.WIDE), 2)
    told = lesson.sequence_logo.information(one.motif)
    by_hand = 2 + (one.motif * np.log2(one.motif)).sum(axis=1)
    np.testing.assert_allclose(told, by_hand, atol=1e-12)


def test_a_word_of_six_letters_stands_a_thousand_times_in_four_million():
    assert 4_096_000 / 4**6 == 1000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-sum(c / counts.sum() * np.log2(c / counts.sum()) for c in counts if c)", "entropy"),
        ("2 + sum(c / counts.sum() * np.log2(c / counts.sum()) for c in counts if c)", "four letters"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("bits_told", f"def bits_told(counts):\n    return {line}").message
