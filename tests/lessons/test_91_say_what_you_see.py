"""What lesson 91 claims of frames, their order, and captions (H14)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried

pytestmark = pytest.mark.slow("trains the three nets of the lesson")


@pytest.fixture(scope="module")
def lesson():
    return opened("91_say_what_you_see").module


def test_without_filters_over_time_a_net_is_at_chance_and_with_them_it_is_right(lesson):
    assert 0.1 < lesson.right("frame by frame") < 0.4
    assert lesson.right("over time") >= 0.95


def test_backwards_the_net_over_time_says_the_opposite_and_the_other_the_same(lesson):
    assert lesson.opposite() >= 0.95
    x = lesson.clips(lesson.NEW, 1)[0]
    here, there = (lesson.chances("frame by frame", lesson.played(x, how)) for how in lesson.PLAYED[:2])
    assert np.allclose(here, there, atol=1e-5)


def test_frames_that_stand_still_or_are_shuffled_tell_less(lesson):
    for how in lesson.PLAYED[2:]:
        assert lesson.right("over time", how) < lesson.right("over time") - 0.2


def test_captions_of_new_clips_are_right_and_each_word_looks_at_the_frames(lesson):
    x, _, said = lesson.clips(lesson.NEW, 1)
    rows = range(0, len(x), 5)
    exact = [lesson.written(x[row])[0] == [lesson.WORDS[place] for place in said[row, 1:]] for row in rows]
    assert np.mean(exact) >= 0.9
    words, probs = lesson.written(x[0])
    assert np.allclose(lesson.attention(x[0], words).sum(axis=1), 1, atol=1e-5)
    assert probs.shape == (len(words), len(lesson.WORDS))


def test_the_film_ends_with_the_true_way(lesson):
    assert [*lesson.film()][-1].caption.endswith("over time says left.")


def test_a_kernel_that_is_turned_around_is_told(lesson):
    code = (
        "def over_time(clip, kernel):\n    n = len(clip) - len(kernel) + 1\n"
        "    return sum(w * clip[k : k + n] for k, w in enumerate(kernel[::-1]))"
    )
    assert "turned around" in tried("over_time", code).message
