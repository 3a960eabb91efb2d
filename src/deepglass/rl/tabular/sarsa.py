"""SARSA: learn what actions are worth under the policy that one follows, exploration included.

    Q(s, a) ← Q(s, a) + α ( r + γ Q(s', a') − Q(s, a) )         a' is the action that is taken next

Beside a cliff it learns to keep away from the edge, since exploring will push it over now and then; Q-learning walks
along the edge, which is best for whoever never slips.

References:
    Rummery and Niranjan (1994), On-line Q-learning using connectionist systems
    Sutton and Barto (2018), example 6.6 (the cliff)
"""

import numpy as np

from deepglass.rl.envs import Discrete, VectorEnv
from deepglass.rl.tabular.exploration import epsilon_greedy


def sarsa(
    env: VectorEnv,
    states: int,
    steps: int,
    rate: float = 0.5,
    gamma: float = 0.95,
    epsilon: float = 0.2,
    seed: int = 0,
) -> np.ndarray:
    """Values Q (S, A) of the ε-greedy policy after so many steps in a world whose state is a number.

    Args:
        env: One copy; what is seen is one-hot.
        states: How many there are.
        steps: In all, over several episodes.
        rate: α, how far a surprise moves a value.
        gamma: Discount γ.
        epsilon: Share of random actions.
        seed: Of the choices.
    """
    assert isinstance(env.actions, Discrete)
    rng, Q = np.random.default_rng(seed), np.zeros((states, env.actions.n))
    state = int(env.reset()[0].argmax())
    action = epsilon_greedy(Q[state], epsilon, rng)
    for _ in range(steps):
        step = env.step(np.array([action]))
        following = int(step.final[0].argmax())
        next_action = epsilon_greedy(Q[following], epsilon, rng)
        target = step.reward[0] + (0.0 if step.terminated[0] else gamma * Q[following, next_action])
        Q[state, action] += rate * (target - Q[state, action])
        state = int(step.observation[0].argmax())
        action = epsilon_greedy(Q[state], epsilon, rng) if step.ended[0] else next_action
    return Q
