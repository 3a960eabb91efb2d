"""Sentences to translate: token ids with their end behind them, padded with 0, as the network takes them."""

from typing import Any

from torch import Tensor

from deepglass.data.preprocess.sentences import END, FIRST, PADDING
from deepglass.deploy.graphs.inputs import Context
from deepglass.deploy.graphs.inputs._tokens import TokenPart


class Part(TokenPart):
    """tokens (B, S) → tokens (B, S)."""

    def __init__(self, task: Any):
        vocabulary = task.inputs.vocabulary
        super().__init__(task, task.text_column, len(vocabulary), vocabulary.max_length, PADDING)

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        return (given["tokens"],), {}

    def tokens(self) -> dict[str, Any]:
        vocabulary = self.task.inputs.vocabulary
        marks = {"shift": FIRST, "end": END, "before": vocabulary.before}
        return {"kind": "ended", "tokens": vocabulary.tokens.state(), **marks}
