"""A contextual bandit learnt from a log: what does each action earn, of somebody like this? Do what earns most.

    q(x, a) = w_a · (1, x)      fitted by ridge regression to the decisions in which a was done

Where an action was rarely done its worth is rather shrunk to what all actions earn than believed.

References:
    Langford & Zhang (2007), The Epoch-Greedy Algorithm for Contextual Multi-armed Bandits,
    https://papers.nips.cc/paper/3178 (learning a policy from drawn decisions)
"""

import numpy as np

from deepglass.rl.logged.log import Log

PENALTY = 1.0  # of squared weights beside squared errors, of contexts in deviations; not of the constant


class RewardModel:
    """What an action earns in a context.

    Args:
        log: Decisions to learn from.
    """

    def __init__(self, log: Log):
        self.mean, D = float(log.rewards.mean()), log.contexts.shape[1]
        self.weights = np.zeros((len(log.names), D + 1))
        for action in range(len(log.names)):
            rows = log.rows(log.actions == action)
            X = _with_constant(rows.contexts)
            self.weights[action] = np.linalg.solve(X.T @ X + PENALTY * np.eye(D + 1), X.T @ (rows.rewards - self.mean))

    def predict(self, contexts: np.ndarray) -> np.ndarray:
        """(n, K) the expected reward of every action."""
        return _with_constant(contexts) @ self.weights.T + self.mean

    def greedy(self, contexts: np.ndarray) -> np.ndarray:
        """(n,) the action that earns most."""
        return self.predict(contexts).argmax(axis=1)


def _with_constant(contexts: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((len(contexts), 1)), contexts], axis=1)
