"""Word dropout: in training, replace some words by the unknown word, so that no single word decides.

Iyyer, Manjunatha, Boyd-Graber & Daumé (2015), Deep Unordered Composition Rivals Syntactic Methods for Text
Classification, https://aclanthology.org/P15-1162 (they drop the word; we mark its place, which keeps the order and
teaches the unknown word a meaning).
"""

import torch
from torch import Tensor

from deepglass.data.preprocess.text import PADDING, UNKNOWN


def word_dropout(tokens: Tensor, rate: float) -> Tensor:
    """Replace each word with probability `rate` by the unknown word; padding stays.

    Args:
        tokens: (B, T) int64 token ids.
        rate: In [0, 1).

    Example:
        >>> word_dropout(torch.tensor([[5, 9, 0]]), rate=0.0)
        tensor([[5, 9, 0]])
    """
    if rate == 0:
        return tokens
    is_dropped = (torch.rand(tokens.shape, device=tokens.device) < rate) & (tokens != PADDING)
    return tokens.masked_fill(is_dropped, UNKNOWN)
