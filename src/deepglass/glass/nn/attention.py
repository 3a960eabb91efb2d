"""Multi-head attention: every position asks, every position answers, several times side by side.

Vaswani et al. (2017), Attention Is All You Need, https://arxiv.org/abs/1706.03762
(their d_model is our embed_dim, their h our num_heads, their d_k our head width hd).
"""

import math

from ..creation import empty, zeros
from ..left_out import refuse
from . import functional as F
from . import init
from .linear import Linear
from .module import Module, Parameter


class MultiheadAttention(Module):
    """softmax(QKᵀ/√hd)·V for every head; the heads' answers side by side go through `out_proj`.

    Args:
        embed_dim: Width C of a token; divisible by `num_heads`.
        num_heads: Heads nh, each of width hd = C / nh.
        dropout: Probability of dropping an attention weight while training.
        bias: Whether the four projections have offsets.
        add_bias_kv, add_zero_attn: Left out.
        kdim, vdim: Left out; keys and values have width C.
        batch_first: Whether sequences are (B, T, C) rather than (T, B, C).

    Shape:
        - query: (T, B, C) or (T, C); key and value: (S, B, C)
        - output: (T, B, C), and the weights (B, T, S), or (B, nh, T, S) if not averaged

    Raises:
        ValueError: If `embed_dim` is not divisible by `num_heads`, or a mask does not fit.
    """

    def __init__(
        self, embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None,
        vdim=None, batch_first=False, **factory,
    ):  # fmt: skip
        super().__init__()
        other_width = next((width for width in (kdim, vdim) if width not in (None, embed_dim)), None)
        refuse("MultiheadAttention", add_bias_kv=add_bias_kv, add_zero_attn=add_zero_attn, kdim_or_vdim=other_width)
        if embed_dim <= 0 or num_heads <= 0 or embed_dim % num_heads:
            raise ValueError(f"embed_dim must be divisible by num_heads, got embed_dim={embed_dim}, {num_heads=}")
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.dropout, self.batch_first = dropout, batch_first
        self.in_proj_weight = Parameter(empty(3 * embed_dim, embed_dim, **factory))
        self.register_parameter("in_proj_bias", Parameter(empty(3 * embed_dim, **factory)) if bias else None)
        self.out_proj = Linear(embed_dim, embed_dim, bias, **factory)
        self._reset_parameters()

    def _reset_parameters(self):
        """Matrices by Glorot's rule, offsets zero; `out_proj.weight` as any Linear."""
        init.xavier_uniform_(self.in_proj_weight)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)

    def forward(
        self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True,
        is_causal=False,
    ):  # fmt: skip
        """Attend.

        Args:
            key_padding_mask: (B, S), True (or -inf) where a key is padding and must not be heard.
            need_weights: Whether the weights are returned as well.
            attn_mask: (T, S) or (B·nh, T, S), True (or -inf) where a query must not hear a key.
            average_attn_weights: Whether the weights are averaged over the heads.
            is_causal: A hint that `attn_mask` is the causal mask; the mask itself is what counts here.

        Raises:
            RuntimeError: If `is_causal` comes without a mask.
        """
        if is_causal and attn_mask is None:
            raise RuntimeError("Need attn_mask if specifying the is_causal hint.")
        is_batched = query.dim() == 3
        if not is_batched:
            query, key, value = query.unsqueeze(0), key.unsqueeze(0), value.unsqueeze(0)
        elif not self.batch_first:
            query, key, value = query.transpose(0, 1), key.transpose(0, 1), value.transpose(0, 1)
        B, T, C = query.shape
        q, k, v = self._project(query, key, value)  # (B, T, C), (B, S, C), (B, S, C)
        mask = self._mask(attn_mask, key_padding_mask, B, T, key.shape[1], q.dtype)
        q, k, v = (x.reshape(B, -1, self.num_heads, self.head_dim).transpose(1, 2) for x in (q, k, v))  # (B, nh, ·, hd)
        heard, weights = self._attend(q, k, v, mask, need_weights)  # (B, nh, T, hd), (B, nh, T, S)
        output = self.out_proj(heard.transpose(1, 2).reshape(B, T, C))  # (B, T, C)
        if weights is not None and average_attn_weights:
            weights = weights.mean(1)  # (B, T, S)
        if not is_batched:
            return output.squeeze(0), None if weights is None else weights.squeeze(0)
        return output if self.batch_first else output.transpose(0, 1), weights

    def _project(self, query, key, value):
        if query is key is value:
            return F.linear(query, self.in_proj_weight, self.in_proj_bias).chunk(3, -1)
        weights = self.in_proj_weight.chunk(3)
        biases = (None,) * 3 if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        return [F.linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases)]

    def _attend(self, q, k, v, mask, need_weights):
        dropout = self.dropout if self.training else 0.0
        if not need_weights:
            return F.scaled_dot_product_attention(q, k, v, mask, dropout), None
        scores = q / math.sqrt(self.head_dim) @ k.transpose(-2, -1)  # (B, nh, T, S)
        weights = F.softmax(scores if mask is None else scores + mask, dim=-1)
        weights = F.dropout(weights, dropout) if dropout else weights
        return weights @ v, weights

    def _mask(self, attn_mask, key_padding_mask, B, T, S, dtype):
        """Both masks as one to be added to the scores, (B or 1, nh or 1, T or 1, S)."""
        nh, masks = self.num_heads, []
        if attn_mask is not None:
            is_flat = attn_mask.dim() == 2
            mask = _additive("attn_mask", attn_mask, (T, S) if is_flat else (B * nh, T, S), dtype)
            masks.append(mask if is_flat else mask.reshape(B, nh, T, S))
        if key_padding_mask is not None:
            shape = (S,) if key_padding_mask.dim() == 1 else (B, S)
            masks.append(_additive("key_padding_mask", key_padding_mask, shape, dtype).reshape(B, 1, 1, S))
        return sum(masks) if masks else None


def _additive(name, mask, shape, dtype):
    """A mask as numbers to add: a boolean one becomes -inf where it is True."""
    if tuple(mask.shape) != shape:
        raise RuntimeError(f"The shape of {name} is {tuple(mask.shape)}, but should be {shape}.")
    return mask if mask.is_floating_point() else zeros(*shape, dtype=dtype).masked_fill(mask, -math.inf)
