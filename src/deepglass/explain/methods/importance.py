"""Importance of columns: by how much the loss of the test rows grows when the cells of a column are shuffled.

The measure itself is `evaluate/importance.py`, which every report of a table shows; here it is read from the run, or
measured again where the run has none.

Breiman (2001), Random Forests, https://doi.org/10.1023/A:1010933404324.
"""

from deepglass.core.errors import DataError
from deepglass.explain import Explanation, Settings
from deepglass.explain.rows import own_rows
from deepglass.explain.subject import Subject

TITLE = "importance of columns (permutation)"
KINDS = ("columns",)
USES = ()  # of the settings
EXPLAINS = "model"
FILE, SECONDS = "importance.json", 60.0


def explain(subject: Subject, settings: Settings) -> Explanation:
    """What each column is worth to the model, the most valuable first.

    Raises:
        DataError: If there are too few test rows to shuffle, or the data of the training have gone.
    """
    run = subject.run
    if run.folder.has(FILE) and subject.data is None:
        found = run.folder.read(FILE)
    else:
        job = subject.rows.job or own_rows(run, subject.data).job
        found = job.task.importance(run.model.cpu(), job.prepared, SECONDS)
    if not found:
        raise DataError(f"{run.path} has too few test rows to shuffle: expected 20 or more; name a row with --row")
    parts = [
        {"name": one["column"], "contribution": one["value"], "low": one["low"], "high": one["high"]} for one in found
    ]
    return subject.bare("importance", TITLE, parts=parts, unit="growth of the loss", about="the whole model")
