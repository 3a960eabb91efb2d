"""What a method of shrinking receives: the run, its data read again, and its bundle in float32."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepglass.core import catalogue
from deepglass.deploy.portable import Portable, portable
from deepglass.runs.again import own_job
from deepglass.runs.job import Job
from deepglass.runs.run import Run

MODEL = "model.onnx"  # in a bundle


@dataclass(frozen=True)
class ShrinkInput:
    """A run that is to shrink.

    data: Where its data are now; None where they still are where they were.
    job: Its data, split and prepared as for its training.
    model: Its graph and description; bundle: the folder that `deepglass export RUN --to bundle` writes.
    """

    run: Run
    data: Any
    job: Job
    model: Portable
    bundle: Path


def shrink_input_of(run: Run, data: Any, bundle: Path) -> ShrinkInput:
    """Read the data of a run again and write its bundle.

    Raises:
        DataError: If the data have gone, or are others than in training.
        ExportError, MissingPackageError: If the run cannot be exported.
    """
    model = portable(run)
    job = own_job(run, data)
    write_bundle(model, bundle)
    return ShrinkInput(run, data, job, model, bundle)


def write_bundle(model: Portable, path: Path) -> None:
    """As `deepglass export RUN --to bundle` does."""
    catalogue.load("deploy/export", "bundle").write(model, path)
