"""What a policy sees: numbers as they are, each an input of its own in an ONNX file, as the columns of a table are."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.inputs._front import with_columns
from deepglass.deploy.graphs.spec import Spec


class Part(InputPart):
    """numbers (B, N) float64 → the same in the precision of the network, for which an empty cell counts as 0."""

    def __init__(self, task: Any):
        super().__init__(task)
        self.columns = list(task.observations)
        self.specs = [Spec("numbers", torch.float64, ("batch", len(self.columns)))]

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        return (given["numbers"].nan_to_num(0.0).float(),), {}

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        return (torch.randn(batch, len(self.columns), generator=generator, dtype=torch.float64),)

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"name": name, "kind": "number", "datatype": "FP64", "tensor": self.tensor_of(name), "shape": [-1, 1]}
            | {"statistics": statistics.get(name)}
            for name in self.columns
        ]

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        """There are no examples: a policy is judged in its environment.

        Raises:
            TypeError: Always.
        """
        raise TypeError("a policy has no examples")

    def feeds(self, tensors: tuple[Tensor, ...]) -> dict[str, np.ndarray]:
        return {self.tensor_of(name): tensors[0][:, [i]].numpy() for i, name in enumerate(self.columns)}

    def tensor_of(self, column: str) -> str:
        """The name of a column's tensor in an ONNX file: the column's own, unless something inside has it."""
        return f"{column} input" if column in self.taken or column.startswith("graph.") else column

    def with_front(self, proto: Any) -> Any:
        """A tensor per number."""
        return with_columns(proto, self.columns, [], self.tensor_of)
