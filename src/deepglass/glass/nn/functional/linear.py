"""Linear maps, embeddings, distances between vectors."""

import numpy as np

from ...left_out import refuse
from ...op import op
from ...ops.elementwise import add, clamp_min, div, mul
from ...ops.index import add_rows
from ...ops.linalg import check_product
from ...ops.reduce import sum, vector_norm
from ...tensor import wrap


@op
def linear(input, weight, bias=None):
    """y = x·Wᵀ + b: input (…, in), weight (out, in), bias (out)."""
    x, w = input, weight
    check_product("linear", x, w, w.shape[-1])
    if w.ndim != 2:
        raise NotImplementedError("linear: a weight without rows is left out of the glass engine; use matmul")
    y = x @ w.T
    if bias is not None:
        y += bias
    rows = x.reshape(-1, w.shape[1])

    def vjp_w(g):  # ∂W = gᵀ·x
        return g.reshape(len(rows), w.shape[0]).T @ rows

    return y, lambda g: g @ w, vjp_w, lambda g: g.reshape(-1, g.shape[-1]).sum(0)  # ∂x = g·W   ∂b = Σ g


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
    return _embedding(index, weight, padding_idx)


@op
def _embedding(index, weight, padding_idx):
    shape, width = weight.shape, weight.shape[1]

    def vjp(g):  # ∂W = each row of g added to the row it came from
        out = np.zeros(shape, g.dtype)
        if index.size:
            add_rows(out, index.reshape(-1), g.reshape(-1, width))
        if padding_idx is not None:
            out[padding_idx] = 0
        return out

    return weight[index], None, vjp


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
    shape = np.broadcast_shapes(x1.array.shape, x2.array.shape)
    a, b = (normalize(x.expand(shape), 2, dim, eps) for x in (x1, x2))
    return sum(mul(a, b), dim)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """‖x − y + ε‖ along the last dimension."""
    return vector_norm(add(x1 - x2, eps), p, -1, keepdim)
