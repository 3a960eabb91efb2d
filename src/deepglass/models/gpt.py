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
VARIANTS = {
    "gpt": {},
    "gpt2": {"embed_dim": 768, "num_heads": 12, "num_layers": 12, "dropout": 0.1},
    "gpt2-medium": {"embed_dim": 1024, "num_heads": 16, "num_layers": 24, "dropout": 0.1},
    "gpt2-large": {"embed_dim": 1280, "num_heads": 20, "num_layers": 36, "dropout": 0.1},
    "gpt2-xl": {"embed_dim": 1600, "num_heads": 25, "num_layers": 48, "dropout": 0.1},
}  # table 2; their vocabulary has 50,257 tokens, their context 1,024
PUBLISHED = {
    "gpt2": "hub:openai-community/gpt2",
    "gpt2-medium": "hub:openai-community/gpt2-medium",
    "gpt2-large": "hub:openai-community/gpt2-large",
    "gpt2-xl": "hub:openai-community/gpt2-xl",
}


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 128  # width C; narrow enough to train in minutes on two cores
    num_heads: int = 4  # questions that a token asks at once; each has width embed_dim / num_heads
    num_layers: int = 4  # blocks of attention and MLP; each adds its share to the time of a step
    dropout: float = 0.0  # of everything that is added to x; text that is seen a few times only needs none
    mlp_dim: int | None = None  # width inside the MLP; 4 · embed_dim if not given, as in GPT-2
    norm_eps: float = 1e-5  # added to a variance before it divides; as in GPT-2


