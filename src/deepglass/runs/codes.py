"""The codes of a run: of new examples, or of those of its training, with what names each of them.

codes = dg.load("runs/digits").embed()
codes.codes.shape, codes.names["part"][0]
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.data.containers import Images
from deepglass.runs.again import own_job
from deepglass.runs.run import Run

PARTS = ("train", "val", "test")


@dataclass(frozen=True)
class Codes:
    """Codes of N examples.

    codes: (N, K). errors: (N,) what each costs: the mean squared error of what is made of it, or what the question
    costs that was learnt without labels. names: By column what names an example: row or file, the part of the training
    data that it is of, its group where the data know one. groups: (N,) positions in `known`, -1 where nobody knows.
    shown: From a position to the example as a report shows it.
    """

    codes: np.ndarray
    errors: np.ndarray
    names: dict[str, list[Any]]
    groups: np.ndarray
    known: list[str]
    shown: Callable[[int], dict[str, Any]]

    def records(self) -> list[dict[str, Any]]:
        """A flat record per example: its names, code_1 to code_K, error."""
        named = [dict(zip(self.names, cells)) for cells in zip(*self.names.values())]
        keys = [f"code_{place + 1}" for place in range(self.codes.shape[1])]
        rows = zip(named, self.codes.astype(float).tolist(), self.errors.astype(float).tolist())
        return [names | dict(zip(keys, code)) | {"error": error} for names, code, error in rows]


def codes_of(run: Run, source: Any = None, data: Any = None) -> Codes:
    """The codes of examples.

    Args:
        run: Of a task that makes codes.
        source: New examples, as for `predict`; those of the training, all parts of them, by default.
        data: Where the data of the training are now, if not where they were.

    Raises:
        OptionError: If the run makes no codes, or `data` stands beside new examples.
        DataError: If the examples do not fit, or the data of the training have gone or changed.
    """
    if not getattr(run.task, "code_dim", 0):
        only = "only runs of --task embedding or self-supervised make codes"
        raise OptionError(f"{run.path} was trained for {run.config['task']}: {only}")
    if source is None:
        return _of_training(run, data)
    if data is not None:
        raise OptionError("--data says where the data of the training are: leave it out, or leave INPUT out")
    with run.folder.explaining():
        return _of_new(run, source)


def _of_new(run: Run, source: Any) -> Codes:
    task: Any = run.task
    opened = task.open(source)
    examples, names = task.read(opened, with_target=False)
    for guess in getattr(opened, "guesses", ()):
        console.say(f"  {guess}", style="dim")
    said = task.outputs(run.model, examples.to(run.device))

    def shown(place: int) -> dict[str, Any]:
        read, rows, _ = task.inputs.read(opened, with_target=False)
        return task.inputs.shown(read, int(rows[place]), task.answer)

    return Codes(_codes(said), said.losses, names, said.targets, task.answer.groups, shown)


def _of_training(run: Run, data: Any) -> Codes:
    """Of all examples of the training, in the order of the data."""
    job = own_job(run, data)
    task: Any = job.task
    task.disable_augmentation(job.prepared)
    said = [run.task.outputs(run.model, getattr(job.prepared, part).to(run.device)) for part in PARTS]
    rows = np.concatenate([job.prepared.ids[part] for part in PARTS])
    order = np.argsort(rows, kind="stable")
    codes = np.concatenate([_codes(one) for one in said])[order]
    errors, groups = (np.concatenate([getattr(one, name) for one in said])[order] for name in ("losses", "targets"))
    parts = np.repeat(PARTS, [len(one.predictions) for one in said])[order]
    known, rows, source = task.answer.groups, rows[order], task.source_of(job.data)
    names: dict[str, list[Any]] = {**_named(source, rows), "part": parts.tolist()}
    names |= {"group": [known[place] if place >= 0 else "" for place in groups]} if known else {}
    return Codes(codes, errors, names, groups, known, lambda i: task.inputs.shown(source, int(rows[i]), task.answer))


def _codes(said: Any) -> np.ndarray:
    """(N, K) of a task that predicts them, or keeps them beside what it predicts."""
    return said.extra.get("codes", said.predictions)


def _named(source: Any, rows: np.ndarray) -> dict[str, list[Any]]:
    """What names these examples, as `predict` names them."""
    if not isinstance(source, Images):
        return {"row": (rows + 1).tolist()}
    files = source.paths or source.names
    return {"file": [str(files[row]) for row in rows]} if files else {"row": rows.tolist()}
