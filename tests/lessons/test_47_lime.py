"""What lesson 47 claims of a line nearby, and of explanations that differ (Q03)."""

import numpy as np
import pytest

from deepglass.explain.methods import lime, occlusion
from deepglass.explain.quality.sanity import rank_correlation
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("47_lime").module


def test_bad_speaks_for_praise_beside_not_and_against_it_alone(lesson):
    words, game = lesson.parts("the soup was not bad")
    line = lesson.line("the soup was not bad")
    assert line.low[words.index("bad")] > 0
    assert game(np.ones((1, 5), bool))[0] > 0.9
    assert lesson.net()(["the soup was bad"])[0] < 0.5


def test_a_narrow_neighbourhood_is_what_hiding_one_word_says(lesson):
    for text in lesson.REVIEWS[:2]:
        words, game = lesson.parts(text)
        narrow = lesson.line(text, width=lesson.WIDTHS[0]).weights
        assert narrow == pytest.approx(occlusion.drops(game, len(words)), abs=0.02)
        assert np.abs(lesson.line(text, width=1.0).weights - narrow).max() > 0.1


def test_a_wider_neighbourhood_is_told_worse_by_a_line(lesson):
    text = lesson.REVIEWS[0]
    assert lesson.line(text, width=0.05).r2 > lesson.line(text, width=1.0).r2


def test_methods_differ_where_words_need_each_other_and_agree_where_they_add_up(lesson):
    found = lesson.answers("the menu was never dull")
    assert rank_correlation(found["LIME"], found["Shapley"]) < 0.95
    game = lambda present: present @ np.array([0.3, -0.2, 0.1])  # noqa: E731
    assert lime.fit(game, 3).weights == pytest.approx(occlusion.drops(game, 3))


def test_more_neighbours_make_two_draws_agree(lesson):
    text = lesson.REVIEWS[2]
    few, many = (
        np.mean([rank_correlation(lesson.rough(text, n, 2 * s), lesson.rough(text, n, 2 * s + 1)) for s in range(6)])
        for n in (10, 640)
    )
    assert many > 0.8
    assert few < many - 0.2


def test_r2_speaks_of_the_line_and_more_neighbours_do_not_raise_it(lesson):
    text = lesson.REVIEWS[2]
    few, many = (lesson.line(text, samples=n).r2 for n in (200, 4000))
    assert many < few + 0.05


@pytest.mark.parametrize(("root", "said"), [("np.ones(len(nearness))", "alike"), ("nearness", "root")])
def test_slips_are_told_apart(root, said):
    code = (
        "def line_nearby(present, scores, nearness):\n"
        "    A = np.column_stack([np.ones(len(present)), present])\n"
        f"    root = {root}\n"
        "    return np.linalg.lstsq(A * root[:, None], scores * root, rcond=None)[0][1:]"
    )
    assert said in tried("line_nearby", code).message
