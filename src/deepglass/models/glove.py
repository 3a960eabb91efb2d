"""GloVe: vectors whose products are the logarithms of how often two words stand near each other.

    Σ f(x_ij) · (w_i · c_j + b_i + b̃_j − log x_ij)²      f(x) = min(1, (x / x_max)^¾)

Pennington, Socher & Manning (2014), GloVe: Global Vectors for Word Representation,
https://aclanthology.org/D14-1162 (equation 8). Pairs are counted once, in data/preprocess/cooccurrence.py, a pair at
distance d as 1/d of a pair; the text itself is not read again. Pairs that never occur are left out of the sum.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

TASKS = ("word-vectors",)
TEACHES = ("contexts", "word_bias", "context_bias")  # an answer is a vector of `words`
LEARNS_FROM = "counts"  # of pairs, and not from the text

PADDING = 0
EXPONENT = 0.75  # of the weight of a pair; theirs, section 3


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 100  # numbers per word; a million words of text do not fill more


class GloVe(nn.Module):
    """score(word, context) = w · c + b + b̃, which shall be the logarithm of their count.

    The biases take up how frequent each word is by itself; what is left for the vectors is how much more often two
    words meet than that.

    Args:
        vocab_size: Number of words V; word 0 is none.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, the words that go in, 0 where there is none; their vectors are averaged
        - candidates: (B, n) int64, words that may stand beside them
        - output: scores (B, n); without candidates the vectors (B, C) themselves

    Example:
        >>> model = GloVe(vocab_size=50)
        >>> model(torch.tensor([[7]]), torch.tensor([[3, 9]])).shape
        torch.Size([1, 2])
    """

    def __init__(self, vocab_size: int, config: Config = Config()):
        super().__init__()
        self.words = nn.Embedding(vocab_size, config.embed_dim, padding_idx=PADDING)
        self.contexts = nn.Embedding(vocab_size, config.embed_dim, padding_idx=PADDING)
        self.word_bias = nn.Embedding(vocab_size, 1, padding_idx=PADDING)
        self.context_bias = nn.Embedding(vocab_size, 1, padding_idx=PADDING)
        for table in (self.words, self.contexts, self.word_bias, self.context_bias):
            nn.init.uniform_(table.weight, -0.5 / config.embed_dim, 0.5 / config.embed_dim)
            with torch.no_grad():
                table.weight[PADDING] = 0.0

    def forward(self, tokens: Tensor, candidates: Tensor | None = None) -> Tensor:
        is_word = (tokens != PADDING).to(self.words.weight.dtype)  # (B, T)
        count = is_word.sum(dim=1, keepdim=True).clamp(min=1)
        hidden = self.words(tokens).sum(dim=1) / count  # (B, C)
        if candidates is None:
            return hidden
        own = self.word_bias(tokens).sum(dim=1) / count  # (B, 1)
        scores = (self.contexts(candidates) * hidden.unsqueeze(1)).sum(dim=2)  # (B, n)
        return scores + own + self.context_bias(candidates).squeeze(2)


def weighted_least_squares(scores: Tensor, counts: Tensor, most: float) -> Tensor:
    """Mean of f(x) · (score − log x)².

    Args:
        scores: (B, n)
        counts: (B, n), above 0.
        most: x_max: counts above it weigh no more.
    """
    weights = (counts / most).clamp(max=1.0) ** EXPONENT
    return (weights * (scores - counts.log()).square()).mean()


Model = GloVe
