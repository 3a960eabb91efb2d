"""Pictures found by words: a run of image-text ranks pictures that nobody has labelled.

run = dg.load("runs/scenes")
run.search("a red circle", "holiday/")[0]["file"]
"""

from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.runs.again import own_job
from deepglass.runs.run import Run


def search(run: Run, words: str, pictures: Any = None, count: int = 5) -> list[dict[str, Any]]:
    """The pictures that fit words best.

    Args:
        run: Of the task image-text.
        words: What to look for.
        pictures: A file, a folder, several of them, or an array; the test of the training by default.
        count: How many are named.

    Returns:
        The nearest first, each with `rank`, `file` (of the test `row`, from 1), and `score`, the cosine.

    Raises:
        OptionError: If the run knows no words, or the count is out of its range.
        DataError: If the words are unknown to the training, a picture is missing or broken, or there is none.
    """
    task: Any = run.task
    if not hasattr(task, "words"):
        raise OptionError(f"{run.path} was trained for {run.config['task']}: only runs of --task image-text know words")
    if count < 1:
        raise OptionError(f"--count: expected 1 or more, got {count}")
    with run.folder.explaining():
        looked_for = task.words(run.model, words)
        if pictures is None:
            examples, names = own_job(run).prepared.test, {}
        else:
            examples, names = task.read(task.open(pictures), with_target=False)
        if not len(examples):
            raise DataError("no picture: expected a file, a folder, or several of them")
        found = task.outputs(run.model, examples.to(run.device)).predictions
    scores = found @ looked_for
    called = [{"file": Path(file).name} for file in names.get("file", ())] or [
        {"row": row + 1} for row in range(len(found))
    ]
    order = np.argsort(-scores, kind="stable")[:count].tolist()
    return [{"rank": rank, **called[place], "score": float(scores[place])} for rank, place in enumerate(order, 1)]
