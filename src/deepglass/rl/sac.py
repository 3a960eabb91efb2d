"""SAC: actor and critic for continuous actions, from a memory, with a bonus for staying undecided.

    target   y = r + γ ( min_i Q⁻_i(s', a') − α log π(a' | s') )        a' drawn from π
    actor    maximise  min_i Q_i(s, a) − α log π(a | s)                 a = tanh(mean + deviation · noise)

Two critics, of which the lower is believed: one alone would be believed where it errs upwards. The temperature α is
learnt too, so that the policy keeps as much entropy as is asked for.

References:
    Haarnoja et al. (2018), Soft actor-critic algorithms and applications, https://arxiv.org/abs/1812.05905
    Fujimoto, van Hoof and Meger (2018), Addressing function approximation error in actor-critic methods (the two
    critics), https://arxiv.org/abs/1802.09477
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
NARROWEST, WIDEST = -5.0, 2.0  # of the logarithm of the deviation


@dataclass(frozen=True)
class Config:
    num_envs: int = 4  # copies of the world that act together
    hidden_dim: int = 64  # width of both layers
    learning_rate: float = 2e-3  # of actor, critics and temperature; falls to a tenth
    batch_size: int = 128  # transitions that are remembered for one update
    gamma: float = 0.98  # what a reward one step later is worth
    tau: float = 0.01  # how fast the target follows
    replay_size: int = 100_000  # transitions that are remembered
    warmup_steps: int = 1_000  # random steps before the first update


class GaussianActor(nn.Module):
    """What is seen → the action in the middle of the distribution, inside its bounds.

    Shape:
        - input: (N, *observation_shape)
        - output: (N, actions)
    """

    def __init__(self, shape: tuple[int, ...], actions: Box, width: int):
        super().__init__()
        size = len(actions.low)
        self.body, self.mean = body(shape, width, nn.ReLU), nn.Linear(width, size)
        self.log_deviation = nn.Linear(width, size)
        low, high = torch.tensor(actions.low), torch.tensor(actions.high)
        self.register_buffer("middle", (low + high) / 2)
        self.register_buffer("reach", (high - low) / 2)

    def forward(self, observation: Tensor) -> Tensor:
        return self.middle + self.reach * self.mean(self.body(observation)).tanh()

    def sample(self, observation: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Actions (N, actions) and the logarithm of their density (N,), both differentiable."""
        features = self.body(observation)
        mean = self.mean(features)
        log_deviation = self.log_deviation(features).clamp(NARROWEST, WIDEST)
        noise = torch.randn(mean.shape, generator=generator)
        raw = mean + log_deviation.exp() * noise
        log_normal = -0.5 * noise**2 - log_deviation - 0.5 * math.log(2 * math.pi)
        log_slope = 2 * (math.log(2) - raw - nn.functional.softplus(-2 * raw))  # log(1 − tanh²), never log 0
        log_prob = (log_normal - log_slope - self.reach.log()).sum(dim=1)
        return self.middle + self.reach * raw.tanh(), log_prob


class Learner:
    """Acts in all copies of the world, remembers, and learns from the memory once per step.

    Args:
        env: The world.
        config: Settings.
        seed: Of weights, actions and memory; the world has its own.
    """

    def __init__(self, env: VectorEnv, config: Config, seed: int):
        assert isinstance(env.actions, Box)
        self.env, self.config = env, config
        torch.manual_seed(seed)
        self.rng, self.generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        size = len(env.actions.low)
        self.policy = GaussianActor(env.observation_shape, env.actions, config.hidden_dim)
        self.critics = TwinCritics(math.prod(env.observation_shape), size, config.hidden_dim)
        self.target = copy.deepcopy(self.critics).requires_grad_(False)
        self.log_alpha = torch.zeros((), requires_grad=True)
        self.entropy_wanted = -float(size) + float(self.policy.reach.log().sum())
        parts = (self.policy.parameters(), self.critics.parameters(), [self.log_alpha])
        self.optimizer, self.critic_optimizer, self.alpha_optimizer = (
            torch.optim.Adam(part, config.learning_rate, fused=True) for part in parts
        )
        self.replay = Replay(config.replay_size, env.num_envs)
        self.observation = env.reset()

    def iterate(self, progress: float) -> float | None:
        """One step in every copy of the world and one update; returns the loss of the critics.

        Args:
            progress: Share of the training that is done.
        """
        is_warm = len(self.replay) >= self.config.warmup_steps
        if is_warm:
            with torch.no_grad():
                action = self.policy.sample(torch.from_numpy(self.observation), self.generator)[0].numpy()
        else:
            low, high = self.env.actions.low, self.env.actions.high  # type: ignore[union-attr]
            action = self.rng.uniform(low, high, (self.env.num_envs, len(low))).astype(np.float32)
        step = self.env.step(action)
        self.replay.add(self.observation, action, step)
        self.observation = step.observation
        if not is_warm:
            return None
        batch = self.replay.sample(self.config.batch_size, self.rng, gamma=self.config.gamma)
        return self.update(batch, self.config.learning_rate * (1 - 0.9 * progress))

    def targets(self, batch: Batch, alpha: float) -> Tensor:
        """y = r + γ (min Q⁻ − α log π): what the action should have been worth, (B,)."""
        following = torch.from_numpy(batch.next_observation)
        with torch.no_grad():
            action, log_prob = self.policy.sample(following, self.generator)
            value = self.target(following, action).amin(dim=0) - alpha * log_prob
        return torch.from_numpy(batch.reward) + torch.from_numpy(batch.discount) * value

    def update(self, batch: Batch, learning_rate: float) -> float:
        """One step for the critics, the actor and the temperature each; returns the loss of the critics."""
        seen, alpha = torch.from_numpy(batch.observation), float(self.log_alpha.detach().exp())
        values = self.critics(seen, torch.from_numpy(batch.action))  # (2, B)
        loss = (values - self.targets(batch, alpha)).pow(2).mean(dim=1).sum()
        self._step(self.critic_optimizer, loss, learning_rate)

        action, log_prob = self.policy.sample(seen, self.generator)
        actor = (alpha * log_prob - self.critics(seen, action).amin(dim=0)).mean()
        self._step(self.optimizer, actor, learning_rate)
        undecided = -(self.log_alpha * (log_prob.detach() + self.entropy_wanted)).mean()
        self._step(self.alpha_optimizer, undecided, learning_rate)

        with torch.no_grad():
            for slow, fast in zip(self.target.parameters(), self.critics.parameters(), strict=True):
                slow.lerp_(fast, self.config.tau)
        return float(loss.detach())

    def _step(self, optimizer: torch.optim.Optimizer, loss: Tensor, learning_rate: float) -> None:
        optimizer.param_groups[0]["lr"] = learning_rate
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
