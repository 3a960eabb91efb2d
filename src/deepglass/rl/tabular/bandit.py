"""Multi-armed bandits: one choice again and again, whose reward is a coin with an unknown bias.

    regret after T choices   Σ_t μ* − μ_{a_t}       what was missed beside the best arm

References:
    Robbins (1952), Some aspects of the sequential design of experiments, https://doi.org/10.1090/S0002-9904-1952-09620-8
"""

from collections.abc import Callable

import numpy as np

Choose = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def play(means: np.ndarray, choose: Choose, steps: int, seed: int) -> np.ndarray:
    """Play many bandits side by side.

    Args:
        means: Chance of a reward of 1 for each arm, which `choose` never sees.
        choose: Pulls and wins of each arm so far, and a generator → the arm of each bandit.
        steps: Choices T.
        seed: Of rewards and choices.

    Returns:
        The regret after each choice.

    Shape:
        - means: (bandits, arms)
        - output: (bandits, T)
    """
    rng, rows = np.random.default_rng(seed), np.arange(len(means))
    pulls, wins = np.zeros(means.shape), np.zeros(means.shape)
    missed, best = np.zeros((len(means), steps)), means.max(axis=1)
    for t in range(steps):
        arm = choose(pulls, wins, rng)
        reward = rng.random(len(means)) < means[rows, arm]
        pulls[rows, arm] += 1
        wins[rows, arm] += reward
        missed[:, t] = best - means[rows, arm]
    return missed.cumsum(axis=1)
