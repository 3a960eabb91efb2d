"""One task with its small data: what all questions about it share is made once, when first asked for."""

import importlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import deepglass as dg
from deepglass.core import catalogue
from deepglass.core.console import console
from deepglass.deploy.exporting import export
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.runs.job import plan_job
from deepglass.runs.options import data_config
from deepglass.tasks import BaseTask, Outputs

SMALL = Path(__file__).parents[1] / "small"
QUICK = {"epochs": 2, "batch_size": 16, "learning_rate": 0.01, "threads": 1, "precision": "float32", "device": "cpu"}
WANTED = """
tests/tasks/small/{name}.py is missing: the contract asks every task the same questions on tiny data. It holds

    OPTIONS = {{...}}           # of the training: a small model, columns that cannot be guessed
    def data(folder):         # makes the data in an empty folder; returns the source, some 100 examples
    def inputs(folder):       # two or more inputs to answer, each complete by itself and without target
    def perfect(outputs):     # the predictions of a model that is never wrong, in the form of `Outputs.predictions`

inputs and perfect only where the task has them (`PREDICTS`); and where the usual does not fit

    OTHERS = {{...}}            # option → values that it can be given besides its default
    def together(inputs):     # all inputs as one; the list of them where there is no such function
"""


class Case:
    """A task, its small data, a job, a run of two epochs, a bundle.

    Args:
        name: Of its file.
        folder: Empty, for data and run.
    """

    def __init__(self, name: str, folder: Path):
        self.name, self.folder = name, folder
        assert (SMALL / f"{name}.py").is_file(), WANTED.format(name=name)
        self.small = importlib.import_module(f"tests.tasks.small.{name}")
        self.Task: type[BaseTask] = catalogue.load("tasks", name).Task
        self.options = {**QUICK, **self.small.OPTIONS}

    def __repr__(self) -> str:
        return self.name

    @cached_property
    def source(self) -> Any:
        return self.small.data(self.folder)

    @cached_property
    def inputs(self) -> list[Any]:
        assert self.source is not None
        return self.small.inputs(self.folder)

    @cached_property
    def together(self) -> Any:
        return getattr(self.small, "together", list)(self.inputs)

    @cached_property
    def job(self) -> Any:
        return self.planned({})

    def planned(self, more: dict[str, Any], source: Any = None) -> Any:
        """A job with these options beside those of the small data."""
        given = {**self.options, **more}
        source = self.source if source is None else source
        return plan_job(source, self.Task.name, given.pop("model", None), given)

    def trained(self, run: Path, **more: Any) -> dg.Run:
        """A run in a folder of its own."""
        console.mode = "quiet"
        return dg.train(self.source, run=run, task=self.Task.name, **{**self.options, **more})

    @cached_property
    def run(self) -> dg.Run:
        """Trained for two epochs; only read."""
        return self.trained(self.folder / "run")

    @cached_property
    def outputs(self) -> Outputs:
        """What the run says of its test examples."""
        return self.run.task.outputs(self.run.model, self.job.prepared.test)

    @cached_property
    def exported(self) -> tuple[Path, Any]:
        """A bundle, and how it compares with PyTorch."""
        return export(self.run, self.folder / "bundle", to="bundle")

    @cached_property
    def bundle(self) -> Bundle:
        return Bundle.open(self.exported[0])

    def again(self) -> BaseTask:
        """A task that knows of the training only what a file holds."""
        described = json.loads((self.run.path / "task.json").read_text())
        task = self.Task(data_config(self.run.config["data"]), getattr(self.run.task, "config", None), 0)
        task.load_state(described["state"])
        return task

    def perfect(self) -> Outputs:
        """Those of a model that is never wrong."""
        right = self.small.perfect(self.outputs)
        losses = None if self.outputs.losses is None else self.outputs.losses * 0
        return replace(self.outputs, predictions=right, losses=losses)


def declared_by(task: type, *names: str) -> bool:
    """Whether a task says one of these itself, and does not leave it as the contract has it."""
    return any(getattr(task, name) is not getattr(BaseTask, name) for name in names)


def numbers_in(answer: Any) -> list[float]:
    """All numbers of an answer, wherever they lie in it."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, list | tuple):
        return [number for part in answer for number in numbers_in(part)]
    return [float(answer)] if isinstance(answer, int | float) and not isinstance(answer, bool) else []


Attempt = Callable[[], Any]
