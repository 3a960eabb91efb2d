"""A run made ready to leave: its graph, and the description that goes with it into every format."""

import hashlib
from dataclasses import dataclass
from typing import Any

from deepglass.core import catalogue, environment
from deepglass.core.errors import OptionError
from deepglass.core.wording import listing
from deepglass.deploy import reading
from deepglass.deploy.graphs import MOST_ROWS, Graph, Spec
from deepglass.deploy.runtime.bundle import FORMAT
from deepglass.runs.run import Run

LIMITS = {  # of one request; a server may set tighter ones
    "rows": MOST_ROWS,
    "image_pixels": 40_000_000,  # a photograph of today's telephones, and no bomb
    "text_characters": 1_000_000,
}


@dataclass(frozen=True)
class Portable:
    """What an exporter needs.

    schema: As `deploy/runtime/records.py` and `bundle.py` read it; labels: names of the classes, or None; tokens: how
    texts become numbers, or None.
    """

    run: Run
    graph: Graph
    schema: dict[str, Any]
    labels: list[str] | None
    tokens: dict[str, Any] | None


def portable(run: Run) -> Portable:
    """The graph of a run and its description.

    Raises:
        RunError: If the run has no weights.
        OptionError: If no graph is known for its task.
    """
    task, network = run.task, Run(run.path, "cpu").model  # its own copy: the run may go on predicting elsewhere
    graph = _graph_file(task.name).Exported(task, network).eval()
    return Portable(run, graph, _schema(run, graph), getattr(task, "classes", None), graph.tokens())


def _graph_file(task: str) -> Any:
    """The file of `deploy/graphs/` that serves a task."""
    served = {name: catalogue.constant("deploy/graphs", name, "TASKS") for name in catalogue.entries("deploy/graphs")}
    for name, tasks in served.items():
        if task in tasks:
            return catalogue.load("deploy/graphs", name)
    known = listing((task for tasks in served.values() for task in tasks), 20)
    raise OptionError(f"runs of {task} cannot be exported: expected one of {known}")


def _schema(run: Run, graph: Graph) -> dict[str, Any]:
    statistics = run.folder.read("task.json")["state"].get("statistics") or {}
    return {
        "format": FORMAT,
        "name": run.path.resolve().name,
        "version": "1",
        "task": run.config["task"],
        "model": run.config["model"],
        "deepglass": environment.versions(("deepglass",))["deepglass"],
        "config_sha256": hashlib.sha256((run.folder / "config.json").read_bytes()).hexdigest(),
        "inputs": graph.describe(statistics),
        "outputs": [{"name": spec.name, "shape": _sizes(spec)} for spec in graph.outputs],
        "answer": graph.answer,
        "limits": LIMITS,
        **({"reading": reading.of_table(run.task.reading)} if run.task.reading else {}),
        **graph.extra(),
    }


def _sizes(spec: Spec) -> list[int]:
    """A shape with -1 for what is open."""
    return [size if isinstance(size, int) else -1 for size in spec.shape]
