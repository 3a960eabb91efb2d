"""DQN of stable-baselines3 on CartPole for so many processor seconds, with the settings that rl-zoo tuned for it.

    VENV/bin/python bench/contestants/stable_baselines3_dqn.py --seeds 0 1 --seconds 13

Prints a line of JSON for each seed. `bench/rl.py --peer VENV/bin/python` calls it; the package is nobody's dependency.
Every 5,000 steps the policy plays 20 greedy episodes, of which the seconds are not counted, and the best one is kept,
as ours is. `score` is that one's mean over 100 greedy episodes; the last of `checks` is the policy at the end.

References:
    https://github.com/DLR-RM/rl-baselines3-zoo/blob/master/hyperparams/dqn.yml (CartPole-v1: SETTINGS, STEPS)
"""

import argparse
import copy
import json
import time

import torch
from stable_baselines3 import DQN, __version__
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import VecEnv

WORLD, STEPS = "CartPole-v1", 50_000
SETTINGS = {
    "learning_rate": 2.3e-3,
    "batch_size": 64,
    "buffer_size": 100_000,
    "learning_starts": 1000,
    "gamma": 0.99,
    "target_update_interval": 10,
    "train_freq": 256,
    "gradient_steps": 128,
    "exploration_fraction": 0.16,
    "exploration_final_eps": 0.04,
    "policy_kwargs": {"net_arch": [256, 256]},
}
CHECK_EVERY, CHECKED, TESTED = 5_000, 20, 100  # steps, episodes, episodes


class Timed(BaseCallback):
    """Ends the training when its seconds are used up, and keeps the best policy of those that were checked."""

    def __init__(self, seconds: float, seed: int):
        super().__init__()
        self.seconds, self.judge = seconds, judge(seed + 10_000)
        self.began, self.checking = time.process_time(), 0.0
        self.best, self.best_return, self.checks = None, float("-inf"), []

    @property
    def used(self) -> float:
        return time.process_time() - self.began - self.checking

    def _on_step(self) -> bool:
        if self.num_timesteps % CHECK_EVERY == 0:
            self.check()
        return self.used < self.seconds

    def check(self) -> None:
        """Of which the seconds do not count."""
        before = time.process_time()
        found, _ = evaluate_policy(self.model, self.judge, CHECKED, deterministic=True)
        self.checks.append(round(float(found), 1))
        if found >= self.best_return:
            self.best, self.best_return = copy.deepcopy(self.model.policy.state_dict()), found
        self.checking += time.process_time() - before


def judge(seed: int) -> VecEnv:
    """Worlds of its own, twenty at once."""
    return make_vec_env(WORLD, n_envs=CHECKED, seed=seed)


def measure(seed: int, seconds: float) -> dict:
    """One training and its test."""
    model = DQN("MlpPolicy", make_vec_env(WORLD, seed=seed), seed=seed, device="cpu", **SETTINGS)
    timed = Timed(seconds, seed)
    model.learn(STEPS, callback=timed)
    used = timed.used
    timed.check()
    model.policy.load_state_dict(timed.best)
    score, _ = evaluate_policy(model, judge(seed + 30_000), TESTED, deterministic=True)
    return {
        "seed": seed, "steps": model.num_timesteps, "cpu_seconds": round(used, 2), "score": float(score),
        "checks": timed.checks, "stable_baselines3": __version__,
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", nargs="+", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for one in asked.seeds:
        print(json.dumps(measure(one, asked.seconds)), flush=True)
