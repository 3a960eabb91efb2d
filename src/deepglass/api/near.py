"""The word vectors of a run, or of a file.

vectors = dg.load("runs/book").word_vectors()
vectors.near("king - man + woman")
"""

from pathlib import Path

from deepglass.api.run import load
from deepglass.core import files
from deepglass.core.errors import OptionError
from deepglass.data.reading.vector_files import read_vectors
from deepglass.data.word_vectors import WordVectors
from deepglass.runs.run import Run


def vectors_of(source: str | Path | Run) -> WordVectors:
    """The vectors of a run folder, or of a file of vectors.

    Raises:
        RunError: If a folder is not a run.
        OptionError: If the run has no word vectors.
        DataError: If a file holds none.
    """
    if not isinstance(source, Run) and files.is_file(source):
        return read_vectors(source)
    run = source if isinstance(source, Run) else load(source)
    found = run.task.word_vectors(run.model)
    if found is None:
        raise OptionError(
            f"{run.path} has no word vectors, it is a run of {run.task.name}: train with --task word-vectors"
        )
    return found
