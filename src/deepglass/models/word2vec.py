"""Word2Vec: a vector per word, learnt by telling the words around it from words drawn by chance.

    skip-gram    one word → each word around it        log σ(u·v) + k · E[log σ(−u·v′)]
    CBOW         the mean of the words around → the word in the middle, by the same loss

Mikolov, Chen, Corrado & Dean (2013), Efficient Estimation of Word Representations in Vector Space,
https://arxiv.org/abs/1301.3781; Mikolov, Sutskever, Chen, Corrado & Dean (2013), Distributed Representations of Words
and Phrases, https://arxiv.org/abs/1310.4546 (negative sampling, equation 4; our u is their v, our v their v′).
What it comes to: Levy & Goldberg (2014), Neural Word Embedding as Implicit Matrix Factorization: u·v → PMI − log k.
Which words are paired is decided in data/fields/words.py.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("word-vectors",)
TEACHES = ("contexts",)  # scores pairs while training; an answer is a vector of `words`
BEGINS_COUNTED = True  # takes tables to begin with (`begin_with`)

PADDING = 0


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 100  # numbers per word; a million words of text do not fill more


class Word2Vec(nn.Module):
    """score(word, context) = mean(u of the words) · v of the context.

    Two words are alike if they stand among the same words: both vectors are pulled towards the same v. No layer lies
    between; everything that is learnt is the two tables.

    Args:
        vocab_size: Number of words V; word 0 is none.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, the words that go in, 0 where there is none; their vectors are averaged
        - candidates: (B, n) int64, words that may stand beside them
        - noise: (N,) int64, words drawn by chance, the same for all rows
        - output: scores (B, n + N); without candidates the vectors (B, C) themselves

    Example:
        >>> model = Word2Vec(vocab_size=50)
        >>> model(torch.tensor([[7]]), torch.tensor([[3, 9]])).shape, model(torch.tensor([[7]])).shape
        (torch.Size([1, 2]), torch.Size([1, 100]))
    """

    def __init__(self, vocab_size: int, config: Config = Config()):
        super().__init__()
        self.words = nn.Embedding(vocab_size, config.embed_dim, padding_idx=PADDING)
        self.contexts = nn.Embedding(vocab_size, config.embed_dim, padding_idx=PADDING)
        nn.init.uniform_(self.words.weight, -0.5 / config.embed_dim, 0.5 / config.embed_dim)  # as in their program
        nn.init.zeros_(self.contexts.weight)
        with torch.no_grad():
            self.words.weight[PADDING] = 0.0

    def forward(self, tokens: Tensor, candidates: Tensor | None = None, noise: Tensor | None = None) -> Tensor:
        is_word = (tokens != PADDING).to(self.words.weight.dtype)  # (B, T)
        count = is_word.sum(dim=1, keepdim=True).clamp(min=1)
        hidden = self.words(tokens).sum(dim=1) / count  # (B, C)
        if candidates is None:
            return hidden
        scores = (self.contexts(candidates) * hidden.unsqueeze(1)).sum(dim=2)  # (B, n)
        if noise is None:
            return scores
        return torch.cat([scores, hidden @ self.contexts(noise).T], dim=1)  # (B, n + N)

    @torch.no_grad()
    def begin_with(self, words: Tensor, contexts: Tensor) -> None:
        """Begin where counting ends: with factors (V, C or less) of a matrix that says how well words go together."""
        for table, counted in ((self.words, words), (self.contexts, contexts)):
            table.weight.zero_()
            table.weight[:, : counted.shape[1]] = counted
            table.weight[PADDING] = 0.0


def negative_sampling(scores: Tensor, candidates: Tensor, negatives: int) -> Tensor:
    """−log σ(score of a pair) − k · mean over the noise of log σ(−score), in the mean over all pairs.

    All rows share the noise: each pair counts the mean over N drawn words k times, which is in expectation what k
    words of its own would give, for the price of one matrix product.

    Args:
        scores: (B, n + N), those of the noise last.
        candidates: (B, n), 0 where there is no pair.
        negatives: k, how much the noise counts beside a pair.
    """
    is_pair = (candidates != PADDING).to(scores.dtype)  # (B, n)
    true, noise = scores[:, : candidates.shape[1]], scores[:, candidates.shape[1] :]  # (B, n), (B, N)
    attracted = (F.logsigmoid(true) * is_pair).sum()
    repelled = (F.logsigmoid(-noise).mean(dim=1) * is_pair.sum(dim=1)).sum()
    return -(attracted + negatives * repelled) / is_pair.sum().clamp(min=1)


Model = Word2Vec
