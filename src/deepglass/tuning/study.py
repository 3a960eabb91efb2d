"""A study on disk: what is searched, how, and every trial. The folder is the storage: processes may share it.

STUDY/study.json            source, options, space, sampler, seed, rungs
STUDY/trials/0007/          a run folder: config.json, checkpoint.pt, history.json, and trial.json
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import environment, files
from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder
from deepglass.tuning.halving import Rungs
from deepglass.tuning.samplers import Told
from deepglass.tuning.space import Space
from deepglass.tuning.trial import Trial

FILE = "study.json"
KEYS = ("source", "task", "model", "options", "space", "sampler", "seed", "rungs", "monitor", "better", "usual")
COMPARABLE = 6  # trials on a rung, from which on the sampler is told of that rung and not of a lower one


class StudyFolder:
    """A study that was begun.

    Args:
        path: Its folder.

    Raises:
        RunError: If the folder holds none, or study.json is damaged.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        if not files.lies_at(self.path / FILE):
            raise RunError(f"{self.path} holds no study ({FILE}): begin one with `deepglass tune SOURCE`")
        folder = RunFolder(self.path)
        self.plan: dict[str, Any] = folder.require_record(FILE, *KEYS)
        with folder.understanding(FILE):
            self.space = Space.from_record(self.plan["space"])
            self.rungs = Rungs(tuple(int(epochs) for epochs in self.plan["rungs"]))

    @classmethod
    def begin(cls, path: Path, plan: Mapping[str, Any]) -> "StudyFolder":
        """A new one; `plan` has the `KEYS`.

        Raises:
            RunError: If the folder holds a study, or cannot be written to.
        """
        if files.lies_at(path / FILE):
            raise RunError(f"{path} already holds a study: add --resume to go on with it, or choose another --study")
        RunFolder(path).create()
        files.write_json(path / FILE, {"deepglass": environment.versions(("deepglass",))["deepglass"], **plan})
        return cls(path)

    def shortened(self, epochs: int) -> "StudyFolder":
        """The same study, whose trials have fewer epochs; what the first one has learnt is thrown away."""
        shutil.rmtree(self.path / "trials", ignore_errors=True)
        options = self.plan["options"] | {"epochs": epochs}
        files.write_json(self.path / FILE, self.plan | {"options": options, "rungs": list(Rungs.of(epochs).epochs)})
        return StudyFolder(self.path)

    def score(self, cost: float) -> float:
        """The validation score that a cost stands for."""
        return cost if self.plan["better"] == "lower" else -cost

    def folder_of(self, number: int) -> Path:
        """Where a trial lies."""
        return self.path / "trials" / f"{number:04d}"

    def trials(self) -> list[Trial]:
        """All that have written something, by number.

        Raises:
            RunError: If the file of one is damaged.
        """
        folders = sorted(path for path in (self.path / "trials").glob("*") if path.name.isdecimal())
        found = (Trial.in_folder(folder) for folder in folders)
        return [trial for trial in found if trial is not None]

    def next_number(self) -> int:
        """Of a trial that nobody has begun."""
        numbers = [int(path.name) for path in (self.path / "trials").glob("*") if path.name.isdecimal()]
        return max(numbers, default=-1) + 1

    def told(self, trials: list[Trial]) -> list[Told]:
        """What a sampler may know: what trials cost on the highest rung on which enough of them are.

        A trial that failed costs more than all others.
        """
        placed = [trial for trial in trials if len(trial.point) == len(self.space)]
        rungs = reversed(range(len(self.rungs.epochs)))
        counts = ((rung, sum(rung in trial.costs for trial in placed)) for rung in rungs)
        rung = next((rung for rung, count in counts if count >= COMPARABLE), 0)
        costs = [(trial, float("inf") if trial.failure else trial.costs.get(rung)) for trial in placed]
        return [Told(np.array(trial.point), cost) for trial, cost in costs if cost is not None]
