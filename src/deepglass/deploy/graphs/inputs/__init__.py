"""One kind of input in a graph: raw tensors → what the network takes.

A file of this folder is a kind, with one class `Part` that fills in what is declared here. The folder is the list; a
task names the file that it needs (`Task.EXPORTS`).
"""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.deploy.graphs.spec import Spec, narrowed

Context = dict[str, Tensor]
GIVEN = "given "  # begins the names by which a context holds what the network was given, in its order


class InputPart(nn.Module, ABC):
    """What stands before the network.

    Args:
        task: With its fitted preprocessing.

    Attributes:
        specs: The raw tensors, in the order in which the graph takes them.
        sizes: Least and largest of every open size but the batch.
    """

    specs: list[Spec]
    sizes: dict[str, tuple[int, int]]

    def __init__(self, task: Any):
        super().__init__()
        self.task, self.sizes = task, {}
        self.taken: set[str] = set()  # names of tensors inside the graph, which sets it: no input of a file has one

    @abstractmethod
    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        """What the network takes, and what the answer may need to know of the input, both from raw tensors by name."""

    @abstractmethod
    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        """Plausible random tensors of the given sizes."""

    @abstractmethod
    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        """The inputs as people have them; `deploy/runtime/fields/` says what is described of each kind."""

    @abstractmethod
    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        """The examples of a split with raw tensors in the place of prepared ones: what the graph takes, and the target.

        Args:
            examples: As the network takes them.
            data: What they were made from.
            rows: Which row of the data each is.
        """

    def feeds(self, tensors: tuple[Tensor, ...]) -> dict[str, np.ndarray]:
        """Raw tensors as the ONNX file takes them."""
        return {spec.name: tensor.numpy() for spec, tensor in zip(self.specs, tensors, strict=True)}

    def with_front(self, proto: Any) -> Any:
        """The ONNX model behind what only ONNX can do, such as words."""
        return proto

    def extra(self) -> dict[str, Any]:
        """What else the description of the model holds."""
        return {}

    def tokens(self) -> dict[str, Any] | None:
        """How texts become numbers, for the small runtime."""
        return None

    def fix_sizes(self) -> None:
        """Take every open size but the batch at its largest."""
        largest = {name: sizes[1] for name, sizes in self.sizes.items()}
        self.specs, self.sizes = [spec.fixed(largest) for spec in self.specs], {}

    def for_edge(self) -> None:
        """For small devices: float32 throughout."""
        self.specs = [replace(spec, dtype=narrowed(spec.dtype)) for spec in self.specs]
