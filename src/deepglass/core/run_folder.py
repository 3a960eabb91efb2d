"""The run folder: everything about one training in files that can be moved, zipped and opened elsewhere.

config.json          what was asked and decided: source, task, model, every option (`--config` repeats it)
task.json            schema of the inputs and the fitted preprocessing
weights.safetensors  the best weights
checkpoint.pt        the state of the training, to the bit
history.json         one record per epoch
log.jsonl            what happened, line by line, for whoever watches while it happens (`core/run_log.py`)
repeat.json          how many steps were taken and in which way each was computed, for an exact repetition
metrics.json         test and validation metrics with intervals, the baseline, the warnings
seen.npz             a fingerprint of every training and validation example, to know it again
outputs.npz          predictions, targets and losses of the test split, for comparisons and plots
conformal.json       how badly the truth fitted answers of the validation split, for answers with a coverage
people.json          who is enrolled, as embeddings (`runs/identities.py`)
mistakes.json        the worst test examples, pictures and texts included
guesses.json         what was guessed, why, and the option that overrides it
profile.json         where the time of the training went, if that was asked for
environment.json     versions, hardware, threads, precision, times
report.html          one self-contained page
MODEL_CARD.md        what the model is for, and what it was not tested on
checksums.sha256     SHA-256 of what is read again, verified whenever it is
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import arrays, checksums, drafts, files
from deepglass.core.errors import DeepglassError, RunError
from deepglass.core.wording import listing

READ_AGAIN = (
    "config.json", "task.json", "weights.safetensors", "checkpoint.pt", "history.json", "repeat.json", "metrics.json",
    "seen.npz", "outputs.npz", "importance.json", "mistakes.json", "guesses.json", "profile.json", "environment.json",
    "blend.json", "blend.safetensors", "group_shift.json", "audit.json", "conformal.json",
    "people.json",
)  # fmt: skip


class RunFolder:
    """Names, reads and writes the files of a run."""

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.made: list[Path] = []  # folders that `create` made, the deepest first

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def create(self) -> "RunFolder":
        """Make the folder, check that it can be written to, and remove what killed processes left half-written in it.

        Raises:
            RunError: If it cannot.
        """
        if self.path.exists() and not self.path.is_dir():
            raise RunError(f"{self.path} is a file: choose a folder with --run DIR")
        self.made = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(
                f"cannot create {self.path} ({error.strerror}): choose another folder with --run DIR"
            ) from None
        if not os.access(self.path, os.W_OK):
            raise RunError(f"no permission to write in {self.path}: choose another folder with --run DIR")
        drafts.remove_stale(self.path)
        return self

    def must_exist(self) -> "RunFolder":
        """Check that this is a run.

        Raises:
            RunError: If it is not; lists the runs beside it.
        """
        if not self.has("config.json"):
            near = sorted(p.parent.name for p in self.path.parent.glob("*/config.json"))
            hint = f" Runs in {self.path.parent}: {', '.join(near[-5:])}" if near else " See `deepglass runs`"
            raise RunError(f"{self.path} is not a run: it has no config.json.{hint}")
        return self

    # -- reading ----------------------------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Whether a file is there, or should be: then whoever reads it says what is wrong with it."""
        if files.lies_at(self / name):
            return True
        noted = checksums.read(self.path).get(name)
        return noted is not None and not noted.may_be_absent

    def read(self, name: str) -> Any:
        """One of the JSON files, such as `read("metrics.json")`.

        Raises:
            RunError: If it is missing, or not as it was written.
        """
        return files.parse_json(self.read_bytes(name, files.MOST_JSON_BYTES), self / name)

    def read_record(self, name: str) -> dict[str, Any]:
        """One of the JSON files that hold an object; empty where there is none.

        Raises:
            RunError: If it is not as it was written, or holds something else.
        """
        return self.require_record(name) if files.lies_at(self / name) else {}

    def require_record(self, name: str, *keys: str) -> dict[str, Any]:
        """One of the JSON files that hold an object with these keys.

        Raises:
            RunError: If it is missing or not as it was written, or a key is missing.
        """
        content = self.read(name)
        if not isinstance(content, dict):
            came = type(content).__name__
            raise RunError(f"{self / name} is damaged (expected an object, got a {came}): {files.RESTORE}")
        if missing := [key for key in keys if key not in content]:
            raise RunError(f"{self / name} is damaged ({missing[0]!r} is missing in it): {files.RESTORE}")
        return content

    def read_bytes(self, name: str, most: int | None = None) -> bytes:
        """All that a file holds, held against its checksum.

        Args:
            name: Of the file.
            most: Bytes that it may have; what the memory can hold by default.

        Raises:
            RunError: If it is missing, too large, or not as it was written.
        """
        content = files.read_bytes(self / name, most)
        checksums.require(self.path, name, hashlib.sha256(content).hexdigest())
        return content

    def verify(self, name: str) -> Path:
        """Hold a file against its checksum, a piece at a time; returns its path.

        Raises:
            RunError: If it is missing, or not as it was written.
        """
        digest = checksums.digest_of_file(self / name)
        checksums.require(self.path, name, digest)
        return self / name

    def read_outputs(self) -> dict[str, np.ndarray]:
        """Arrays of the test split: `ids`, `predictions`, `targets`, `losses`.

        Raises:
            RunError: If there are none yet, or they are not as they were written.
        """
        if not self.has("outputs.npz"):
            raise RunError(f"{self / 'outputs.npz'} is missing: the run has not been evaluated yet")
        return self.read_arrays("outputs.npz")

    def read_arrays(self, name: str) -> dict[str, np.ndarray]:
        """The arrays of one of the .npz files.

        Raises:
            RunError: If they are missing, not as they were written, or larger than the memory.
        """
        return arrays.parse(self.read_bytes(name), self / name)

    # -- writing ----------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A neighbouring path to write to; moved into place in the end, and its checksum noted.

        Raises:
            RunError: If the disk is full or the folder cannot be written to.
        """
        with files.atomic(self / name) as draft:
            yield draft
            digest = checksums.digest_of_file(draft)
            checksums.note(self.path, name, digest)
        checksums.settle(self.path, name, digest)

    def write(self, name: str, content: Any) -> None:
        """Write one of the JSON files, whole or not at all."""
        self.write_bytes(name, files.as_json(content))

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all."""
        with self.writing(name) as draft:
            draft.write_bytes(content)

    def write_outputs(self, **arrays: np.ndarray) -> None:
        """Write the arrays of the test split."""
        self.write_arrays("outputs.npz", **arrays)

    def write_arrays(self, name: str, **arrays: np.ndarray) -> None:
        """Write one of the .npz files, whole or not at all."""
        with self.writing(name) as draft, draft.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]

    def remove(self, name: str) -> None:
        """Remove a file that the run no longer has."""
        if self.has(name):
            checksums.note(self.path, name, checksums.ABSENT)
            drafts.remove(self / name)
            checksums.forget(self.path, name)

    # -- errors -----------------------------------------------------------------------------------------------------

    @contextmanager
    def understanding(self, *names: str) -> Iterator[None]:
        """What is read of these files is made use of: if it cannot be, they are at fault.

        Raises:
            RunError: In the place of whatever Python says of keys, types and sizes that do not fit.
        """
        try:
            yield
        except DeepglassError:
            raise
        except Exception as error:
            raise self._unfit(names, error) from error

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """A run is used: an error that nobody foresaw is explained by its files where not all are as they were written.

        Where they are, the error is a defect of ours and keeps its traceback.

        Raises:
            RunError: Names the files that are not, or whose checksum nobody knows.
        """
        try:
            yield
        except DeepglassError:
            raise
        except Exception as error:
            if doubtful := self.unverified():
                raise self._unfit(doubtful, error) from error
            raise

    def unverified(self) -> list[str]:
        """The files that are not as they were written, or of which that is not known."""
        return [name for name in sorted(READ_AGAIN) if self.has(name) and not self._is_verified(name)]

    def _is_verified(self, name: str) -> bool:
        try:
            self.verify(name)
            return name in checksums.read(self.path)
        except RunError:
            return False

    def _unfit(self, names: Iterable[str], error: Exception) -> RunError:
        reason = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:200]}"
        where = f"{self.path}: {listing(names, 20)}"
        return RunError(f"{where} cannot be understood ({reason}): restore the run from a copy, or train again")


def next_run_path(runs: Path, name: str) -> Path:
    """A fresh folder name below `runs`: `iris`, then `iris-2`, `iris-3`, ..."""
    taken = {path.name for path in runs.iterdir()} if runs.is_dir() else set()
    if name not in taken:
        return runs / name
    return next(runs / f"{name}-{i}" for i in range(2, 1_000_000) if f"{name}-{i}" not in taken)
