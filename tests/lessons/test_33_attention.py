"""What lesson 33 claims about sequence to sequence and attention (I07, J06)."""

import numpy as np
import pytest

from deepglass import glass
from deepglass.glass.foundations.sequence_to_sequence import look
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("33_attention").module


@pytest.fixture(scope="module")
def nets():
    defs = opened("33_attention").defs
    return {"looks back": defs["net"], "one vector": defs["narrow"]}


def test_the_one_that_looks_back_reverses_long_sequences_and_the_narrow_one_hardly_any(lesson, nets):
    wide, narrow = (lesson.whole_right(net, [2, 6, 10], count=100) for net in nets.values())
    assert wide[0] > 0.95
    assert narrow[0] > 0.95
    assert wide[2] > 0.6
    assert narrow[2] < 0.25
    assert narrow[0] > narrow[1] > narrow[2]


def test_both_fall_on_lengths_that_nobody_showed_them(lesson, nets):
    practised, beyond = lesson.whole_right(nets["looks back"], [8, 14], count=100)
    assert beyond < practised - 0.2


def test_both_have_the_same_reader_writer_and_practice(nets):
    shapes = [{name: w.shape for name, w in net.state_dict().items() if "head" not in name} for net in nets.values()]
    assert shapes[0] == shapes[1]


def test_it_looks_at_the_digit_that_it_writes(lesson, nets):
    source, _, target = lesson.sequences(np.random.default_rng(3), 100, 8)
    written, weights = lesson.write(nets["looks back"], source)
    looked_at = np.take_along_axis(source[:, None].repeat(8, 1), weights.argmax(2)[..., None], 2)[..., 0]
    assert (looked_at == target).mean() > 0.85
    assert (weights.argmax(2) == np.arange(7, -1, -1)).mean() > 0.8
    assert (written == target).mean() > 0.9
    np.testing.assert_allclose(weights.sum(2), 1, atol=1e-5)


def test_before_practice_it_looks_everywhere_alike(lesson):
    (_, net), *_ = lesson.practice(True, (0,), steps=0)
    _, weights = lesson.write(net, lesson.SHOWN)
    assert weights.max() < 0.25


def test_the_arithmetic_of_one_look(lesson):
    _, scores, scaled, weights, found = lesson.one_look(0, 2)
    assert scores == pytest.approx([4, 0, -4])
    assert scaled == pytest.approx(scores / np.sqrt(2))
    powers = np.exp(scaled)
    assert weights == pytest.approx(powers / powers.sum())
    assert found == pytest.approx(weights @ lesson.VALUES)


def test_a_longer_query_asks_louder_and_one_of_no_length_takes_the_plain_mean(lesson):
    largest = [lesson.one_look(30, length)[3].max() for length in (0.5, 1, 2, 4)]
    assert largest == sorted(largest)
    assert lesson.one_look(30, 0)[4] == pytest.approx(lesson.VALUES.mean())


def test_scores_spread_as_the_root_of_the_width():
    rng = np.random.default_rng(0)
    for width in (16, 256):
        scores = (rng.normal(size=(4000, width)) * rng.normal(size=(4000, width))).sum(1)
        assert scores.std() == pytest.approx(np.sqrt(width), rel=0.05)


def test_undivided_a_wide_query_is_sure_before_anything_is_learnt(lesson):
    _, sure, flat = lesson.sharpness(256, False)
    _, open_minded, steep = lesson.sharpness(256, True)
    assert sure > 0.85 > 0.6 > open_minded
    assert steep > 3 * flat
    narrow, wide = (lesson.sharpness(width, True)[1] for width in (4, 1024))
    assert abs(narrow - wide) < 0.1  # divided, the width no longer matters


def test_empty_places_take_their_share_unless_they_are_masked():
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(1, 4)), rng.normal(size=(3, 4)), rng.normal(size=(3, 2))
    empty_k, empty_v = np.concatenate([k, np.zeros((2, 4))]), np.concatenate([v, np.zeros((2, 2))])
    short, filled = (look(*map(glass.tensor, x))[0].numpy() for x in ((q, k, v), (q, empty_k, empty_v)))
    assert not np.allclose(short, filled)
    mask = glass.tensor(np.array([[True] * 3 + [False] * 2]))
    np.testing.assert_allclose(look(*map(glass.tensor, (q, empty_k, empty_v)), mask)[0].numpy(), short, atol=1e-12)


def test_a_forgotten_root_is_named():
    code = "def attention(q, K, V):\n    w = np.exp(K @ q - (K @ q).max())\n    return w / w.sum() @ V"
    assert "√d" in tried("attention", code).message
