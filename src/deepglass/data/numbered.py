"""Examples that bring their number along, in the place of a target: for a loss that knows something of each by it."""

from collections.abc import Sequence

import torch
from torch import Tensor

from deepglass.data import examples as plain_examples
from deepglass.data.examples import Batch, Examples


class Numbered:
    """A batch holds the inputs of some examples, and (n,) which they are.

    Args:
        examples: Whose last tensor, the target, is left out.
    """

    def __init__(self, examples: Examples):
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def batch(self, indices: Tensor) -> Batch:
        *inputs, target = self.examples.batch(indices)
        return *inputs, indices.to(target.device)

    def to(self, device: torch.device) -> "Numbered":
        return Numbered(self.examples.to(device))

    def announce(self, batches: Sequence[Tensor]) -> None:
        """Told to the examples."""
        plain_examples.announce(self.examples, batches)
