"""Shares of the next token, by hand; draws follow them."""

import numpy as np
import pytest

from deepglass.core.sampling import Sampling, draw, shares

P = np.array([0.5, 0.25, 0.15, 0.1])
LOGITS = np.log(P)


def of(logits=LOGITS, said=(), **how):
    return shares(np.array(logits), Sampling(**{"temperature": 1.0, **how}), said)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, P),
        ({"temperature": 0.5}, P**2 / (P**2).sum()),
        ({"temperature": 2.0}, P**0.5 / (P**0.5).sum()),
        ({"temperature": 0.0}, [1, 0, 0, 0]),
        ({"top_k": 2}, [2 / 3, 1 / 3, 0, 0]),
        ({"top_k": 1}, [1, 0, 0, 0]),
        ({"top_k": 99}, P),
        ({"top_p": 0.5}, [1, 0, 0, 0]),  # exactly its share: the first alone has it
        ({"top_p": 0.6}, [2 / 3, 1 / 3, 0, 0]),
        ({"top_p": 1.0}, P),
        ({"top_p": 0.01}, [1, 0, 0, 0]),  # never nobody
        ({"min_p": 0.25}, [5 / 9, 2.5 / 9, 1.5 / 9, 0]),  # 0.1 is less than a quarter of 0.5
        ({"min_p": 1.0}, [1, 0, 0, 0]),
        ({"min_p": 0.0}, P),
        ({"temperature": 0.5, "top_k": 2}, [0.8, 0.2, 0, 0]),  # 0.25 and 0.0625, of their sum
        ({"top_k": 3, "top_p": 0.8}, [2 / 3, 1 / 3, 0, 0]),  # of the three, two have 0.75 / 0.9 = 0.83
        ({"top_k": 3, "min_p": 0.4}, [2 / 3, 1 / 3, 0, 0]),
    ],
)
def test_shares_by_hand(how, expected):
    assert of(**how) == pytest.approx(np.array(expected), abs=1e-9)


def test_equal_tokens_share_a_place_of_the_top_k():
    assert of([1.0, 1.0, 0.0], top_k=1).tolist() == [0.5, 0.5, 0.0]


def test_the_penalty_divides_what_is_above_zero_and_multiplies_what_is_below():
    found = of([2.0, -1.0, 0.5], said=[0, 1, 1], repetition_penalty=2.0)
    logits = np.exp([1.0, -2.0, 0.5])
    assert found == pytest.approx(logits / logits.sum())
    assert of([2.0, -1.0, 0.5], said=[], repetition_penalty=2.0) == pytest.approx(of([2.0, -1.0, 0.5]))
    assert of([2.0, 1.9], said=[0], repetition_penalty=2.0, temperature=0.0).tolist() == [0, 1]


def test_what_is_impossible_is_never_drawn_and_the_logits_stay_as_they_are():
    logits = np.array([0.0, -np.inf, 1.0])
    for how in ({}, {"top_k": 2}, {"top_p": 0.9}, {"min_p": 0.1}, {"temperature": 5.0}):
        assert of(logits, **how)[1] == 0
    assert logits.tolist() == [0.0, -np.inf, 1.0]


def test_huge_logits_overflow_nowhere():
    assert of([1e4, -1e4, 1e4], temperature=0.01) == pytest.approx([0.5, 0, 0.5])


def test_draws_follow_the_shares():
    rng = np.random.default_rng(0)
    p = of(top_k=3)
    counts = np.bincount([draw(p, rng) for _ in range(4000)], minlength=4)
    assert counts[3] == 0
    assert counts / 4000 == pytest.approx(p, abs=0.03)  # four standard errors


def test_the_same_seed_draws_the_same():
    first, again = ([draw(P, rng) for _ in range(20)] for rng in (np.random.default_rng(3), np.random.default_rng(3)))
    assert first == again


def test_a_draw_at_the_very_end_takes_the_last_that_is_possible():
    class Last:
        def random(self):
            return 1.0

    assert draw(np.array([0.3, 0.7, 0.0]), Last()) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature", -0.1), ("temperature", float("inf")), ("temperature", float("nan")), ("top_k", 0),
        ("top_p", 0.0), ("top_p", 1.1), ("min_p", -0.1), ("min_p", 1.5), ("repetition_penalty", 0.0),
        ("repetition_penalty", float("inf")),
    ],
)  # fmt: skip
def test_what_is_out_of_range_is_named(field, value):
    fault = Sampling(**{field: value}).fault()
    assert fault is not None
    assert fault[0] == field
    assert "expected" in fault[1]


def test_the_usual_settings_have_no_fault():
    assert Sampling().fault() is None
    assert Sampling(0.0, top_k=40, top_p=1.0, min_p=0.0, repetition_penalty=1.2).fault() is None
