"""Returns and advantages: what came after an action, and how much better that was than expected.

    return          G_t = r_t + γ G_{t+1}
    λ-return        G_t = r_t + γ ((1 − λ) V(s_{t+1}) + λ G_{t+1})
    advantage       A_t = Σ_k (γλ)^k δ_{t+k}    with the surprise δ_t = r_t + γ V(s_{t+1}) − V(s_t)

An episode that ends hands nothing back; one that was only cut (a time limit) hands back the value of what it last saw.

References:
    Sutton (1988), Learning to predict by the methods of temporal differences, https://doi.org/10.1007/BF00115009
    Schulman et al. (2016), High-dimensional continuous control using generalized advantage estimation,
    https://arxiv.org/abs/1506.02438
"""

import numpy as np


def discounted(rewards: np.ndarray, ended: np.ndarray, gamma: float, last: np.ndarray | float = 0.0) -> np.ndarray:
    """Returns G_t.

    Args:
        rewards: Of each step.
        ended: Whether the episode was over after the step: nothing flows back across it.
        gamma: Discount γ in [0, 1].
        last: Value of what was seen after the last step.

    Shape:
        - rewards, ended: (T, N)
        - last: (N,)
        - output: (T, N)

    Example:
        >>> discounted(np.ones((3, 1)), np.zeros((3, 1), bool), 0.5)[:, 0].tolist()
        [1.75, 1.5, 1.0]
    """
    returns, following = np.zeros(rewards.shape), last
    for t in reversed(range(len(rewards))):
        following = rewards[t] + gamma * np.where(ended[t], 0.0, following)
        returns[t] = following
    return returns


def advantages(
    rewards: np.ndarray,
    values: np.ndarray,
    next_values: np.ndarray,
    terminated: np.ndarray,
    ended: np.ndarray,
    gamma: float,
    lam: float,
) -> np.ndarray:
    """Generalised advantages A_t; λ = 0 is one step of surprise, λ = 1 the whole return less V.

    Args:
        rewards: Of each step.
        values: V of what was seen before each step.
        next_values: V of what was seen after it, before a new episode began.
        terminated: Whether the world ended there: then nothing follows.
        ended: Whether the episode was over, also by a time limit: then no later surprise counts.
        gamma: Discount γ.
        lam: λ in [0, 1]: trust in what was seen (1) or in V (0).

    Shape:
        - all arrays and the output: (T, N)
    """
    surprise = rewards + gamma * np.where(terminated, 0.0, next_values) - values  # (T, N)
    found, following = np.zeros(rewards.shape), np.zeros(rewards.shape[1:])
    for t in reversed(range(len(rewards))):
        following = surprise[t] + gamma * lam * np.where(ended[t], 0.0, following)
        found[t] = following
    return found


def lambda_returns(
    rewards: np.ndarray,
    next_values: np.ndarray,
    terminated: np.ndarray,
    ended: np.ndarray,
    gamma: float,
    lam: float,
) -> np.ndarray:
    """λ-returns, the targets of a critic: equal to `advantages` + V.

    Shape:
        - all arrays and the output: (T, N)
    """
    returns, following = np.zeros(rewards.shape), next_values[-1]
    for t in reversed(range(len(rewards))):
        mixed = np.where(ended[t], next_values[t], (1 - lam) * next_values[t] + lam * following)
        following = rewards[t] + gamma * np.where(terminated[t], 0.0, mixed)
        returns[t] = following
    return returns
