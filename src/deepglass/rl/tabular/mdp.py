"""Markov decision processes: states, actions, chances of what follows, rewards; and the values of a policy, exactly.

    V(s) = Σ_a π(a|s) ( R(s, a) + γ Σ_s' P(s'|s, a) V(s') )      linear in V: (I − γ P_π) V = R_π

References:
    Bellman (1957), Dynamic Programming; Howard (1960), Dynamic Programming and Markov Processes
"""

from dataclasses import dataclass

import numpy as np

from deepglass.core.errors import ShapeError


@dataclass(frozen=True)
class MDP:
    """A world whose rules are known.

    Args:
        P: Chance of each next state, (S, A, S); sums to 1.
        R: Expected reward, (S, A).
        gamma: Discount γ in [0, 1).

    Raises:
        ShapeError: If the shapes do not fit, chances do not sum to 1, or γ is not in [0, 1).
    """

    P: np.ndarray
    R: np.ndarray
    gamma: float

    def __post_init__(self):
        S, A = self.R.shape
        if self.P.shape != (S, A, S):
            raise ShapeError(f"expected chances of shape {(S, A, S)} beside rewards {(S, A)}, got {self.P.shape}")
        if (self.P < 0).any() or not np.allclose(self.P.sum(axis=2), 1):
            raise ShapeError("chances of the next state have to be 0 or more and sum to 1")
        if not 0 <= self.gamma < 1:
            raise ShapeError(f"expected a discount in [0, 1), got {self.gamma}")

    def action_values(self, V: np.ndarray) -> np.ndarray:
        """Q(s, a) = R + γ Σ P V, (S, A)."""
        return self.R + self.gamma * self.P @ V

    def evaluate(self, policy: np.ndarray) -> np.ndarray:
        """Values V (S,) of a policy, from the linear equations.

        Args:
            policy: Chance of each action, (S, A).
        """
        P = np.einsum("sa,sat->st", policy, self.P)
        R = (policy * self.R).sum(axis=1)
        return np.linalg.solve(np.eye(len(R)) - self.gamma * P, R)


def greedy(Q: np.ndarray) -> np.ndarray:
    """The policy that takes the best action of each state, (S, A) of zeros and ones."""
    return np.eye(Q.shape[1])[Q.argmax(axis=1)]
