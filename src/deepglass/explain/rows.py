"""Examples that may be explained: those of a file that is given, or those that the training kept for its test."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.data.examples import Examples
from deepglass.data.fields import InputField, Part
from deepglass.runs.again import own_job


@dataclass
class Rows:
    """Examples with what a reader knows of them.

    Attributes:
        examples: As the network takes them.
        shown: From a position to the example as the field shows it: a record, a text, a picture as a data URI.
        where: What they are, for messages, such as "new.csv" or "the test rows of iris".
        guesses: What was noticed while they were read.
        job: Of the training, where they are its own.
        num_inputs: Of the network; None where all tensors of an example but the last are.
    """

    examples: Examples
    shown: Callable[[int], dict[str, Any]]
    where: str
    guesses: list[Guess]
    job: Any = None
    num_inputs: int | None = None

    def __len__(self) -> int:
        return len(self.examples)

    def inputs(self, rows: list[int]) -> tuple[Tensor, ...]:
        """Of the network, each (n, …)."""
        batch = self.examples.batch(torch.tensor(rows))
        return tuple(
            part.contiguous() for part in batch[: len(batch) - 1 if self.num_inputs is None else self.num_inputs]
        )

    def require(self, row: int, option: str = "--row ") -> int:
        """The position of a row that is counted from 1.

        Raises:
            OptionError: If there is none.
        """
        if not 1 <= row <= len(self):
            raise OptionError(
                f"{option}{row}: {self.where} has {len(self):,}: expected a number from 1 to {len(self):,}"
            )
        return row - 1


def learns_from_rows(task: Any) -> bool:
    """Whether each example stands for itself, and is not the end of a sequence."""
    return isinstance(getattr(task, "inputs", None), InputField)


def new_rows(run: Any, inputs: Any) -> Rows:
    """Of data that are given.

    Raises:
        DataError: If they do not fit what the run was trained on.
    """
    task = run.task
    data = task.open(inputs)
    guesses = list(getattr(data, "guesses", ()))
    if not learns_from_rows(task):
        return Rows(task.read(data, with_target=False)[0], lambda row: {}, _called(inputs), guesses)
    source, rows, _ = task.inputs.read(data, with_target=False)
    target = (torch.from_numpy(task.answer.blank(len(rows))),)
    examples = task.inputs.examples(source, {"new": Part(rows, target)}, task.answer)["new"]
    task.inputs.warn()
    frame = getattr(source, "frame", None)
    if frame is not None and any(name not in frame for name in task.answer.columns):
        source = with_columns(source, task.answer.columns)  # the field leaves them out where it shows a row
    return Rows(examples, lambda row: task.inputs.shown(source, int(rows[row]), task.answer), _called(inputs), guesses)


def with_columns(source: Any, names: tuple[str, ...]) -> Any:
    """The source with empty columns of these names, where it lacks them."""
    other = copy.copy(source)
    other.frame = source.frame.assign(**{name: None for name in names if name not in source.frame})
    return other


def own_rows(run: Any, data: Any = None, part: str = "test") -> Rows:
    """Of the training's own data.

    Args:
        run: Whose data are read again.
        data: Where they are now, if not where they were.
        part: train, val or test.

    Raises:
        DataError: If they have gone or changed.
    """
    job = own_job(run, data)
    task, examples = job.task, getattr(job.prepared, part)
    if hasattr(task, "disable_augmentation") and task.augments and task.AUGMENTING:
        task.disable_augmentation(job.prepared)
    where = f"the {part} examples of {run.path}"
    if not learns_from_rows(task):
        return Rows(examples, lambda row: {}, where, [], job)
    source, ids = task.source_of(job.data), job.prepared.ids[part]
    count = len(job.prepared.test.batch(torch.tensor([0]))) - 1  # rows of a bag also say which network leaves them out
    return Rows(examples, lambda row: task.inputs.shown(source, int(ids[row]), task.answer), where, [], job, count)


def _called(inputs: Any) -> str:
    return str(inputs) if isinstance(inputs, str) and len(inputs) < 80 else "the input"
