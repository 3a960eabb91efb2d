"""Finished runs to look at."""

import pytest

from deepglass.core.run_folder import RunFolder
from tests.evaluate.run_folders import build_run


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """A function from the name of a task to a run folder with report and card; each is made once."""
    made: dict[str, RunFolder] = {}

    def make(task: str) -> RunFolder:
        if task not in made:
            made[task] = build_run(task, tmp_path_factory.mktemp("runs") / task)
        return made[task]

    return make
