"""Tiny data of every task: one small file for each, which the tests of all tasks demand by name."""

import importlib
from pathlib import Path
from types import ModuleType

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


def of(name: str) -> ModuleType:
    """The file of a task.

    Args:
        name: Of the file in `tasks/`.
    """
    assert (Path(__file__).parent / f"{name}.py").is_file(), WANTED.format(name=name)
    return importlib.import_module(f"tests.tasks.small.{name}")
