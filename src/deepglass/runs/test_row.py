"""An example of the test of a training, named by its number: row:1 is the first.

Data sets that come with the package have no files that could be named; their test examples have numbers.
"""

import re
from typing import Any

import torch

from deepglass.core.errors import OptionError
from deepglass.data.examples import Examples, InMemory
from deepglass.runs.again import own_job
from deepglass.runs.run import Run


def is_one(source: Any) -> bool:
    """Whether something names an example of the test."""
    return isinstance(source, str) and re.fullmatch(r"row:\d+", source) is not None


def example(run: Run, source: str) -> tuple[Examples, str]:
    """The example alone, where the run computes, and whose it is.

    Args:
        run: Of a task whose answer is an identity.
        source: As `is_one` knows it.

    Raises:
        OptionError: If the test has fewer examples.
        DataError: If the data of the training have gone.
    """
    job, number = own_job(run), int(source.partition(":")[2])
    test = job.prepared.test
    if not 1 <= number <= len(test):
        count = len(test)
        raise OptionError(f"{source}: the test of {run.path} has {count:,}: expected row:1 to row:{count}")
    batch = test.batch(torch.tensor([number - 1]))
    return InMemory(*batch).to(run.device), job.task.answer.identities[int(batch[-1])]
