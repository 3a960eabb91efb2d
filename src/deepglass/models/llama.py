"""Llama: what became of the Transformer that reads from left to right, in the models that people run today.

Touvron et al. (2023), LLaMA: Open and Efficient Foundation Language Models, https://arxiv.org/abs/2302.13971, and
Llama 2, https://arxiv.org/abs/2307.09288. Four things differ from GPT-2 (gpt.py), each with a paper of its own:
RMSNorm: Zhang & Sennrich (2019), https://arxiv.org/abs/1910.07467;
rotary positions: Su et al. (2021), RoFormer, https://arxiv.org/abs/2104.09864;
grouped-query attention: Ainslie et al. (2023), https://arxiv.org/abs/2305.13245;
SwiGLU: Shazeer (2020), GLU Variants Improve Transformer, https://arxiv.org/abs/2002.05202.
Longer contexts by slower positions: Chen et al. (2023), https://arxiv.org/abs/2306.15595 (linear); Grattafiori et al.
(2024), The Llama 3 Herd of Models, https://arxiv.org/abs/2407.21783 (llama3); Peng et al. (2023), YaRN,
https://arxiv.org/abs/2309.00071 (yarn). A window of its own for attention: Jiang et al. (2023), Mistral 7B,
https://arxiv.org/abs/2310.06825. Blocks without positions: Yang et al. (2025), Rope to Nope and Back Again,
https://arxiv.org/abs/2501.18795.
The names in the state dict are those of the published files in the transformers format.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("language-modelling",)
VARIANTS = {
    "llama": {},
    "smollm2-135m": {
        "embed_dim": 576, "num_heads": 9, "num_kv_heads": 3, "num_layers": 30, "mlp_dim": 1536, "rope_base": 100_000.0,
        "is_tied": True,
    },
    "tinyllama": {
        "embed_dim": 2048, "num_heads": 32, "num_kv_heads": 4, "num_layers": 22, "mlp_dim": 5632,
    },
    "llama2-7b": {
        "embed_dim": 4096, "num_heads": 32, "num_kv_heads": 32, "num_layers": 32, "mlp_dim": 11008,
    },
}  # fmt: skip
PUBLISHED = {
    "smollm2-135m": "hub:HuggingFaceTB/SmolLM2-135M",
    "tinyllama": "hub:TinyLlama/TinyLlama_v1.1",
    "llama2-7b": "hub:meta-llama/Llama-2-7b-hf",
}

NEEDS = {  # setting: the other setting without which it does nothing, the values of that, in words
    "rope_factor": ("rope_type", ("linear", "llama3", "yarn"), "--rope-type linear, llama3 or yarn"),
    "rope_original_context": ("rope_type", ("llama3", "yarn"), "--rope-type llama3 or yarn"),
    "rope_slow_turns": ("rope_type", ("llama3", "yarn"), "--rope-type llama3 or yarn"),
    "rope_fast_turns": ("rope_type", ("llama3", "yarn"), "--rope-type llama3 or yarn"),
}


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    embed_dim: int = 128  # width C; narrow enough to train in minutes on two cores
    num_heads: int = 4  # questions that a token asks at once; each has width embed_dim / num_heads
    num_kv_heads: int = 2  # keys and values; two heads of questions share each, which halves the cache
    num_layers: int = 4  # blocks of attention and MLP; each adds its share to the time of a step
    mlp_dim: int | None = None  # width inside the MLP; 8/3 of embed_dim if not given: as many weights as in GPT-2
    rope_base: float = 10_000.0  # the slowest pair turns once in 2π · rope_base tokens; longer contexts take more
    norm_eps: float = 1e-5  # as in Llama 2 and its relatives; 1e-6 in the first
    is_tied: bool = False  # whether the output layer is embed_tokens itself, as in the smallest models
    head_dim: int | None = None  # width of a head; embed_dim / num_heads if not given
    attention_bias: Literal["none", "qkv", "all"] = "none"  # layers of attention with an offset; Qwen2 has qkv
    sliding_window: int | None = None  # tokens that a token sees, itself included; all before it if not given
    no_rope_interval: int | None = None  # every so many blocks, one feels no positions; 4 in SmolLM3
    rope_type: Literal["default", "linear", "llama3", "yarn"] = "default"  # which pairs turn slower than in training
    rope_factor: float = 1.0  # how much slower: how many times longer the texts may be
    rope_original_context: int = 8192  # tokens of the texts of the training before; as Llama 3
    rope_slow_turns: float = 1.0  # llama3, yarn: pairs that turn less often in such a text are slowed down wholly
    rope_fast_turns: float = 4.0  # llama3, yarn: pairs that turn more often stay as they are; 32 in YaRN


class Llama(nn.Module):
    """x = embed_tokens(tokens); blocks of rotary attention and SwiGLU; logits = lm_head(norm(x)).

    Positions are nowhere added: attention turns queries and keys by them, and so feels the distance only.

    Args:
        vocab_size: Number of tokens V.
        context: Longest text that is seen at once, in tokens.
        config: Settings.

    Shape:
        - tokens: (B, T) int64, T ≤ context
        - cache: what `new_cache` gave; then `tokens` are those that follow what was read with it before
        - output: (B, T, V): at t, the token that follows position t

    Raises:
        ValueError: If sizes do not fit each other, or the text is longer than `context`.

    Example:
        >>> Llama(vocab_size=65, context=32)(torch.zeros(2, 10, dtype=torch.int64)).shape
        torch.Size([2, 10, 65])
    """

    def __init__(self, vocab_size: int, context: int, config: Config = Config()):
        super().__init__()
        self.model = Body(vocab_size, context, config)
        self.lm_head = None if config.is_tied else nn.Linear(config.embed_dim, vocab_size, bias=False)
        self.draw_weights(config.num_layers)

    def forward(self, tokens: Tensor, cache: "list[KeyValueCache] | None" = None) -> Tensor:
        x = self.model(tokens, cache)  # (B, T, C)
        output = self.model.embed_tokens if self.lm_head is None else self.lm_head
        return F.linear(x, output.weight)  # (B, T, V)

    def new_cache(self) -> "list[KeyValueCache]":
        """An empty cache for every block, to read a text piece by piece."""
        return [KeyValueCache() for _ in self.model.layers]

    def draw_weights(self, num_layers: int) -> None:
        """As GPT-2: N(0, 0.02²), and less for what 2·num_layers sub-layers add up in x."""
        for name, weight in self.named_parameters():
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * num_layers))
            elif weight.dim() == 2:
                nn.init.normal_(weight, std=0.02)


class Body(nn.Module):
    """All but the output layer: tokens (B, T) → (B, T, C).

    Raises:
        ValueError: If `forward` gets more tokens than `context`.
    """

    cosine: Tensor  # (context, hd), and sine: how far each number of a head is turned at each position
    sine: Tensor

    def __init__(self, vocab_size: int, context: int, config: Config):
        super().__init__()
        self.context = context
        self.embed_tokens = nn.Embedding(vocab_size, config.embed_dim)
        self.layers = nn.ModuleList(Block(config, number) for number in range(1, config.num_layers + 1))
        self.norm = RMSNorm(config.embed_dim, config.norm_eps)
        head_dim = config.head_dim or config.embed_dim // config.num_heads
        angles = rotary_angles(context, rotary_speeds(head_dim, config))  # (context, hd)
        self.register_buffer("cosine", torch.cos(angles), persistent=False)
        self.register_buffer("sine", torch.sin(angles), persistent=False)

    def forward(self, tokens: Tensor, cache: "list[KeyValueCache] | None") -> Tensor:
        _, T = tokens.shape
        start = cache[0].length if cache else 0  # of the text, what was read before
        if self.context < start + T:
            raise ValueError(
                f"expected at most {self.context} tokens, got {start + T}: give the last {self.context} only"
            )
        rotation = self.cosine[start : start + T], self.sine[start : start + T]  # (T, hd) each
        x = self.embed_tokens(tokens)  # (B, T, C)
        for block, memory in zip(self.layers, cache or [None] * len(self.layers)):
            x = block(x, rotation, memory)
        return self.norm(x)


class Block(nn.Module):
    """x + self_attn(norm(x)), then x + mlp(norm(x)).

    Args:
        config: Settings.
        number: Place of the block, from 1.

    Shape:
        - input, output: (B, T, C)
    """

    def __init__(self, config: Config, number: int):
        super().__init__()
        self.input_layernorm = RMSNorm(config.embed_dim, config.norm_eps)
        self.self_attn = GroupedQueryAttention(config, has_rope=not every(config.no_rope_interval, number))
        self.post_attention_layernorm = RMSNorm(config.embed_dim, config.norm_eps)
        self.mlp = SwiGLU(config)

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor], cache: "KeyValueCache | None") -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), rotation, cache)
        return x + self.mlp(self.post_attention_layernorm(x))


class GroupedQueryAttention(nn.Module):
    """softmax(QKᵀ/√hd)·V, where groups of query heads share one head of keys and values, the future left out.

    The keys and values of all tokens must be kept while writing; fewer heads of them make that memory small.
    Written out rather than as `F.scaled_dot_product_attention` for the reason that gpt.py gives.

    Shape:
        - input, output: (B, T, C); with a cache, S tokens are heard: those that were read before, and these T
    """

    def __init__(self, config: Config, has_rope: bool):
        super().__init__()
        C, nh, nkv = config.embed_dim, config.num_heads, config.num_kv_heads
        require_sizes(config)
        self.head_dim, self.group_size = config.head_dim or C // nh, nh // nkv
        self.window, self.has_rope = config.sliding_window, has_rope
        has_bias, has_last_bias = config.attention_bias != "none", config.attention_bias == "all"
        self.q_proj = nn.Linear(C, nh * self.head_dim, bias=has_bias)
        self.k_proj = nn.Linear(C, nkv * self.head_dim, bias=has_bias)
        self.v_proj = nn.Linear(C, nkv * self.head_dim, bias=has_bias)
        self.o_proj = nn.Linear(nh * self.head_dim, C, bias=has_last_bias)

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor], cache: "KeyValueCache | None") -> Tensor:
        B, T, _ = x.shape
        q = self.q_proj(x).reshape(B, T, -1, self.head_dim).transpose(1, 2)  # (B, nh, T, hd)
        k = self.k_proj(x).reshape(B, T, -1, self.head_dim).transpose(1, 2)  # (B, nkv, T, hd)
        v = self.v_proj(x).reshape(B, T, -1, self.head_dim).transpose(1, 2)  # (B, nkv, T, hd)
        if self.has_rope:
            q, k = rotate(q, *rotation), rotate(k, *rotation)
        if cache is not None:
            k, v = cache.append(k, v)  # (B, nkv, S, hd)
        k, v = k.repeat_interleave(self.group_size, dim=1), v.repeat_interleave(self.group_size, dim=1)
        scores = q @ k.transpose(2, 3) * self.head_dim**-0.5  # (B, nh, T, S)
        place = torch.arange(k.shape[2], device=x.device)  # (S,); the queries stand at the last T of these
        is_future = place > place[-T:].unsqueeze(1)  # (T, S)
        scores = scores.masked_fill(is_future, -1e9)  # nobody hears what is yet to be said
        if self.window is not None:
            is_far = place <= place[-T:].unsqueeze(1) - self.window  # (T, S)
            scores = scores.masked_fill(is_far, -1e9)
        y = F.softmax(scores, dim=3) @ v  # (B, nh, T, hd)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, -1))  # (B, T, C)


class KeyValueCache:
    """What a block said of the tokens so far, kept: the next token asks, and nothing that was read is read again.

    Keys are kept as they were turned, for their position stays the same.

    Shape:
        - keys, values: (B, nkv, S, hd) for the S = `length` tokens so far
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


