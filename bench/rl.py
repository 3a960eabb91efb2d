"""Policies: what each algorithm earns after a fixed number of steps, over seeds, and what that costs the processor.

    python -m bench.rl                     # all of them, ten seeds
    python -m bench.rl ppo --seeds 3       # one of them
    python -m bench.rl --judge gymnasium   # the final episodes in Gymnasium's own CartPole
    python -m bench.rl sac --first 7 --seeds 3   # three more; seeds that were measured before stay
    python -m bench.rl dqn --world Acrobot-v1 --goal -100 --seeds 3 --steps 60000
    python -m bench.rl --peer VENV/bin/python    # stable-baselines3's DQN for the seconds of our slowest seed

Settings are the defaults of the algorithms, chosen on the seeds 100 to 104; what is reported are the seeds from 0 on. A
training is `deepglass.train`'s: it stops where two evaluations, and 100 other episodes, were surely above what counts
as solved. Scores are means of 100 greedy episodes that no training has seen. Seconds are those of this process, which
count what it computed and not how long it waited for others; start and report are not in them.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from operator import itemgetter
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


def measure(algorithm: str, seed: int, judge: str, name: str, options: dict[str, Any]) -> dict[str, Any]:
    """One training and its test."""
    world = opening.world_named(name)
    assert world is not None
    asked = settings.decide(world.make(1, (0, 0), None), algorithm, {"seed": seed, **options})
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


def summary(aim: tuple[str, float, float | None], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All seeds of an algorithm beside its goal."""
    environment, goal, allowed = aim
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


def beside(python: str, seeds: range, ours: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """DQN of stable-baselines3, each seed for as many seconds of the processor as our slowest took; after each seed."""
    seconds = ours["cpu_seconds_most"]
    script = Path(__file__).parent / "contestants" / "stable_baselines3_dqn.py"
    asked = [python, str(script), "--seconds", str(seconds), "--seeds", *map(str, seeds)]
    rows = []
    with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            rows.append(json.loads(line))
            print(rows[-1], flush=True)
            yield summary((*GOALS["dqn"][:2], seconds), rows)


def main() -> None:
    """Train, test, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("algorithms", nargs="*", default=list(GOALS), help=", ".join(GOALS))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--judge", choices=("own", "gymnasium"), default="own")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--world", help="another world than the usual one of the algorithm")
    parser.add_argument("--goal", type=float, default=0.0, help="mean return that is asked for there")
    parser.add_argument("--steps", type=int, help="of a training; those of the algorithm by default")
    parser.add_argument("--peer", help="a Python that has stable-baselines3: measure that and nothing of ours")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    console.mode = "quiet"
    found = json.loads(asked.out.read_text()) if asked.out.exists() else {"runs": {}}
    seeds = range(asked.first, asked.first + asked.seeds)
    if asked.peer:
        for peer in beside(asked.peer, seeds, found["runs"]["dqn"]):
            found["peers"] = {"stable-baselines3 dqn": peer | {"environment_of_the_run": made_with()}}
            asked.out.write_text(json.dumps(found, indent=1) + "\n")
        return
    options = {} if asked.steps is None else {"steps": asked.steps}
    for algorithm in asked.algorithms:
        aim = (asked.world, asked.goal, None) if asked.world else GOALS[algorithm]
        place = found["runs"] if not asked.world else found.setdefault("other_worlds", {}).setdefault(asked.world, {})
        rows = place.get(algorithm, {}).get("runs", [])
        for seed in seeds:
            one = measure(algorithm, seed, asked.judge, aim[0], options)
            rows = [row for row in rows if row["seed"] != seed] + [one]
            print(algorithm, one, flush=True)
            place[algorithm] = summary(aim, sorted(rows, key=itemgetter("seed")))
            found["environment"] = made_with()
            asked.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
