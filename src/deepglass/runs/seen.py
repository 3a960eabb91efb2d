"""Which examples of new data were seen in training: an evaluation on these flatters.

A run keeps a fingerprint of every training and validation example (`data/fingerprints.py`), eight bytes each, and
nothing of the example itself.
"""

from functools import cached_property
from typing import Any

import numpy as np

from deepglass.core.console import console
from deepglass.core.run_folder import RunFolder
from deepglass.tasks import BaseTask, Outputs, Prepared

FILE = "seen.npz"
FEWEST = 2  # unseen examples that are scored apart


def remember(folder: RunFolder, task: BaseTask, data: Any, prepared: Prepared) -> None:
    """Keep the fingerprints of what is learnt from and of what chooses the epoch."""
    prints = task.fingerprints(data)
    if prints is not None:
        folder.write_arrays(FILE, **{split: np.unique(prints[prepared.ids[split]]) for split in ("train", "val")})


class Memory:
    """What a run remembers of its examples; the file is read once, when it is first needed."""

    def __init__(self, folder: RunFolder):
        self.folder = folder

    @cached_property
    def prints(self) -> np.ndarray:
        """Of all that was learnt from or chose the epoch.

        Raises:
            RunError: If the file is damaged.
        """
        with self.folder.understanding(FILE):
            return np.concatenate(list(self.folder.read_arrays(FILE).values()))

    def mask_of(self, task: BaseTask, data: Any, count: int) -> np.ndarray | None:
        """(count,) which examples of opened data were seen; None where that is not known.

        Args:
            task: That of the run.
            data: As it opened them.
            count: Examples that were made of the data: all, or those of the test split that they declare.

        Raises:
            RunError: If what the run remembers is damaged.
        """
        if not self.folder.has(FILE) or (prints := task.fingerprints(data)) is None:
            return None
        if len(prints) != count and "test" in data.splits:
            prints = prints[data.splits["test"]]
        return np.isin(prints, self.prints) if len(prints) == count else None


def say(mask: np.ndarray | None) -> None:
    """That answers for examples of the training look better than those for new ones, where there are some."""
    if mask is not None and mask.any():
        console.say(
            f"  {mask.sum():,} of {len(mask):,} examples were seen in training: their answers look better than those "
            "for new ones; `deepglass report` has the scores of the test",
            style="dim",
        )


def apart(task: BaseTask, outputs: Outputs, seen: np.ndarray) -> dict[str, Any]:
    """How many examples were seen, and the scores of the others where there are some of both."""
    found: dict[str, Any] = {"seen": {"examples": int(seen.sum()), "of": len(seen)}}
    if seen.any() and (~seen).sum() >= FEWEST:
        others = outputs.of_rows(np.flatnonzero(~seen))
        found["unseen"] = task.evaluate(others)
    return found
