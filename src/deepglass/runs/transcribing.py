"""Writing down what is said: what a run of speech recognition hears in files, one after the other."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import files
from deepglass.core.errors import DataError, OptionError
from deepglass.data.sound_table import SoundTable
from deepglass.runs import test_row
from deepglass.runs.again import own_job
from deepglass.runs.made_pictures import require_free
from deepglass.runs.run import Run

ENDING = ".txt"  # of what is written


def transcribe(run: Run, sounds: Any) -> list[dict[str, Any]]:
    """What is said in sounds: for each its name, the text, how sure that is, and how many seconds it lasts.

    Args:
        run: Of speech recognition.
        sounds: A file, a folder, a table of files, the bytes of a file, or an array of samples at the rate of the
            training; or a list of files, bytes and arrays. "row:1" is the first sound of the test.

    Raises:
        OptionError: If the run does not hear words, or the test has no such row.
        DataError: If a sound is broken, silent, or too long; or there is none.
    """
    task: Any = require_able(run)
    with run.folder.explaining():
        table = _of_test(run, sounds) if test_row.is_one(sounds) else task.open(sounds)
        names = table.names(np.arange(len(table.frame)))
        if silent := [name for name in names if table.waveform(name, task.inputs.preprocessor.max_seconds).is_silent]:
            raise DataError(f"{silent[0]}: there is no sound in it; record it again, or leave it out")
    answers = run.predict(table)
    return [
        {"sound": name, **{key: answer[key] for key in ("text", "confidence", "seconds")}}
        for name, answer in zip(names, answers, strict=True)
    ]


def _of_test(run: Run, source: str) -> SoundTable:
    """A sound of the test, by its number."""
    job, number = own_job(run), int(source.partition(":")[2])
    rows = job.prepared.ids["test"]
    if not 1 <= number <= len(rows):
        count = len(rows)
        raise OptionError(f"{source}: the test of {run.path} has {count:,}: expected row:1 to row:{count}")
    table = job.task.source_of(job.data)  # type: ignore[attr-defined]
    return replace(table, frame=table.frame.iloc[[rows[number - 1]]].reset_index(drop=True), splits={})


def written(run: Run, sounds: list[str], folder: Path, force: bool) -> Iterator[tuple[Path, str]]:
    """Write down what is said in files, each as a text in a folder.

    Args:
        run: Of speech recognition.
        sounds: Files, or folders of them.
        folder: Where to.
        force: Replace texts that are there.

    Yields:
        The path of each text, and the text.

    Raises:
        OptionError: If a text is there already, or two would have one name.
        DataError: If a sound is broken.
    """
    found = [one for source in sounds for one in transcribe(run, source)]
    paths = [Path(one["sound"]) for one in found]
    targets = [folder / f"{path.stem}{ENDING}" for path in paths]
    require_free(targets, force, "texts")
    for target, one in zip(targets, found):
        files.write_text(target, one["text"] + "\n")
        yield target, one["text"]


def require_able(run: Run) -> Any:
    """The task of a run that hears words.

    Raises:
        OptionError: If it does not.
    """
    if not hasattr(run.task, "decoded"):
        raise OptionError(
            f"{run.path} was trained for {run.config['task']}: sounds are written down by runs of "
            "`deepglass train SOUNDS --task speech-recognition`"
        )
    return run.task
