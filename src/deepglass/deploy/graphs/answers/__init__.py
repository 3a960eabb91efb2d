"""One kind of answer in a graph: what the network says → what comes out.

A file of this folder is a kind, with one class `Part` that fills in what is declared here. Its name is that of the
graph's first output, by which `deploy/runtime/answers/` decodes it. The folder is the list; a task names the file that
it needs (`Task.EXPORTS`).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec, narrowed


class AnswerPart(nn.Module, ABC):
    """What stands behind the network.

    Args:
        task: With what it has learnt of its target.
        inputs: What stands before the network.

    Attributes:
        specs: The outputs, the answer first.
        inputs: Raw tensors that the answer needs beside those of the input: of a sentence, what was written so far.
        sizes: Least and largest of every open size of these but the batch.
    """

    SOFTENS: ClassVar[bool] = False  # whether the network says logits, which a temperature softens
    specs: list[Spec]

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__()
        self.task = task
        self.inputs: list[Spec] = []
        self.sizes: dict[str, tuple[int, int]] = {}

    @abstractmethod
    def forward(self, output: Any, context: Context) -> tuple[Tensor, ...]:
        """The outputs, from what the network gives and what the input part tells of the input."""

    @abstractmethod
    def as_network(self, answers: Tensor) -> Tensor:
        """What the network itself says, from the first output: the task can then judge it as it judges the network."""

    def suit(self, network: nn.Module) -> None:
        """Take the sizes that a network can: asked once, before anything else."""

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        """Plausible random tensors for its `inputs`."""
        return ()

    def raw(self, examples: Any, raw_of: Callable[[Any], Any]) -> Any:
        """The examples of a split with raw tensors (`InputPart.raw`), which `raw_of` makes of those of the input."""
        return raw_of(examples)

    def labels(self) -> list[str] | None:
        """Names of the classes; None where the answer has none."""
        return None

    def extra(self) -> dict[str, Any]:
        """What else the description of the model holds."""
        return {}

    def fix_sizes(self, largest: Mapping[str, int]) -> None:
        """Fix the sizes that are open in the input too."""
        self.specs, self.sizes = [spec.fixed(largest) for spec in self.specs], {}
        self.inputs = [spec.fixed(largest) for spec in self.inputs]

    def for_edge(self) -> None:
        """For small devices: float32 throughout."""
        self.specs = [replace(spec, dtype=narrowed(spec.dtype)) for spec in self.specs]
