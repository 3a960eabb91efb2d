"""The search itself: which trial learns next, and how long.

the usual settings first, to the end
then, while there is time:   a paused trial that is among the best of its rung goes on, or a new one begins
before time is up:           the best paused one is trained to the end, so that there is something to choose
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deepglass.core.console import console
from deepglass.core.run_folder import RunFolder
from deepglass.training.progress import Watcher
from deepglass.tuning.samplers import Sampler
from deepglass.tuning.study import StudyFolder
from deepglass.tuning.trial import Subject, Trial, advance, claimed, costs_of, paired_losses

ROOM = 1.3  # times the seconds that a step of the search took before: epochs of other settings may be slower
WAIT = 0.2  # seconds before looking again at what other processes do
FINALE = 2.0  # times the seconds to the end of the best paused trial: then it is finished before anything new begins


@dataclass
class Search:
    """A search that goes on until a deadline.

    Args:
        study: Where everything lies.
        subject: What is learnt.
        sampler: Proposes settings.
        deadline: Value of `time.monotonic()`, behind which nothing is begun.
        most: Trials in all; None without a bound.
        say: Is told of every step in a line.
    """

    study: StudyFolder
    subject: Subject
    sampler: Sampler
    deadline: float
    most: int | None = None
    say: Callable[[str], None] = console.say
    is_interrupted: bool = False
    is_exhausted: bool = False  # the sampler has nothing left

    def run(self) -> str:
        """Search; returns why it ended, in words."""
        while True:
            trials = self.study.trials()
            if self.is_interrupted:
                return "interrupted: everything up to here is kept; go on with --resume"
            chosen = self._next(trials)
            if chosen is None:
                return self._why_over(trials)
            self._step(*chosen)

    def begin(self, usual: Mapping[str, Any], rung: int) -> Trial:
        """The first trial, of the usual settings, trained to a rung; where another process does that, it is waited for.

        Args:
            usual: The value of each setting that is searched.
            rung: At which it may pause.
        """
        point = self.study.space.point(usual)
        while True:
            known = {trial.number: trial for trial in self.study.trials()}
            first = known.get(0) or Trial(0, {}, [] if point is None else point.tolist())
            is_there = first.is_done or rung in first.costs
            if is_there or self.is_interrupted or time.monotonic() > self.deadline:
                return first
            self._step(first, rung)

    # -- what comes next --------------------------------------------------------------------------------------------

    def _next(self, trials: list[Trial]) -> tuple[Trial, int] | None:
        """A trial and the rung that it shall reach; None where there is no time or nothing left."""
        last = len(self.study.rungs.epochs) - 1
        paused = [trial for trial in trials if not trial.is_done and trial.costs and math.isfinite(trial.cost)]
        best = min(paused, key=lambda trial: (-max(trial.costs), trial.cost), default=None)
        left = self.deadline - time.monotonic()
        if best is not None and self._is_worth_ending(best, trials):
            seconds = self._seconds(best, last, trials)
            if seconds <= left < FINALE * seconds:
                return best, last
        i = self.study.rungs.goes_on([{} if trial.failure else trial.costs for trial in trials])
        if i is not None and self._fits(trials[i], max(trials[i].costs) + 1, trials):
            return trials[i], max(trials[i].costs) + 1
        new = self._new(trials)
        if new is None and best is not None and self._is_worth_ending(best, trials) and self._fits(best, last, trials):
            return best, last
        return new

    def _new(self, trials: list[Trial]) -> tuple[Trial, int] | None:
        number = self.study.next_number()
        if self.is_exhausted or (self.most is not None and number >= self.most):
            return None
        point = self.sampler.propose(number - 1, self.study.told(trials))
        if point is None:
            self.is_exhausted = True
            return None
        trial = Trial(number, self.study.space.values(point), point.tolist())
        return (trial, 0) if self._fits(trial, 0, trials) else None

    def _is_worth_ending(self, trial: Trial, trials: list[Trial]) -> bool:
        """Whether no trial that is done was better when it was as far."""
        rung = max(trial.costs)
        done = [other.costs[rung] for other in trials if other.is_done and not other.failure and rung in other.costs]
        return trial.cost < min(done, default=math.inf)

    def _fits(self, trial: Trial, rung: int, trials: list[Trial]) -> bool:
        return time.monotonic() + self._seconds(trial, rung, trials) < self.deadline

    def _seconds(self, trial: Trial, rung: int, trials: list[Trial]) -> float:
        """That a trial will take to a rung: as long per epoch as all so far, or as itself where that is longer."""
        epochs, seconds = sum(other.epochs for other in trials), sum(other.seconds for other in trials)
        pace = max(seconds / max(1, epochs), trial.seconds / trial.epochs if trial.epochs else 0.0)
        return ROOM * pace * max(1, self.study.rungs.epochs[rung] - trial.epochs)

    def _why_over(self, trials: list[Trial]) -> str:
        if self.is_exhausted:
            return "every combination was tried"
        if self.most is not None and len(trials) >= self.most:
            return f"all {self.most} trials are made"
        return "the time budget is used up"

    # -- one step ---------------------------------------------------------------------------------------------------

    def _step(self, trial: Trial, rung: int) -> None:
        """Train a trial to a rung, unless another process does."""
        folder, until = self.study.folder_of(trial.number), self.study.rungs.epochs[rung]
        with claimed(folder) as is_ours:
            before = Trial.in_folder(folder) if is_ours else None
            if not is_ours or (before is not None and before.epochs != trial.epochs):  # another process has, or had, it
                time.sleep(WAIT)
                return
            self.is_interrupted = advance(trial, folder, self.subject, until, Watcher(), self.deadline)
            if not trial.failure and trial.epochs:
                history = RunFolder(folder).require_record("history.json", "monitor", "epochs")
                trial.costs = costs_of(history, self.study.plan["better"], self.study.rungs.epochs, trial.is_done)
                trial.write(folder)
        self.say(self._line(trial))

    def _line(self, trial: Trial) -> str:
        """A trial in one line."""
        settings = ", ".join(f"{name} {value}" for name, value in trial.values.items()) or "the usual settings"
        if trial.failure:
            return f"  trial {trial.number:>3}  {settings}: {trial.failure}"
        score = f"{self.study.score(trial.cost):.4g}" if trial.costs else "–"
        state = f"{trial.epochs:>3} epochs{', done' if trial.is_done else '':<6}"
        return f"  trial {trial.number:>3}  {state}  {self.study.plan['monitor']} {score}  {settings}"


def winner(study: StudyFolder) -> tuple[Trial, str]:
    """The trial to take, and why: the best of those that are done, if it beats the usual settings by more than the
    noise of the validation examples.

    The rule of one standard error (Breiman et al. 1984, Classification and Regression Trees): the best of many trials
    looks better than it is, so a lead that chance explains is none.
    """
    done = [trial for trial in study.trials() if trial.is_done and not trial.failure]
    usual = next(trial for trial in done if trial.number == 0)
    best = min(done, key=lambda trial: trial.cost)
    if best.number == 0:
        return usual, "no trial was better than the usual settings"
    gains = paired_losses(study.folder_of(best.number), study.folder_of(0))
    if gains is None or len(gains) < 2:
        return best, f"trial {best.number} has the best validation score of {len(done)} that are done"
    error = float(gains.std(ddof=1)) / math.sqrt(len(gains))
    if float(gains.mean()) <= error:
        return usual, (
            f"trial {best.number} looks best, but on {len(gains):,} validation examples it is ahead of the usual "
            f"settings by {gains.mean():.3g} ± {error:.2g}: chance explains that, so they stay"
        )
    return best, f"trial {best.number} is ahead of the usual settings by {gains.mean():.3g} ± {error:.2g} per example"
