"""Learners on a small world, one for each algorithm; the settings that make a training take a fraction of a second."""

from deepglass.core import catalogue
from deepglass.rl.envs import Box, Discrete, VectorEnv
from deepglass.rl.envs.car import Env as Car
from deepglass.rl.envs.cartpole import Env as CartPole
from deepglass.rl.envs.pendulum import Env as Pendulum

QUICK = {
    "dqn": {"num_envs": 2, "hidden_dim": 8, "batch_size": 4, "warmup_steps": 8, "replay_size": 64, "n_step": 3},
    "reinforce": {"num_envs": 2, "hidden_dim": 8},
    "a2c": {"num_envs": 2, "hidden_dim": 8, "num_steps": 5},
    "ppo": {"num_envs": 2, "hidden_dim": 8, "num_steps": 16, "num_passes": 2, "batch_size": 16},
    "sac": {"num_envs": 2, "hidden_dim": 8, "batch_size": 4, "warmup_steps": 8, "replay_size": 64},
    "cloning": {"num_envs": 2, "hidden_dim": 8, "num_steps": 4, "num_updates": 2, "batch_size": 4},
    "dagger": {"num_envs": 2, "hidden_dim": 8, "num_steps": 4, "num_updates": 2, "batch_size": 4},
    "td3": {"num_envs": 2, "hidden_dim": 8, "batch_size": 4, "warmup_steps": 8, "replay_size": 64},
}
ALGORITHMS = sorted(QUICK)


def world_of(algorithm: str) -> type[VectorEnv]:
    """CartPole; Pendulum where actions have to be numbers, a car where there has to be an expert."""
    if algorithm in ("cloning", "dagger"):
        return Car
    return Pendulum if algorithm in ("sac", "td3") else CartPole


def learner(algorithm: str, seed: int = 0, env_seed: int = 0, **more):
    """A learner in a world of its own."""
    module = catalogue.load("rl", algorithm)
    config = module.Config(**{**QUICK[algorithm], **more})
    return module.Learner(world_of(algorithm)(config.num_envs, env_seed, max_steps=12), config, seed)


SPACES = {"discrete": Discrete(2), "continuous": Box((-1.0,), (1.0,))}
