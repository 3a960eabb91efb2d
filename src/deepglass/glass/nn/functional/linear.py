"""Linear maps, embeddings, distances between vectors, dropout."""

import numpy as np

from ...autograd import refuse
from ...op import op
from ...ops.elementwise import add, clamp_min, div, mul
from ...ops.index import _add_rows
from ...ops.random import default_generator
from ...ops.reduce import sum, vector_norm
from ...ops.shape import broadcast_tensors
from ...tensor import wrap


@op
def linear(input, weight, bias=None):
    """y = x·Wᵀ + b: input (…, in), weight (out, in), bias (out)."""
    x, w = input, weight
    if not x.ndim or x.shape[-1] != w.shape[-1]:
        raise RuntimeError(
            f"linear: mat1 and mat2 shapes cannot be multiplied: expected an input with last size {w.shape[-1]} for a "
            f"weight {list(w.shape)}, got {list(x.shape)}"
        )
    if x.dtype != w.dtype:
        raise RuntimeError(f"linear: mat1 and mat2 must have the same dtype, but got {x.dtype} and {w.dtype}")
    y = x @ w.T
    if bias is not None:
        y += bias

    def vjp_w(g):  # ∂W = gᵀ·x
        if w.ndim == 1:
            return np.tensordot(g, x, g.ndim)
        return g.reshape(-1, w.shape[0]).T @ x.reshape(-1, w.shape[1])

    def vjp_b(g):  # ∂b = Σ g
        return g if bias.ndim == 0 else g.reshape(-1, g.shape[-1]).sum(0)

    return y, lambda g: g @ w if w.ndim > 1 else g[..., None] * w, vjp_w, vjp_b  # ∂x = g·W


@op
def _bilinear(a, b, w, bias):
    y = np.einsum("...i,oij,...j->...o", a, w, b, optimize=True)
    rows = lambda x: x.reshape(-1, x.shape[-1])  # noqa: E731
    return (
        y if bias is None else y + bias,
        lambda g: np.einsum("...o,oij,...j->...i", g, w, b, optimize=True),
        lambda g: np.einsum("...o,oij,...i->...j", g, w, a, optimize=True),
        lambda g: np.einsum("no,ni,nj->oij", rows(g), rows(a), rows(b), optimize=True),
        lambda g: rows(g).sum(0),
    )


def bilinear(input1, input2, weight, bias=None):
    """yₒ = aᵀ·Wₒ·b + bₒ"""
    return _bilinear(input1, input2, weight, bias)


@op
def _embedding(index, weight, padding_idx):
    y = weight[index]

    def vjp(g):
        out = np.zeros_like(weight)
        if index.size:
            _add_rows(out, index.reshape(-1), g.reshape(-1, weight.shape[1]))
        if padding_idx is not None:
            out[padding_idx] = 0
        return out

    return y, None, vjp


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    """The rows of `weight` at the indices; the row `padding_idx` is not learned."""
    refuse("embedding", max_norm=max_norm, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse)
    index, rows = input.array, weight.array.shape[0]
    if index.dtype not in (np.int64, np.int32):
        raise RuntimeError(
            f"embedding: Expected tensor for argument 'indices' to have scalar type Long or Int, got {input.dtype}; "
            "use .long()"
        )
    if index.size and (index.min() < 0 or index.max() >= rows):
        raise IndexError(f"embedding: index out of range: expected 0 … {rows - 1}, got {index.min()} … {index.max()}")
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise AssertionError(f"Padding_idx must be within num_embeddings: expected below {rows}, got {padding_idx}")
    return _embedding(input, weight, padding_idx)


def one_hot(tensor, num_classes=-1):
    """Vectors that are 1 at the index and 0 elsewhere."""
    index = tensor.array
    if index.dtype != np.int64:
        raise RuntimeError(f"one_hot is only applicable to index tensor of type LongTensor, got {tensor.dtype}")
    classes = int(index.max()) + 1 if num_classes == -1 else num_classes
    if index.size and (index.min() < 0 or index.max() >= classes):
        raise RuntimeError(f"one_hot: Class values must be non-negative and smaller than num_classes={classes}")
    return wrap((index[..., None] == np.arange(classes)).astype(np.int64))


def normalize(input, p=2.0, dim=1, eps=1e-12):
    """x / max(‖x‖, ε)"""
    return div(input, clamp_min(vector_norm(input, p, dim, True), eps))


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """x·y / (max(‖x‖, ε)·max(‖y‖, ε))"""
    x1, x2 = broadcast_tensors(x1, x2)
    a, b = (div(x, clamp_min(vector_norm(x, 2, dim, True), eps)) for x in (x1, x2))
    return sum(mul(a, b), dim)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """‖x − y + ε‖ along the last dimension."""
    return vector_norm(add(x1 - x2, eps), p, -1, keepdim)


# Dropout: Srivastava et al. (2014), https://jmlr.org/papers/v15/srivastava14a.html


@op
def _scale(x, factor):
    return x * factor, lambda g: g * factor


def _keep(x, shape, p):
    """A mask of 0 and 1/(1 − p)."""
    if p == 1:
        return np.zeros(shape, x.dtype)
    draw = default_generator.uniform(int(np.prod(shape)), np.float32).reshape(shape)
    return (draw >= p) * x.dtype.type(1 / (1 - p))


def _probability(p):
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    return p


def dropout(input, p=0.5, training=True, inplace=False):
    """Elements are 0 with probability p, the others grow by 1/(1 − p)."""
    if not _probability(p) or not training:
        return input
    y = _scale(input, _keep(input.array, input.array.shape, p))
    return input.overwrite(y) if inplace else y


def _channel_dropout(n):
    def dropout_channels(input, p=0.5, training=True, inplace=False):
        if not _probability(p) or not training:
            return input
        lead = 1 if n and input.array.ndim == n + 1 else 2  # without a batch the channels come first
        shape = input.array.shape[:lead] + (1,) * (input.array.ndim - lead)
        y = _scale(input, _keep(input.array, shape, p))
        return input.overwrite(y) if inplace else y

    dropout_channels.__name__, dropout_channels.__doc__ = f"dropout{n}d", "Whole channels are 0 with probability p."
    return dropout_channels


dropout1d, dropout2d, dropout3d = map(_channel_dropout, (1, 0, 3))


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Dropout that keeps mean and variance for SELU networks (Klambauer et al., 2017)."""
    if not _probability(p) or not training:
        return input
    y = _alpha(input, input.array.shape, p)
    return input.overwrite(y) if inplace else y


def _alpha(input, shape, p):
    low, x = -1.7580993408473766, input.array  # −α·scale, where SELU ends on the left
    if p == 1:
        return mul(input, 0)
    kept = (default_generator.uniform(int(np.prod(shape)), np.float32).reshape(shape) >= p).astype(x.dtype)
    a = x.dtype.type(((1 - p) * (1 + p * low * low)) ** -0.5)
    return add(_scale(input, kept * a), (a * low * (1 - kept) - a * low * p).astype(x.dtype))
