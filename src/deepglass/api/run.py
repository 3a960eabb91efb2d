"""`dg.load`: a run with all its verbs, of a training on data or of one in an environment.

run = dg.load("runs/iris")
run.predict("new.csv")
run.export("model.onnx")
"""

from pathlib import Path

from deepglass.api.verbs import Run
from deepglass.rl.running.config import TASK

__all__ = ["Run", "load"]


def load(path: str | Path, device: str = "auto") -> Run:
    """Open a run folder: of a training on data, or of one in an environment (`PolicyRun`).

    Raises:
        RunError: If it is not one.
    """
    run = Run(path, device)
    if run.config["task"] != TASK:
        return run
    from deepglass.api.acting import PolicyRun  # with worlds and films, which runs on data do without

    return PolicyRun(path, device)
