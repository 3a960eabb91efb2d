"""Running mean and deviation: what is seen, and what is earned, at a size that networks like.

References:
    Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance: merging of two samples,
    https://doi.org/10.1080/00031305.1983.10483115
"""

import numpy as np
import torch
from torch import Tensor, nn

FARTHEST = 10.0  # deviations; rarer values are cut


class RunningNorm(nn.Module):
    """(x − mean) / deviation of all that `update` was shown, cut at ±10; a part of the policy and saved with it.

    Args:
        shape: Of one observation.
        is_on: Whether it does anything.

    Shape:
        - input, output: (N, *shape)
    """

    def __init__(self, shape: tuple[int, ...], is_on: bool = True):
        super().__init__()
        self.is_on = is_on
        self.register_buffer("mean", torch.zeros(shape, dtype=torch.float64))
        self.register_buffer("variance", torch.ones(shape, dtype=torch.float64))
        self.register_buffer("count", torch.zeros((), dtype=torch.float64))

    def update(self, batch: np.ndarray) -> None:
        """Merge the moments of (N, *shape) with those so far."""
        if not self.is_on:
            return
        new = torch.from_numpy(batch).double()
        mean, variance, count = new.mean(dim=0), new.var(dim=0, correction=0), len(new)
        total = self.count + count
        gap = mean - self.mean
        spread = self.variance * self.count + variance * count + gap**2 * self.count * count / total
        self.mean += gap * count / total
        self.variance, self.count = spread / total, total

    def forward(self, x: Tensor) -> Tensor:
        if not self.is_on:
            return x
        return ((x - self.mean.float()) / (self.variance.float() + 1e-8).sqrt()).clamp(-FARTHEST, FARTHEST)


class RewardScale:
    """Rewards over the deviation of the running discounted return: γ-returns of a size near 1.

    Args:
        num_envs: Copies of the world.
        gamma: Discount γ.
        is_on: Whether it does anything.
    """

    def __init__(self, num_envs: int, gamma: float, is_on: bool = True):
        self.gamma, self.is_on = gamma, is_on
        self.returns = np.zeros(num_envs)
        self.moments = RunningNorm(())
        self.moments.count += 1  # a deviation of 1 was seen once: the first rewards, all alike, have none

    def __call__(self, reward: np.ndarray, ended: np.ndarray) -> np.ndarray:
        """Rewards (N,) of one step → scaled rewards (N,)."""
        if not self.is_on:
            return reward
        self.returns = self.returns * self.gamma + reward
        self.moments.update(self.returns)
        self.returns[ended] = 0.0
        return reward / float(self.moments.variance + 1e-8) ** 0.5

    def state_dict(self) -> dict:
        """For a checkpoint."""
        return {"returns": self.returns, "moments": self.moments.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        """Take back what `state_dict` gave."""
        self.returns = state["returns"]
        self.moments.load_state_dict(state["moments"])
