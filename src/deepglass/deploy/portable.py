"""A run made ready to leave: its graph, and the description that goes with it into every format."""

import hashlib
from dataclasses import dataclass
from typing import Any

from deepglass.core import catalogue, environment
from deepglass.core.errors import OptionError
from deepglass.core.wording import listing
from deepglass.deploy import reading
from deepglass.deploy.graphs import FOLDER, MOST_ROWS, Graph
from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.spec import Spec
from deepglass.deploy.runtime import fields
from deepglass.deploy.runtime.bundle import FORMAT, PARTS
from deepglass.runs import conformity
from deepglass.runs.run import Run


@dataclass(frozen=True)
class Portable:
    """What an exporter needs.

    schema: As `deploy/runtime/records.py` and `bundle.py` read it; labels: names of the classes, or None; tokens: how
    texts become numbers, or None; conformal: what answers with a coverage need, or None.
    """

    run: Run
    graph: Graph
    schema: dict[str, Any]
    labels: list[str] | None
    tokens: dict[str, Any] | None
    conformal: dict[str, Any] | None

    @property
    def parts(self) -> dict[str, Any]:
        """Of the description, those that there are, by their names in a bundle."""
        return {name: part for name in PARTS if (part := getattr(self, name))}


def portable(run: Run) -> Portable:
    """The graph of a run and its description.

    Raises:
        RunError: If the run has no weights.
        OptionError: If no graph is known for its task.
    """
    task, network = run.for_export()
    graph = Graph.of(task, network, *_parts(task)).eval()
    labels, tokens = graph.answer_part.labels(), graph.input_part.tokens()
    return Portable(run, graph, _schema(run, task, graph), labels, tokens, conformity.record_of(run.folder))


def answer_of(task: Any) -> type[AnswerPart]:
    """What stands behind the network of a task.

    Raises:
        OptionError: If its runs cannot be exported.
    """
    return catalogue.load(f"{FOLDER}/answers", _parts(task)[1]).Part


def _parts(task: Any) -> tuple[str, str]:
    """The files of `deploy/graphs/` that a task names: of its input, and of its answer."""
    if not task.EXPORTS:
        known = [exported for exported in map(_exported_task, catalogue.entries("tasks")) if exported]
        why = task.NOT_EXPORTED or f"expected one of {listing(known, 20)}"
        raise OptionError(f"runs of {task.name} cannot be exported: {why}")
    inputs, answer = task.EXPORTS
    return inputs or task.inputs.name, answer


def _exported_task(file: str) -> str | None:
    """The name of a task that can be exported, read off its file; None where it cannot."""
    parts = catalogue.class_constant("tasks", file, "Task", "EXPORTS")
    return parts and catalogue.class_constant("tasks", file, "Task", "name")


def _schema(run: Run, task: Any, graph: Graph) -> dict[str, Any]:
    statistics = run.folder.read("task.json")["state"].get("statistics") or {}
    return {
        "format": FORMAT,
        "name": run.path.resolve().name,
        "version": "1",
        "task": run.config["task"],
        "model": run.config["model"],
        "deepglass": environment.versions(("deepglass",))["deepglass"],
        "config_sha256": hashlib.sha256((run.folder / "config.json").read_bytes()).hexdigest(),
        "inputs": graph.input_part.describe(statistics),
        "outputs": [{"name": spec.name, "shape": _sizes(spec)} for spec in graph.outputs],
        "answer": graph.answer,
        "limits": {"rows": MOST_ROWS} | fields.limits(),  # of one request; a server may set tighter ones
        **({"reading": reading.of_table(task.reading)} if task.reading else {}),
        **({"coverage": task.own_coverage} if task.own_coverage is not None else {}),
        **graph.input_part.extra(),
        **graph.answer_part.extra(),
    }


def _sizes(spec: Spec) -> list[int]:
    """A shape with -1 for what is open."""
    return [size if isinstance(size, int) else -1 for size in spec.shape]