def require_sizes(config: Config) -> None:
    """Refuse heads that do not divide the width or each other, and positions that are no stretching.

    Raises:
        ValueError: Says which two sizes do not fit each other.
    """
    C, nh, nkv, hd = config.embed_dim, config.num_heads, config.num_kv_heads, config.head_dim
    if hd is None and C % (2 * nh):
        raise ValueError(f"embed_dim {C} is not divisible by 2 · num_heads {nh}: rotary positions turn pairs")
    if hd is not None and (hd < 2 or hd % 2):
        raise ValueError(f"head_dim {hd} is not an even number: rotary positions turn pairs")
    if nh % nkv:
        raise ValueError(f"num_heads {nh} is not divisible by num_kv_heads {nkv}: change one of them")
    if config.sliding_window is not None and config.sliding_window < 1:
        raise ValueError(f"sliding_window {config.sliding_window}: expected 1 or more, for a token sees itself")
    if config.rope_factor <= 0 or not 0 < config.rope_slow_turns < config.rope_fast_turns:
        raise ValueError("rope_factor is not above 0, or rope_slow_turns not between 0 and rope_fast_turns")


def every(interval: int | None, number: int) -> bool:
    """Whether a block, counted from 1, is one of every `interval`."""
    return bool(interval) and number % interval == 0  # type: ignore[operator]


