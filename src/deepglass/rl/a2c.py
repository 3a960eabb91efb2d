"""A2C: an actor that chooses and a critic that says how much better than expected it went, a few steps at a time.

    ∇J = E[ ∇ log π(a | s) · A(s, a) ]      A from the surprises of the critic (`parts/returns.py`)

REINFORCE waits for the end of an episode and hears one number with all the chance of the way; the critic answers after
every few steps, with less chance in it and some error of its own.

References:
    Mnih et al. (2016), Asynchronous methods for deep reinforcement learning, https://arxiv.org/abs/1602.01783
    (here all copies of the world wait for each other)
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.rl.envs import VectorEnv
from deepglass.rl.parts.networks import Actor, Critic
from deepglass.rl.parts.normalize import RewardScale, RunningNorm
from deepglass.rl.parts.returns import advantages
from deepglass.rl.parts.rollout import roll_out

ACTIONS = ("discrete", "continuous")
STEPS = 100_000  # of the world, when nothing else is asked for


@dataclass(frozen=True)
class Config:
    num_envs: int = 16  # copies of the world that act together
    num_steps: int = 8  # in each copy between two updates
    hidden_dim: int = 64  # width of both layers
    learning_rate: float = 3e-3  # falls to 0 in a straight line
    gamma: float = 0.99  # what a reward one step later is worth
    gae_lambda: float = 0.95  # trust in what was seen (1) or in the critic (0)
    entropy: float = 0.0  # what it is worth to stay undecided
    value_weight: float = 0.5  # of the critic's loss
    normalize: bool = True  # observations and rewards by their running deviation
    clip_gradient: float = 0.5  # largest norm of the gradient


class Learner:
    """Takes a few steps in every copy of the world, and learns from all of them once.

    Args:
        env: The world.
        config: Settings.
        seed: Of weights and actions; the world has its own.
    """

    def __init__(self, env: VectorEnv, config: Config, seed: int):
        self.env, self.config = env, config
        torch.manual_seed(seed)
        self.generator = torch.Generator().manual_seed(seed)
        norm = RunningNorm(env.observation_shape, config.normalize)
        self.policy = Actor(norm, env.observation_shape, env.actions, config.hidden_dim)
        self.critic = Critic(norm, env.observation_shape, config.hidden_dim)
        self.parameters = [*self.policy.parameters(), *self.critic.parameters()]
        self.optimizer = torch.optim.RMSprop(self.parameters, config.learning_rate, alpha=0.99, eps=1e-5)
        self.scale = RewardScale(env.num_envs, config.gamma, config.normalize)
        self.observation = env.reset()

    def iterate(self, progress: float) -> float | None:
        """`num_steps` in every copy and one update; returns the loss.

        Args:
            progress: Share of the training that is done.
        """
        seen, actions, following, rewards, terminated, ended = self.play()
        T, N = rewards.shape
        self.policy.norm.update(seen.reshape(T * N, *seen.shape[2:]))  # type: ignore[operator]
        with torch.no_grad():
            both = torch.from_numpy(np.concatenate([seen, following]).reshape(2 * T * N, *seen.shape[2:]))
            values, next_values = self.critic(both).numpy().reshape(2, T, N).astype(float)
        config = self.config
        better = advantages(rewards, values, next_values, terminated, ended, config.gamma, config.gae_lambda)
        advantage, target = (torch.from_numpy(x.ravel()).float() for x in (better, better + values))
        flat = torch.from_numpy(seen.reshape(T * N, *seen.shape[2:]))
        chosen = torch.from_numpy(actions.reshape(T * N, *actions.shape[2:]))
        return self.update(flat, chosen, advantage, target, config.learning_rate * (1 - progress))

    def play(self) -> tuple[np.ndarray, ...]:
        """Observations, actions, what was seen after them, rewards, and whether it ended: each (T, N, …)."""
        where = self.env, self.policy, self.generator, self.observation
        kept, self.observation = roll_out(*where, self.config.num_steps, self.scale)
        return kept

    def update(self, seen: Tensor, actions: Tensor, advantage: Tensor, target: Tensor, learning_rate: float) -> float:
        """One step for actor and critic; returns the loss."""
        config, choice = self.config, self.policy.choice
        output = self.policy(seen)
        actor = -(choice.log_prob(output, actions) * advantage).mean()
        critic = (self.critic(seen) - target).pow(2).mean()
        loss = actor + config.value_weight * critic - config.entropy * choice.entropy(output).mean()
        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, config.clip_gradient)
        self.optimizer.step()
        return float(loss.detach())
