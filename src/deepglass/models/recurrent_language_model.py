"""LSTM, GRU and plain recurrent language models: after every token, say which comes next.

Mikolov et al. (2010), Recurrent neural network based language model,
https://www.isca-archive.org/interspeech_2010/mikolov10_interspeech.html;
Zaremba, Sutskever & Vinyals (2014), Recurrent Neural Network Regularization, https://arxiv.org/abs/1409.2329
(dropout between the layers, never along time). The cells: see recurrent_classifier.py.
"""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

TASKS = ("language-modelling", "next-event")
VARIANTS = {"lstm": {"cell": "lstm"}, "gru": {"cell": "gru"}, "rnn": {"cell": "rnn"}}


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    cell: Literal["lstm", "gru", "rnn"] = "lstm"  # gates keep a memory over many tokens; the plain cell forgets
    embed_dim: int = 64  # width of a token's vector; characters need little
    hidden_size: int = 256  # width of the memory: all that is known of the text so far
    num_layers: int = 1  # recurrent layers on top of each other
    dropout: float = 0.1  # between the layers and before the answer


class RecurrentLanguageModel(nn.Module):
    """h_t = cell(token_t, h_{t−1}); logits_t = W · h_t + b.

    Each window of text begins with an empty memory, so windows can be drawn in any order.

    Args:
        vocab_size: Number of tokens V.
        config: Settings.

    Shape:
        - tokens: (B, T) int64
        - output: (B, T, V): at t, the token that follows position t

    Example:
        >>> import torch
        >>> RecurrentLanguageModel(vocab_size=65)(torch.zeros(2, 10, dtype=torch.int64)).shape
        torch.Size([2, 10, 65])
    """

    def __init__(self, vocab_size: int, config: Config = Config()):
        super().__init__()
        cell = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[config.cell]
        between = config.dropout if config.num_layers > 1 else 0.0
        self.embedding = nn.Embedding(vocab_size, config.embed_dim)
        self.rnn = cell(config.embed_dim, config.hidden_size, config.num_layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.hidden_size, vocab_size)

    def forward(self, tokens: Tensor) -> Tensor:
        states, _ = self.rnn(self.embedding(tokens))  # (B, T, H)
        return self.head(self.dropout(states))  # (B, T, V)


Model = RecurrentLanguageModel
