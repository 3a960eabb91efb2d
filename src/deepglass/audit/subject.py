"""What a part is given: a run, labelled rows that it did not learn from, and those that it did."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from deepglass.audit import NotSuited
from deepglass.core.errors import DeepglassError
from deepglass.core.guesses import Guess
from deepglass.data.examples import Examples
from deepglass.data.fields import InputField
from deepglass.runs.again import own_job
from deepglass.tasks import Outputs


@dataclass
class Subject:
    """A run under audit.

    Args:
        run: An `api` run.
        other: Other labelled data to audit on; the test examples of the training by default.
        data: Where the data of its training are now, if not where they were.
    """

    run: Any
    other: Any = None
    data: Any = None
    guesses: list[Guess] = field(default_factory=list)

    @property
    def task(self) -> Any:
        """Of the run."""
        return self.run.task

    @cached_property
    def answer(self) -> str:
        """The kind of its answers, a file of `evaluate/judges/`."""
        return str(self.run.metrics["test"]["kind"])

    @property
    def inputs(self) -> str | None:
        """The kind of its inputs, a file of `explain/inputs/`; None where there is none for it."""
        return self.task.explained_as

    @property
    def model(self) -> Any:
        """What answers, as `predict` asks it: the network, blended with simple models where the run is."""
        return self.run.model

    # -- the rows that are judged -------------------------------------------------------------------------------

    @property
    def where(self) -> str:
        """What the judged rows are, for sentences."""
        named = isinstance(self.other, str) and len(self.other) < 80
        return "the test examples" if self.other is None else self.other if named else "the given data"

    @cached_property
    def _opened(self) -> Any:
        opened = self.task.open(self.other, with_target=True)
        self.guesses += list(getattr(opened, "guesses", ()))
        return opened

    @cached_property
    def examples(self) -> Examples:
        """Labelled, not learnt from: inputs of the network, then the target.

        Raises:
            DataError: If the data have gone, have changed, or do not fit.
        """
        if self.other is None:
            return self.part("test")
        return self.task.read(self._opened, with_target=True)[0]

    @cached_property
    def outputs(self) -> Outputs:
        """What the run answers for them, and the truth."""
        return self.task.outputs(self.model, self.examples.to(self.run.device))

    @cached_property
    def columns(self) -> pd.DataFrame:
        """All columns of the judged rows, those too that the model does not see; one row per example.

        Raises:
            NotSuited: If the rows are not those of a table.
        """
        if self.other is None:
            return self.columns_of("test")
        frame = _frame_of(self._opened, self.task)
        if len(frame) != len(self.examples):
            raise NotSuited("the examples are not the rows of a table, so no column tells their groups")
        return frame

    # -- the rows of the training -------------------------------------------------------------------------------

    @cached_property
    def job(self) -> Any:
        """The training, planned once more: `job.data`, `job.prepared`, `job.task`.

        Raises:
            DataError: If its data have gone or changed.
        """
        job = own_job(self.run, self.data)
        task = job.task
        if hasattr(task, "disable_augmentation") and task.augments and task.AUGMENTING:
            task.disable_augmentation(job.prepared)
        return job

    def part(self, name: str) -> Examples:
        """Examples of the training: "train", "val" or "test", as anybody would ask the finished model about them.

        In a bag every network has learnt from what another one leaves out: "val" are rows that it has learnt from.
        """
        prepared = self.job.prepared
        examples = getattr(prepared, name)
        if prepared.fold is None or name == "test":
            return examples
        count = len(prepared.test.tensors)  # a row of a bag also says which network leaves it out
        kept = (*examples.tensors[: count - 1], examples.tensors[-1])
        return type(examples)(*kept, transform=examples.transform)

    def outputs_of(self, name: str, rows: Any = None) -> Outputs:
        """What the run answers for examples of the training, and the truth.

        Args:
            name: "train", "val" or "test".
            rows: Positions among them, a tensor; all by default.
        """
        examples = self.part(name)
        if rows is not None:
            examples = _Some(examples, rows)
        return self.task.outputs(self.model, examples.to(self.run.device))

    def columns_of(self, name: str) -> pd.DataFrame:
        """All columns of a part of the training, one row per example.

        Raises:
            NotSuited: If they are not those of a table.
        """
        job = self.job
        frame = _frame_of(job.data, job.task)
        return frame.iloc[job.prepared.ids[name]].reset_index(drop=True)

    @cached_property
    def seen(self) -> Any:
        """(N,) which of the other data the training has seen; None where that is not known, or nothing was given."""
        if self.other is None:
            return None
        return self.run.memory.mask_of(self.task, self._opened, len(self.examples))

    def knows_training(self) -> str:
        """Why the data of the training cannot be read, a sentence; empty where they can."""
        try:
            _ = self.job
        except DeepglassError as error:
            return str(error)
        return ""


def _frame_of(data: Any, task: Any) -> pd.DataFrame:
    """Raises NotSuited if data have no columns."""
    frame = getattr(data, "frame", None)
    if frame is None or not isinstance(getattr(task, "inputs", None), InputField):
        raise NotSuited("its examples are not rows of a table, so no column tells their groups")
    if (aside := getattr(data, "aside", None)) is not None and aside.name not in frame:
        frame = frame.assign(**{str(aside.name): aside})
    return frame


class _Some:
    """Some of the examples, in the order of their positions."""

    def __init__(self, examples: Examples, rows: Any):
        self.of, self.rows = examples, rows

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, indices: Any) -> Any:
        return self.of.batch(self.rows[indices.cpu()])

    def to(self, device: Any) -> "_Some":
        return _Some(self.of.to(device), self.rows)
