"""Noise: what a generator makes rows from, standard normal numbers called noise_1, noise_2, …

Whoever draws the noise decides on the seed; the graph itself draws nothing.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.examples import InMemory
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec


class Part(InputPart):
    """A tensor (B, 1) for each number of noise → (B, noise_dim)."""

    def __init__(self, task: Any):
        super().__init__(task)
        names = [f"noise_{i}" for i in range(1, task.noise_dim + 1)]
        self.specs = [Spec(name, torch.float64, ("batch", 1)) for name in names]

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        return (torch.cat([given[spec.name] for spec in self.specs], dim=1).float(),), {}

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        return tuple(torch.randn(batch, 1, generator=generator, dtype=torch.float64) for _ in self.specs)

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        normal = {"mean": 0.0, "std": 1.0, "median": 0.0}
        kind = {"kind": "number", "datatype": "FP64", "shape": [-1, 1], "statistics": normal}
        return [{"name": spec.name, "tensor": spec.name, **kind} for spec in self.specs]

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        drawn = torch.randn(len(rows), len(self.specs), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        return InMemory(*drawn.split(1, dim=1), *examples.tensors)
