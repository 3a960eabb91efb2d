"""Texts to classify: token ids, padded with 0 at their end, as the network takes them."""

import copy
from typing import Any

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from deepglass.core.word_forms import NONE
from deepglass.data.preprocess.text import PADDING, PIECE_LENGTHS, WordVocabulary
from deepglass.deploy.graphs.inputs import Context
from deepglass.deploy.graphs.inputs._tokens import TokenPart


class Part(TokenPart):
    """tokens (B, T) → tokens (B, T)."""

    def __init__(self, task: Any):
        super().__init__(task, task.text_column, len(task.vocabulary), task.vocabulary.width, PADDING)

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        return (given["tokens"],), {}

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        """A batch of single words is padded to the shortest length that the graph declares."""
        examples, trimmed = copy.copy(examples), examples.transform
        examples.transform = lambda batch: self._lengthened(*trimmed(batch))
        return examples

    def _lengthened(self, tokens: Tensor, *more: Tensor) -> tuple[Tensor, ...]:
        return F.pad(tokens, (0, max(0, self.sizes["length"][0] - tokens.shape[1])), value=self.padding), *more

    def tokens(self) -> dict[str, Any]:
        vocabulary = self.task.vocabulary
        if isinstance(vocabulary, WordVocabulary):
            words = {"kind": "words", "pattern": vocabulary.pattern.pattern, "words": vocabulary.words}
            if vocabulary.normalise != NONE:
                words |= {"normalise": vocabulary.normalise}
            if not vocabulary.pieces:
                return words
            lengths = [PIECE_LENGTHS.start, PIECE_LENGTHS.stop - 1]
            return words | {"pieces": vocabulary.pieces, "lengths": lengths, "max_words": vocabulary.max_length}
        return vocabulary.state() | {"shift": vocabulary.shift}
