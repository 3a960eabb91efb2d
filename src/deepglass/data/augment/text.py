"""Word dropout: in training, replace some words by the unknown word, so that no single word decides.

Iyyer, Manjunatha, Boyd-Graber & Daumé (2015), Deep Unordered Composition Rivals Syntactic Methods for Text
Classification, https://aclanthology.org/P15-1162 (they drop the word; we mark its place, which keeps the order and
teaches the unknown word a meaning).
"""

import torch
from torch import Tensor

from deepglass.core.device import constant
from deepglass.data.preprocess.text import PADDING, UNKNOWN


def word_dropout(tokens: Tensor, rate: float, unknown: int = UNKNOWN, marks: tuple[int, ...] = (PADDING,)) -> Tensor:
    """Replace each word with probability `rate` by the unknown word; padding stays.

    Args:
        tokens: (B, T) int64 token ids.
        rate: In [0, 1).
        unknown: Id of the unknown word.
        marks: Ids that are not words and stay: padding, and what a published tokenizer sets around a text.

    Example:
        >>> word_dropout(torch.tensor([[5, 9, 0]]), rate=0.0)
        tensor([[5, 9, 0]])
    """
    if rate == 0:
        return tokens
    is_mark = torch.isin(tokens, constant(marks, tokens.device, torch.int64))
    is_dropped = (torch.rand(tokens.shape, device=tokens.device) < rate) & ~is_mark
    return tokens.masked_fill(is_dropped, unknown)
