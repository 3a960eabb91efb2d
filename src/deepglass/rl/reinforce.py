"""REINFORCE: make actions more probable in the measure of what came after them.

    ∇J = E[ Σ_t ∇ log π(a_t | s_t) · (G_t − b(s_t)) ]

Whole episodes are played, then the policy takes one step along the gradient, and the episodes are forgotten. The
estimate is right on average whatever the baseline b is, as long as b does not look at the action; a good one, the value
of the state, makes it vary far less.

References:
    Williams (1992), Simple statistical gradient-following algorithms for connectionist reinforcement learning,
    https://doi.org/10.1007/BF00992696
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.rl.envs import VectorEnv
from deepglass.rl.parts.networks import Actor, Critic, bounded
from deepglass.rl.parts.normalize import RunningNorm
from deepglass.rl.parts.returns import discounted

ACTIONS = ("discrete", "continuous")
STEPS = 300_000  # of the world, when nothing else is asked for


@dataclass(frozen=True)
class Config:
    num_envs: int = 8  # episodes that are played for one step of the policy
    hidden_dim: int = 64  # width of both layers
    learning_rate: float = 0.01  # falls to 0 in a straight line
    gamma: float = 0.99  # what a reward one step later is worth
    baseline: bool = True  # subtract the value of the state, which is learnt beside the policy
    entropy: float = 0.0  # what it is worth to stay undecided
    normalize: bool = False  # observations by their running mean and deviation
    clip_gradient: float = 1.0  # largest norm of the gradient


class Learner:
    """Plays one episode in every copy of the world, and takes one step.

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
        parameters = [*self.policy.parameters(), *self.critic.parameters()]
        self.optimizer = torch.optim.Adam(parameters, config.learning_rate, fused=True)

    def iterate(self, progress: float) -> float | None:
        """Episodes, and one step along their gradient; returns the loss.

        Args:
            progress: Share of the training that is done.
        """
        observations, actions, rewards, counts, last = self.play()
        self.policy.norm.update(observations[counts])  # type: ignore[operator]
        returns = discounted(rewards, np.zeros(rewards.shape, bool), self.config.gamma, last)  # (T, N)
        seen = torch.from_numpy(observations[counts])  # steps of all episodes, in a row
        return self.update(seen, torch.from_numpy(actions[counts]), as_tensor(returns[counts]), progress)

    def play(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """One episode in every copy.

        Returns:
            Observations (T, N, …), actions (T, N, …) and rewards (T, N), which of them count (T, N), since episodes are
            not equally long, and what the future was worth where the time was up (N,): 0 without a baseline.
        """
        seen, done, earned, counted = [], [], [], []
        observation, is_running = self.env.reset(), np.ones(self.env.num_envs, bool)
        final, was_cut = observation, np.zeros(self.env.num_envs, bool)
        while is_running.any():
            with torch.no_grad():
                output = self.policy(torch.from_numpy(observation))
                action = self.policy.choice.sample(output, self.generator)
            step = self.env.step(bounded(action, self.env.actions))
            seen.append(observation)
            done.append(action.numpy())
            earned.append(np.where(is_running, step.reward, 0.0))
            counted.append(is_running)
            is_cut = is_running & step.truncated
            final = np.where(is_cut.reshape(-1, *[1] * (final.ndim - 1)), step.final, final)
            was_cut, is_running, observation = was_cut | is_cut, is_running & ~step.ended, step.observation
        counts = np.array(counted)
        return np.array(seen), np.array(done), *self._with_future(np.array(earned), counts, final, was_cut)

    def _with_future(self, rewards: np.ndarray, counts: np.ndarray, final: np.ndarray, was_cut: np.ndarray) -> tuple:
        """A cut episode goes on in the critic's eyes: its last reward holds γ times the value of what was seen last."""
        if self.config.baseline and was_cut.any():
            with torch.no_grad():
                value = self.critic(torch.from_numpy(final)).numpy()
            length, place = counts.sum(axis=0) - 1, np.flatnonzero(was_cut)
            rewards[length[place], place] += self.config.gamma * value[place]
        return rewards, counts, np.zeros(len(was_cut))

    def update(self, seen: Tensor, actions: Tensor, returns: Tensor, progress: float) -> float:
        """One step along Σ ∇ log π · (G − b), scaled to returns of deviation 1; returns the loss."""
        config, choice = self.config, self.policy.choice
        output = self.policy(seen)
        value = self.critic(seen)
        scale = returns.std() + 1e-8
        advantage = (returns - value.detach()) if config.baseline else returns
        loss = -(choice.log_prob(output, actions) * advantage / scale).mean()
        loss = loss - config.entropy * choice.entropy(output).mean()
        if config.baseline:
            loss = loss + 0.5 * ((returns - value) / scale).pow(2).mean()
        self.optimizer.param_groups[0]["lr"] = config.learning_rate * (1 - progress)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.optimizer.param_groups[0]["params"], config.clip_gradient)
        self.optimizer.step()
        return float(loss.detach())


def as_tensor(numbers: np.ndarray) -> Tensor:
    """Numbers in the precision of the networks."""
    return torch.from_numpy(numbers).float()
