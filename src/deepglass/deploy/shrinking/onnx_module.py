"""A written file in the place of the network, so that a task judges the one as it judges the other."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.deploy.graphs import Graph
from deepglass.deploy.runtime.bundle import Bundle


class OnnxModule(nn.Module):
    """Raw tensors → what the network would say, from a bundle in ONNX Runtime.

    Args:
        bundle: The file that answers.
        graph: Knows its tensors, and how to come from its answers back to those of the network.
    """

    def __init__(self, bundle: Bundle, graph: Graph):
        super().__init__()
        self.bundle, self.graph = bundle, graph
        self.place = nn.Parameter(torch.empty(0))  # tells tasks the device: the CPU

    def forward(self, *inputs: Tensor) -> Tensor:
        name = self.graph.outputs[0].name
        said = self.bundle.run(feeds(self.graph, inputs), [name])
        return self.graph.as_network(torch.from_numpy(said[name]))


def feeds(graph: Graph, inputs: tuple[Tensor, ...]) -> dict[str, np.ndarray]:
    """Raw tensors as the ONNX file takes them; where a table or series lacks one kind, there is no tensor of it."""
    given = [tensor for tensor in inputs if tensor.shape[-1]]
    return graph.feeds(tuple(t.to(spec.dtype) for t, spec in zip(given, graph.inputs, strict=True)))


def raw_split(graph: Graph, job: Any, split: str) -> Any:
    """The examples of a split, raw."""
    examples = getattr(job.prepared, split)
    rows = job.prepared.ids.get(split, np.arange(len(examples)))
    return graph.raw(examples, job.data, rows)
