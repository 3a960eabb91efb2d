"""Scaled dot-product attention: softmax(QKᵀ/√d)·V.

Vaswani et al. (2017), Attention Is All You Need, https://arxiv.org/abs/1706.03762. Grouped queries: Ainslie et al.
(2023), https://arxiv.org/abs/2305.13245.
"""

import math

import numpy as np

from ...op import op, share
from .dropout import kept


@op(kinds="f")
def _attend(q, k, v, mask, scale, keep, is_fused):
    """q (…, L, d), k (…, S, d), v (…, S, e), mask added to the scores, keep multiplied into the weights.

    Σ w·d over the keys is Σ g·y over the width too (Dao et al., 2022, https://arxiv.org/abs/2205.14135, appendix B.4).
    It makes no difference but for infinite gradients; PyTorch's fused kernel (`is_fused`) takes the latter.
    """
    scores = (q * scale) @ k.swapaxes(-1, -2)  # (…, L, S)
    if mask is not None:
        scores = scores + mask
    top = scores.max(-1, keepdims=True, initial=-np.inf)
    with np.errstate(all="ignore"):
        weights = np.exp(scores - np.where(top == -np.inf, 0, top))
        total = weights.sum(-1, keepdims=True)
        weights /= np.where((top == -np.inf) & (total == 0), 1, total)  # a query that may look nowhere hears nothing
    heard = weights if keep is None else weights * keep
    y = heard @ v

    def backward(g):
        d = g @ v.swapaxes(-1, -2)
        d = d if keep is None else d * keep
        if is_fused:
            mean = (g * y).sum(-1, keepdims=True)
        else:
            mean = (d * weights).sum(-1, keepdims=True)
        d -= mean
        d *= weights  # ∂scores = w·(d − Σ w·d)
        return (d @ k) * scale, d.swapaxes(-1, -2) @ (q * scale), heard.swapaxes(-1, -2) @ g, d

    return y, *share(backward, 4)


def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
):
    """softmax(QKᵀ/√d + mask)·V: every query hears the values, weighted by how well their keys answer it.

    Args:
        query, key, value: (B, nh, L, d), (B, nh, S, d) and (B, nh, S, e).
        attn_mask: True where a query may look (boolean), or a number added to the score.
        dropout_p: Probability of dropping a weight.
        is_causal: A query looks at its own position and those before.
        scale: Factor of the scores, 1/√d if None.
        enable_gqa: Several query heads share one key and value head.

    Raises:
        RuntimeError: If both attn_mask and is_causal are given, or the sizes do not fit.
    """
    if min(x.array.ndim for x in (query, key, value)) < 2:
        raise RuntimeError("scaled_dot_product_attention: expected query, key, value of at least 2 dimensions")
    L, S, d = query.array.shape[-2], key.array.shape[-2], query.array.shape[-1]
    if key.array.shape[-1] != d or value.array.shape[-2] != S:
        raise RuntimeError(
            f"scaled_dot_product_attention: expected query (…, L, d), key (…, S, d), value (…, S, e), got "
            f"{list(query.shape)}, {list(key.shape)}, {list(value.shape)}"
        )
    if is_causal and attn_mask is not None:
        raise NotImplementedError("scaled_dot_product_attention: expected attn_mask or is_causal, got both: left out")
    if enable_gqa:
        times = query.array.shape[-3] // key.array.shape[-3]
        key, value = key.repeat_interleave(times, -3), value.repeat_interleave(times, -3)
    may_look = np.tril(np.ones((L, S), bool)) if is_causal else getattr(attn_mask, "array", None)
    if may_look is not None and may_look.dtype == bool:
        attn_mask = np.where(may_look, 0, -np.inf).astype(query.array.dtype)
    keep = None
    if dropout_p:
        lead = np.broadcast_shapes(query.array.shape[:-2], key.array.shape[:-2])
        keep = kept((*lead, L, S), dropout_p, query.array.dtype)
    scale = float(1 / math.sqrt(d) if scale is None else scale)
    return _attend(query, key, value, attn_mask, scale, keep, _is_fused(query, value, attn_mask, keep))


def _is_fused(query, value, mask, keep):
    """Whether PyTorch has a fused kernel for it on the CPU: four dimensions, heads of one width, a fixed mask."""
    is_fixed = not getattr(mask, "requires_grad", False)
    return query.ndim == 4 and query.array.shape[-1] == value.array.shape[-1] and is_fixed and keep is None
