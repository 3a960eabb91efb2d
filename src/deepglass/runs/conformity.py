"""What a run remembers to answer with sets and intervals: the scores of the examples that chose it.

    validation examples ── scores ── conformal.json ── predict --coverage 0.9: their quantile ── set, interval

Validation has chosen the epoch and perhaps a blend, so its scores are a trifle too good; the test examples measure what
the promise is worth (`deepglass audit RUN --only reliability`). References: `evaluate/conformal.py`.
"""

from typing import Any

import numpy as np

from deepglass.core.errors import OptionError
from deepglass.core.run_folder import RunFolder
from deepglass.core.state import read, require
from deepglass.evaluate import conformal
from deepglass.tasks import BaseTask, Outputs

NAME = "conformal.json"
MOST = 10_000  # scores that are kept: the coverage of so many scatters by 0.3 points


def keep(folder: RunFolder, task: BaseTask, held_out: Outputs, is_learnt: bool, seed: int) -> None:
    """Write the scores into the run; nothing where the task has none, or has learnt from these examples in the end.

    Args:
        folder: Of the run; what an earlier end of its training left is removed.
        task: Says how well an answer conforms.
        held_out: What answers said of examples that it has not learnt from.
        is_learnt: Whether it has learnt from them afterwards.
        seed: Of the choice among too many.
    """
    folder.remove(NAME)
    found = None if is_learnt else record(task, held_out, seed)
    if found is not None:
        folder.write(NAME, found)


def record(task: BaseTask, held_out: Outputs, seed: int) -> dict[str, Any] | None:
    """The scores as they are kept; None where the task has none, or nobody knows the truth."""
    scores = None if held_out.targets is None else task.conformity(held_out)
    if scores is None or not len(scores):
        return None
    if len(scores) > MOST:
        scores = np.random.default_rng(seed).choice(scores, MOST, replace=False)
    return {"scores": np.sort(scores).tolist(), "count": len(scores)}


def record_of(folder: RunFolder) -> dict[str, Any] | None:
    """The scores that a run keeps; None where it has none.

    Raises:
        RunError: If the file is damaged.
    """
    scores = scores_of(folder)
    return None if scores is None else {"scores": scores.tolist(), "count": len(scores)}


def scores_of(folder: RunFolder) -> np.ndarray | None:
    """(n,) in order; None where the run has none.

    Raises:
        RunError: If the file is damaged.
    """
    if not folder.has(NAME):
        return None
    content = folder.require_record(NAME, "scores", "count")
    with folder.understanding(NAME):
        scores = np.array(read(content, "scores", list[float]), np.float64)
        require(len(scores) == read(content, "count", int) and np.isfinite(scores).all(), "as many scores as counted")
        return np.sort(scores)


def limit_for(folder: RunFolder, task: BaseTask, coverage: float) -> float:
    """The score up to which a class, or a value, belongs to the answer.

    Raises:
        OptionError: If the coverage is no share, or the run has nothing, or too little, to tell it from.
    """
    conformal.require_share(coverage)
    if task.own_coverage is not None:
        raise OptionError(
            f"--coverage {coverage:g}: the intervals of {task.name} were learnt in training for {task.own_coverage:g}: "
            f"leave it out, or train again with --coverage {coverage:g}"
        )
    scores = scores_of(folder)
    if scores is None and not task.answers_with_coverage:
        raise OptionError(f"--coverage: {task.name} answers with neither a class nor a number: leave it out")
    if scores is None:
        raise OptionError(
            f"--coverage: {folder.path} remembers no scores of validation examples: train it again with this version"
        )
    if (needed := conformal.fewest(coverage)) > len(scores):
        raise OptionError(
            f"--coverage {coverage:g}: needs {needed:,} validation examples, and there were {len(scores):,}: ask for "
            f"{len(scores) / (len(scores) + 1):.3g} at most, or train with more of them (--val-fraction)"
        )
    return conformal.quantile(scores, coverage)


def with_coverage(
    folder: RunFolder, task: BaseTask, outputs: Outputs, records: list[dict[str, Any]], coverage: float
) -> list[dict[str, Any]]:
    """Answers with a set of classes, or the ends of an interval, each; as they are where they have them already."""
    if coverage == task.own_coverage:
        return records
    found = task.covered(outputs, limit_for(folder, task, coverage))
    return [record | more for record, more in zip(records, found, strict=True)]
