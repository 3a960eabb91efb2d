"""Bandits: regret below what was proved, and above what nobody can beat."""

import numpy as np
import pytest

from deepglass.rl.tabular.bandit import play
from deepglass.rl.tabular.epsilon_greedy import epsilon_greedy
from deepglass.rl.tabular.thompson import bayes_regret_bound, lai_robbins, thompson
from deepglass.rl.tabular.ucb import regret_bound, ucb

PROVES = {  # read by `deepglass read`
    "test_ucb_stays_below_its_bound": ("rl/tabular/ucb.py", "rl/tabular/bandit.py"),
    "test_thompson_stays_below_its_bound_over_bandits_drawn_from_its_prior": ("rl/tabular/thompson.py",),
    "test_regret_grows_as_the_logarithm_for_those_who_learn_and_in_a_line_for_those_who_do_not": (
        "rl/tabular/epsilon_greedy.py",
    ),
}

MEANS = np.array([0.2, 0.4, 0.5])
STEPS = 1_500


@pytest.fixture(scope="module")
def regret():
    """Mean regret of 60 bandits by who chooses."""
    means = np.tile(MEANS, (60, 1))
    ways = {"ucb": ucb, "thompson": thompson, "greedy": epsilon_greedy(0.0), "explorer": epsilon_greedy(0.2)}
    return {name: play(means, choose, STEPS, seed=0).mean(axis=0) for name, choose in ways.items()}


def test_ucb_stays_below_its_bound(regret):
    assert regret["ucb"][-1] < regret_bound(MEANS, STEPS)
    gaps = MEANS.max() - MEANS
    by_hand = 8 * np.log(STEPS) * (1 / 0.3 + 1 / 0.1) + (1 + np.pi**2 / 3) * gaps.sum()
    assert regret_bound(MEANS, STEPS) == pytest.approx(by_hand)


def test_thompson_stays_below_its_bound_over_bandits_drawn_from_its_prior():
    means = np.random.default_rng(1).random((200, 5))
    found = play(means, thompson, 300, seed=2)
    for T in (50, 100, 300):
        assert found[:, T - 1].mean() < bayes_regret_bound(5, T)
    worst = play(means, epsilon_greedy(1.0), 300, seed=2)[:, -1].mean()
    assert worst > bayes_regret_bound(5, 300)  # the bound is not met by just anybody


def test_regret_grows_as_the_logarithm_for_those_who_learn_and_in_a_line_for_those_who_do_not(regret):
    late = {name: curve[-1] - curve[STEPS // 2] for name, curve in regret.items()}
    early = {name: curve[STEPS // 2] for name, curve in regret.items()}
    assert late["thompson"] < 0.5 * early["thompson"]
    assert late["explorer"] > 0.6 * early["explorer"]
    assert regret["thompson"][-1] < regret["ucb"][-1]
    assert regret["thompson"][-1] < regret["greedy"][-1]


def test_thompson_stays_below_what_is_proved_for_the_long_run(regret):
    divergence = 0.5 * np.log(0.5 / 0.8) + 0.5 * np.log(0.5 / 0.2)
    assert lai_robbins(np.array([0.5, 0.8]), 100) == pytest.approx(np.log(100) * 0.3 / divergence)
    assert regret["thompson"][-1] < lai_robbins(MEANS, STEPS) < regret["ucb"][-1]


def test_regret_of_the_best_arm_is_zero():
    always = play(MEANS[None], lambda pulls, wins, rng: np.array([2]), 10, seed=0)
    assert always.tolist() == [[0.0] * 10]
    first = play(MEANS[None], lambda pulls, wins, rng: np.array([0]), 10, seed=0)
    assert first[0, -1] == pytest.approx(3.0)
