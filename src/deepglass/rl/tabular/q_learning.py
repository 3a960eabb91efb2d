"""Q-learning: learn what actions are worth from surprise, whatever one does meanwhile.

    Q(s, a) ← Q(s, a) + α ( r + γ max_a' Q(s', a') − Q(s, a) )

The target asks for the best next action and not for the one that is taken: the learner may explore and still learns
the values of the best policy.

References:
    Watkins and Dayan (1992), Q-learning, https://doi.org/10.1007/BF00992698
"""

import numpy as np

from deepglass.rl.envs import Discrete, VectorEnv
from deepglass.rl.tabular.exploration import epsilon_greedy


def update(
    Q: np.ndarray, s: int, a: int, reward: float, following: int, is_end: bool, rate: float, gamma: float
) -> float:
    """One surprise: changes Q (S, A) and returns by how much."""
    target = reward + (0.0 if is_end else gamma * Q[following].max())
    change = rate * (target - Q[s, a])
    Q[s, a] += change
    return change


def q_learning(
    env: VectorEnv,
    states: int,
    steps: int,
    rate: float = 0.5,
    gamma: float = 0.95,
    epsilon: float = 0.2,
    optimism: float = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """Values Q (S, A) after so many steps in a world whose state is a number.

    Args:
        env: One copy; what is seen is one-hot.
        states: How many there are.
        steps: In all, over several episodes.
        rate: α, how far a surprise moves a value.
        gamma: Discount γ.
        epsilon: Share of random actions.
        optimism: What everything is worth in the beginning: what was not tried looks good.
        seed: Of the choices.
    """
    assert isinstance(env.actions, Discrete)
    rng, Q = np.random.default_rng(seed), np.full((states, env.actions.n), float(optimism))
    state = np.int64(env.reset()[0].argmax())
    for _ in range(steps):
        action = epsilon_greedy(Q[state], epsilon, rng)
        step = env.step(np.array([action]))
        following, seen = step.final[0].argmax(), step.observation[0].argmax()
        update(Q, int(state), action, step.reward[0], int(following), bool(step.terminated[0]), rate, gamma)
        state = seen
    return Q
