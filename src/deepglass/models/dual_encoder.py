"""Dual encoder: what was said and what may be answered meet where each is D numbers of length 1.

    what was said, turn by turn ── topic, manner ── D numbers ──┐
                                                                ├── cosine: which of all replies answers?
    a reply ── topic, manner ── D numbers ──────────────────────┘

A reply is read without the question. So the numbers of a million replies can lie ready, and one multiplication finds
the nearest.

References:
    Lowe et al. (2015), The Ubuntu Dialogue Corpus, https://arxiv.org/abs/1506.08909 (two encoders, one of 10 replies)
    Henderson et al. (2017), Efficient Natural Language Response Suggestion for Smart Reply,
    https://arxiv.org/abs/1705.00652 (the other replies of a batch are the wrong ones)
Changed: half of the numbers are a weighted sum of the words of all turns. `begin_as_tfidf` gives rare words long
vectors in random directions, so that the network begins with the nearness of TF-IDF, and learns from there.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("retrieval",)
PADDING, TURN = 0, 1  # tokens that are no words: nothing, and the border between two turns
FADING = 0.7  # with which every turn further back begins to count less
HEARD = 64  # tokens of which the order is heard: the last two turns, or nearly so
SCALE = 28.0  # of cosines before a softmax: between -1 and 1 it could hardly decide; where a learnt one came to rest


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 512  # numbers of the topic: 256 tell words apart worse (TF-IDF 0.25 in place of 0.31 of ten)
    hidden_size: int = 128  # numbers of the manner
    dropout: float = 0.3  # few conversations are learnt by heart soon


class DualEncoder(nn.Module):
    """logits = s · cos(f(what was said), g(reply)) for every pair of a batch.

    The topic of a conversation is the sum of its words, those of older turns fainter. Its manner (a question, thanks,
    a joke) is in the order of words of the last two turns, and a convolution reads it.

    Args:
        vocab_size: Number of tokens V.
        num_turns: Turns that are told apart; whatever is older counts like the last of them.
        config: Settings.

    Shape:
        - source: (B, T) int64, the turns one behind the other, newest first, token 1 between them, 0 at the end
        - replies: (B, L) int64, padded with 0 at the end
        - output: (B, B), a row for each source; without replies the (B, D) numbers of length 1

    Example:
        >>> model = DualEncoder(vocab_size=50)
        >>> model(torch.tensor([[5, 6, 1, 7]]), torch.tensor([[8, 9]])).shape
        torch.Size([1, 1])

    References:
        Lowe et al. (2015), The Ubuntu Dialogue Corpus, https://arxiv.org/abs/1506.08909
    """

    def __init__(self, vocab_size: int, num_turns: int = 6, config: Config = Config()):
        super().__init__()
        width = config.hidden_size
        self.topic = nn.Embedding(vocab_size, config.embed_dim, padding_idx=PADDING)
        self.ages = nn.Parameter(torch.tensor([FADING**age for age in range(num_turns)]))  # (K,)
        self.manner = nn.Embedding(vocab_size, width, padding_idx=PADDING)
        self.conv = nn.Conv1d(width, width, 3, padding=1)
        self.asks = nn.Sequential(nn.Linear(2 * width, width), nn.ReLU(), nn.Linear(width, width))
        self.answers = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))
        self.dropout = nn.Dropout(config.dropout)
        nn.init.normal_(self.topic.weight, std=config.embed_dim**-0.5)
        nn.init.normal_(self.manner.weight, std=0.1)
        with torch.no_grad():
            self.topic.weight[PADDING] = 0.0
            self.manner.weight[PADDING] = 0.0

    def begin_as_tfidf(self, weights: Tensor) -> None:
        """Give the vector of every word its weight (V,) for length: texts are then as near as TF-IDF has them.

        Random directions of D dimensions are orthogonal but for about 1/√D (Johnson & Lindenstrauss).
        """
        with torch.no_grad():
            self.topic.weight.copy_(F.normalize(self.topic.weight, dim=1) * weights.unsqueeze(1))

    def forward(self, source: Tensor, replies: Tensor | None = None) -> Tensor:
        said = self.ask(source)  # (B, D)
        if replies is None:
            return said
        return SCALE * said @ self.read(replies).transpose(0, 1)  # (B, B)

    def ask(self, source: Tensor) -> Tensor:
        """(B, D) of what was said."""
        ages = (source == TURN).long().cumsum(dim=1)  # (B, T) turns that came later
        is_word = source > TURN
        faint = self.ages[ages.clamp(max=len(self.ages) - 1)] * is_word.float()  # (B, T)
        topic = (self.topic(source) * faint.unsqueeze(2)).sum(dim=1)  # (B, C)
        heard = self.heard(source[:, :HEARD])  # (B, T, H)
        latest, before = (pooled(heard, (is_word & (ages == age))[:, :HEARD]) for age in (0, 1))  # (B, H) each
        return joined(topic, self.asks(self.dropout(torch.cat([latest, before], dim=1))))

    def read(self, replies: Tensor) -> Tensor:
        """(B, D) of replies (B, L)."""
        manner = pooled(self.heard(replies), replies > TURN)
        return joined(self.topic(replies).sum(dim=1), self.answers(self.dropout(manner)))

    def heard(self, tokens: Tensor) -> Tensor:
        """(B, T, H) every word with its neighbours."""
        x = self.dropout(self.manner(tokens)).transpose(1, 2)  # (B, H, T)
        return (F.relu(self.conv(x)) + x).transpose(1, 2)  # (B, T, H)


def pooled(states: Tensor, kept: Tensor) -> Tensor:
    """(B, H) of the states (B, T, H) that are kept (B, T): their sum, over the square root of how many they are."""
    weight = kept.to(states.dtype).unsqueeze(2)  # (B, T, 1)
    return (states * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1).sqrt()


def joined(topic: Tensor, manner: Tensor) -> Tensor:
    """(B, D) of length 1, in which both parts weigh the same."""
    return torch.cat([F.normalize(topic, dim=1), F.normalize(manner, dim=1)], dim=1) / 2**0.5


Model = DualEncoder
