"""PPO: look at each batch more than once, and stop where the policy would move too far from the one that played.

    loss   −min( w A, clip(w, 1 − ε, 1 + ε) A )        w = π(a | s) / π_old(a | s)

A2C throws a batch away after one step, since the second step would be taken with a policy that did not play it. The
ratio w mends that, and the clip takes the gradient away where w has left [1 − ε, 1 + ε] in the direction of A.

References:
    Schulman et al. (2017), Proximal policy optimization algorithms, https://arxiv.org/abs/1707.06347
    Huang et al. (2022), The 37 implementation details of proximal policy optimization
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
STEPS = 80_000  # of the world, when nothing else is asked for


@dataclass(frozen=True)
class Config:
    num_envs: int = 16  # copies of the world that act together
    num_steps: int = 64  # in each copy between two updates
    num_passes: int = 8  # over each batch
    batch_size: int = 256  # steps in one update
    hidden_dim: int = 64  # width of both layers
    learning_rate: float = 3e-3  # falls to 0 in a straight line
    gamma: float = 0.99  # what a reward one step later is worth
    gae_lambda: float = 0.9  # trust in what was seen (1) or in the critic (0)
    clip: float = 0.2  # how far the ratio may be from 1; falls with the learning rate
    entropy: float = 0.0  # what it is worth to stay undecided
    value_weight: float = 0.5  # of the critic's loss
    normalize: bool = True  # observations and rewards by their running deviation
    clip_gradient: float = 0.5  # largest norm of the gradient


class Learner:
    """Plays in every copy of the world, and learns from all of it in several passes.

    Args:
        env: The world.
        config: Settings.
        seed: Of weights, actions and the order of the batches; the world has its own.
    """

    def __init__(self, env: VectorEnv, config: Config, seed: int):
        self.env, self.config = env, config
        torch.manual_seed(seed)
        self.generator = torch.Generator().manual_seed(seed)
        norm = RunningNorm(env.observation_shape, config.normalize)
        self.policy = Actor(norm, env.observation_shape, env.actions, config.hidden_dim)
        self.critic = Critic(norm, env.observation_shape, config.hidden_dim)
        self.parameters = [*self.policy.parameters(), *self.critic.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, config.learning_rate, eps=1e-5, fused=True)
        self.scale = RewardScale(env.num_envs, config.gamma, config.normalize)
        self.observation = env.reset()

    def iterate(self, progress: float) -> float | None:
        """`num_steps` in every copy, and several passes over them; returns the last loss.

        Args:
            progress: Share of the training that is done.
        """
        config = self.config
        seen, actions, following, rewards, terminated, ended = self.play()
        T, N = rewards.shape
        flat = torch.from_numpy(seen.reshape(T * N, *seen.shape[2:]))
        chosen = torch.from_numpy(actions.reshape(T * N, *actions.shape[2:]))
        with torch.no_grad():
            after = torch.from_numpy(following.reshape(T * N, *seen.shape[2:]))
            values, next_values = (self.critic(x).numpy().reshape(T, N).astype(float) for x in (flat, after))
            old = self.policy.choice.log_prob(self.policy(flat), chosen)
        better = advantages(rewards, values, next_values, terminated, ended, config.gamma, config.gae_lambda)
        advantage, target = (torch.from_numpy(x.ravel()).float() for x in (better, better + values))
        loss, left = 0.0, 1 - progress
        for _ in range(config.num_passes):
            for rows in torch.randperm(T * N, generator=self.generator).split(config.batch_size):
                batch = (flat[rows], chosen[rows], old[rows], advantage[rows], target[rows])
                loss = self.update(*batch, clip=config.clip * left, learning_rate=config.learning_rate * left)
        self.policy.norm.update(flat.numpy())  # type: ignore[operator] - after the passes: the ratio begins at 1
        return loss

    def play(self) -> tuple[np.ndarray, ...]:
        """Observations, actions, what was seen after them, rewards, and whether it ended: each (T, N, …)."""
        where = self.env, self.policy, self.generator, self.observation
        kept, self.observation = roll_out(*where, self.config.num_steps, self.scale)
        return kept

    def update(
        self,
        seen: Tensor,
        actions: Tensor,
        old: Tensor,
        advantage: Tensor,
        target: Tensor,
        clip: float,
        learning_rate: float,
    ) -> float:
        """One step for actor and critic; returns the loss."""
        config, choice = self.config, self.policy.choice
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        output = self.policy(seen)
        ratio = (choice.log_prob(output, actions) - old).exp()  # (B,)
        actor = -torch.minimum(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage).mean()
        critic = (self.critic(seen) - target).pow(2).mean()
        loss = actor + config.value_weight * critic - config.entropy * choice.entropy(output).mean()
        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, config.clip_gradient)
        self.optimizer.step()
        return float(loss.detach())
