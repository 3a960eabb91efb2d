"""How an exported model compares with the one that was trained: answers, size, speed. Everything is measured."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from deepglass.core.errors import ExportError
from deepglass.core.wording import short
from deepglass.deploy.graphs import Graph

TOLERANCE = 1e-3  # relative to the largest answer; beyond, a file is another model
RUNS, WARM_UP, SECONDS = 30, 3, 2.0  # calls that are timed, calls before them, and when to stop at the latest

Answers = list[np.ndarray]


@dataclass(frozen=True)
class Measured:
    """One line of the table at the end of an export.

    difference: Largest |exported - PyTorch| over all outputs and cases, relative to the largest answer where that
        exceeds 1.
    sizes: The shapes of the inputs of each case.
    latency_ms, torch_ms: Median of one call with one example, and PyTorch's.
    """

    form: str
    difference: float
    sizes: list[str]
    bytes: int
    latency_ms: float
    torch_ms: float
    notes: list[str] = field(default_factory=list)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """For a table: form, largest difference, size, latency."""
        return [
            ("PyTorch", "", "", f"{self.torch_ms:.3g} ms"),
            (self.form, f"{self.difference:.1e}", short(self.bytes, "B"), f"{self.latency_ms:.3g} ms"),
        ]


def measure(
    form: str,
    graph: Graph,
    call: Callable[[tuple[Tensor, ...]], Answers],
    cases: list[tuple[Tensor, ...]],
    path: Path,
    notes: list[str] | None = None,
) -> Measured:
    """Compare on several cases and time both.

    Args:
        form: What is compared, such as "ONNX Runtime".
        graph: What was trained.
        call: The exported model, read back from its file.
        cases: Inputs of several sizes.
        path: The file or folder, for its size.
        notes: What the user should know.

    Raises:
        ExportError: If the answers differ by more than rounding.
    """
    difference = largest_difference([(call(case), answers_of(graph, case)) for case in cases])
    _require_agreement(form, difference)
    one = tuple(tensor[:1].contiguous() for tensor in cases[0])
    latency, torch_ms = latency_ms(lambda: call(one)), latency_ms(lambda: answers_of(graph, one))
    return Measured(form, difference, list(map(size_words, cases)), size_of(path), latency, torch_ms, notes or [])


def against(
    form: str, graph: Graph, inputs: tuple[Tensor, ...], said: Answers, latency: float, path: Path, notes: list[str]
) -> Measured:
    """As `measure`, for one case that was run and timed elsewhere.

    Raises:
        ExportError: If the answers differ by more than rounding.
    """
    difference = largest_difference([(said, answers_of(graph, inputs))])
    _require_agreement(form, difference)
    torch_ms = latency_ms(lambda: answers_of(graph, inputs))
    return Measured(form, difference, [size_words(inputs)], size_of(path), latency, torch_ms, notes)


def size_words(inputs: tuple[Tensor, ...]) -> str:
    """Such as `3x4 and 3x2`."""
    return " and ".join("x".join(map(str, tensor.shape)) for tensor in inputs)


def _require_agreement(form: str, difference: float) -> None:
    if not difference <= TOLERANCE:
        raise ExportError(
            f"{form} answers differently from PyTorch (by {difference:.1e}, at most {TOLERANCE:.0e} is rounding): the "
            "model cannot be trusted in this format; choose another"
        )


def answers_of(graph: Graph, inputs: tuple[Tensor, ...]) -> Answers:
    """PyTorch's outputs in their order."""
    with torch.no_grad():
        said = graph(*inputs)
    return [tensor.numpy() for tensor in (said if isinstance(said, tuple) else (said,))]


def largest_difference(pairs: list[tuple[Answers, Answers]]) -> float:
    """Over all cases and outputs.

    Raises:
        ExportError: If a shape differs.
    """
    largest = 0.0
    for came, expected in ((c, e) for pair in pairs for c, e in zip(*pair, strict=True)):
        if came.shape != expected.shape:
            raise ExportError(f"the exported model answers in shape {came.shape}, expected {expected.shape}")
        scale = max(1.0, float(np.abs(expected).max(initial=0)))
        gap = np.abs(came.astype(np.float64) - expected).max(initial=0)
        largest = max(largest, float(gap) / scale if np.isfinite(gap) else np.inf)
    return largest


def latency_ms(call: Callable[[], object]) -> float:
    """Median of several calls."""
    for _ in range(WARM_UP):
        call()
    times, stop = [], time.perf_counter() + SECONDS
    while len(times) < RUNS and (not times or time.perf_counter() < stop):
        started = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def size_of(path: Path) -> int:
    """Bytes of a file, or of everything in a folder."""
    return sum(file.stat().st_size for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file())
