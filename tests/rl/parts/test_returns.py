"""Returns and advantages, by hand and against sums written out."""

import numpy as np
import pytest

from deepglass.rl.parts.returns import advantages, discounted, lambda_returns

RNG = np.random.default_rng(0)
T, N, GAMMA, LAM = 7, 3, 0.9, 0.8
REWARDS, VALUES, NEXT = RNG.normal(size=(3, T, N))
TERMINATED = RNG.random((T, N)) < 0.2
ENDED = TERMINATED | (RNG.random((T, N)) < 0.2)


def test_discounted_returns_by_hand():
    ended = np.array([[False], [True], [False]])
    rewards = np.array([[1.0], [2.0], [4.0]])
    assert discounted(rewards, ended, 0.5, np.array([8.0]))[:, 0].tolist() == [2.0, 2.0, 8.0]


def test_advantages_are_the_sum_of_the_surprises_that_follow():
    found = advantages(REWARDS, VALUES, NEXT, TERMINATED, ENDED, GAMMA, LAM)
    for i in range(N):
        for t in range(T):
            total, weight = 0.0, 1.0
            for k in range(t, T):
                following = 0.0 if TERMINATED[k, i] else GAMMA * NEXT[k, i]
                total += weight * (REWARDS[k, i] + following - VALUES[k, i])
                weight *= GAMMA * LAM
                if ENDED[k, i]:
                    break
            assert found[t, i] == pytest.approx(total)


def test_lambda_returns_are_advantages_above_the_values():
    """In a walk where what was seen after one step is what is seen before the next."""
    following = NEXT.copy()
    following[:-1][~ENDED[:-1]] = VALUES[1:][~ENDED[:-1]]
    better = advantages(REWARDS, VALUES, following, TERMINATED, ENDED, GAMMA, LAM)
    assert lambda_returns(REWARDS, following, TERMINATED, ENDED, GAMMA, LAM) == pytest.approx(better + VALUES)


def test_a_time_limit_hands_back_the_value_and_an_end_does_not():
    one = np.ones((1, 1))
    cut, over = np.zeros((1, 1), bool), np.ones((1, 1), bool)
    assert advantages(one, one * 0, one * 10, cut, over, 0.5, 0.9)[0, 0] == 6.0
    assert advantages(one, one * 0, one * 10, over, over, 0.5, 0.9)[0, 0] == 1.0


def test_the_ends_of_lambda():
    never = np.zeros((T, N), bool)
    following = np.concatenate([VALUES[1:], NEXT[-1:]])
    surprise = REWARDS + GAMMA * following - VALUES
    assert advantages(REWARDS, VALUES, following, never, never, GAMMA, 0.0) == pytest.approx(surprise)
    whole = discounted(REWARDS, never, GAMMA, NEXT[-1]) - VALUES
    assert advantages(REWARDS, VALUES, following, never, never, GAMMA, 1.0) == pytest.approx(whole)
