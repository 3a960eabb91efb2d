"""The last layer of a network: what goes into it, and the gradient that comes out of it backwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.core.hooks import hooked
from deepglass.zoo.bag import Bag


@dataclass(frozen=True)
class Heads:
    """The last layers with weights: one, or one for each network of a bag."""

    layers: list[nn.Module]

    @contextmanager
    def watching(self) -> Iterator[list[tuple[Tensor, Tensor]]]:
        """What went into each layer (B, …, in) and what came out of it (B, …, out), kept while it is on."""
        seen: list[tuple[Tensor, Tensor]] = []

        def keep(module: nn.Module, inputs: Any, output: Tensor) -> None:
            seen.append((inputs[0], output))

        with hooked(self.layers, keep):
            yield seen


@torch.no_grad()
def heads_of(model: nn.Module, inputs: tuple[Tensor, ...]) -> Heads:
    """The layer with weights of its own that is called last."""
    if isinstance(model, Bag):
        return Heads([heads_of(network, inputs).layers[0] for network in model.networks])
    called: list[nn.Module] = []
    own = [m for m in model.modules() if next(m.parameters(recurse=False), None) is not None]
    with hooked(own, lambda module, inputs, output: called.append(module)):
        model(*inputs)
    return Heads(called[-1:])
