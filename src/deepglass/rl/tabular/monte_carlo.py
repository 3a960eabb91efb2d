"""Monte Carlo: the value of a state is the mean of the returns that followed its first visit.

No guess is built upon another one, so nothing is bent; each return holds all the chance of the way to the end.

References:
    Singh and Sutton (1996), Reinforcement learning with replacing eligibility traces (first and every visit),
    https://doi.org/10.1007/BF00114726
"""

import numpy as np

from deepglass.rl.tabular.mdp import MDP


def episode(
    mdp: MDP, policy: np.ndarray, start: int, steps: int, rng: np.random.Generator
) -> tuple[list[int], list[int], list[float]]:
    """States, actions and rewards of a walk of so many steps, or until a state that leads nowhere."""
    states, actions, rewards, state = [], [], [], start
    for _ in range(steps):
        action = int(rng.choice(policy.shape[1], p=policy[state]))
        states.append(state)
        actions.append(action)
        rewards.append(float(mdp.R[state, action]))
        state = int(rng.choice(len(policy), p=mdp.P[state, action]))
        if (mdp.P[state, :, state] == 1).all() and not mdp.R[state].any():
            break
    return states, actions, rewards


def monte_carlo(
    mdp: MDP, policy: np.ndarray, start: int, episodes: int, steps: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Values V (S,) of a policy by first visits, and how many each is the mean of."""
    rng = np.random.default_rng(seed)
    V, counts = np.zeros(len(mdp.R)), np.zeros(len(mdp.R))
    for _ in range(episodes):
        states, _, rewards = episode(mdp, policy, start, steps, rng)
        following = 0.0
        for t in reversed(range(len(states))):
            following = rewards[t] + mdp.gamma * following
            if states[t] not in states[:t]:
                counts[states[t]] += 1
                V[states[t]] += (following - V[states[t]]) / counts[states[t]]
    return V, counts
