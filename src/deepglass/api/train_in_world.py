"""`dg.train("CartPole-v1")`: from the name of a world to a run.

Beside `train.py`, which learns from data: here the data come from what the learner does.
"""

import contextlib
import re
import time
from pathlib import Path
from typing import Any

import torch

from deepglass.api.acting import PolicyRun
from deepglass.core import effects
from deepglass.core.console import console
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.rl.running import finish, naming, settings
from deepglass.rl.running.opening import World
from deepglass.rl.running.training import Session
from deepglass.runs import opening as folders
from deepglass.training.parallel import processes
from deepglass.training.plan import seconds_of
from deepglass.training.watchers import TensorBoardWatcher, Watchers, watcher_for


def train(
    world: World,
    *,
    model: str | None,
    run: str | Path | None,
    resume: bool,
    runs: str | Path,
    tensorboard: bool,
    started: float | None,
    refused: dict[str, Any],
    options: dict[str, Any],
) -> PolicyRun:
    """Learn to act in a world, and leave a run folder.

    Args:
        world: As `rl/running/opening.py` gives it.
        model: The algorithm; guessed from the kind of actions.
        run: The run folder; by default a new one below `runs`.
        resume: Go on from the folder's checkpoint.
        runs: Where new run folders are made.
        tensorboard: Also write TensorBoard event files.
        started: When the time of a budget began.
        refused: Arguments of `train` that mean nothing here, with their values.
        options: Of the run and the algorithm.

    Raises:
        DeepglassError: For everything that the user can fix.
    """
    started = time.monotonic() if started is None else started
    why = "an environment is not a table of data"
    effects.refuse(Unused(name, why) for name, value in refused.items() if value)
    if processes.join().size > 1:
        raise OptionError("reinforcement learning runs in one process: start it without torchrun")
    with contextlib.closing(world.make(1, (0, 0), None)) as env:  # one copy is opened to see what the world is like
        asked = settings.decide(env, model, options)
    folder = folders.open_folder(run, runs, _folder_name(world.name), resume)
    budget = asked.run.budget
    threads = torch.get_num_threads()
    with folders.left_as_it_was(folder, keeps=resume):
        try:
            torch.set_num_threads(1)  # networks this small are slower with more
            watcher = watcher_for(console)
            if tensorboard:
                watcher = Watchers(watcher, TensorBoardWatcher(folder / "tensorboard"))
            deadline = started + seconds_of(budget) if budget else None
            session = Session(world, asked, folder, watcher, deadline)
            console.heading(f"reinforcement learning in {world.name}")
            console.guesses([*world.guesses, *asked.guesses])
            parameters = sum(p.numel() for p in session.learner.policy.parameters())
            copies = asked.config.num_envs
            console.say(f"  model {asked.model}: {parameters:,} parameters of the policy, {copies} copies of the world")
            if not resume:
                finish.write_decisions(session)
            elif folder.has("checkpoint.pt"):
                session.restore()
            session.learn()
            finish.finish(session, started)
            session.close()
        finally:
            torch.set_num_threads(threads)
    return PolicyRun(folder.path)


def _folder_name(name: str) -> str:
    """ "CartPole-v1" → "cartpole", "Arm-v0:load=1" → "arm", "NAME.py:Car" → "car"."""
    name = naming.without_options(name)
    if naming.is_file(name):
        name = name.rpartition(":")[2]
    return re.sub(r"-v\d+$", "", name.rpartition("/")[2]).lower()
