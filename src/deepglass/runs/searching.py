"""What is found by words: pictures by a run of image-text, replies and passages by a run of retrieval.

run = dg.load("runs/scenes")
run.search("a red circle", "holiday/")[0]["file"]
"""

from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.data.reading.passages import passages_of
from deepglass.runs.again import own_job
from deepglass.runs.run import Run


def search(run: Run, words: str, things: Any = None, count: int = 5) -> list[dict[str, Any]]:
    """The pictures, or the texts, that fit words best.

    Args:
        run: Of the task image-text or retrieval.
        words: What to look for.
        things: Pictures or texts: a file, a folder, several of them, or an array or list of them; by default the test
            pictures of the training, and the replies of the training.
        count: How many are named.

    Returns:
        The nearest first, each with `rank` and `score`, the cosine; of pictures `file` (of the test `row`, from 1), of
        texts `text` and where it is `from`.

    Raises:
        OptionError: If the run knows no words, or the count is out of its range.
        DataError: If the words are unknown to the training, a file is missing or broken, or there is none.
    """
    task: Any = run.task
    if not hasattr(task, "words"):
        raise OptionError(
            f"{run.path} was trained for {run.config['task']}: only runs of --task image-text and --task retrieval "
            "know words"
        )
    if count < 1:
        raise OptionError(f"--count: expected 1 or more, got {count}")
    with run.folder.explaining():
        looked_for = task.words(run.model, words)
        vectors, called = (_texts if hasattr(task, "text_vectors") else _pictures)(run, things)
    scores = vectors @ looked_for
    order = np.argsort(-scores, kind="stable")[:count].tolist()
    return [{"rank": rank, **called[place], "score": float(scores[place])} for rank, place in enumerate(order, 1)]


def _pictures(run: Run, pictures: Any) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Their vectors, and what each is called."""
    task: Any = run.task
    if pictures is None:
        examples, names = own_job(run).prepared.test, {}
    else:
        examples, names = task.read(task.open(pictures), with_target=False)
    if not len(examples):
        raise DataError("no picture: expected a file, a folder, or several of them")
    found = task.outputs(run.model, examples.to(run.device)).predictions
    rows = [{"row": row + 1} for row in range(len(found))]
    return found, [{"file": Path(file).name} for file in names.get("file", ())] or rows


def _texts(run: Run, texts: Any) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Their vectors, and what each says."""
    task: Any = run.task
    if texts is None:
        return task.reply_vectors(run.model), [{"text": text, "from": "training"} for text in task.inputs.replies]
    found = passages_of(texts, run.task.data_config.for_new_data())
    return task.text_vectors(run.model, [text for _, text in found]), [{"text": text, "from": at} for at, text in found]
