"""Whole episodes with a policy that no longer learns: what each earned, its length, and whether it reached its goal."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from deepglass.rl.envs import Discrete, VectorEnv
from deepglass.rl.parts.networks import bounded

Act = Callable[[np.ndarray], np.ndarray]  # observations (N, …) → actions (N,) or (N, actions)


class Episodes(NamedTuple):
    """Returns, lengths in steps, and which reached their goal, (episodes,) each; None where a world has no goal."""

    returns: np.ndarray
    lengths: np.ndarray
    reached: np.ndarray | None = None


def greedy(policy: nn.Module, actions: Any) -> Act:
    """The action that the policy prefers: the largest output, or the middle of the distribution."""

    def act(observation: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            output = policy(torch.from_numpy(observation))
        return output.argmax(dim=1).numpy() if isinstance(actions, Discrete) else bounded(output, actions)

    return act


def at_random(env: VectorEnv, seed: int) -> Act:
    """Any action, all alike: what a policy has to beat."""
    rng, space = np.random.default_rng(seed), env.actions
    if isinstance(space, Discrete):
        return lambda observation: rng.integers(0, space.n, len(observation))
    low, high = np.clip(space.low, -1e3, 1e3), np.clip(space.high, -1e3, 1e3)  # a bound may be missing
    return lambda observation: rng.uniform(low, high, (len(observation), len(low))).astype(np.float32)


def play(act: Act, env: VectorEnv, count: int) -> Episodes:
    """So many episodes. Each copy of the world plays an equal share to its end: short ones are not preferred.

    Args:
        act: The policy.
        env: Copies of the world, which begin anew.
        count: Episodes.

    Raises:
        TrainingError: If the world fails.
    """
    N = env.num_envs
    wanted = np.full(N, count // N) + (np.arange(N) < count % N)
    returns: list[list[float]] = [[] for _ in range(N)]
    lengths: list[list[int]] = [[] for _ in range(N)]
    reached: list[list[bool]] = [[] for _ in range(N)]
    earned, steps, observation = np.zeros(N), np.zeros(N, np.int64), env.reset()
    while any(len(done) < share for done, share in zip(returns, wanted, strict=True)):
        step = env.step(act(observation))
        earned, steps, observation = earned + step.reward, steps + 1, step.observation
        for i in np.flatnonzero(step.ended):
            if len(returns[i]) < wanted[i]:
                returns[i].append(float(earned[i]))
                lengths[i].append(int(steps[i]))
                if step.reached is not None:
                    reached[i].append(bool(step.reached[i]))
            earned[i], steps[i] = 0.0, 0
    return Episodes(
        np.concatenate([np.array(part, float) for part in returns]),
        np.concatenate([np.array(part, int) for part in lengths]),
        np.concatenate([np.array(part, bool) for part in reached]) if any(reached) else None,
    )
