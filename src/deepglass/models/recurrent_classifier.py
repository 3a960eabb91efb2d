"""LSTM, GRU and plain recurrent classifiers of text: read word by word, judge by the mean of what was remembered.

Elman (1990), Finding Structure in Time, https://doi.org/10.1207/s15516709cog1402_1 (the plain network);
Hochreiter & Schmidhuber (1997), Long Short-Term Memory, https://doi.org/10.1162/neco.1997.9.8.1735;
Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder (the GRU),
https://arxiv.org/abs/1406.1078.
"""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

TASKS = ("text-classification",)
VARIANTS = {"lstm": {"cell": "lstm"}, "gru": {"cell": "gru"}, "rnn": {"cell": "rnn"}}
HEAD = "head"

PADDING = 0


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    cell: Literal["lstm", "gru", "rnn"] = "lstm"  # gates keep a memory over many words; the plain cell forgets
    embed_dim: int = 64  # width of a word's vector
    hidden_size: int = 128  # width of the memory
    num_layers: int = 1  # recurrent layers on top of each other; a second rarely pays on short texts
    dropout: float = 0.5  # of word vectors and of the summary; networks that read in order overfit quickly


class RecurrentClassifier(nn.Module):
    """h_t = cell(word_t, h_{t−1}); logits = W · mean of all h_t + b.

    The mean gives every word a short way to the answer; the last state alone would have to carry all of them.

    Args:
        vocab_size: Number of tokens V; token 0 is padding.
        num_classes: Classes K.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, padded with 0 at the end
        - output: (B, K)

    Example:
        >>> import torch
        >>> RecurrentClassifier(vocab_size=100, num_classes=2)(torch.tensor([[5, 9, 0], [7, 0, 0]])).shape
        torch.Size([2, 2])
    """

    def __init__(self, vocab_size: int, num_classes: int, config: Config = Config()):
        super().__init__()
        cell = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[config.cell]
        self.embedding = nn.Embedding(vocab_size, config.embed_dim, padding_idx=PADDING)
        self.rnn = cell(config.embed_dim, config.hidden_size, config.num_layers, batch_first=True)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.hidden_size, num_classes)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.dropout(self.embedding(tokens))  # (B, T, C)
        states, _ = self.rnn(x)  # (B, T, H); what follows the last word cannot reach back to it
        is_word = (tokens != PADDING).to(states.dtype).unsqueeze(2)  # (B, T, 1)
        summary = (states * is_word).sum(dim=1) / is_word.sum(dim=1).clamp(min=1)  # (B, H)
        return self.head(self.dropout(summary))  # (B, K)


Model = RecurrentClassifier
