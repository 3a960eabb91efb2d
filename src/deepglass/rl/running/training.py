"""A training in a world: act and learn, evaluate, keep the best policy, and leave a run folder.

    open the world → decide → learn until the plan is done, the time is up or the world is solved → judge

Everything that was decided is in the folder before the first step. A checkpoint holds learner and world, so that a
training that was killed goes on to the same numbers; what the world itself does wrong ends the training with a message
and keeps what was learnt.
"""

import math
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from deepglass.core import catalogue
from deepglass.core.errors import TrainingError
from deepglass.core.run_folder import RunFolder
from deepglass.evaluate.metrics import returns
from deepglass.rl.envs import VectorEnv
from deepglass.rl.running import checkpoint, episodes
from deepglass.rl.running.opening import World
from deepglass.rl.running.settings import FOLDER, Asked
from deepglass.training.interrupt import Interrupt
from deepglass.training.plan import Plan, seconds_of
from deepglass.training.progress import Watcher
from deepglass.training.weights import as_bytes

EVALUATIONS = 20  # of a training
SURE = 2.0  # standard errors by which a mean has to be above what counts as solved
MOST_JUDGING = 5.0  # seconds of a budget that are kept for the test and the report, or a fifth of it
TRAIN, VALIDATION, TEST, BASELINE, CONFIRMATION = range(5)  # what the seed of the environment is used for
CONFIRMED = 100  # episodes that confirm that a world is solved


