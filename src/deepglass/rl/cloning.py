"""Behaviour cloning: watch an expert act, and learn to answer what it answered; reinforcement has no part in it.

    loss   mean ( μ(s) − a* )²        s as the expert came to it, a* what it did there

Where the expert drives well it sees only the middle of the road. The clone errs a little, comes to where nobody has
shown it what to do, and errs more: over T steps the mistakes may add up to the order of T². `dagger.py` mends that.

References:
    Pomerleau (1989), ALVINN: an autonomous land vehicle in a neural network,
    https://proceedings.neurips.cc/paper/1988/hash/812b4ba287f5ee0bc9d43bbf5bbe87fb-Abstract.html
    Ross and Bagnell (2010), Efficient reductions for imitation learning (T²),
    https://proceedings.mlr.press/v9/ross10a.html
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from deepglass.rl.envs import VectorEnv
from deepglass.rl.parts.networks import Actor
from deepglass.rl.parts.normalize import RunningNorm

ACTIONS = ("continuous",)
STEPS = 20_000  # of the world, when nothing else is asked for
NEEDS_EXPERT = True


@dataclass(frozen=True)
class Config:
    num_envs: int = 10  # copies of the world in which the expert is watched
    num_steps: int = 100  # in each copy between two rounds of learning
    num_updates: int = 200  # in a round, on all that has been seen so far
    batch_size: int = 256  # steps in one update
    hidden_dim: int = 64  # width of both layers
    learning_rate: float = 3e-3  # falls to 0 in a straight line
    normalize: bool = True  # observations by their running deviation


class Learner:
    """Watches the expert in every copy of the world, and learns from all that it has seen.

    Args:
        env: The world, whose `advice` is the expert's.
        config: Settings.
        seed: Of weights and batches; the world has its own.
    """

    def __init__(self, env: VectorEnv, config: Config, seed: int):
        self.env, self.config = env, config
        torch.manual_seed(seed)
        self.generator = torch.Generator().manual_seed(seed)
        norm = RunningNorm(env.observation_shape, config.normalize)
        self.policy = Actor(norm, env.observation_shape, env.actions, config.hidden_dim)
        self.optimizer = torch.optim.Adam(self.policy.parameters(), config.learning_rate, fused=True)
        self.observation = env.reset()
        self.seen = np.empty((0, *env.observation_shape), np.float32)
        self.told = np.empty((0, len(env.actions.low)), np.float32)  # type: ignore[union-attr] - numbers, by ACTIONS

    def iterate(self, progress: float) -> float | None:
        """Watch for `num_steps` in every copy, and learn from all so far; returns the mean loss of the round.

        Args:
            progress: Share of the training that is done.
        """
        seen, told = zip(*(self.watch() for _ in range(self.config.num_steps)), strict=True)
        self.seen, self.told = np.concatenate((self.seen, *seen)), np.concatenate((self.told, *told))
        self.policy.norm.update(np.concatenate(seen))  # type: ignore[operator]
        flat, wanted = torch.from_numpy(self.seen), torch.from_numpy(self.told)
        losses = []
        for _ in range(self.config.num_updates):
            rows = torch.randint(len(flat), (self.config.batch_size,), generator=self.generator)
            losses.append(self.update(flat[rows], wanted[rows], self.config.learning_rate * (1 - progress)))
        return float(np.mean(losses))

    def watch(self) -> tuple[np.ndarray, np.ndarray]:
        """One step in every copy: what was seen, and what the expert does there (N, …)."""
        seen, told = self.observation, self.env.advice()
        assert told is not None
        self.observation = self.env.step(self.acts(told)).observation
        return seen, told

    def acts(self, told: np.ndarray) -> np.ndarray:
        """What is done where the expert says `told`: just that, (N, actions)."""
        return told

    def update(self, seen: Tensor, wanted: Tensor, learning_rate: float) -> float:
        """One step towards the expert's answers; returns the loss."""
        loss = (self.policy(seen) - wanted).pow(2).mean()
        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())
