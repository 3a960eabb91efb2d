"""What lesson 31 claims about text generation (I05)."""

import numpy as np
import pytest
import torch

from deepglass.tasks._sampling import next_probabilities
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("31_text_generation").module


def test_shares_after_a_text_are_shares(lesson):
    for order in (1, 3, 6):
        shares = lesson.shares_after("ROMEO:\nWhat sh", order)
        assert shares.min() >= 0
        assert shares.sum() == pytest.approx(1, abs=1e-6)
    assert lesson.likeliest(lesson.shares_after("ROMEO:\nWhat sh"))["a"] > 0.3


def test_always_the_likeliest_turns_in_a_circle(lesson):
    text = lesson.write(temperature=0, length=200)
    half = text[-60:]
    assert any(half[:20] in text[: -60 - shift] for shift in range(20))
    periods = [p for p in range(1, 50) if text[-100:] == text[-100 - p : -p]]
    assert periods  # it repeats itself exactly


def test_a_fixed_seed_writes_a_fixed_text(lesson):
    assert lesson.write(length=40, seed=1) == lesson.write(length=40, seed=1) != lesson.write(length=40, seed=2)


@pytest.mark.parametrize(("temperature", "top_k"), [(0, 60), (0.5, 60), (1.0, 5), (2.5, 20)])
def test_it_is_sharpened_as_the_library_does(lesson, temperature, top_k):
    shares = lesson.shares_after("ROMEO:\nWhat sh")
    theirs = next_probabilities(torch.tensor(shares).log(), temperature, top_k if temperature else None, None)
    np.testing.assert_allclose(lesson.sharpened(shares, temperature, top_k), theirs.numpy(), atol=1e-9)


def test_heat_flattens_and_top_k_leaves_so_many(lesson):
    shares = lesson.shares_after("ROMEO:\nWhat sh")
    largest = [lesson.sharpened(shares, t, 60).max() for t in (0.2, 0.5, 1.0, 2.5)]
    assert largest == sorted(largest, reverse=True)
    assert (lesson.sharpened(shares, 2.5, 5) > 0).sum() == 5


def test_further_back_helps_soon_no_more_on_a_new_scene(lesson):
    _, ids, new, _ = lesson.counted()
    seen = [lesson.perplexity(order, ids[:10_000]) for order in range(1, 7)]
    held_out = [lesson.perplexity(order, new) for order in range(1, 7)]
    assert seen == sorted(seen, reverse=True)
    assert held_out[0] > 2 * held_out[1] > 2 * held_out[2]
    assert held_out[4] - held_out[5] < 0.2 < seen[4] - seen[5]
    assert held_out[5] > 1.5 * seen[5]


def test_the_small_network_passes_counts_of_two_and_not_of_five(lesson):
    looks, new = lesson.network(), lesson.counted()[2]
    assert looks[0] == pytest.approx(len(lesson.counted()[0]), rel=0.2)
    assert lesson.perplexity(5, new) < looks[-1] < lesson.perplexity(2, new) - 2


def test_perplexity_is_the_geometric_mean():
    from deepglass.course.widgets.answer import Answer

    asked = next(w for w in opened("31_text_generation").widgets if isinstance(w, Answer))
    assert asked.right == pytest.approx((2 * 4 * 8) ** (1 / 3))


def test_shares_that_no_longer_add_up_are_told():
    code = """
def next_shares(z, t, k):
    p = np.exp((z - z.max()) / t)
    p = p / p.sum()
    p[np.argsort(-z)[k:]] = 0
    return p"""
    assert "add up to 1" in tried("next_shares", code).message
