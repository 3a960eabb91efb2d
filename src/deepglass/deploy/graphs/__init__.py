"""What leaves the laptop: the network with what stands before and behind it, from raw tensors to answers.

    raw tensors ── fill, scale, encode, resize ── network ── probabilities, values, forecasts

A file of this folder is one kind of input: it names the tasks it serves (`TASKS`) and one class `Exported` that fills
in what is declared here. The folder is the list.
"""

import copy
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

MOST_ROWS = 10_000  # of one batch: enough for any request, and a bound on its memory
EXAMPLE_SIZES = (3, 2, 5)  # batch sizes: one to export with (not 1, which an exporter may freeze), two to check with


@dataclass(frozen=True)
class Spec:
    """A tensor that goes in or comes out; in its shape a name stands for a size that is open."""

    name: str
    dtype: torch.dtype
    shape: tuple[int | str, ...]


class Graph(nn.Module, ABC):
    """A network between raw tensors and answers.

    Args:
        task: With its fitted preprocessing.
        network: With its trained weights.

    Attributes:
        inputs, outputs: In the order in which `forward` takes and gives them.
        sizes: Least and largest of every open size but the batch.
        answer: The output that holds the answer; the runtime's `answers.py` knows what each means.
    """

    answer: ClassVar[str]
    inputs: list[Spec]
    outputs: list[Spec]
    sizes: dict[str, tuple[int, int]]

    def __init__(self, task: Any, network: nn.Module):
        super().__init__()
        self.task = task
        self.network = network
        self.sizes = {}

    @abstractmethod
    def forward(self, *tensors: Tensor) -> Any:
        """Raw tensors to the tensors of `outputs`: one, or a tuple."""

    @abstractmethod
    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        """Plausible random inputs of the given sizes."""

    @abstractmethod
    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        """The inputs as people have them; `deploy/runtime/records.py` says what is described of each kind."""

    @abstractmethod
    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        """The examples of a split with raw tensors in the place of prepared ones: what `forward` takes, and the target.

        Args:
            examples: As the network takes them.
            data: What they were made from.
            rows: Which row of the data each is.
        """

    @abstractmethod
    def as_network(self, answers: Tensor) -> Tensor:
        """What the network itself says, from the first output: the task can then judge it as it judges the network."""

    def feeds(self, tensors: tuple[Tensor, ...]) -> dict[str, np.ndarray]:
        """The same inputs as the ONNX file takes them."""
        return {spec.name: tensor.numpy() for spec, tensor in zip(self.inputs, tensors, strict=True)}

    def extra(self) -> dict[str, Any]:
        """What else the description of the model holds."""
        return {}

    def tokens(self) -> dict[str, Any] | None:
        """How texts become numbers, for the small runtime."""
        return None

    def with_network(self, network: nn.Module) -> "Graph":
        """The same around another network."""
        other = copy.copy(self)
        other._modules = {**self._modules, "network": network}
        return other

    def fix_sizes(self) -> None:
        """Take every open size but the batch at its largest."""
        largest = {name: sizes[1] for name, sizes in self.sizes.items()}
        self.inputs, self.outputs = (
            [replace(s, shape=tuple(largest.get(n, n) for n in s.shape)) for s in specs]
            for specs in (self.inputs, self.outputs)
        )
        self.sizes = {}

    def for_edge(self) -> "Graph":
        """For small devices: float32 throughout, sizes fixed. Changes the graph itself."""
        self.fix_sizes()
        narrow = {torch.float64: torch.float32}
        self.inputs, self.outputs = (
            [replace(spec, dtype=narrow.get(spec.dtype, spec.dtype)) for spec in specs]
            for specs in (self.inputs, self.outputs)
        )
        return self.float()


def probabilities(logits: Tensor) -> Tensor:
    """(B, K), the mean over the members of an ensemble (B, members, K)."""
    shares = logits.float().softmax(dim=-1)
    return shares.mean(dim=1) if shares.dim() == 3 else shares


def log_shares(shares: Tensor) -> Tensor:
    """Logits that have these probabilities."""
    return shares.clamp(min=torch.finfo(shares.dtype).tiny).log()


def open_sizes(graph: Graph) -> tuple[dict[int, Any], ...]:
    """For each input which axes are open, as torch.export wants it."""
    from torch.export import Dim

    dims = {name: Dim(name, min=least, max=largest) for name, (least, largest) in graph.sizes.items()}
    dims["batch"] = Dim("batch")
    return tuple({i: dims[n] for i, n in enumerate(spec.shape) if isinstance(n, str)} for spec in graph.inputs)


def examples(graph: Graph, seed: int = 0) -> list[tuple[Tensor, ...]]:
    """Three batches of different sizes, the first to export with; open sizes differ too."""
    generator = torch.Generator().manual_seed(seed)
    batches = []
    for i, batch in enumerate(EXAMPLE_SIZES):
        sizes = {name: spread(least, largest)[i] for name, (least, largest) in graph.sizes.items()}
        tensors = graph.example(batch, sizes, generator)
        batches.append(tuple(tensor.to(spec.dtype) for tensor, spec in zip(tensors, graph.inputs, strict=True)))
    return batches


def spread(least: int, largest: int) -> tuple[int, int, int]:
    """Three sizes of a range, as different as it allows: some in between, the least, the largest (at most 100)."""
    largest = min(largest, 100)
    return min(max(least + 1, largest // 3), largest), least, largest
