"""Texts as token ids: what a word is stays with the small runtime, all else is inside.

A text to classify is padded with 0 at its end, a text to continue with -1.
"""

import copy
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.data.preprocess.text import PADDING, PIECE_LENGTHS, WORD, WordVocabulary
from deepglass.deploy.graphs import Graph, Spec, log_shares, probabilities

TASKS = ("text-classification", "language-modelling")
FEWEST_TOKENS = 2  # a length of 1 would be taken for a constant by the exporter
NO_TOKEN = -1  # pads texts to continue, whose ids use every number from 0
LONGEST = 100_000  # tokens that a recurrent network declares to take


def Exported(task: Any, network: nn.Module) -> Graph:
    """The graph of a text task."""
    return Classified(task, network) if task.name == "text-classification" else Continued(task, network)


class _TokenGraph(Graph):
    """tokens (B, T) int64 in."""

    padding: int
    vocab_size: int
    column: str

    def __init__(self, task: Any, network: nn.Module, longest: int):
        super().__init__(task, network)
        self.inputs = [Spec("tokens", torch.int64, ("batch", "length"))]
        self.sizes = {"length": (min(FEWEST_TOKENS, longest), longest)}

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        length = sizes.get("length", self.inputs[0].shape[1])
        tokens = torch.randint(self.vocab_size, (batch, length), generator=generator)
        tokens[0, 1:] = self.padding  # a text of one token among longer ones
        return (tokens,)

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        return examples  # tokens are what the graph takes

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        least, largest = self.sizes["length"]
        tensor = {"tensor": "tokens", "datatype": "INT64", "shape": [-1, -1]}
        sizes = {"min_length": least, "max_length": largest, "padding": self.padding}
        return [{"name": self.column, "kind": "text", **tensor, **sizes, "statistics": statistics.get(self.column)}]


class Classified(_TokenGraph):
    """tokens (B, T) → probabilities (B, K)."""

    answer = "probabilities"
    padding = PADDING

    def __init__(self, task: Any, network: nn.Module):
        super().__init__(task, network, task.vocabulary.width)
        self.vocab_size, self.column = len(task.vocabulary), task.text_column
        self.outputs = [Spec("probabilities", torch.float32, ("batch", len(task.classes)))]

    def forward(self, *tensors: Tensor) -> Tensor:
        return probabilities(self.network(tensors[0]))

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        """A batch of single words is padded to the shortest length that the graph declares."""
        examples, trimmed = copy.copy(examples), examples.transform
        examples.transform = lambda batch: self._lengthened(*trimmed(batch))
        return examples

    def _lengthened(self, tokens: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        return F.pad(tokens, (0, max(0, self.sizes["length"][0] - tokens.shape[1])), value=self.padding), targets

    def as_network(self, answers: Tensor) -> Tensor:
        return log_shares(answers)

    def tokens(self) -> dict[str, Any]:
        vocabulary = self.task.vocabulary
        if isinstance(vocabulary, WordVocabulary):
            words = {"kind": "words", "pattern": WORD.pattern, "words": vocabulary.words}
            if not vocabulary.pieces:
                return words
            lengths = [PIECE_LENGTHS.start, PIECE_LENGTHS.stop - 1]
            return words | {"pieces": vocabulary.pieces, "lengths": lengths, "max_words": vocabulary.max_length}
        return vocabulary.state() | {"shift": vocabulary.shift}


class Continued(_TokenGraph):
    """tokens (B, T) → logits (B, T, V), and next_probabilities (B, V) of what follows each text."""

    answer = "next_probabilities"
    padding = NO_TOKEN
    column = "text"

    def __init__(self, task: Any, network: nn.Module):
        super().__init__(task, network, task.config.context)
        self.vocab_size = len(task.tokens)
        self.outputs = [
            Spec("logits", torch.float32, ("batch", "length", self.vocab_size)),
            Spec("next_probabilities", torch.float32, ("batch", self.vocab_size)),
        ]

    def forward(self, *tensors: Tensor) -> tuple[Tensor, Tensor]:
        tokens = tensors[0]
        last = (tokens != NO_TOKEN).sum(dim=1) - 1  # (B,)
        logits = self.network(tokens.clamp(min=0)).float()  # (B, T, V); what follows cannot reach back
        at_last = logits.gather(1, last.view(-1, 1, 1).expand(-1, 1, self.vocab_size)).squeeze(1)  # (B, V)
        return logits, at_last.softmax(dim=1)

    def as_network(self, answers: Tensor) -> Tensor:
        return answers

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        return [super().describe(statistics)[0] | {"start": self.task.start}]

    def tokens(self) -> dict[str, Any]:
        return self.task.tokens.state()
