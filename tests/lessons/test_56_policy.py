"""What lesson 56 claims about the slope of a policy, its mean and how it varies (M03)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("56_policy").module


@pytest.mark.parametrize("extra", [-4.0, 0.0, 5.0, 20.0])
def test_the_estimate_is_right_on_average_whatever_is_paid_on_top(lesson, extra):
    found, exact = lesson.estimates(extra)[0], lesson.exact(lesson.softmax(lesson.START))
    error = found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - exact) < 4 * error).all()


def test_what_is_paid_on_top_does_not_change_the_exact_slope(lesson):
    probs = lesson.softmax(lesson.START)
    assert lesson.exact(probs, 20.0) == pytest.approx(lesson.exact(probs), abs=1e-12)
    h = 1e-6
    for i in range(3):
        rise = [lesson.softmax(lesson.START + sign * h * np.eye(3)[i]) @ lesson.MEANS for sign in (1, -1)]
        assert (rise[0] - rise[1]) / (2 * h) == pytest.approx(lesson.exact(probs)[i], abs=1e-8)


def test_it_varies_least_near_the_mean_reward_and_far_more_with_twenty_on_top(lesson):
    spread = {extra: lesson.spread(lesson.estimates(float(extra))[0]) for extra in (-4, -2, 0, 20)}
    assert spread[-2] == min(spread.values())
    assert spread[-2] < 0.6 * spread[0]
    assert spread[20] > 8 * spread[0]
    assert -lesson.softmax(lesson.START) @ lesson.MEANS == pytest.approx(-2, abs=0.4)


def test_the_estimate_is_the_one_that_reinforce_takes(lesson):
    """The push on the logits is the gradient of Σ ln π · reward that the file on the page takes."""
    from deepglass.rl.envs import Discrete
    from deepglass.rl.parts.networks import Choice

    choice = Choice(1, Discrete(3))
    arms, rewards = np.array([0, 2, 1, 2]), np.array([1.5, 0.3, -2.0, 4.0])
    logits = torch.tensor(np.tile(lesson.START, (4, 1)), requires_grad=True)
    (choice.log_prob(logits, torch.from_numpy(arms)) * torch.from_numpy(rewards)).sum().backward()
    assert logits.grad is not None
    assert logits.grad.numpy() == pytest.approx(lesson.pushes(lesson.softmax(lesson.START), arms, rewards), abs=1e-12)


def test_a_baseline_that_looks_at_the_arm_leaves_nothing_to_learn(lesson):
    probs, rng = lesson.softmax(lesson.START), np.random.default_rng(0)
    arms, rewards = lesson.pull(np.tile(probs, (20_000, 1)), rng)
    bent = lesson.pushes(probs, arms, rewards - lesson.MEANS[arms])
    assert np.abs(bent.mean(axis=0)).max() < 4 * bent.std() / np.sqrt(len(bent))


def test_who_is_praised_for_being_there_stays_and_a_baseline_mends_it(lesson):
    praised, mended = (lesson.settled(lesson.crowd(20.0, baseline)[-1]) for baseline in (False, True))
    assert praised[-1] < 0.5 * lesson.LEARNERS
    assert mended[-1] > 0.97 * lesson.LEARNERS
    assert lesson.settled(lesson.crowd(0.0, False)[-1])[-1] > praised[-1]


def test_in_the_film_the_best_arm_becomes_the_likeliest(lesson):
    before, after = lesson.softmax(lesson.START), lesson.walk()[-1][3]
    assert before.argmax() == 0
    assert after.argmax() == 2
    for probs, arm, reward, then in lesson.walk():
        assert (then[arm] > probs[arm]) == (reward > 0)


def test_on_the_cart_a_baseline_takes_some_of_the_variance_and_not_most(lesson):
    variance = lesson.on_the_cart()
    assert 0.4 * variance[False] < variance[True] < variance[False]


def test_the_mean_of_all_in_place_of_the_others_is_told():
    found = tried("others_mean", "def others_mean(rewards):\n    return np.array(rewards) - np.mean(rewards)")
    assert not found.passed
    assert "leave it out" in found.message
