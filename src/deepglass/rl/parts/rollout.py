"""A few steps in every copy of the world, as an actor takes them: what A2C and PPO learn from."""

from collections.abc import Callable

import numpy as np
import torch

from deepglass.rl.envs import VectorEnv
from deepglass.rl.parts.networks import Actor, bounded

Scale = Callable[[np.ndarray, np.ndarray], np.ndarray]  # rewards, whether an episode ended → rewards


def roll_out(
    env: VectorEnv, policy: Actor, generator: torch.Generator, observation: np.ndarray, num_steps: int, scale: Scale
) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Act, and keep what happened.

    Args:
        env: The world, which has last shown `observation`.
        policy: Draws an action for each copy.
        generator: Of the draws.
        observation: (N, …) where the copies are.
        num_steps: T, in each copy.
        scale: Of rewards.

    Returns:
        Observations, actions, what was seen after them before a new episode began, rewards, whether the world ended,
        and whether the episode was over: each (T, N, …). And where the copies are now, (N, …).
    """
    kept: list[tuple] = []
    for _ in range(num_steps):
        with torch.no_grad():
            action = policy.choice.sample(policy(torch.from_numpy(observation)), generator)
        step = env.step(bounded(action, env.actions))
        reward = scale(step.reward, step.ended)
        kept.append((observation, action.numpy(), step.final, reward, step.terminated, step.ended))
        observation = step.observation
    return tuple(np.array(part) for part in zip(*kept, strict=True)), observation
