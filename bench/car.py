"""Cars: laps on unseen tracks after PPO, cloning and DAgger, what a clone gets wrong, and how fast the simulator is.

    python -m bench.car                         # all of it, seeds 0 to 2
    python -m bench.car --only ppo --seeds 3 4

    simulator   steps of all copies together per processor second, the expert's actions given beforehand
    ppo         `deepglass train Car-v0` as it comes, judged on 1,000 laps
    imitation   cloning and DAgger after so many answers of the expert, judged on 300 laps
    others      what learnt in the usual car, judged in others and among others: longer, on a wet road, faster, traffic;
                beside what learnt on the wet road and in traffic, judged on 300 laps each

No track of a training is driven in a test. A lap counts that comes round without the car's rear axle leaving the road.
What a clone gets wrong: how far its steering is from the expert's, on the way of the expert and on its own way. Seconds
are the processor's, of the training alone. Kept in bench/results/car.json.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from bench.records import Record, measure_parts, processor_seconds
from deepglass.core.run_folder import RunFolder
from deepglass.rl import cloning, dagger
from deepglass.rl.envs.car import SHARPEST, Env
from deepglass.rl.running import episodes, opening, settings
from deepglass.rl.running.training import Session
from deepglass.training.progress import Watcher

RESULTS = Path(__file__).parent / "results" / "car.json"
COPIES, SECONDS = 256, 3.0  # of the simulator, and processor seconds for which it is watched
LAPS = {"ppo": 1_000, "imitation": 300}
ANSWERS = (1_000, 3_000, 10_000)  # of the expert
UNSEEN = 1_000_003  # a use of seeds that no training has
MET = {
    "usual car": Env.name,
    "axles 4.5 m apart": "Car-v0:wheelbase=4.5",
    "wet road": "Car-v0:grip=3",
    "25 m/s": "Car-v0:fastest=25",
    "three other cars": "Car-v0:traffic=3",
}
LEARNT = (
    (Env.name, None),
    (MET["wet road"], None),
    (MET["three other cars"], None),
    (MET["three other cars"], "dagger"),
)


def simulator(seed: int) -> Iterator[Record]:
    """Steps per processor second; the expert's thinking is not in them."""
    env, steps, seconds = Env(COPIES, seed), 0, 0.0
    env.reset()
    while seconds < SECONDS:
        actions = env.advice()
        began = time.process_time()
        env.step(actions)
        seconds += time.process_time() - began
        steps += COPIES
    yield {"seed": seed, "copies": COPIES, "steps_per_second": round(steps / seconds)}


def ppo(seed: int) -> Iterator[Record]:
    """The default training."""
    act, about = trained(Env.name, seed)
    yield {**about, **driven(act, seed, LAPS["ppo"])}


def trained(name: str, seed: int, model: str | None = None, **options: Any) -> tuple[episodes.Act, Record]:
    """What a training in the world of this name learns, and what it took."""
    world = opening.world_named(name)
    assert world is not None
    asked = settings.decide(world.make(1, (0, 0), None), model, {"seed": seed, **options})
    with tempfile.TemporaryDirectory() as place:
        session = Session(world, asked, RunFolder(place).create(), Watcher())
        began = processor_seconds()
        session.learn()
        seconds = processor_seconds() - began
        session.learner.policy.load_state_dict(session.best)
    about = {"seed": seed, "model": asked.model, "steps": session.env.steps_taken, "cpu_seconds": round(seconds, 1)}
    return episodes.greedy(session.learner.policy, Env.actions), about


def others(seed: int) -> Iterator[Record]:
    """From the usual car, alone on its road, to others and among others; and what learnt there."""
    for name, model in LEARNT:
        act, about = trained(name, seed, model, **({"steps": ANSWERS[-1]} if model else {}))
        for met, other in MET.items():
            yield {**about, "trained": name, "met": met, **driven(act, seed, LAPS["imitation"], other)}


def imitation(seed: int) -> Iterator[Record]:
    """Both that imitate, with as many answers of the expert each."""
    for answers in ANSWERS:
        for module in (cloning, dagger):
            began = processor_seconds()
            policy = imitated(module, answers, seed)
            seconds = processor_seconds() - began
            act = episodes.greedy(policy, Env.actions)
            yield {
                "seed": seed,
                "model": module.__name__.rpartition(".")[2],
                "answers": answers,
                "cpu_seconds": round(seconds, 1),
                **driven(act, seed, LAPS["imitation"]),
                "error_on_experts_way_degrees": steering_error(act, seed, is_own=False),
                "error_on_own_way_degrees": steering_error(act, seed, is_own=True),
            }


def imitated(module: ModuleType, answers: int, seed: int) -> torch.nn.Module:
    """A policy that has had so many answers."""
    config = module.Config()
    learner = module.Learner(Env(config.num_envs, (seed, 0)), config, seed)
    while len(learner.seen) < answers:
        learner.iterate(len(learner.seen) / answers)
    return learner.policy


def driven(act: episodes.Act, seed: int, laps: int, name: str = Env.name) -> Record:
    """On tracks of their own: the share of laps that come round, and seconds of such a lap."""
    world = opening.world_named(name)
    assert world is not None
    played = episodes.play(act, world.make(100, (seed, UNSEEN), None), laps)
    assert played.reached is not None
    seconds = float(played.lengths[played.reached].mean()) / 10 if played.reached.any() else None
    return {"laps": laps, "share_of_laps": float(played.reached.mean()), "seconds_of_a_lap": seconds}


def steering_error(act: episodes.Act, seed: int, is_own: bool, steps: int = 200) -> float:
    """Root mean square of what is steered otherwise than the expert would, in degrees of the front wheels."""
    env = Env(100, (seed, UNSEEN))
    observation, squares = env.reset(), []
    for _ in range(steps):
        told, done = env.advice(), act(observation)
        squares.append(np.square(told[:, 0] - done[:, 0]).mean())
        observation = env.step(done if is_own else told).observation
    return round(float(np.degrees(SHARPEST) * np.sqrt(np.mean(squares))), 3)


PARTS = {"simulator": simulator, "ppo": ppo, "imitation": imitation, "others": others}


if __name__ == "__main__":
    torch.set_num_threads(1)
    measure_parts(RESULTS, PARTS, __doc__ or "")
