"""Bag of n-grams: the mean of the vectors of a text's words and word pairs, and one linear layer on it.

Joulin, Grave, Bojanowski & Mikolov (2016), Bag of Tricks for Efficient Text Classification (fastText),
https://arxiv.org/abs/1607.01759. Word pairs share a fixed number of vectors by hashing: Weinberger et al. (2009),
Feature Hashing for Large Scale Multitask Learning, https://arxiv.org/abs/0902.2206.
Words become numbers in data/preprocess/text.py; the hashes are computed here, from those numbers.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

TASKS = ("text-classification",)
HEAD = "head"

PADDING = 0
HASH_FACTORS = (1_000_003, 2_654_435_761)  # a prime to chain tokens, Knuth's multiplier (2³²/golden ratio) to scatter
NEEDS = {  # setting: the other setting without which it does nothing, the least of it, in words
    "buckets": ("ngrams", 2, "n-grams of two words or more"),
    "ngram_dropout": ("ngrams", 2, "n-grams of two words or more"),
}


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 32  # width of a vector; two classes need few directions
    ngrams: int = 2  # longest n-gram: 1 sees single words, 2 also sees "not good"
    buckets: int = 65_536  # vectors that all n-grams share; collisions are harmless while most of them are rare
    dropout: float = 0.3  # of the mean vector's entries
    ngram_dropout: float = 0.5  # of whole n-grams while training: rare pairs are easily learnt by heart


class BagOfNgrams(nn.Module):
    """logits = W · mean(vectors of all words and n-grams) + b.

    Order is forgotten except inside an n-gram, which is enough to tell what a text is about, and costs next to
    nothing. Vectors of n-grams begin at zero: those that never occurred in training add nothing to a new text.

    Args:
        vocab_size: Number of tokens V; token 0 is padding.
        num_classes: Classes K.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, padded with 0 at the end
        - output: (B, K)

    Example:
        >>> BagOfNgrams(vocab_size=100, num_classes=2)(torch.tensor([[5, 9, 0], [7, 0, 0]])).shape
        torch.Size([2, 2])
    """

    def __init__(self, vocab_size: int, num_classes: int, config: Config = Config()):
        super().__init__()
        self.max_n = config.ngrams
        self.num_buckets = config.buckets if config.ngrams > 1 else 1  # one idle vector where only words count
        self.words = nn.Embedding(vocab_size, config.embed_dim, padding_idx=PADDING)
        self.ngrams = nn.Embedding(self.num_buckets, config.embed_dim)
        self.dropout = nn.Dropout(config.dropout)
        self.ngram_dropout = nn.Dropout(config.ngram_dropout)
        self.head = nn.Linear(config.embed_dim, num_classes)
        nn.init.normal_(self.words.weight, std=0.1)
        with torch.no_grad():
            self.words.weight[PADDING] = 0.0
        nn.init.zeros_(self.ngrams.weight)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens * (tokens < self.words.num_embeddings)  # ids beyond are pieces of unknown words, for others
        is_word = (tokens != PADDING).to(self.words.weight.dtype)  # (B, T)
        total = self.words(tokens).sum(dim=1)  # (B, C)
        count = is_word.sum(dim=1, keepdim=True)  # (B, 1)
        for n, buckets in self.hashes(tokens):
            # padding is at the end: an n-gram is whole if its last token is a word
            is_ngram = self.ngram_dropout(is_word[:, n - 1 :])  # (B, T − n + 1)
            total = total + (self.ngrams(buckets) * is_ngram.unsqueeze(2)).sum(dim=1)  # (B, C)
            count = count + is_ngram.sum(dim=1, keepdim=True)
        if self.training and not self.hashes(tokens):  # several processes wait for a gradient of every weight
            total = total + 0.0 * self.ngrams.weight.sum()
        mean = total / count.clamp(min=1)
        return self.head(self.dropout(mean))  # (B, K)

    def hashes(self, tokens: Tensor) -> list[tuple[int, Tensor]]:
        """For n = 2, 3, …: the bucket of the n-gram that ends at each position, (B, T − n + 1)."""
        chain, scatter = HASH_FACTORS
        code, found = tokens, []
        for n in range(2, min(self.max_n, tokens.shape[1]) + 1):
            code = code[:, :-1] * chain + tokens[:, n - 1 :]  # int64 wraps around, which suits a hash
            found.append((n, code * scatter % self.num_buckets))
        return found


Model = BagOfNgrams
