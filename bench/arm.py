"""Arm and pendulum: in how many unseen starts a policy reaches its goal, and what is left in another physics.

    python -m bench.arm                                 # reach, swing-up, gap and delay, three seeds each
    python -m bench.arm --only gap --seeds 0

reach, swing-up   a training as `deepglass train` takes it, then `STARTS` starts that no training has seen
gap               policies that learnt in one physics, with and without randomised episodes, judged in others
delay             motors that obey 50 ms later: a policy that learnt without the delay, with it, and with it and seeing
                  the action that is still on its way; the same with noise of 0.05 in what is seen

Settings are the defaults, chosen on seed 100. Seconds are those of the processor for the training alone.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from bench.records import Record, measure_parts, processor_seconds
from deepglass.core.run_folder import RunFolder
from deepglass.evaluate.metrics import returns
from deepglass.rl.running import episodes, finish, opening, settings
from deepglass.rl.running.training import Session
from deepglass.training.progress import Watcher

OUT = Path(__file__).parent / "results" / "arm.json"
STARTS, USE = 500, 9  # of the test, and the part of the seed that only it uses
GAP_STEPS = 150_000  # of a training for the gap: fewer than usual, both ways alike
TRAINED = {"one arm": "Arm-v0", "randomised": "Arm-v0:vary=0.3"}  # where a policy learns that is to meet others
JUDGED = {  # what it meets
    "one arm": "Arm-v0",
    "arms differ by 30 %": "Arm-v0:vary=0.3",
    "arms differ by 50 %": "Arm-v0:vary=0.5",
    "load 0.5 kg": "Arm-v0:load=0.5",
    "friction x 3": "Arm-v0:friction=3",
    "gravity of Mars": "Arm-v0:gravity=3.7",
    "noise 0.05": "Arm-v0:noise=0.05",
    "delay 50 ms": "Arm-v0:delay=1",
}
WIRES = {"delay": "delay=1", "delay and noise": "delay=1,noise=0.05"}  # what is meant to be mended
SEEING = ",recall=1"  # shows the action that is on its way


def trained(name: str, seed: int, model: str | None = None, **options: Any) -> tuple[Session, float]:
    """A training with the defaults of algorithm and world beside these options, and its seconds."""
    world = opening.world_named(name)
    assert world is not None
    asked = settings.decide(world.make(1, (0, 0), None), model, {"seed": seed, **options})
    with tempfile.TemporaryDirectory() as place:
        session = Session(world, asked, RunFolder(place).create(), Watcher())
        finish.write_decisions(session)
        began = processor_seconds()
        session.learn()
        seconds = processor_seconds() - began
        session.learner.policy.load_state_dict(session.best)
    return session, round(seconds, 1)


def judged(session: Session, name: str, seed: int) -> dict[str, Any]:
    """Starts that reach the goal, with the interval of Wilson, in a world of this name."""
    world = opening.world_named(name)
    assert world is not None
    env = world.make(100, (seed, USE), None)
    scores = returns.evaluate(*episodes.play(episodes.greedy(session.learner.policy, env.actions), env, STARTS))
    share = scores["goals_reached"]
    found = {"starts": STARTS, "reached": share["value"], "low": share["low"], "high": share["high"]}
    return {name: round(value, 4) for name, value in found.items()} | {
        "mean_return": round(scores["mean_return"]["value"], 2)
    }


def reach(seed: int) -> Iterator[Record]:
    """The arm, from any pose to any goal."""
    session, seconds = trained("Arm-v0", seed)
    yield {"seed": seed, "world": "Arm-v0", "model": session.asked.model, "steps": session.env.steps_taken,
           "cpu_seconds": seconds, **judged(session, "Arm-v0", seed)}  # fmt: skip


def swing_up(seed: int) -> Iterator[Record]:
    """The pendulum, from any angle to the top, and a second there."""
    session, seconds = trained("Pendulum-v1", seed, "td3")
    yield {"seed": seed, "world": "Pendulum-v1", "model": "td3", "steps": session.env.steps_taken,
           "cpu_seconds": seconds, **judged(session, "Pendulum-v1", seed)}  # fmt: skip


def gap(seed: int) -> Iterator[Record]:
    """From one physics to others."""
    for way, name in TRAINED.items():
        session, seconds = trained(name, seed, steps=GAP_STEPS)
        for met, other in JUDGED.items():
            place = {"seed": seed, "trained": way, "in": name, "met": met, "steps": session.env.steps_taken}
            yield {**place, "cpu_seconds": seconds, **judged(session, other, seed)}


def delay(seed: int) -> Iterator[Record]:
    """Trained without and with an imperfect wire, judged with it."""
    plain = trained("Arm-v0", seed, steps=GAP_STEPS)
    for met, options in WIRES.items():
        ways = {"without": None, "with": f"Arm-v0:{options}", "with, seeing the action": f"Arm-v0:{options}{SEEING}"}
        for way, name in ways.items():
            session, seconds = trained(name, seed, steps=GAP_STEPS) if name else plain
            place = {"seed": seed, "trained": way, "met": met, "steps": session.env.steps_taken}
            yield {**place, "cpu_seconds": seconds, **judged(session, name or f"Arm-v0:{options}", seed)}


if __name__ == "__main__":
    torch.set_num_threads(1)
    measure_parts(OUT, {"reach": reach, "swing-up": swing_up, "gap": gap, "delay": delay}, __doc__ or "")
