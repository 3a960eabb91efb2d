"""PatchTST: cut each series into overlapping patches and let a Transformer encoder attend among them.

Nie, Nguyen, Sinthong & Kalagnanam (2023), A Time Series is Worth 64 Words, https://arxiv.org/abs/2211.14730.
A patch has a shape (a rise, a peak) that a single step has not, and attention among patches costs far less than
among steps. Every series goes through the same encoder on its own (channel independence).
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("forecasting",)
HEAD = "head"


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    patch_length: int = 16  # steps a patch; as in the paper
    patch_stride: int = 8  # steps from patch to patch: half the length, so no event is cut in two everywhere
    embed_dim: int = 16  # width of a patch; the paper's choice for the ETT series, larger ones bear 128
    num_heads: int = 4  # attention heads
    num_layers: int = 3  # encoder blocks
    mlp_dim: int = 128  # width of the hidden layer in each block
    dropout: float = 0.3  # high, as in the paper: windows of one series overlap and are quickly memorised


class PatchTransformer(nn.Module):
    """future = head(encoder(patches(past))), for each series, relative to the window's mean and scale.

    Args:
        context: Steps of the past that are seen; a context below `patch_length` is one patch.
        horizon: Steps of the future that are forecast, at least 1.
        num_series: Series forecast together.
        num_covariates: Further series: they are encoded and forecast alike, then mixed in linearly.
        num_known: What is known of every step, of the future too: its effect is taken off the past.
        num_static: What is known of a series as a whole.
        config: Settings.

    Shape:
        - past: (B, context, num_series), covariates: (B, context, num_covariates)
        - known: (B, context + horizon, num_known), static: (B, num_static); not looked at where they are of width 0
        - output: (B, horizon, num_series)

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`.

    Example:
        >>> model = PatchTransformer(context=48, horizon=12, num_series=3)
        >>> model(torch.zeros(2, 48, 3), torch.zeros(2, 48, 0)).shape
        torch.Size([2, 12, 3])
    """

    def __init__(
        self,
        context: int,
        horizon: int,
        num_series: int,
        num_covariates: int = 0,
        num_known: int = 0,
        num_static: int = 0,
        config: Config = Config(),
    ):
        super().__init__()
        self.num_series = num_series
        self.length = min(config.patch_length, context)
        self.stride = min(config.patch_stride, self.length)
        num_patches = (context - self.length) // self.stride + 2  # the end is repeated for a stride
        self.embedding = nn.Linear(self.length, config.embed_dim)
        self.position = nn.Parameter(torch.empty(num_patches, config.embed_dim).normal_(std=0.02))
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.embed_dim)
        self.head = nn.Linear(num_patches * config.embed_dim, horizon)
        self.mix = nn.Linear(num_covariates, num_series, bias=False) if num_covariates else None
        if self.mix is not None:
            nn.init.zeros_(self.mix.weight)  # covariates begin without a say
        self.effect = nn.Linear(num_known, num_series, bias=False) if num_known else None
        self.level_of_static = nn.Linear(num_static, horizon, bias=False) if num_static else None
        for layer in (self.effect, self.level_of_static):
            if layer is not None:
                nn.init.zeros_(layer.weight)

    def forward(
        self, past: Tensor, covariates: Tensor, known: Tensor | None = None, static: Tensor | None = None
    ) -> Tensor:
        if self.effect is None:
            return self.from_past(past, covariates, static)
        effect = self.effect(known)  # (B, context + horizon, num_series)
        context = past.shape[1]
        return self.from_past(past - effect[:, :context], covariates, static) + effect[:, context:]

    def from_past(self, past: Tensor, covariates: Tensor, static: Tensor | None) -> Tensor:
        """The forecast of what nothing known in advance explains."""
        x = torch.cat([past, covariates], dim=2) if self.mix is not None else past
        B, T, channels = x.shape
        centre = x.mean(dim=1, keepdim=True)  # (B, 1, channels)
        scale = torch.sqrt(((x - centre) ** 2).mean(dim=1, keepdim=True) + 1e-5)  # (B, 1, channels)
        x = ((x - centre) / scale).transpose(1, 2).reshape(B * channels, T)
        forecast = self.forecast(x).reshape(B, channels, self.head.out_features)
        forecast = forecast.transpose(1, 2)  # (B, horizon, channels)
        own = forecast[:, :, : self.num_series]
        if self.mix is not None:
            own = own + self.mix(forecast[:, :, self.num_series :])
        if self.level_of_static is not None:
            own = own + self.level_of_static(static).unsqueeze(2)  # (B, horizon, 1)
        return own * scale[:, :, : self.num_series] + centre[:, :, : self.num_series]

    def forecast(self, x: Tensor) -> Tensor:
        """One series per row: (N, context) → (N, horizon)."""
        x = torch.cat([x, x[:, -1:].expand(-1, self.stride)], dim=1)  # (N, context + stride)
        patches = x.unfold(1, self.length, self.stride)  # (N, num_patches, length)
        x = self.dropout(self.embedding(patches) + self.position)  # (N, num_patches, embed_dim)
        for block in self.blocks:
            x = block(x)
        return self.head(self.dropout(self.norm(x).flatten(1)))  # (N, horizon)


class Block(nn.Module):
    """An encoder block, normalised before each part: attention among patches, then an MLP on each.

    Shape:
        - input and output: (N, num_patches, embed_dim)

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`.
    """

    def __init__(self, config: Config):
        super().__init__()
        if config.embed_dim % config.num_heads:
            raise ValueError(f"embed_dim {config.embed_dim} must be divisible by num_heads {config.num_heads}")
        self.num_heads = config.num_heads
        self.norm1 = nn.LayerNorm(config.embed_dim)
        self.query_key_value = nn.Linear(config.embed_dim, 3 * config.embed_dim)
        self.projection = nn.Linear(config.embed_dim, config.embed_dim)
        self.norm2 = nn.LayerNorm(config.embed_dim)
        self.expand = nn.Linear(config.embed_dim, config.mlp_dim)
        self.shrink = nn.Linear(config.mlp_dim, config.embed_dim)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.dropout(self.attention(self.norm1(x)))
        hidden = self.dropout(F.gelu(self.expand(self.norm2(x))))  # (N, num_patches, mlp_dim)
        return x + self.dropout(self.shrink(hidden))

    def attention(self, x: Tensor) -> Tensor:
        """softmax(QKᵀ/√hd)·V over the patches of one series."""
        N, P, C = x.shape
        qkv = self.query_key_value(x).reshape(N, P, 3, self.num_heads, C // self.num_heads).permute(2, 0, 3, 1, 4)
        query, key, value = qkv[0], qkv[1], qkv[2]  # (N, nh, P, hd) each
        weights = torch.softmax(query @ key.transpose(2, 3) / math.sqrt(C // self.num_heads), dim=3)  # (N, nh, P, P)
        return self.projection((weights @ value).transpose(1, 2).reshape(N, P, C))


Model = PatchTransformer
