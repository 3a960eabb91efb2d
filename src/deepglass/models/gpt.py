"""GPT: a Transformer that reads from left to right and says what comes next.

Radford, Wu, Child, Luan, Amodei & Sutskever (2019), Language Models are Unsupervised Multitask Learners (GPT-2),
https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf
Parameters carry the names of the published checkpoint: wte and wpe (vectors of tokens and of positions),
h.0.attn.c_attn (queries, keys and values), c_proj, mlp.c_fc, ln_1, ln_2, ln_f. The output layer is wte itself:
Press & Wolf (2017), Using the Output Embedding to Improve Language Models, https://arxiv.org/abs/1608.05859.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("language-modelling",)


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 128  # width C; narrow enough to train in minutes on two cores
    num_heads: int = 4  # questions that a token asks at once; each has width embed_dim / num_heads
    num_layers: int = 4  # blocks of attention and MLP; each adds its share to the time of a step
    dropout: float = 0.0  # of everything that is added to x; text that is seen a few times only needs none


class GPT(nn.Module):
    """x = wte(tokens) + wpe(positions); blocks of causal attention and MLP; logits = ln_f(x) · wteᵀ.

    A token sees itself and what stands before it, so one pass learns from every position of the text at once.

    Args:
        vocab_size: Number of tokens V.
        context: Longest text that is seen at once, in tokens; there is a position vector for each.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, T ≤ context
        - output: (B, T, V): at t, the token that follows position t

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`, or the text is longer than `context`.

    Example:
        >>> GPT(vocab_size=65, context=32)(torch.zeros(2, 10, dtype=torch.int64)).shape
        torch.Size([2, 10, 65])
    """

    def __init__(self, vocab_size: int, context: int, config: Config = Config()):
        super().__init__()
        self.context = context
        self.wte = nn.Embedding(vocab_size, config.embed_dim)
        self.wpe = nn.Embedding(context, config.embed_dim)
        self.drop = nn.Dropout(config.dropout)
        self.h = nn.ModuleList(Block(context, config) for _ in range(config.num_layers))
        self.ln_f = nn.LayerNorm(config.embed_dim)
        self.draw_weights(config.num_layers)

    def forward(self, tokens: Tensor) -> Tensor:
        _, T = tokens.shape
        if self.context < T:
            raise ValueError(f"expected at most {self.context} tokens, got {T}: give the last {self.context} only")
        x = self.drop(self.wte(tokens) + self.wpe.weight[:T])  # (B, T, C)
        for block in self.h:
            x = block(x)
        return F.linear(self.ln_f(x), self.wte.weight)  # (B, T, V)

    def draw_weights(self, num_layers: int) -> None:
        """As GPT-2: N(0, 0.02²), and less for what 2·num_layers sub-layers add up in x."""
        for name, weight in self.named_parameters():
            if name.endswith("c_proj.weight"):
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * num_layers))
            elif weight.dim() == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)


class Block(nn.Module):
    """x + attn(ln_1(x)), then x + mlp(ln_2(x)).

    Shape:
        - input, output: (B, T, C)
    """

    def __init__(self, context: int, config: Config):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.embed_dim)
        self.attn = CausalSelfAttention(context, config)
        self.ln_2 = nn.LayerNorm(config.embed_dim)
        self.mlp = MLP(config)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class CausalSelfAttention(nn.Module):
    """softmax(QKᵀ/√hd)·V over several heads, the future left out.

    Written out rather than as `F.scaled_dot_product_attention`, whose backward pass in bfloat16 takes three times as
    long on a processor (40 against 13 ms for 32 texts of 128 tokens, 4 heads of 32, one core of an AMD EPYC).

    Shape:
        - input, output: (B, T, C)
    """

    is_future: Tensor  # (context, context) bool: whether the column comes after the row

    def __init__(self, context: int, config: Config):
        super().__init__()
        C = config.embed_dim
        if C % config.num_heads:
            raise ValueError(f"embed_dim {C} is not divisible by num_heads {config.num_heads}: change one of them")
        self.num_heads = config.num_heads
        self.c_attn = nn.Linear(C, 3 * C)
        self.c_proj = nn.Linear(C, C)
        self.drop = nn.Dropout(config.dropout)
        is_future = torch.triu(torch.ones(context, context, dtype=torch.bool), diagonal=1)
        self.register_buffer("is_future", is_future, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.shape
        nh, hd = self.num_heads, C // self.num_heads
        qkv = self.c_attn(x).reshape(B, T, 3, nh, hd).permute(2, 0, 3, 1, 4)  # (3, B, nh, T, hd)
        q, k, v = qkv[0], qkv[1], qkv[2]
        scores = q @ k.transpose(2, 3) * hd**-0.5  # (B, nh, T, T)
        scores = scores.masked_fill(self.is_future[:T, :T], -1e9)  # nobody hears what is yet to be said
        y = F.softmax(scores, dim=3) @ v  # (B, nh, T, hd)
        return self.drop(self.c_proj(y.transpose(1, 2).reshape(B, T, C)))


class MLP(nn.Module):
    """Each token by itself: C → 4C, GELU (GPT-2's tanh form), 4C → C.

    Shape:
        - input, output: (B, T, C)
    """

    def __init__(self, config: Config):
        super().__init__()
        self.c_fc = nn.Linear(config.embed_dim, 4 * config.embed_dim)
        self.c_proj = nn.Linear(4 * config.embed_dim, config.embed_dim)
        self.drop = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.drop(self.c_proj(F.gelu(self.c_fc(x), approximate="tanh")))


Model = GPT
