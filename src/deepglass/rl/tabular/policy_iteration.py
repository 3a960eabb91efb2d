"""Policy iteration: what is the policy worth, and what is better; until nothing is.

Each round solves linear equations and then takes the best action of every state. A policy that changes gets better in
some state and worse in none, and there are only so many.

References:
    Howard (1960), Dynamic Programming and Markov Processes
"""

import numpy as np

from deepglass.rl.tabular.mdp import MDP, greedy

EQUAL = 1e-12  # an action has to be better by more, or rounding would change the policy for ever


def policy_iteration(mdp: MDP) -> tuple[np.ndarray, np.ndarray, int]:
    """The optimal policy (S, A), its values V* (S,), and after how many rounds it did not change."""
    rows, policy, count = np.arange(len(mdp.R)), greedy(mdp.R), 1
    while True:
        V = mdp.evaluate(policy)
        Q = mdp.action_values(V)
        is_better = Q.max(axis=1) > Q[rows, policy.argmax(axis=1)] + EQUAL
        if not is_better.any():
            return policy, V, count
        policy, count = np.where(is_better[:, None], greedy(Q), policy), count + 1
