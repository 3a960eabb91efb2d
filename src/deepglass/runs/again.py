"""The data of a training, read once more.

A run knows its source and every option with which it was read; reading it again gives the same splits, and that is
checked against the test examples that the run remembers.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.runs import options as option_space
from deepglass.runs.job import Job, plan_job
from deepglass.runs.run import Run


def own_job(run: Run, data: Any = None, model: str | None = None, options: dict[str, Any] | None = None) -> Job:
    """Plan a training as that of the run was planned: the same data, splits and preprocessing.

    Args:
        run: Its config.json says what was asked.
        data: Where its data are now, if not where they were.
        model: Another model than the run's.
        options: Settings of the model in the place of the run's.

    Raises:
        DataError: If the data have gone, or are others than in training.
    """
    repeated = option_space.from_file(run.folder / "config.json", model=model)
    known, options = repeated.settled, options or {}
    source = known["source"] if data is None else data
    try:
        engine = known.get("engine") or "torch"  # on which it depends whether several networks share the rows
        job = plan_job(source, known["task"], model or known["model"], options, engine, repeated)
    except (DataError, OptionError) as error:
        if data is not None:
            given = data if isinstance(data, str | Path) else "the data"
            raise DataError(
                f"{given} is not what {run.path} learnt from ({error}): give the data of the training with --data"
            ) from error
        raise DataError(
            f"the data of {run.path} cannot be read from {source} again ({error}): say where they are with --data"
        ) from error
    _require_same_data(run, job)
    job.engine = "torch"  # what is made of it now is computed by PyTorch
    job.source = known["source"] if data is None or not isinstance(data, str | Path) else str(data)
    return job


def _require_same_data(run: Run, job: Job) -> None:
    """Raises DataError if sizes or test examples are not those of the training."""
    known, ours = run.folder.read_outputs(), np.arange(len(job.prepared.test))
    ours = job.prepared.ids.get("test", ours)
    dims = json.loads(json.dumps(job.prepared.dims))
    if dims != run.folder.read("task.json")["dims"] or not np.array_equal(known["ids"], ours):
        raise DataError(
            f"{job.source} is not what {run.path} learnt from: expected the same rows in the same order, "
            f"{len(known['ids']):,} of them to test on, got {len(ours):,}; give the data of the training with --data"
        )
