"""What texts have in common in a graph: they come as token ids; what a word is stays with the small runtime."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.deploy.graphs.inputs import InputPart
from deepglass.deploy.graphs.spec import Spec

FEWEST_TOKENS = 2  # a length of 1 would be taken for a constant by the exporter


class TokenPart(InputPart):
    """tokens (B, T) int64.

    Args:
        task: With its fitted preprocessing.
        column: The name of the input.
        vocab_size: How many ids there are.
        longest: Most tokens of a text.
        padding: The id that fills up shorter texts.
    """

    def __init__(self, task: Any, column: str, vocab_size: int, longest: int, padding: int):
        super().__init__(task)
        self.column, self.vocab_size, self.padding = column, vocab_size, padding
        self.specs = [Spec("tokens", torch.int64, ("batch", "length"))]
        self.sizes = {"length": (min(FEWEST_TOKENS, longest), longest)}

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        length = sizes.get("length", self.specs[0].shape[1])
        tokens = torch.randint(self.vocab_size, (batch, length), generator=generator)  # type: ignore[arg-type]
        tokens[0, 1:] = self.padding  # a text of one token among longer ones
        return (tokens,)

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        return examples  # tokens are what the graph takes

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        least, largest = self.sizes["length"]
        tensor = {"tensor": "tokens", "datatype": "INT64", "shape": [-1, -1]}
        sizes = {"min_length": least, "max_length": largest, "padding": self.padding}
        return [{"name": self.column, "kind": "text", **tensor, **sizes, "statistics": statistics.get(self.column)}]