@dataclass
class Session:
    """A training in progress.

    Args:
        world: Where it takes place.
        asked: What was decided.
        folder: Of the run.
        watcher: Who watches.
        deadline: Value of `time.monotonic()` at which all has to be over.

    Raises:
        OptionError: If the algorithm learns from an expert and the world has none.
    """

    world: World
    asked: Asked
    folder: RunFolder
    watcher: Watcher
    deadline: float | None = None
    history: list[dict[str, Any]] = field(default_factory=list)
    best: dict[str, torch.Tensor] = field(default_factory=dict)  # weights of the policy that is kept
    best_epoch: int | None = None
    best_return: float = -math.inf
    times_solved: int = 0
    losses: list[float] = field(default_factory=list)  # since the last evaluation
    seconds: float = 0.0  # before this process
    reason: str = ""
    interrupted: bool = False

    def __post_init__(self):
        run, module = self.asked.run, catalogue.load(FOLDER, self.asked.model)
        budget = seconds_of(run.budget) if run.budget else 0.0
        self.steps = run.steps or module.STEPS
        self.every = run.evaluate_every or max(1, self.steps // EVALUATIONS)
        self.plan = Plan(self.steps, self.deadline, reserve=min(MOST_JUDGING, budget / 5), budget=budget)
        self.env = self.make(self.asked.config.num_envs, TRAIN)
        self.learner = module.Learner(self.env, self.asked.config, run.seed)
        self.began = self.saved = time.monotonic()

    def make(self, count: int, use: int) -> VectorEnv:
        """Copies of the world with a seed for this use of them."""
        run = self.asked.run
        seed = run.seed if run.environment_seed is None else run.environment_seed
        return self.world.make(count, (seed, use), run.max_episode_steps)

    def learn(self) -> None:
        """Until there is a reason to stop, which is then in `reason`.

        Raises:
            TrainingError: If the world fails or the loss is not a number; what was learnt so far is kept.
        """
        self.watcher.start(self.plan.total_steps, "val_mean_return")
        with Interrupt() as interrupt:
            try:
                while not self._is_over(interrupt):
                    self._iterate()
            except TrainingError as error:
                self.save()
                self.watcher.finish("an error")
                command = f"deepglass train {self.world.name} --run {self.folder.path} --resume"
                kept = f"what was learnt in {self.env.steps_taken:,} steps is kept: go on with `{command}`"
                raise TrainingError(f"{error}; {kept}") from error.__cause__
        if not self.history or self.history[-1]["step"] != self.env.steps_taken:
            self._evaluate()
        self.save()
        self.watcher.finish(self.reason)

    def _is_over(self, interrupt: Interrupt) -> bool:
        run, plan, step = self.asked.run, self.plan, self.env.steps_taken
        plan.change(step, plan.fitted(step))
        self.interrupted = interrupt.requested
        reasons = {
            "interrupted": interrupt.requested,
            "solved: two evaluations were surely above what counts as solved (--no-stop-when-solved)": (
                run.stop_when_solved and self.times_solved >= 2
            ),
            f"the budget of {run.budget} is used up": plan.time_left() <= 0
            or (plan.is_done(step) and plan.total_steps < self.steps),
            f"all {plan.total_steps:,} steps are taken": plan.is_done(step),
        }
        self.reason = next((reason for reason, is_true in reasons.items() if is_true), "")
        return bool(self.reason)

    def _iterate(self) -> None:
        step = self.env.steps_taken
        loss = self.learner.iterate(min(1.0, self.plan.position(step) / self.plan.total_steps))
        if loss is not None:
            if not math.isfinite(loss):
                raise TrainingError("the loss is not a number any more: try a smaller --learning-rate")
            self.losses.append(loss)
        if self.env.steps_taken // self.every > step // self.every and self.losses:
            self._evaluate()
        if time.monotonic() - self.saved > self.asked.run.checkpoint_every:
            self.save()
        self.watcher.step(self.env.steps_taken, self.plan.total_steps, loss, self._speed())

    def _speed(self) -> float:
        return self.env.steps_taken / max(1e-9, self.seconds + time.monotonic() - self.began)

    # -- evaluation -------------------------------------------------------------------------------------------------

    def _evaluate(self) -> None:
        """Greedy episodes from beginnings that are the same every time; keep the policy if it is the best.

        What chose a policy flatters it: before a training ends as solved, a hundred other beginnings have to agree.
        """
        mean, is_solved = self._played(VALIDATION, self.asked.run.evaluate_episodes)
        if is_solved and self.times_solved and self.asked.run.stop_when_solved:
            is_solved = is_confirmed = self._played(CONFIRMATION, CONFIRMED)[1]
        else:
            is_confirmed = False
        is_best = is_confirmed or mean >= self.best_return
        record = {
            "epoch": len(self.history) + 1,
            "step": self.env.steps_taken,
            "loss": float(np.mean(self.losses)) if self.losses else 0.0,
            "val_mean_return": mean,
            "seconds": time.monotonic() - self.began + self.seconds,
            "examples_per_second": self._speed(),
        }
        self.history.append(record)
        if is_best:
            self.best = {name: tensor.clone() for name, tensor in self.learner.policy.state_dict().items()}
            self.best_return, self.best_epoch = mean, record["epoch"]
        self.times_solved, self.losses = (self.times_solved + 1 if is_solved else 0), []
        self.watcher.epoch(record, is_best)

    def _played(self, use: int, count: int) -> tuple[float, bool]:
        """The mean return of greedy episodes, and whether it is surely above what counts as solved."""
        env = self.make(min(count, self.world.most_together), use)
        played = episodes.play(episodes.greedy(self.learner.policy, env.actions), env, count)
        env.close()
        mean, error = float(played.returns.mean()), float(played.returns.std()) / math.sqrt(count)
        return mean, self.env.solved_at is not None and mean - SURE * error >= self.env.solved_at

    def test(self) -> tuple[episodes.Episodes, dict[str, Any]]:
        """Fresh episodes with the policy that is kept, and their scores; random actions beside it.

        Returns:
            The episodes, and records for metrics.json: "test", "val" and "baseline".
        """
        run, policy = self.asked.run, self.learner.policy
        policy.load_state_dict(self.best or policy.state_dict())
        found = {}
        count = min(run.test_episodes, self.world.most_together)
        for use in (TEST, BASELINE):
            env = self.make(count, TEST)
            act = episodes.greedy(policy, env.actions) if use == TEST else episodes.at_random(env, run.seed)
            found[use] = episodes.play(act, env, run.test_episodes)
            env.close()
        return found[TEST], {
            "test": returns.evaluate(*found[TEST]),
            "baseline": {"name": "random actions", **returns.evaluate(*found[BASELINE])},
        }

    # -- keeping ----------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write checkpoint, history and the best weights."""
        names = ("history", "best", "best_epoch", "best_return", "times_solved", "losses")
        state = {name: getattr(self, name) for name in names}
        state["seconds"] = self.seconds + time.monotonic() - self.began
        state |= {"plan": self.plan.state(), "learner": checkpoint.state_of(self.learner)}
        checkpoint.save(self.folder, state)
        self.folder.write(
            "history.json", {"monitor": "val_mean_return", "best_epoch": self.best_epoch, "epochs": self.history}
        )
        weights = self.best or self.learner.policy.state_dict()
        self.folder.write_bytes("weights.safetensors", as_bytes(weights))
        self.saved = time.monotonic()

    def restore(self) -> None:
        """Go back to where the checkpoint in the folder was written.

        Raises:
            RunError: If there is none, or it is damaged, or belongs to another training.
        """
        state = checkpoint.load(self.folder)
        with self.folder.understanding(checkpoint.NAME):
            checkpoint.restore(self.learner, state.pop("learner"))
            self.plan.load_state(state.pop("plan"))
            for name, value in state.items():
                setattr(self, name, value)
        restarted = getattr(self.env, "restarted", 0)
        if restarted:
            self.watcher.note(f"{restarted} episodes could not be played again as they were, and began anew")

    def close(self) -> None:
        """Nothing more is asked of the world."""
        with suppress(Exception):  # of a stranger's world
            self.env.close()
