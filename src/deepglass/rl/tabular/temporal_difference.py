"""TD(0): move the value of a state towards what came one step later.

    V(s) ← V(s) + α ( r + γ V(s') − V(s) )

It learns from every step and not from the end, and takes over the errors of V(s') meanwhile.

References:
    Sutton (1988), Learning to predict by the methods of temporal differences, https://doi.org/10.1007/BF00115009
"""

import numpy as np

from deepglass.rl.tabular.mdp import MDP


def td0(mdp: MDP, policy: np.ndarray, start: int, steps: int, rate: float, seed: int) -> np.ndarray:
    """Values V (S,) of a policy after so many steps, each episode from `start`.

    Args:
        mdp: The world, of which only samples are seen.
        policy: Chance of each action, (S, A).
        start: Of every episode.
        steps: In all.
        rate: α at the n-th visit is 1 / n^rate: 0.5 < rate ≤ 1 ends at the truth.
        seed: Of the walk.
    """
    rng = np.random.default_rng(seed)
    V, visits = np.zeros(len(mdp.R)), np.zeros(len(mdp.R))
    ends = (mdp.P[np.arange(len(V)), :, np.arange(len(V))] == 1).all(axis=1)
    state = start
    for _ in range(steps):
        action = int(rng.choice(policy.shape[1], p=policy[state]))
        following = int(rng.choice(len(V), p=mdp.P[state, action]))
        visits[state] += 1
        surprise = mdp.R[state, action] + mdp.gamma * V[following] - V[state]
        V[state] += surprise / visits[state] ** rate
        state = start if ends[following] else following
    return V
