"""The reward model is ridge regression for each action, and its policy earns more than that of the log."""

import numpy as np
from sklearn.linear_model import Ridge

from deepglass.data.datasets import shown_offers
from deepglass.rl.logged.contextual_bandit import PENALTY, RewardModel
from deepglass.rl.logged.log import log_of

PROVES = {"test_worths_are_those_of_ridge_regression": ("rl/logged/contextual_bandit.py",)}  # read by `deepglass read`


def test_worths_are_those_of_ridge_regression():
    log = log_of(shown_offers.decisions(400), "action", "reward", "propensity")
    model, rows = RewardModel(log), log.rows(log.actions == 1)
    X = np.concatenate([np.ones((len(rows), 1)), rows.contexts], axis=1)
    judge = Ridge(alpha=PENALTY, fit_intercept=False).fit(X, rows.rewards - log.rewards.mean())
    assert np.allclose(model.weights[1], judge.coef_, atol=1e-8)


def test_it_earns_most_of_what_can_be_earned():
    frame, new = shown_offers.decisions(6000), shown_offers.decisions(20_000, seed=7)
    model = RewardModel(log_of(frame, "action", "reward", "propensity"))
    chances = shown_offers.chance(new.age, new.hour)
    chosen = model.greedy(log_of(new, "action", "reward", "propensity").contexts)
    value, best = chances[np.arange(len(new)), chosen].mean(), chances.max(axis=1).mean()
    assert new.reward.mean() + 0.05 < value
    assert value > 0.93 * best
