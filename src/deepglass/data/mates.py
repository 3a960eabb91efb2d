"""Examples whose batches bring a mate along for each: another example of the same class, drawn at random.

Of many classes a batch at random would hold hardly two of any, and nothing could be learnt from what is alike. Which
mates there will be is not known in advance: pictures in files are decoded when their batch is asked for.
"""

import torch
from torch import Tensor

from deepglass.data.examples import Batch, Examples


class WithMates:
    """A batch of n examples becomes one of 2n: first those that were asked for, then a mate of each.

    Args:
        examples: Any.
        classes: (N,) the class of each; the only one of its class is its own mate.
    """

    def __init__(self, examples: Examples, classes: Tensor):
        self.examples, self.classes = examples, classes
        self.order = classes.argsort(stable=True)  # (N,) by class
        _, place, counts = classes.unique(return_inverse=True, return_counts=True)
        begins = counts.cumsum(0) - counts
        self.begin, self.count = begins[place], counts[place]  # (N,) of the class of each, in that order
        rank = torch.empty_like(self.order)
        rank[self.order] = torch.arange(len(classes), device=classes.device)
        self.rank = rank - self.begin  # (N,) which of its class each is

    def __len__(self) -> int:
        return len(self.examples)

    def mates(self, indices: Tensor) -> Tensor:
        """(n,) for each another of its class."""
        at = indices.to(self.order.device)
        others = (self.count[at] - 1).clamp(min=1)
        step = 1 + (torch.rand(len(at), device=at.device) * others).long().clamp(max=others - 1)
        return self.order[self.begin[at] + (self.rank[at] + step) % self.count[at]]

    def batch(self, indices: Tensor) -> Batch:
        return self.examples.batch(torch.cat([indices.to(self.order.device), self.mates(indices)]))

    def to(self, device: torch.device) -> "WithMates":
        return WithMates(self.examples.to(device), self.classes.to(device))
