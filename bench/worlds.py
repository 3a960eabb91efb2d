"""Worlds: how many steps per processor second the vectorised simulators make, and Gymnasium's CartPole one by one.

    python -m bench.worlds

Each of our worlds runs in 256 copies with random actions that are drawn beforehand; episodes that end begin anew within
their step, as in a training. A record is the median of five rounds. Gymnasium's loop is Python's: one copy, a reset
where an episode is over, its wrapper that counts steps included. Seconds are those of the processor, one thread.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import gymnasium
import numpy as np

from bench.records import Record, measure_parts
from deepglass.rl.envs import Box, Simulated, acrobot, arm, car, cartpole, grid_world, pendulum

RESULTS = Path(__file__).parent / "results" / "worlds.json"
COPIES, ROUNDS, STEPS = 256, 5, 400  # steps of a round, all copies together each
THEIR_STEPS = 20_000
WORLDS: tuple[type[Simulated], ...] = (
    cartpole.Env, pendulum.Env, acrobot.Env, grid_world.Env, arm.Env, car.Env,
)  # fmt: skip


def ours(seed: int) -> Iterator[Record]:
    """Every world of the product."""
    for kind in WORLDS:
        env = kind(COPIES, seed)
        env.reset()
        actions = drawn(env, np.random.default_rng(seed))

        def one_round(env: Simulated = env, actions: np.ndarray = actions) -> int:
            for action in actions:
                env.step(action)
            return STEPS * COPIES

        yield {"seed": seed, "world": env.name, "copies": COPIES, **rounds(one_round)}


def drawn(env: Simulated, rng: np.random.Generator) -> np.ndarray:
    """Random actions for a round: (steps, N), or (steps, N, actions) of a `Box`."""
    if isinstance(env.actions, Box):
        return rng.uniform(env.actions.low, env.actions.high, (STEPS, COPIES, len(env.actions.low)))
    return rng.integers(0, env.actions.n, (STEPS, COPIES))


def theirs(seed: int) -> Iterator[Record]:
    """Gymnasium's CartPole."""
    env = gymnasium.make("CartPole-v1")
    env.reset(seed=seed)
    actions = np.random.default_rng(seed).integers(0, 2, THEIR_STEPS)

    def one_round() -> int:
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        return THEIR_STEPS

    yield {"seed": seed, "world": "CartPole-v1", "copies": 1, **rounds(one_round)}


def rounds(one_round: Callable[[], int]) -> Record:
    """Steps per processor second: the median of five rounds, and all of them."""
    one_round()  # caches and buffers
    speeds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        steps = one_round()
        speeds.append(round(steps / (time.process_time() - began)))
    return {"steps_per_second": round(median(speeds)), "rounds": speeds}


if __name__ == "__main__":
    measure_parts(RESULTS, {"ours": ours, "gymnasium": theirs}, __doc__ or "")
