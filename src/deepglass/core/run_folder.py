"""The run folder: everything about one training in files that can be moved, zipped and opened elsewhere.

config.json          what was asked and decided: source, task, model, every option (`--config` repeats it)
task.json            schema of the inputs and the fitted preprocessing
weights.safetensors  the best weights
checkpoint.pt        where training stands, to the bit
history.json         one record an epoch
repeat.json          how many steps were taken and in which way each was computed, for an exact repetition
metrics.json         test and validation metrics with intervals, the baseline, the warnings
seen.npz             a fingerprint of every training and validation example, to know it again
outputs.npz          predictions, targets and losses of the test split, for comparisons and plots
mistakes.json        the worst test examples, pictures and texts included
guesses.json         what was guessed, why, and the option that overrides it
profile.json         where the time of the training went, if that was asked for
environment.json     versions, hardware, threads, precision, times
report.html          one self-contained page
MODEL_CARD.md        what the model is for, and what it was not tested on
"""

import os
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import files
from deepglass.core.errors import RunError


class RunFolder:
    """Names and reads the files of a run."""

    def __init__(self, path: str | Path):
        self.path = Path(path)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def create(self) -> "RunFolder":
        """Make the folder and check that it can be written to.

        Raises:
            RunError: If it cannot.
        """
        if self.path.exists() and not self.path.is_dir():
            raise RunError(f"{self.path} is a file: choose a folder with --run DIR")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(
                f"cannot create {self.path} ({error.strerror}): choose another folder with --run DIR"
            ) from None
        if not os.access(self.path, os.W_OK):
            raise RunError(f"no permission to write in {self.path}: choose another folder with --run DIR")
        return self

    def must_exist(self) -> "RunFolder":
        """Check that this is a run.

        Raises:
            RunError: If it is not; lists the runs beside it.
        """
        if not (self / "config.json").is_file():
            near = (
                sorted(p.parent.name for p in self.path.parent.glob("*/config.json"))
                if self.path.parent.exists()
                else []
            )
            hint = f" Runs in {self.path.parent}: {', '.join(near[-5:])}" if near else " See `deepglass runs`"
            raise RunError(f"{self.path} is not a run: it has no config.json.{hint}")
        return self

    def read(self, name: str) -> Any:
        """One of the JSON files, such as `read("metrics.json")`."""
        return files.read_json(self / name)

    def write(self, name: str, content: Any) -> None:
        """Write one of the JSON files, whole or not at all."""
        files.write_json(self / name, content)

    def read_outputs(self) -> dict[str, np.ndarray]:
        """Arrays of the test split: `ids`, `predictions`, `targets`, `losses`."""
        if not (self / "outputs.npz").is_file():
            raise RunError(f"{self / 'outputs.npz'} is missing: the run has not been evaluated yet")
        return self.read_arrays("outputs.npz")

    def write_outputs(self, **arrays: np.ndarray) -> None:
        """Write the arrays of the test split."""
        self.write_arrays("outputs.npz", **arrays)

    def read_arrays(self, name: str) -> dict[str, np.ndarray]:
        """The arrays of one of the .npz files."""
        with np.load(self / name, allow_pickle=False) as arrays:
            return dict(arrays)

    def write_arrays(self, name: str, **arrays: np.ndarray) -> None:
        """Write one of the .npz files, whole or not at all."""
        with files.atomic(self / name) as draft, draft.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def next_run_path(runs: Path, name: str) -> Path:
    """A fresh folder name below `runs`: `iris`, then `iris-2`, `iris-3`, ..."""
    taken = {path.name for path in runs.iterdir()} if runs.is_dir() else set()
    if name not in taken:
        return runs / name
    return next(runs / f"{name}-{i}" for i in range(2, 1_000_000) if f"{name}-{i}" not in taken)
