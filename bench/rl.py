"""Policies: what each algorithm earns after a fixed number of steps, over seeds, and what that costs the processor.

    python -m bench.rl                     # all of them, ten seeds
    python -m bench.rl ppo --seeds 3       # one of them
    python -m bench.rl --judge gymnasium   # the final episodes in Gymnasium's own CartPole

Settings are the defaults of the algorithms, chosen on the seeds 100 to 104; what is reported are the seeds from 0 on. A
training is `deepglass.train`'s: it stops where two evaluations were surely above what counts as solved. Scores are
means of 100 greedy episodes that no training has seen. Seconds are those of this process, which count what it computed
and not how long it waited for others; start and report are not in them.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.made_with import made_with
from deepglass.core.console import console
from deepglass.core.run_folder import RunFolder
from deepglass.evaluate.metrics.returns import interquartile_mean, stratified_interval
from deepglass.rl.running import episodes, finish, opening, settings
from deepglass.rl.running.training import Session
from deepglass.training.progress import Watcher

GOALS = {  # algorithm → environment, mean return that is asked for, processor seconds that are allowed
    "ppo": ("CartPole-v1", 475.0, 10.0),
    "dqn": ("CartPole-v1", 475.0, 30.0),
    "reinforce": ("CartPole-v1", 475.0, 60.0),
    "a2c": ("CartPole-v1", 475.0, 60.0),
    "sac": ("Pendulum-v1", -160.0, 120.0),
    "td3": ("Pendulum-v1", -160.0, 120.0),
}
OUT = Path(__file__).parent / "results" / "rl.json"


def measure(algorithm: str, seed: int, judge: str) -> dict[str, Any]:
    """One training and its test."""
    name = GOALS[algorithm][0]
    world = opening.world_named(name)
    assert world is not None
    actions = world.make(1, (0, 0), None).actions
    asked = settings.decide(actions, algorithm, {"seed": seed})
    with tempfile.TemporaryDirectory() as place:
        session = Session(world, asked, RunFolder(place).create(), Watcher())
        finish.write_decisions(session)
        began = time.process_time()
        session.learn()
        seconds = time.process_time() - began
        _, scores = session.test()
        found = {
            "seed": seed,
            "steps": session.env.steps_taken,
            "cpu_seconds": round(seconds, 2),
            "score": scores["test"]["mean_return"]["value"],
            "random": scores["baseline"]["mean_return"]["value"],
            "stopped": session.reason.partition(":")[0],
        }
        if judge == "gymnasium":
            found["score_in_gymnasium"] = in_gymnasium(session, name, seed)
    return found


def in_gymnasium(session: Session, name: str, seed: int) -> float:
    """The mean of 100 greedy episodes in Gymnasium's own world."""
    import gymnasium

    from deepglass.rl.running.gymnasium_envs import GymnasiumEnvs

    spec = gymnasium.spec(name)
    limit = spec.max_episode_steps or 1000
    env = GymnasiumEnvs(name, lambda: gymnasium.make(name), 10, (seed, 99), limit)
    return float(episodes.play(episodes.greedy(session.learner.policy, env.actions), env, 100).returns.mean())


def summary(algorithm: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All seeds of an algorithm beside its goal."""
    environment, goal, allowed = GOALS[algorithm]
    scores = np.array([row["score"] for row in rows])
    low, high = stratified_interval(interquartile_mean, scores[:, None])
    seconds = [row["cpu_seconds"] for row in rows]
    return {
        "environment": environment,
        "goal": goal,
        "allowed_cpu_seconds": allowed,
        "seeds": len(rows),
        "iqm": round(interquartile_mean(scores), 2),
        "iqm_low": round(low, 2),
        "iqm_high": round(high, 2),
        "mean": round(float(scores.mean()), 2),
        "worst": round(float(scores.min()), 2),
        "reached": int((scores >= goal).sum()),
        "share_reached": float((scores >= goal).mean()),
        "cpu_seconds_mean": round(float(np.mean(seconds)), 2),
        "cpu_seconds_most": round(float(np.max(seconds)), 2),
        "runs": rows,
    }


def main() -> None:
    """Train, test, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("algorithms", nargs="*", default=list(GOALS), help=", ".join(GOALS))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--judge", choices=("own", "gymnasium"), default="own")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    console.mode = "quiet"
    found = json.loads(asked.out.read_text()) if asked.out.exists() else {"runs": {}}
    for algorithm in asked.algorithms:
        rows = []
        for seed in range(asked.first, asked.first + asked.seeds):
            rows.append(measure(algorithm, seed, asked.judge))
            print(algorithm, rows[-1], flush=True)
        found["runs"][algorithm] = summary(algorithm, rows)
        found["environment"] = made_with()
        asked.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
