"""TD3: a critic for actions that are numbers, an actor that climbs it, and three cares against believing too much.

    target   y = r + γ min_i Q⁻_i(s', μ⁻(s') + noise)      noise normal, cut at ± its limit
    actor    maximise  Q_1(s, μ(s))                        only once per several updates of the critics

The actor has no dice: it says one action, and tries others by noise that is added. Where it climbs its critic it finds
what the critic errs about. So the lower of two critics is believed, the target is asked near the action and not just at
it, and the actor waits until the critics have settled a little.

References:
    Fujimoto, van Hoof and Meger (2018), Addressing function approximation error in actor-critic methods,
    https://arxiv.org/abs/1802.09477
    Lillicrap et al. (2016), Continuous control with deep reinforcement learning (DDPG, which it mends),
    https://arxiv.org/abs/1509.02971
"""

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.rl.envs import Box, VectorEnv
from deepglass.rl.parts.networks import TwinCritics, body
from deepglass.rl.parts.replay import Batch, Replay

ACTIONS = ("continuous",)
STEPS = 30_000  # of the world, when nothing else is asked for


@dataclass(frozen=True)
class Config:
    num_envs: int = 4  # copies of the world that act together
    hidden_dim: int = 64  # width of both layers
    learning_rate: float = 2e-3  # of actor and critics; falls to a tenth
    batch_size: int = 128  # transitions that are remembered for one update
    gamma: float = 0.98  # what a reward one step later is worth
    tau: float = 0.01  # how fast the targets follow
    replay_size: int = 100_000  # transitions that are remembered
    warmup_steps: int = 1_000  # random steps before the first update
    exploration: float = 0.1  # deviation of the noise that tries other actions, as a share of their reach
    smoothing: float = 0.2  # deviation of the noise within the target, likewise
    noise_limit: float = 0.5  # where the noise within the target is cut, likewise
    policy_delay: int = 2  # updates of the critics for one of the actor


class DeterministicActor(nn.Module):
    """What is seen → one action, inside its bounds.

    Shape:
        - input: (N, *observation_shape)
        - output: (N, actions)
    """

    def __init__(self, shape: tuple[int, ...], actions: Box, width: int):
        super().__init__()
        self.body, self.mean = body(shape, width, nn.ReLU), nn.Linear(width, len(actions.low))
        low, high = torch.tensor(actions.low), torch.tensor(actions.high)
        self.register_buffer("middle", (low + high) / 2)
        self.register_buffer("reach", (high - low) / 2)

    def forward(self, observation: Tensor) -> Tensor:
        return self.middle + self.reach * self.mean(self.body(observation)).tanh()

    def near(self, observation: Tensor, deviation: float, limit: float, generator: torch.Generator) -> Tensor:
        """Actions with noise around them, still inside their bounds: (N, actions).

        Args:
            observation: (N, *observation_shape).
            deviation: Of the noise, as a share of the reach.
            limit: Where the noise is cut, likewise.
            generator: Of the noise.
        """
        action = self(observation)
        noise = (deviation * torch.randn(action.shape, generator=generator)).clamp(-limit, limit)
        return torch.clamp(action + self.reach * noise, self.middle - self.reach, self.middle + self.reach)


class Learner:
    """Acts in all copies of the world, remembers, and learns from the memory once per step.

    Args:
        env: The world.
        config: Settings.
        seed: Of weights, noise and memory; the world has its own.
    """

    def __init__(self, env: VectorEnv, config: Config, seed: int):
        assert isinstance(env.actions, Box)
        self.env, self.config, self.updates = env, config, 0
        torch.manual_seed(seed)
        self.rng, self.generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        features, size = math.prod(env.observation_shape), len(env.actions.low)
        self.policy = DeterministicActor(env.observation_shape, env.actions, config.hidden_dim)
        self.critics = TwinCritics(features, size, config.hidden_dim)
        self.slow_policy = copy.deepcopy(self.policy).requires_grad_(False)
        self.target = copy.deepcopy(self.critics).requires_grad_(False)
        self.optimizer, self.critic_optimizer = (
            torch.optim.Adam(part.parameters(), config.learning_rate, fused=True)
            for part in (self.policy, self.critics)
        )
        self.replay = Replay(config.replay_size, env.num_envs)
        self.observation = env.reset()

    def iterate(self, progress: float) -> float | None:
        """One step in every copy of the world and one update; returns the loss of the critics.

        Args:
            progress: Share of the training that is done.
        """
        config, is_warm = self.config, len(self.replay) >= self.config.warmup_steps
        if is_warm:
            with torch.no_grad():
                seen = torch.from_numpy(self.observation)
                action = self.policy.near(seen, config.exploration, math.inf, self.generator).numpy()
        else:
            low, high = self.env.actions.low, self.env.actions.high  # type: ignore[union-attr]
            action = self.rng.uniform(low, high, (self.env.num_envs, len(low))).astype(np.float32)
        step = self.env.step(action)
        self.replay.add(self.observation, action, step)
        self.observation = step.observation
        if not is_warm:
            return None
        batch = self.replay.sample(config.batch_size, self.rng, gamma=config.gamma)
        return self.update(batch, config.learning_rate * (1 - 0.9 * progress))

    def targets(self, batch: Batch) -> Tensor:
        """y = r + γ min Q⁻(s', near μ⁻(s')): what the action should have been worth, (B,)."""
        config, following = self.config, torch.from_numpy(batch.next_observation)
        with torch.no_grad():
            action = self.slow_policy.near(following, config.smoothing, config.noise_limit, self.generator)
            value = self.target(following, action).amin(dim=0)
        return torch.from_numpy(batch.reward) + torch.from_numpy(batch.discount) * value

    def update(self, batch: Batch, learning_rate: float) -> float:
        """One step for the critics, and now and then one for the actor; returns the loss of the critics."""
        seen = torch.from_numpy(batch.observation)
        values = self.critics(seen, torch.from_numpy(batch.action))  # (2, B)
        loss = (values - self.targets(batch)).pow(2).mean(dim=1).sum()
        self._step(self.critic_optimizer, loss, learning_rate)
        self.updates += 1
        if self.updates % self.config.policy_delay == 0:
            actor = -self.critics(seen, self.policy(seen))[0].mean()
            self._step(self.optimizer, actor, learning_rate)
            self._follow(self.slow_policy, self.policy)
            self._follow(self.target, self.critics)
        return float(loss.detach())

    def _follow(self, slow: nn.Module, fast: nn.Module) -> None:
        with torch.no_grad():
            for one, other in zip(slow.parameters(), fast.parameters(), strict=True):
                one.lerp_(other, self.config.tau)

    def _step(self, optimizer: torch.optim.Optimizer, loss: Tensor, learning_rate: float) -> None:
        optimizer.param_groups[0]["lr"] = learning_rate
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
