"""What lesson 37 claims about sentiment (J10)."""

import numpy as np
import pytest

from deepglass import glass
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("37_sentiment").module


def test_words_alone_know_little_pairs_more_and_a_reader_nearly_all(lesson):
    words, pairs, reads = (lesson.learn(kind)[1] for kind in lesson.KINDS)
    assert 0.5 < words < 0.7
    assert words + 0.1 < pairs < 0.92
    assert reads > 0.95


def test_the_bag_of_words_gives_the_same_to_the_same_words_and_the_reader_does_not(lesson):
    both = lesson.PRAISE, lesson.COMPLAINT
    assert sorted(both[0].split()) == sorted(both[1].split())
    first, second = (lesson.praise("words", text) for text in both)
    assert first == pytest.approx(second, abs=1e-6)
    reads = [lesson.praise("a GRU that reads", text) for text in both]
    assert reads[0] > 0.8 > 0.2 > reads[1]


def test_a_line_of_a_mean_is_a_mean_of_lines(lesson):
    words = lesson.PRAISE.split()
    found, offset = lesson.scores(words)
    share = 1 / (1 + np.exp(-(found.mean() + offset)))
    assert lesson.praise("words", lesson.PRAISE) == pytest.approx(share, abs=1e-5)


def test_words_of_praise_are_above_words_of_blame(lesson):
    from deepglass.data.datasets.reviews import WORDS

    praise, blame = (lesson.scores(WORDS[kind])[0].mean() for kind in ("positive", "negative"))
    assert praise > 0 > blame


def test_not_breaks_the_bag_and_pairs_mend_it(lesson):
    bad, good = "the soup was not bad", "the soup was not good"
    words = [lesson.praise("words", text) for text in (bad, good)]
    assert words[0] < 0.5 < words[1]  # the wrong way round
    pairs = [lesson.praise("words and pairs", text) for text in (bad, good)]
    assert pairs[0] > 0.5 > pairs[1]


def test_not_on_both_sides_of_but_breaks_the_pairs_and_a_reader_mends_it(lesson):
    pairs = [lesson.praise("words and pairs", text) for text in lesson.TURNED_TWICE]
    assert pairs[0] < 0.5 < pairs[1]  # the wrong way round
    reads = [lesson.praise("a GRU that reads", text) for text in lesson.TURNED_TWICE]
    assert reads[0] > 0.5 > reads[1]


def test_two_orders_with_the_same_pairs_are_one_bag(lesson):
    net = lesson.learn("words and pairs")[0]
    ids = glass.tensor(np.array([[5, 6, 5, 7, 5], [5, 7, 5, 6, 5]]))
    with glass.no_grad():
        same = net(ids).numpy()
        other = net(glass.tensor(np.array([[5, 6, 7, 5], [5, 7, 6, 5]]))).numpy()
    np.testing.assert_allclose(same[0], same[1], atol=1e-5)
    assert not np.allclose(other[0], other[1], atol=1e-5)


def test_padding_in_the_mean_is_told():
    code = "def averaged(ids, table, w, b):\n    return 1 / (1 + np.exp(-(table[ids].mean(0) @ w + b)))"
    assert "Padding" in tried("averaged", code).message
