"""ε-greedy: the arm that did best so far, and now and then any. With a fixed ε the regret grows for ever.

Watkins (1989), Learning from delayed rewards (chapter 7); Auer, Cesa-Bianchi and Fischer (2002), Finite-time analysis
of the multiarmed bandit problem (how ε has to fall), https://doi.org/10.1023/A:1013689704352
"""

import numpy as np

from deepglass.rl.tabular.bandit import Choose


def epsilon_greedy(epsilon: float) -> Choose:
    """With probability ε any arm, else the one with the largest mean; an arm that nobody pulled counts as best."""

    def choose(pulls: np.ndarray, wins: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        mean = np.where(pulls > 0, wins / np.maximum(pulls, 1), np.inf)
        is_random = rng.random(len(pulls)) < epsilon
        return np.where(is_random, rng.integers(0, pulls.shape[1], len(pulls)), mean.argmax(axis=1))

    return choose
