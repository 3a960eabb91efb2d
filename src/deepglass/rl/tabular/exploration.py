"""Exploration: ways to choose an action from values that are not yet right.

    ε-greedy      any action now and then
    softmax       better ones more often: π(a) ∝ exp(Q(a) / temperature)
    a bonus       Q(a) + c / √n(a): what was seldom tried is worth trying

References:
    Strehl and Littman (2008), An analysis of model-based interval estimation for Markov decision processes (the bonus),
    https://doi.org/10.1016/j.jcss.2007.08.009
"""

import numpy as np


def epsilon_greedy(values: np.ndarray, epsilon: float, rng: np.random.Generator) -> int:
    """Any of the actions with probability ε, else one of the best, ties by chance."""
    if rng.random() < epsilon:
        return int(rng.integers(len(values)))
    return int(rng.choice(np.flatnonzero(values == values.max())))


def softmax(values: np.ndarray, temperature: float, rng: np.random.Generator) -> int:
    """Drawn with π(a) ∝ exp(Q(a) / temperature)."""
    shares = np.exp((values - values.max()) / temperature)
    return int(rng.choice(len(values), p=shares / shares.sum()))


def with_bonus(values: np.ndarray, counts: np.ndarray, weight: float) -> int:
    """The best of Q(a) + c / √n(a); an action that was never taken comes first."""
    return int((values + weight / np.sqrt(np.maximum(counts, 1e-12))).argmax())