class GPT(nn.Module):
    """x = wte(tokens) + wpe(positions); blocks of causal attention and MLP; logits = ln_f(x) · wteᵀ.

    A token sees itself and what stands before it, so one pass learns from every position of the text at once.

    Args:
        vocab_size: Number of tokens V.
        context: Longest text that is seen at once, in tokens; there is a position vector for each.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, T ≤ context
        - cache: what `new_cache` gave; then `tokens` are those that follow what was read with it before
        - output: (B, T, V): at t, the token that follows position t

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`, or the text is longer than `context`.
        ValueError: If `forward` gets more tokens than `context`.

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
        self.h = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.ln_f = nn.LayerNorm(config.embed_dim, eps=config.norm_eps)
        self.draw_weights(config.num_layers)

    def forward(self, tokens: Tensor, cache: "list[KeyValueCache] | None" = None) -> Tensor:
        _, T = tokens.shape
        start = cache[0].length if cache else 0  # of the text, what was read before
        if self.context < start + T:
            raise ValueError(
                f"expected at most {self.context} tokens, got {start + T}: give the last {self.context} only"
            )
        x = self.drop(self.wte(tokens) + self.wpe.weight[start : start + T])  # (B, T, C)
        for block, memory in zip(self.h, cache or [None] * len(self.h)):
            x = block(x, memory)
        return F.linear(self.ln_f(x), self.wte.weight)  # (B, T, V)

    def new_cache(self) -> "list[KeyValueCache]":
        """An empty cache for every block, to read a text piece by piece."""
        return [KeyValueCache() for _ in self.h]

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

    def __init__(self, config: Config):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.embed_dim, eps=config.norm_eps)
        self.attn = CausalSelfAttention(config)
        self.ln_2 = nn.LayerNorm(config.embed_dim, eps=config.norm_eps)
        self.mlp = MLP(config)

    def forward(self, x: Tensor, cache: "KeyValueCache | None") -> Tensor:
        x = x + self.attn(self.ln_1(x), cache)
        return x + self.mlp(self.ln_2(x))


class CausalSelfAttention(nn.Module):
    """softmax(QKᵀ/√hd)·V over several heads, the future left out.

    Written out on a processor, where the backward pass of `F.scaled_dot_product_attention` in bfloat16 takes three
    times as long (40 against 13 ms for 32 texts of 128 tokens, 4 heads of 32, one core of an AMD EPYC). On a GPU that
    function never writes the scores into memory (Dao et al. 2022, FlashAttention, https://arxiv.org/abs/2205.14135).

    Shape:
        - input, output: (B, T, C); with a cache, S tokens are heard: those that were read before, and these T

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`.
    """

    def __init__(self, config: Config):
        super().__init__()
        C = config.embed_dim
        if C % config.num_heads:
            raise ValueError(f"embed_dim {C} is not divisible by num_heads {config.num_heads}: change one of them")
        self.num_heads = config.num_heads
        self.c_attn = nn.Linear(C, 3 * C)
        self.c_proj = nn.Linear(C, C)
        self.drop = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, cache: "KeyValueCache | None") -> Tensor:
        B, T, C = x.shape
        nh, hd = self.num_heads, C // self.num_heads
        qkv = self.c_attn(x).reshape(B, T, 3, nh, hd).permute(2, 0, 3, 1, 4)  # (3, B, nh, T, hd)
        q, k, v = qkv[0], qkv[1], qkv[2]
        if cache is not None:
            k, v = cache.append(k, v)  # (B, nh, S, hd)
        if x.is_cuda and cache is None:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # (B, nh, T, hd)
            return self.drop(self.c_proj(y.transpose(1, 2).reshape(B, T, C)))
        scores = q @ k.transpose(2, 3) * hd**-0.5  # (B, nh, T, S)
        place = torch.arange(k.shape[2], device=x.device)  # (S,); the queries stand at the last T of these
        is_future = place > place[-T:].unsqueeze(1)  # (T, S)
        scores = scores.masked_fill(is_future, -1e9)  # nobody hears what is yet to be said
        y = F.softmax(scores, dim=3) @ v  # (B, nh, T, hd)
        return self.drop(self.c_proj(y.transpose(1, 2).reshape(B, T, C)))


class KeyValueCache:
    """What a block said of the tokens so far, kept: the next token asks, and nothing that was read is read again.

    Writing n tokens costs n passes of one token each instead of n passes of the whole text. Nothing that was kept
    changes, for no token sees what follows it.

    Shape:
        - keys, values: (B, nh, S, hd) for the S = `length` tokens so far
    """

    def __init__(self):
        self.length = 0

    def append(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep those of T more tokens; returns all so far."""
        if self.length:
            keys, values = torch.cat([self.keys, keys], dim=2), torch.cat([self.values, values], dim=2)
        self.keys, self.values, self.length = keys, values, keys.shape[2]
        return keys, values

    def cut(self, length: int) -> None:
        """Forget all but the first tokens."""
        self.keys, self.values = self.keys[:, :, :length], self.values[:, :, :length]
        self.length = length


class MLP(nn.Module):
    """Each token by itself: C → 4C, GELU (GPT-2's tanh form), 4C → C.

    Shape:
        - input, output: (B, T, C)
    """

    def __init__(self, config: Config):
        super().__init__()
        C, hidden = config.embed_dim, config.mlp_dim or 4 * config.embed_dim
        self.c_fc = nn.Linear(C, hidden)
        self.c_proj = nn.Linear(hidden, C)
        self.drop = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.drop(self.c_proj(F.gelu(self.c_fc(x), approximate="tanh")))


def from_published(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a published GPT-2 file under our names.

    Its matrices are transposed, (in, out); its causal masks are not weights; its lm_head is wte.
    """
    names = {name.removeprefix("transformer."): name for name in weights}
    kept = {ours: weights[theirs] for ours, theirs in names.items() if not ours.endswith((".attn.bias", "masked_bias"))}
    tied = {"lm_head.weight", "wte.weight"}
    if tied <= kept.keys() and torch.equal(*(kept[name] for name in tied)):
        del kept["lm_head.weight"]
    first = kept.get("h.0.attn.c_attn.weight")
    if first is None or first.shape[0] > first.shape[1]:  # (3C, C): as ours
        return kept
    return {name: t.T.contiguous() if ".c_" in name and t.dim() == 2 else t for name, t in kept.items()}


Model = GPT
