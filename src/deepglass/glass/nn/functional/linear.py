"""Linear maps, embeddings, distances between vectors."""

import math

import numpy as np

from ...autograd import no_grad
from ...dtype import DTYPES, result_type
from ...left_out import refuse
from ...op import op, require
from ...ops.elementwise import add, clamp_min, div, mul
from ...ops.index import INDEX, add_rows
from ...ops.linalg import check_product
from ...ops.reduce import sum, vector_norm
from ...ops.shape import broadcast_shapes
from ...tensor import wrap


@op(kinds="iuf", lays="contiguous")
def linear(input, weight, bias=None):
    """y = x·Wᵀ + b: input (…, in), weight (out, in), bias (out)."""
    x, w = input, weight
    check_product("linear", x, w, w.shape[-1])
    if w.ndim != 2:
        raise NotImplementedError("linear: a weight without rows is left out of the glass engine; use matmul")
    y = x @ w.T
    if bias is not None:
        y += bias
    rows, out = x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), w.shape[1]), w.shape[0]

    def vjp_w(g):  # ∂W = gᵀ·x
        return g.reshape(len(rows), out).T @ rows

    is_row = bias is not None and bias.ndim == 1
    return y, lambda g: g @ w, vjp_w, lambda g: g.reshape(-1, out).sum(0) if is_row else g  # ∂x = g·W   ∂b = Σ g


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    """The rows of `weight` at the indices; the row `padding_idx` is not learned.

    Raises:
        RuntimeError: If the weight is not a matrix, or the indices are not whole numbers.
        IndexError: If an index has no row.
        AssertionError: If `padding_idx` has no row.
    """
    refuse("embedding", max_norm=max_norm, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse)
    index, rows = input.array, weight.array.shape[0]
    if weight.array.ndim != 2:
        raise RuntimeError(f"embedding: expected a weight (V, C), got {list(weight.shape)}")
    if index.dtype not in INDEX:
        raise RuntimeError(
            f"embedding: Expected tensor for argument 'indices' to have scalar type Long or Int, got {input.dtype}; "
            "use .long()"
        )
    if index.size and (index.min() < 0 or index.max() >= rows):
        raise IndexError(f"embedding: index out of range: expected 0 … {rows - 1}, got {index.min()} … {index.max()}")
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise AssertionError(f"Padding_idx must be within num_embeddings: expected below {rows}, got {padding_idx}")
    return _embedding(input, weight, padding_idx)


@op(lays="contiguous")
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
    """Vectors that are 1 at the index and 0 elsewhere.

    Raises:
        RuntimeError: If the indices are not int64, or not below `num_classes`.
    """
    index = tensor.array
    if index.dtype != np.int64:
        raise RuntimeError(f"one_hot is only applicable to index tensor of type LongTensor, got {tensor.dtype}")
    if not index.size and num_classes == -1:
        raise RuntimeError("one_hot: expected num_classes for an empty tensor, whose largest class is not known")
    classes = int(index.max()) + 1 if num_classes == -1 else num_classes
    if index.size and (index.min() < 0 or index.max() >= classes):
        raise RuntimeError(f"one_hot: Class values must be non-negative and smaller than num_classes={classes}")
    return wrap((index[..., None] == np.arange(classes)).astype(np.int64))


def normalize(input, p=2.0, dim=1, eps=1e-12):
    """x / max(‖x‖, ε)"""
    return div(input, clamp_min(vector_norm(input, p, dim, True), eps))


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """x·y / (max(‖x‖, ε)·max(‖y‖, ε)); the bound is not seen by the gradient."""
    common = result_type(x1.array, x2.array)
    require("cosine_similarity", "f", np.empty(0, common))
    parts, shape = [], broadcast_shapes(x1.array.shape, x2.array.shape)
    for x in (x1, x2):
        x = x.to(DTYPES[common]).expand(shape)
        length = vector_norm(x, 2, dim, True).clone()
        with no_grad():
            length.clamp_min_(eps)
        parts.append(div(x, length))
    return sum(mul(*parts), dim)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """‖x − y + ε‖ along the last dimension."""
    return vector_norm(add(x1 - x2, eps), p, -1, keepdim)
