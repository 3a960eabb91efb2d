"""Before and after, measured alike: both as the bundles that would be served, on the run's own test examples."""

import gzip
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deepglass.deploy.measure import RUNS, SECONDS, WARM_UP
from deepglass.deploy.portable import Portable
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.shrinking.onnx_module import OnnxModule, feeds, raw_split
from deepglass.deploy.shrinking.shrink_input import MODEL
from deepglass.evaluate import comparison
from deepglass.evaluate.scores import metric
from deepglass.tasks import Outputs

BATCHES = (1, 64)  # rows of a request that are timed: one user's, and a full queue's
PERCENT = 100


@dataclass(frozen=True)
class Judged:
    """One side of the table.

    score: Of the headline, with a bootstrap interval: value, low, high.
    bytes: Of the model's file; packed_bytes: of the same file under gzip, as a download sends it.
    latency_ms: Median of a call, by the rows of the batch.
    """

    score: dict[str, float]
    bytes: int
    packed_bytes: int
    latency_ms: dict[int, float]


def compare(
    job: Any, before: tuple[Portable, Path], after: tuple[Portable, Path]
) -> tuple[str, Judged, Judged, dict[str, Any]]:
    """Judge two bundles of one task.

    Args:
        job: The task with its test examples.
        before, after: Each a graph and the folder of its bundle.

    Returns:
        The name of the headline score, both sides, and `lost`: how much of the score is gone.
    """
    sides = [Bundle.open(path, threads=1) for _, path in (before, after)]  # one: steady on a busy machine
    graphs = [model.graph for model, _ in (before, after)]
    outputs = [
        job.task.outputs(OnnxModule(bundle, graph), raw_split(graph, job, "test"))
        for bundle, graph in zip(sides, graphs, strict=True)
    ]
    results = [job.task.evaluate(said) for said in outputs]
    name = results[0]["headline"][0]
    latencies = _latencies(job, sides, graphs)
    judged = [
        Judged(result[name], *_sizes(path / MODEL), latency)
        for result, (_, path), latency in zip(results, (before, after), latencies, strict=True)
    ]
    return name, *judged, lost(name, *judged, _paired(name, outputs, results[0]["kind"]))  # type: ignore[return-value]


def lost(name: str, before: Judged, after: Judged, difference: dict[str, float] | None) -> dict[str, Any]:
    """How much worse the score is: in points where it is a share, else in percent of what it was.

    Args:
        name: Of the score.
        before, after: The two sides.
        difference: Before minus after on the same examples with its interval, where it is known.
    """
    gone = _worse_by(name, before.score["value"], after.score["value"])
    unit = "points" if metric(name).is_share else "%"
    scale = PERCENT if metric(name).is_share else PERCENT / max(abs(before.score["value"]), 1e-12)
    ends = [None, None] if difference is None else sorted(scale * _sign(name) * difference[e] for e in ("low", "high"))
    return {"value": scale * gone, "low": ends[0], "high": ends[1], "unit": unit}


def _worse_by(name: str, before: float, after: float) -> float:
    if metric(name).better == "zero":
        return abs(after) - abs(before)
    return _sign(name) * (before - after)


def _sign(name: str) -> int:
    return 1 if metric(name).better == "higher" else -1


def _paired(name: str, outputs: list[Outputs], kind: str) -> dict[str, float] | None:
    """The difference example by example, where the paired test of this kind of task is about the headline score."""
    arrays = [
        {"ids": np.arange(len(said.predictions)), "predictions": said.predictions}
        | {"targets": said.targets, "losses": said.losses}
        for said in outputs
    ]
    tests = comparison.compare(arrays[0], arrays[1], kind)["tests"]  # type: ignore[arg-type]
    found = [test["difference"] for test in tests if test["measure"] == name]
    return found[0] if found else None


def _sizes(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    return len(content), len(gzip.compress(content, mtime=0))


def _latencies(job: Any, bundles: list[Bundle], graphs: list[Any]) -> list[dict[int, float]]:
    """Of both sides by the rows of a batch, on real examples."""
    by_batch = {}
    for rows in BATCHES:
        calls = []
        for bundle, graph in zip(bundles, graphs, strict=True):
            examples = raw_split(graph, job, "test")
            given = feeds(graph, examples.batch(torch.arange(rows) % len(examples))[:-1])
            calls.append(lambda bundle=bundle, given=given: bundle.run(given))
        by_batch[rows] = alternating_ms(calls)
    return [{rows: times[side] for rows, times in by_batch.items()} for side in range(len(bundles))]


def alternating_ms(calls: list[Callable[[], object]]) -> list[float]:
    """The median time of each call, taken in turn, so that a busy moment of the machine meets all of them."""
    times: list[list[float]] = [[] for _ in calls]
    for call in calls * WARM_UP:
        call()
    stop = time.perf_counter() + SECONDS * len(calls)
    while len(times[0]) < RUNS and (not times[0] or time.perf_counter() < stop):
        for own, call in zip(times, calls, strict=True):
            started = time.perf_counter()
            call()
            own.append(1000 * (time.perf_counter() - started))
    return [statistics.median(own) for own in times]