def rotary_speeds(head_dim: int, config: Config) -> Tensor:
    """(hd/2,): by how much pair i of a head turns from one position to the next, in radians: base^(−2i/hd).

    The first pairs turn fast and tell neighbours apart, the last hardly. A model that was trained on short texts has
    never seen its slow pairs at the angles of a long one. "linear" slows all of them down; "llama3" and "yarn" only
    those that did not turn around in the texts of the training, and blend in between.
    """
    base, slow, fast = config.rope_base, config.rope_slow_turns, config.rope_fast_turns
    speeds = base ** (-torch.arange(0, head_dim, 2).float() / head_dim)  # (hd/2,)
    if config.rope_type == "default":
        return speeds
    slowed = speeds / config.rope_factor
    if config.rope_type == "linear":
        return slowed
    if config.rope_type == "llama3":  # blended by the number of turns
        turns = config.rope_original_context * speeds / (2 * math.pi)
        kept = torch.clamp((turns - slow) / (fast - slow), 0, 1)
        return slowed + kept * (speeds - slowed)
    first, last = (
        pair_that_turns(n, head_dim, config) for n in (fast, slow)
    )  # yarn: blended by the number of the pair
    first, last = max(math.floor(first), 0), min(math.ceil(last), head_dim - 1)
    lost = torch.clamp((torch.arange(head_dim // 2).float() - first) / max(last - first, 0.001), 0, 1)
    return speeds + lost * (slowed - speeds)


def pair_that_turns(times: float, head_dim: int, config: Config) -> float:
    """Which pair turns so many times in a text of the training before: context · base^(−2i/hd) = 2π · times."""
    ratio = config.rope_original_context / (2 * math.pi * times)
    return head_dim * math.log(ratio) / (2 * math.log(config.rope_base))


def rotary_angles(context: int, speeds: Tensor) -> Tensor:
    """(context, hd): the angle of each number of a head at each position."""
    angles = torch.arange(context).float().unsqueeze(1) * speeds  # (context, hd/2)
    return torch.cat([angles, angles], dim=1)  # number i and number i + hd/2 are a pair


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn each pair (a, b) of x (B, heads, T, hd) by its angle: (a·cos − b·sin, b·cos + a·sin).

    The product of a turned query and a turned key depends on the difference of their angles: on their distance.
    """
    a, b = x.chunk(2, dim=3)  # (B, heads, T, hd/2) each
    return x * cosine + torch.cat([-b, a], dim=3) * sine


class RMSNorm(nn.Module):
    """x / √(mean(x²) + ε) · weight: LayerNorm without its mean and its offset.

    Shape:
        - input, output: (…, C)
    """

    def __init__(self, embed_dim: int, eps: float):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(embed_dim))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt((x * x).mean(dim=-1, keepdim=True) + self.eps) * self.weight


class SwiGLU(nn.Module):
    """Each token by itself: down(silu(gate(x)) · up(x)): one half decides how much of the other passes.

    Shape:
        - input, output: (B, T, C)
    """

    def __init__(self, config: Config):
        super().__init__()
        C, hidden = config.embed_dim, config.mlp_dim or 8 * config.embed_dim // 3
        self.gate_proj = nn.Linear(C, hidden, bias=False)
        self.up_proj = nn.Linear(C, hidden, bias=False)
        self.down_proj = nn.Linear(hidden, C, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


def from_published(weights: dict[str, Tensor], is_tied: bool | None = None) -> dict[str, Tensor]:
    """The tensors of a published file under our names; what can be computed, and an output layer that is tied, go.

    Args:
        weights: As read from the file; a bare body has no prefix.
        is_tied: Whether the output layer is embed_tokens itself; None where nobody says so: then equal ones are tied.
    """
    kept = {name: tensor for name, tensor in weights.items() if not name.endswith("rotary_emb.inv_freq")}
    is_body = ("embed_tokens.", "layers.", "norm.")
    kept = {"model." + name if name.startswith(is_body) else name: tensor for name, tensor in kept.items()}
    tied = {"lm_head.weight", "model.embed_tokens.weight"}
    if is_tied is not False and tied <= kept.keys() and torch.equal(*(kept[name] for name in tied)):
        del kept["lm_head.weight"]
    return kept


Model = Llama
