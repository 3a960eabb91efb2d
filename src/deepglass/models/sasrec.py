"""SASRec: self-attention from left to right over what somebody did, to say what comes next.

Kang & McAuley (2018), Self-Attentive Sequential Recommendation, https://arxiv.org/abs/1808.09781, trained with the
full softmax over all events, which beats its negative samples: Klenitskiy & Vasilev (2023), Turning Dross Into Gold
Loss, https://arxiv.org/abs/2309.07602. The output layer is the table of event vectors itself, as there.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("next-event",)


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 64  # width C; the paper's 50, rounded
    num_heads: int = 1  # more did not help in the paper
    num_layers: int = 2  # blocks, as in the paper
    dropout: float = 0.2  # of vectors and of what blocks add; the paper's for denser data


class SASRec(nn.Module):
    """x = √C · item(events) + position; blocks of causal attention and MLP; logits = norm(x) · itemᵀ.

    Args:
        vocab_size: Number of events V.
        context: Longest session that is seen at once; there is a position vector for each place.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, T ≤ context
        - output: (B, T, V): at t, the event that follows place t

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`, or the session is longer than `context`.

    Example:
        >>> SASRec(vocab_size=65, context=32)(torch.zeros(2, 10, dtype=torch.int64)).shape
        torch.Size([2, 10, 65])
    """

    def __init__(self, vocab_size: int, context: int, config: Config = Config()):
        super().__init__()
        self.context, self.scale = context, config.embed_dim**0.5
        self.item = nn.Embedding(vocab_size, config.embed_dim)
        self.position = nn.Embedding(context, config.embed_dim)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.embed_dim)
        for table in (self.item, self.position):
            nn.init.normal_(table.weight, std=config.embed_dim**-0.5)  # so that logits begin near 0

    def forward(self, tokens: Tensor) -> Tensor:
        _, T = tokens.shape
        if self.context < T:
            raise ValueError(f"expected at most {self.context} events, got {T}: give the last {self.context} only")
        x = self.dropout(self.item(tokens) * self.scale + self.position.weight[:T])  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        return F.linear(self.norm(x), self.item.weight)  # (B, T, V)


class Block(nn.Module):
    """norm(x) asks x, then every place by itself; both are added.

    Shape:
        - input, output: (B, T, C)

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`.
    """

    def __init__(self, config: Config):
        super().__init__()
        C = config.embed_dim
        if C % config.num_heads:
            raise ValueError(f"embed_dim {C} is not divisible by num_heads {config.num_heads}: change one of them")
        self.num_heads = config.num_heads
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.query, self.key, self.value = nn.Linear(C, C), nn.Linear(C, C), nn.Linear(C, C)
        self.inner, self.outer = nn.Linear(C, C), nn.Linear(C, C)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.dropout(self.attend(self.norm_1(x), x))
        inner = self.dropout(F.relu(self.inner(self.norm_2(x))))  # (B, T, C)
        return x + self.dropout(self.outer(inner))

    def attend(self, asking: Tensor, x: Tensor) -> Tensor:
        """softmax(QKᵀ/√hd)·V over what is at or before each place."""
        B, T, C = x.shape
        nh, hd = self.num_heads, C // self.num_heads
        q = self.query(asking).reshape(B, T, nh, hd).transpose(1, 2)  # (B, nh, T, hd)
        k = self.key(x).reshape(B, T, nh, hd).transpose(1, 2)  # (B, nh, T, hd)
        v = self.value(x).reshape(B, T, nh, hd).transpose(1, 2)  # (B, nh, T, hd)
        scores = q @ k.transpose(2, 3) * hd**-0.5  # (B, nh, T, T)
        place = torch.arange(T, device=x.device)
        scores = scores.masked_fill(place > place.unsqueeze(1), -1e9)
        return (F.softmax(scores, dim=3) @ v).transpose(1, 2).reshape(B, T, C)


Model = SASRec
