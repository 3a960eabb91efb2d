"""Transformer encoder for text: every word looks at every other, the mean of what they found is judged.

Vaswani et al. (2017), Attention Is All You Need, https://arxiv.org/abs/1706.03762 (their d_model is our embed_dim,
their N our num_layers). Normalisation comes before each sub-layer: Xiong et al. (2020), On Layer Normalization in the
Transformer Architecture, https://arxiv.org/abs/2002.04745. Positions are learnt vectors, as in BERT.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("text-classification",)
HEAD = "head"

PADDING = 0


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 64  # width of a token; without pretraining, small texts do not fill more
    num_heads: int = 4  # questions that a word asks at once; each has width embed_dim / num_heads
    num_layers: int = 2  # blocks; deeper pays only with much more text
    mlp_ratio: int = 2  # width of a block's hidden layer, in multiples of embed_dim; 4 in the paper
    dropout: float = 0.3  # of vectors, attention results and the summary


class TransformerEncoder(nn.Module):
    """x = words + positions; blocks of attention and MLP; logits = W · mean(x) + b.

    Args:
        vocab_size: Number of tokens V; token 0 is padding.
        num_classes: Classes K.
        max_length: Longest text in tokens; there is a position vector for each.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, T ≤ max_length, padded with 0 at the end
        - output: (B, K)

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`, or a text is longer than `max_length`.
        ValueError: If a text is longer than the table of positions.

    Example:
        >>> import torch
        >>> model = TransformerEncoder(vocab_size=100, num_classes=2, max_length=8)
        >>> model(torch.tensor([[5, 9, 0], [7, 0, 0]])).shape
        torch.Size([2, 2])
    """

    def __init__(self, vocab_size: int, num_classes: int, max_length: int, config: Config = Config()):
        super().__init__()
        self.words = nn.Embedding(vocab_size, config.embed_dim, padding_idx=PADDING)
        self.positions = nn.Embedding(max_length, config.embed_dim)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.embed_dim)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.embed_dim, num_classes)
        nn.init.normal_(self.positions.weight, std=0.1)

    def forward(self, tokens: Tensor) -> Tensor:
        _, T = tokens.shape
        if self.positions.weight.shape[0] < T:
            raise ValueError(f"expected texts of at most {self.positions.weight.shape[0]} tokens, got {T}: cut them")
        is_word = tokens != PADDING  # (B, T)
        x = self.dropout(self.words(tokens) + self.positions.weight[:T])  # (B, T, C)
        for block in self.blocks:
            x = block(x, is_word)
        weight = is_word.to(x.dtype).unsqueeze(2)  # (B, T, 1)
        summary = (self.norm(x) * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)  # (B, C)
        return self.head(self.dropout(summary))  # (B, K)


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)).

    Shape:
        - x: (B, T, C), is_word: (B, T) bool, False at padding, which nobody looks at
        - output: (B, T, C)
    """

    def __init__(self, config: Config):
        super().__init__()
        C = config.embed_dim
        self.norm1 = nn.LayerNorm(C)
        self.attention = SelfAttention(C, config.num_heads)
        self.norm2 = nn.LayerNorm(C)
        self.mlp = nn.Sequential(nn.Linear(C, config.mlp_ratio * C), nn.GELU(), nn.Linear(config.mlp_ratio * C, C))
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, is_word: Tensor) -> Tensor:
        x = x + self.dropout(self.attention(self.norm1(x), is_word))
        return x + self.dropout(self.mlp(self.norm2(x)))


class SelfAttention(nn.Module):
    """softmax(QKᵀ/√hd)·V over several heads, padding left out.

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`.
    """

    def __init__(self, embed_dim: int, num_heads: int):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim {embed_dim} is not divisible by num_heads {num_heads}: change one of them")
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.out = nn.Linear(embed_dim, embed_dim)

    def forward(self, x: Tensor, is_word: Tensor) -> Tensor:
        B, T, C = x.shape
        nh, hd = self.num_heads, C // self.num_heads
        qkv = self.qkv(x).reshape(B, T, 3, nh, hd).permute(2, 0, 3, 1, 4)  # (3, B, nh, T, hd)
        q, k, v = qkv[0], qkv[1], qkv[2]
        scores = q @ k.transpose(2, 3) * hd**-0.5  # (B, nh, T, T)
        scores = scores.masked_fill(~is_word.reshape(B, 1, 1, T), -1e9)  # finite: an empty text has no word
        y = F.softmax(scores, dim=3) @ v  # (B, nh, T, hd)
        return self.out(y.transpose(1, 2).reshape(B, T, C))


Model = TransformerEncoder
