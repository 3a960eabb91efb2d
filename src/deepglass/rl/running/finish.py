"""A policy is judged, and everything about it is written down, where reports and comparisons look for it."""

import time
from typing import Any

import numpy as np
import torch

from deepglass.core import environment
from deepglass.core.console import console
from deepglass.core.run_folder import RunFolder
from deepglass.evaluate import scores, warnings, wording
from deepglass.rl.envs import Discrete
from deepglass.rl.running.config import TASK
from deepglass.rl.running.settings import as_file
from deepglass.rl.running.training import Session
from deepglass.training.parallel import restart


def describe(session: Session) -> dict[str, Any]:
    """The content of task.json: what a policy must know of its world without opening it."""
    env = session.env
    space = env.actions
    actions = {"n": space.n} if isinstance(space, Discrete) else {"low": list(space.low), "high": list(space.high)}
    return {
        "task": TASK,
        "dims": {
            "observation_shape": list(env.observation_shape),
            "observation_dtype": str(getattr(env, "dtype", np.dtype(np.float32))),
            "actions": actions,
        },
        "state": {
            "observations": list(env.observation_names),
            "actions": list(space.names) if isinstance(space, Discrete) else [],
            "longest_episode": int(min(env.max_steps, 2**40)),
        },
    }


def write_decisions(session: Session) -> None:
    """Write what was decided, config.json last: it makes a run of the folder."""
    folder, asked = session.folder, session.asked
    folder.write("task.json", describe(session))
    folder.write("guesses.json", [vars(guess) for guess in (*session.world.guesses, *asked.guesses)])
    version = environment.versions(("deepglass",))["deepglass"]
    folder.write("config.json", {"deepglass": version, **as_file(session.world.name, asked)})


def finish(session: Session, started: float) -> dict[str, Any]:
    """Test, write, say.

    Raises:
        TrainingError: If the world fails in the test; the policy is kept.
    """
    from deepglass.evaluate import card, report  # matplotlib takes its time

    folder = session.folder
    played, metrics = session.test()
    metrics = {"task": TASK, **metrics}
    history = folder.read("history.json")
    metrics["warnings"] = warnings.warnings_for(metrics, history, as_file(session.world.name, session.asked))
    folder.write_outputs(
        ids=np.arange(len(played.returns)), predictions=played.returns, losses=-played.returns, lengths=played.lengths
    )
    folder.write("environment.json", _environment(session, time.monotonic() - started))
    folder.write("metrics.json", metrics)
    report.write_report(folder)
    card.write_card(folder)
    if not session.interrupted:
        restart.release(folder)
    _announce(folder, metrics, session)
    return metrics


def _environment(session: Session, seconds: float) -> dict[str, Any]:
    policy = session.learner.policy
    return {
        **environment.describe(),
        "device": "cpu",
        "precision": "float32",
        "training threads": torch.get_num_threads(),
        "parameters": sum(p.numel() for p in policy.parameters()),
        "layers": str(policy),
        "seconds": {"total": round(seconds, 2), "training": round(session.history[-1]["seconds"], 2)},
        "steps": session.env.steps_taken,
        "stopped": session.reason,
    }


def _announce(folder: RunFolder, metrics: dict[str, Any], session: Session) -> None:
    test, baseline = metrics["test"], metrics["baseline"]
    rows = [
        (
            scores.metric(name).title,
            scores.show(name, test[name]["value"]),
            scores.show_interval(name, test[name]),
            scores.show(name, baseline[name]["value"]),
        )
        for name in test["headline"]
    ]
    console.table(("test", "value", "95 % interval", baseline["name"]), rows)
    for note in wording.notes(metrics):
        console.say(f"  {note}")
    for warning in metrics["warnings"]:
        console.warn(warning)
    console.say(f"  report   {folder / 'report.html'}")
    if session.interrupted:
        console.say(f"  resume   deepglass train {session.world.name} --run {folder.path} --resume")
    console.say(f"  play     deepglass play {folder.path}")
    console.result({"run": str(folder.path), **metrics})
