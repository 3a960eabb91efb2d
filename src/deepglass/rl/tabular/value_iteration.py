"""Value iteration: V ← max_a ( R + γ P V ), again and again.

Each round brings V closer to V* by the factor γ, wherever it began: the maximum is a contraction.

References:
    Bellman (1957), Dynamic Programming
"""

from collections.abc import Iterator

import numpy as np

from deepglass.rl.tabular.mdp import MDP


def value_iteration(mdp: MDP, tolerance: float = 1e-10) -> np.ndarray:
    """The optimal values V* (S,), to within `tolerance`.

    Args:
        mdp: The world.
        tolerance: Largest |V − V*| of a state, from the bound γ / (1 − γ) times the last change.
    """
    V = np.zeros(len(mdp.R))
    for V, change in sweeps(mdp):
        if change * mdp.gamma <= tolerance * (1 - mdp.gamma):
            return V
    return V


def sweeps(mdp: MDP) -> Iterator[tuple[np.ndarray, float]]:
    """V after each round, and the largest change in it; for ever."""
    V = np.zeros(len(mdp.R))
    while True:
        new = mdp.action_values(V).max(axis=1)
        change = float(np.abs(new - V).max())
        V = new
        yield V, change
