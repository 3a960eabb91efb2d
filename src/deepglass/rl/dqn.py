"""DQN: learn what each action is worth, Q(s, a), from a memory of what happened.

    target   y = (1 − γ) r + γ Q⁻(s', argmax_a Q(s', a))      loss   (y − Q(s, a))² where small, |·| where large

The greedy action is the one with the largest value. Rewards count 1 − γ times, so Q is a mean reward and not a sum: it
keeps the size of a reward, and the rare surprise of an end is not cut by the loss as if it were an outlier.

What makes it stable: a memory, so that a batch is not one long episode; a target network Q⁻ that follows slowly, so
that the target does not run away from whoever runs after it. On top of that, each an option: the action is chosen by
one network and valued by the other (double), a state and an advantage are valued apart (duelling), rewards of several
steps before the guess (n_step), the more surprising more often (prioritized).

References:
    Mnih et al. (2015), Human-level control through deep reinforcement learning, https://doi.org/10.1038/nature14236
    van Hasselt, Guez and Silver (2016), Deep reinforcement learning with double Q-learning,
    https://arxiv.org/abs/1509.06461
    Wang et al. (2016), Dueling network architectures, https://arxiv.org/abs/1511.06581
    Schaul et al. (2016), Prioritized experience replay, https://arxiv.org/abs/1511.05952
"""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepglass.rl.envs import Discrete, VectorEnv
from deepglass.rl.parts.networks import body
from deepglass.rl.parts.normalize import RunningNorm
from deepglass.rl.parts.replay import Batch, Replay

ACTIONS = ("discrete",)
OUTPUT = "values"  # what the policy says of each action; others say logits
STEPS = 120_000  # of the world, when nothing else is asked for


@dataclass(frozen=True)
class Config:
    num_envs: int = 16  # copies of the world that act together
    hidden_dim: int = 64  # width of both layers
    learning_rate: float = 2e-3  # falls to 0 in a straight line
    batch_size: int = 128  # transitions that are remembered for one update
    gamma: float = 0.99  # what a reward one step later is worth
    n_step: int = 10  # rewards that are seen before the rest is guessed
    double: bool = True  # one network chooses the next action, the other values it
    dueling: bool = True  # the value of the state and the advantage of each action apart
    prioritized: bool = False  # what surprised more is remembered more often
    replay_size: int = 50_000  # transitions that are remembered
    warmup_steps: int = 1_000  # transitions before the first update
    tau: float = 0.01  # how fast the target follows the network
    epsilon: float = 0.05  # share of random actions in the end; it falls from 1
    explore_share: float = 0.2  # of the training in which it falls
    normalize: bool = False  # observations by their running mean and deviation
    clip_gradient: float = 10.0  # largest norm of the gradient


class QNetwork(nn.Module):
    """What is seen → what each action is worth.

    Duelling networks say V(s) + A(s, a) − mean_a A(s, a).

    Shape:
        - input: (N, *observation_shape)
        - output: (N, actions)
    """

    def __init__(self, norm: nn.Module, shape: tuple[int, ...], actions: int, width: int, dueling: bool):
        super().__init__()
        self.norm = norm
        self.body = body(shape, width, nn.ReLU)
        self.advantage = nn.Linear(width, actions)
        self.value = nn.Linear(width, 1) if dueling else None

    def forward(self, observation: Tensor) -> Tensor:
        features = self.body(self.norm(observation))
        advantage = self.advantage(features)  # (N, actions)
        if self.value is None:
            return advantage
        return self.value(features) + advantage - advantage.mean(dim=1, keepdim=True)


class Learner:
    """Acts ε-greedily in all copies of the world, remembers, and learns from the memory once per step.

    Args:
        env: The world.
        config: Settings.
        seed: Of weights, exploration and memory; the world has its own.
    """

    def __init__(self, env: VectorEnv, config: Config, seed: int):
        assert isinstance(env.actions, Discrete)
        self.env, self.config, self.actions = env, config, env.actions.n
        torch.manual_seed(seed)
        self.rng = np.random.default_rng(seed)
        self.norm = RunningNorm(env.observation_shape, config.normalize)
        self.network = QNetwork(self.norm, env.observation_shape, self.actions, config.hidden_dim, config.dueling)
        self.policy = self.target = copy.deepcopy(self.network).requires_grad_(False)
        self.target.norm = self.norm
        self.optimizer = torch.optim.Adam(self.network.parameters(), config.learning_rate, fused=True)
        self.replay = Replay(config.replay_size, env.num_envs, alpha=0.6 if config.prioritized else 0.0)
        self.observation = env.reset()

    def iterate(self, progress: float) -> float | None:
        """One step in every copy of the world and one update; returns the loss.

        Args:
            progress: Share of the training that is done.
        """
        action = self.act(self.observation, progress)
        step = self.env.step(action)
        self.replay.add(self.observation, action, step)
        self.observation = step.observation
        self.norm.update(step.final)
        if len(self.replay) < self.config.warmup_steps:
            return None
        beta = 0.4 + 0.6 * progress
        batch = self.replay.sample(self.config.batch_size, self.rng, self.config.n_step, self.config.gamma, beta)
        return self.update(batch, self.config.learning_rate * (1 - progress))

    def act(self, observation: np.ndarray, progress: float) -> np.ndarray:
        """The action that is worth most, or now and then a random one: (N,)."""
        config = self.config
        epsilon = max(config.epsilon, 1 - (1 - config.epsilon) * progress / max(config.explore_share, 1e-9))
        with torch.no_grad():
            greedy = self.network(torch.from_numpy(observation)).argmax(dim=1).numpy()
        is_random = self.rng.random(len(greedy)) < epsilon
        return np.where(is_random, self.rng.integers(0, self.actions, len(greedy)), greedy)

    def targets(self, batch: Batch) -> Tensor:
        """y = (1 − γ) r + γⁿ Q⁻(s', a'): what the value of the action should have been, (B,)."""
        following = torch.from_numpy(batch.next_observation)
        with torch.no_grad():
            valued = self.target(following)  # (B, actions)
            chosen = (self.network(following) if self.config.double else valued).argmax(dim=1, keepdim=True)
            value = valued.gather(1, chosen)[:, 0]
        reward = (1 - self.config.gamma) * torch.from_numpy(batch.reward)  # Q is a mean reward and not a sum
        return reward + torch.from_numpy(batch.discount) * value

    def update(self, batch: Batch, learning_rate: float) -> float:
        """One step of Adam towards the targets; returns the loss."""
        action = torch.from_numpy(batch.action)[:, None]
        value = self.network(torch.from_numpy(batch.observation)).gather(1, action)[:, 0]  # (B,)
        target = self.targets(batch)
        loss = (torch.from_numpy(batch.weight) * F.smooth_l1_loss(value, target, reduction="none")).mean()
        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip_gradient)
        self.optimizer.step()
        self.replay.update(batch.index, (target - value).detach().numpy())
        with torch.no_grad():
            for slow, fast in zip(self.target.parameters(), self.network.parameters(), strict=True):
                slow.lerp_(fast, self.config.tau)
        return float(loss.detach())
