"""Transformer: the encoder and decoder of "Attention Is All You Need", which turn one sequence into another.

Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser & Polosukhin (2017), https://arxiv.org/abs/1706.03762
(their d_model is our embed_dim, d_ff our mlp_dim, N our num_layers). The layers carry the names of
`torch.nn.Transformer`, with its norm after the last layer of each side. As in the paper, the output layer is the table
of the target's vectors. Writing on its own, with `encode` and `step`: see `models/decoding/beam.py`.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("translation",)
VARIANTS = {
    "transformer": {},
    "transformer-base": {"embed_dim": 512, "num_heads": 8, "num_layers": 6, "mlp_dim": 2048},
    "transformer-big": {"embed_dim": 1024, "num_heads": 16, "num_layers": 6, "mlp_dim": 4096, "dropout": 0.3},
}  # table 3

PADDING = 0


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 128  # width C; a quarter of the paper's, to train in minutes on two cores
    num_heads: int = 4  # questions that a token asks at once; each has width embed_dim / num_heads
    num_layers: int = 3  # of the encoder, and again of the decoder; half of the paper's, for the same reason
    mlp_dim: int = 512  # width inside a layer's MLP; four times embed_dim, as in the paper
    dropout: float = 0.1  # of vectors and of everything that is added to x


class State(NamedTuple):
    """What the decoder knows between two tokens: N rows each, so a search can copy and drop them."""

    target: Tensor  # (N, T) int64, what was written so far
    memory: Tensor  # (N, S, C) what was read
    is_token: Tensor  # (N, S) bool, False at padding of the source


class Transformer(nn.Module):
    """memory = encoder(source); logits = decoder(target so far, memory) · target_embeddingᵀ.

    Every token of the source sees all of it. A token of the target sees what stands before it, and the memory.

    Args:
        vocab_size: Number of tokens V that can be written; token 0 is padding.
        max_length: Longest sequence in tokens.
        source_vocab_size: Number of tokens that can be read; None: the same tokens.
        config: Settings.

    Shape:
        - source: (B, S) int64, S ≤ max_length, padded with 0 at the end
        - target: (B, T) int64, T ≤ max_length, beginning with the start token
        - output: (B, T, V): at t, the token that follows position t of the target

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`, or a sequence is longer than `max_length`.

    Example:
        >>> model = Transformer(vocab_size=40, max_length=16, source_vocab_size=50)
        >>> model(torch.ones(2, 9, dtype=torch.int64), torch.ones(2, 7, dtype=torch.int64)).shape
        torch.Size([2, 7, 40])
    """

    positions: Tensor  # (max_length, C)

    def __init__(
        self, vocab_size: int, max_length: int, source_vocab_size: int | None = None, config: Config = Config()
    ):
        super().__init__()
        C = config.embed_dim
        self.source_embedding = nn.Embedding(source_vocab_size or vocab_size, C)
        self.target_embedding = nn.Embedding(vocab_size, C)
        self.register_buffer("positions", sinusoids(max_length, C), persistent=False)
        self.dropout = nn.Dropout(config.dropout)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.draw_weights()

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        state = self.encode(source)
        return self.decode(target, state.memory, state.is_token)

    def encode(self, source: Tensor) -> State:
        """Read the source (N, S): the state before the first token is written."""
        is_token = source != PADDING  # (N, S)
        memory = self.encoder(self.embed(source, self.source_embedding), is_token[:, None, None])  # (N, S, C)
        return State(source[:, :0], memory, is_token)

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Read the last token (N,) of each target: logits (N, V) of the next, and the state after it."""
        state = state._replace(target=torch.cat([state.target, tokens.unsqueeze(1)], dim=1))
        return self.decode(*state)[:, -1], state

    def decode(self, target: Tensor, memory: Tensor, is_token: Tensor) -> Tensor:
        """What follows each place of the target (B, T), given memory (B, S, C) and its tokens (B, S): (B, T, V)."""
        place = torch.arange(target.shape[1], device=target.device)  # (T,)
        is_past = place <= place.unsqueeze(1)  # (T, T): whether the column comes before the row, or is it
        may_hear = is_past & (target != PADDING)[:, None, None]  # (B, 1, T, T)
        x = self.decoder(self.embed(target, self.target_embedding), memory, may_hear, is_token[:, None, None])
        return F.linear(x, self.target_embedding.weight)  # (B, T, V)

    def embed(self, tokens: Tensor, table: nn.Embedding) -> Tensor:
        """√C · vector + position: (B, T) → (B, T, C).

        Raises:
            ValueError: If the sequences are longer than the table of positions.
        """
        (_, T), (longest, C) = tokens.shape, self.positions.shape
        if longest < T:
            raise ValueError(f"expected sequences of at most {longest} tokens, got {T}: cut them")
        return self.dropout(table(tokens) * math.sqrt(C) + self.positions[:T])

    def draw_weights(self) -> None:
        """Glorot's rule for matrices; vectors of tokens so that √C times them have variance one."""
        for name, weight in self.named_parameters():
            if "embedding" in name:
                nn.init.normal_(weight, std=weight.shape[1] ** -0.5)
            elif weight.dim() == 2:
                nn.init.xavier_uniform_(weight)


def sinusoids(max_length: int, embed_dim: int) -> Tensor:
    """Positions as waves: numbers 2i and 2i + 1 are sine and cosine of position / 10000^(2i/C). (max_length, C)

    A shift by k turns each pair by a fixed angle, so "k places before" is the same question everywhere.
    """
    speeds = 10_000.0 ** (-torch.arange(0, embed_dim, 2).float() / embed_dim)  # (C/2,)
    angles = torch.arange(max_length).float().unsqueeze(1) * speeds  # (max_length, C/2)
    return torch.stack([torch.sin(angles), torch.cos(angles)], dim=2).flatten(1)  # (max_length, C)


class Encoder(nn.Module):
    """Layers that see the whole source, and a norm: (B, S, C) → (B, S, C)."""

    def __init__(self, config: Config):
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.embed_dim)

    def forward(self, x: Tensor, may_hear: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x, may_hear)
        return self.norm(x)


class Decoder(nn.Module):
    """Layers that see the target so far and the memory, and a norm: (B, T, C) → (B, T, C)."""

    def __init__(self, config: Config):
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.embed_dim)

    def forward(self, x: Tensor, memory: Tensor, may_hear: Tensor, may_hear_memory: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x, memory, may_hear, may_hear_memory)
        return self.norm(x)


class EncoderLayer(nn.Module):
    """norm(x + attention(x)), then norm(x + mlp(x)) (figure 1, left).

    Shape:
        - x: (B, S, C), may_hear: (B, 1, 1, S) bool
        - output: (B, S, C)
    """

    def __init__(self, config: Config):
        super().__init__()
        C = config.embed_dim
        self.self_attn = MultiHeadAttention(C, config.num_heads)
        self.linear1 = nn.Linear(C, config.mlp_dim)
        self.linear2 = nn.Linear(config.mlp_dim, C)
        self.norm1, self.norm2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, may_hear: Tensor) -> Tensor:
        x = self.norm1(x + self.dropout(self.self_attn(x, x, may_hear)))
        return self.norm2(x + self.dropout(self.linear2(F.relu(self.linear1(x)))))


class DecoderLayer(nn.Module):
    """As the encoder's, and between the two attention to the memory (figure 1, right).

    Shape:
        - x: (B, T, C), memory: (B, S, C), may_hear: (B, 1, T, T) bool, may_hear_memory: (B, 1, 1, S) bool
        - output: (B, T, C)
    """

    def __init__(self, config: Config):
        super().__init__()
        C = config.embed_dim
        self.self_attn = MultiHeadAttention(C, config.num_heads)
        self.multihead_attn = MultiHeadAttention(C, config.num_heads)
        self.linear1 = nn.Linear(C, config.mlp_dim)
        self.linear2 = nn.Linear(config.mlp_dim, C)
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(C), nn.LayerNorm(C), nn.LayerNorm(C)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, memory: Tensor, may_hear: Tensor, may_hear_memory: Tensor) -> Tensor:
        x = self.norm1(x + self.dropout(self.self_attn(x, x, may_hear)))
        x = self.norm2(x + self.dropout(self.multihead_attn(x, memory, may_hear_memory)))
        return self.norm3(x + self.dropout(self.linear2(F.relu(self.linear1(x)))))


class MultiHeadAttention(nn.Module):
    """softmax(QKᵀ/√hd)·V over several heads: questions of x, answers of `heard`, which may be x itself.

    Shape:
        - x: (B, T, C), heard: (B, S, C), may_hear: bool, expands to (B, nh, T, S)
        - output: (B, T, C)

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`.
    """

    def __init__(self, embed_dim: int, num_heads: int):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim {embed_dim} is not divisible by num_heads {num_heads}: change one of them")
        self.num_heads = num_heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * embed_dim, embed_dim))  # of queries, keys and values
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * embed_dim))
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x: Tensor, heard: Tensor, may_hear: Tensor) -> Tensor:
        (B, T, C), (_, S, _) = x.shape, heard.shape
        nh, hd = self.num_heads, C // self.num_heads
        (wq, wk, wv), (bq, bk, bv) = self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)
        q = F.linear(x, wq, bq).reshape(B, T, nh, hd).transpose(1, 2)  # (B, nh, T, hd)
        k = F.linear(heard, wk, bk).reshape(B, S, nh, hd).transpose(1, 2)  # (B, nh, S, hd)
        v = F.linear(heard, wv, bv).reshape(B, S, nh, hd).transpose(1, 2)  # (B, nh, S, hd)
        scores = q @ k.transpose(2, 3) * hd**-0.5  # (B, nh, T, S)
        scores = scores.masked_fill(~may_hear, -1e9)  # finite: an empty source has no token
        y = F.softmax(scores, dim=3) @ v  # (B, nh, T, hd)
        return self.out_proj(y.transpose(1, 2).reshape(B, T, C))


Model = Transformer
