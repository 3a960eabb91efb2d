"""Motif CNN: filters slide along a sequence of letters, and the deepest filters say what was found anywhere in it.

    letters ── convolution (the motif detectors) ── ReLU ── max pooling ── convolution ── ReLU ── maximum ── linear

Alipanahi, Delong, Weirauch & Frey (2015), Predicting the sequence specificities of DNA- and RNA-binding proteins by
deep learning (DeepBind), https://doi.org/10.1038/nbt.3300 (their motif scan, rectification, pooling, neural network)
Koo & Eddy (2019), Representation learning of genomic sequence motifs with convolutional neural networks,
https://doi.org/10.1371/journal.pcbi.1007560 (why the pooling is wide: a second layer that sees only coarsely where
filters of the first answered cannot put a motif together from halves, so each filter has to learn a whole one)
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("text-classification",)
HEAD = "head"

PADDING, FIRST_LETTER = 0, 2  # ids: 1 is a letter that training did not know
LARGEST_ALPHABET = 32  # up to here each letter is a channel of its own; beyond, letters have learnt vectors


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    num_filters: int = 32  # of the first layer: a few for each motif, as some of them die
    filter_width: int = 15  # letters that a filter sees; most binding sites have 6 to 15
    pool: int = 25  # places of which the strongest is kept: wide, so that filters learn whole motifs
    hidden_dim: int = 64  # filters of the second layer
    hidden_width: int = 5  # of theirs, in pooled places
    dropout: float = 0.2  # of what was found, before the last layer
    places: bool = False  # filters may prefer places: for sequences that are aligned, such as around a splice point


class MotifCNN(nn.Module):
    """logits = W · max over places of ReLU(conv₂(pool(ReLU(conv₁(letters) + b)))).

    A filter of the first layer is a table of weights, filter_width × letters: it answers strongly where the sequence
    spells what the table says. With one channel per letter, the table can be read as a motif.

    Args:
        vocab_size: Number of tokens V; token 0 is padding, 1 an unknown letter, and both are all zeros.
        num_classes: Classes K.
        max_length: Letters of the longest sequence; only `places` needs it.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, padded with 0 at the end
        - output: (B, K)

    Example:
        >>> MotifCNN(vocab_size=6, num_classes=2)(torch.tensor([[2, 3, 4, 5, 2, 3]])).shape
        torch.Size([1, 2])
    """

    def __init__(self, vocab_size: int, num_classes: int, max_length: int = 512, config: Config = Config()):
        super().__init__()
        self.vocab_size, letters = vocab_size, max(1, vocab_size - FIRST_LETTER)
        channels = min(letters, LARGEST_ALPHABET)
        self.embedding = nn.Embedding(vocab_size, channels, padding_idx=PADDING)
        if letters <= LARGEST_ALPHABET:
            one_hot = torch.zeros(vocab_size, channels)
            one_hot[FIRST_LETTER:] = torch.eye(letters)[: vocab_size - FIRST_LETTER]
            self.embedding.weight.data.copy_(one_hot)
            self.embedding.weight.requires_grad = False
        width, hidden_width = config.filter_width, config.hidden_width
        self.filters = nn.Conv1d(channels, config.num_filters, width, padding=width // 2)
        self.place = nn.Embedding(max_length + 1, config.num_filters) if config.places else None
        if self.place is not None:
            nn.init.zeros_(self.place.weight)
        self.pool = config.pool
        self.hidden = nn.Conv1d(config.num_filters, config.hidden_dim, hidden_width, padding=hidden_width // 2)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.hidden_dim, num_classes)

    def forward(self, tokens: Tensor) -> Tensor:
        answers = F.pad(self.responses(tokens), (0, 2 * self.pool - 1))  # silence: the last letters are pooled too
        found = F.max_pool2d(answers.unsqueeze(2), (1, self.pool)).squeeze(2)  # (B, F, P), P = ⌈T / pool⌉ + 1
        found = self.hidden(found).relu()  # (B, H, P)
        return self.head(self.dropout(found.amax(dim=2)))  # (B, K)

    def responses(self, tokens: Tensor) -> Tensor:
        """(B, F, T) how strongly each filter answers at each letter, around which it lies."""
        tokens = tokens * (tokens < self.vocab_size)  # ids beyond are pieces of unknown words, for others
        scores = self.filters(self.embedding(tokens).transpose(1, 2))  # (B, F, T), or T + 1 of even filters
        scores = scores[:, :, : tokens.shape[1]]
        if self.place is not None:
            at = torch.arange(tokens.shape[1], device=tokens.device)
            scores = scores + self.place(at).T  # (B, F, T)
        return scores.relu()


Model = MotifCNN
