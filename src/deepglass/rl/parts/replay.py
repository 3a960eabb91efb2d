"""Memory of what happened: learning from it again, alike or by how surprising it was, over one step or several.

References:
    Lin (1992), Self-improving reactive agents based on reinforcement learning, planning and teaching,
    https://doi.org/10.1007/BF00992699
    Schaul et al. (2016), Prioritized experience replay, https://arxiv.org/abs/1511.05952
"""

from typing import Any, NamedTuple

import numpy as np

from deepglass.rl.envs import Step
from deepglass.rl.parts.sum_tree import SumTree


class Batch(NamedTuple):
    """Remembered transitions of n steps.

    Shape:
        - observation, next_observation: (B, *observation_shape); the second is seen n steps later
        - action: (B,) or (B, actions)
        - reward: (B,) r_0 + γ r_1 + … of the steps in between
        - discount: (B,) what the value of the next observation counts: γ^n, 0 where the world ended
        - weight: (B,) of each in the loss, so that priorities do not bend what is learnt
        - index: (B,) where they are kept
    """

    observation: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    discount: np.ndarray
    next_observation: np.ndarray
    weight: np.ndarray
    index: np.ndarray


class Replay:
    """A ring of the last transitions of N copies of a world.

    Args:
        capacity: Transitions that are kept, rounded up to whole steps of all copies.
        num_envs: Copies N.
        alpha: 0 draws all alike; 1 in proportion to their surprise.
    """

    def __init__(self, capacity: int, num_envs: int, alpha: float = 0.0):
        self.rows, self.num_envs, self.alpha = -(-capacity // num_envs), num_envs, alpha
        self.count = 0  # steps of all copies that were ever added
        self.kept: dict[str, np.ndarray] = {}  # each (rows, N, …), made with the first step
        self.priorities = SumTree(self.rows * num_envs) if alpha else None
        self.largest = 1.0

    def __len__(self) -> int:
        return min(self.count, self.rows) * self.num_envs

    def add(self, observation: np.ndarray, action: np.ndarray, step: Step) -> None:
        """Remember one step of all copies; what is new is drawn as if it were the most surprising."""
        new = {
            "observation": observation,
            "action": action,
            "reward": step.reward.astype(np.float32),
            "terminated": step.terminated,
            "ended": step.ended,
            "next_observation": step.final,
        }
        if not self.kept:
            self.kept = {name: np.zeros((self.rows, *part.shape), part.dtype) for name, part in new.items()}
        row = self.count % self.rows
        for name, part in new.items():
            self.kept[name][row] = part
        if self.priorities:
            self.priorities.set(row * self.num_envs + np.arange(self.num_envs), self.largest)
        self.count += 1

    def sample(self, size: int, rng: np.random.Generator, n: int = 1, gamma: float = 0.99, beta: float = 0.4) -> Batch:
        """Draw transitions with replacement.

        Args:
            size: How many.
            rng: Of whoever learns.
            n: Steps in between; fewer where the episode or the memory ends before.
            gamma: Discount γ.
            beta: How far the weights take back that some are drawn more often, 0 to 1.
        """
        if self.priorities is None:
            index, weight = rng.integers(0, len(self), size), np.ones(size, np.float32)
        else:
            index = self.priorities.find(rng.random(size) * self.priorities.total)
            index = np.minimum(index, len(self) - 1)  # rounding must not leave the memory
            share = np.maximum(self.priorities[index] / self.priorities.total, 1e-12)
            weight = (len(self) * share) ** -beta
            weight = (weight / weight.max()).astype(np.float32)
        return self._over_steps(index, weight, n, gamma)

    def update(self, index: np.ndarray, surprise: np.ndarray) -> None:
        """Tell how surprising these were: |δ|."""
        if self.priorities is not None:
            priority = (np.abs(surprise).astype(float) + 1e-3) ** self.alpha
            self.largest = max(self.largest, float(priority.max()))
            self.priorities.set(index, priority)

    def _over_steps(self, index: np.ndarray, weight: np.ndarray, n: int, gamma: float) -> Batch:
        """Add up the rewards of up to n steps from each index on."""
        kept, (row, column) = self.kept, np.divmod(index, self.num_envs)
        last, reward, discount = row, kept["reward"][row, column].copy(), np.full(len(index), gamma, np.float32)
        newest = (self.count - 1) % self.rows
        goes_on = np.ones(len(index), bool)
        for _ in range(n - 1):
            goes_on = goes_on & ~kept["ended"][last, column] & (last != newest)
            last = np.where(goes_on, (last + 1) % self.rows, last)
            reward += np.where(goes_on, discount * kept["reward"][last, column], 0)
            discount = np.where(goes_on, discount * gamma, discount)
        discount = np.where(kept["terminated"][last, column], 0, discount).astype(np.float32)
        following = kept["next_observation"][last, column]
        start = kept["observation"][row, column], kept["action"][row, column]
        return Batch(*start, reward.astype(np.float32), discount, following, weight, index)

    def state_dict(self) -> dict[str, Any]:
        """All of it, for a checkpoint."""
        nodes = self.priorities.nodes if self.priorities else np.zeros(0)
        return {"count": self.count, "kept": self.kept, "nodes": nodes, "largest": self.largest}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self.count, self.kept, self.largest = state["count"], dict(state["kept"]), state["largest"]
        if self.priorities:
            self.priorities.nodes = state["nodes"]
