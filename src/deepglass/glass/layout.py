"""Where the numbers of a tensor lie in memory: to be seen from outside, exactly where PyTorch puts them.

The order in memory shows: `flatten` shares the memory of a tensor that lies in order and copies any other, so a later
change in place is visible through it or is not. NumPy and PyTorch agree on results of permuted inputs, which lie
permuted too. But some operations here leave their results in an order of their own, where PyTorch's are contiguous:
convolutions keep the batch last, for speed, and what follows them keeps that up. Such a tensor carries a mark,
`has_own_layout`, and is put in order when somebody is about to see its memory: by a view of it, `stride()`, `numpy()`.
Left out: how losses, norms and sums of permuted inputs lie, which PyTorch makes in several steps of its own, and
convolutions of inputs of which only a dimension of size 1 is permuted.
"""

import numpy as np


def order(tensor):
    """Puts the memory of a tensor in PyTorch's order, if it lies in one of our own."""
    if tensor.has_own_layout:
        tensor.array = np.ascontiguousarray(tensor.array)
        tensor.has_own_layout = False
    return tensor


def is_contiguous(value):
    """Whether PyTorch's tensor would be contiguous; what is not a tensor counts as one."""
    return not hasattr(value, "has_own_layout") or value.has_own_layout or value.array.flags.c_contiguous


def agree(args):
    """Puts arguments in order where they meet one that is permuted for PyTorch too: it decides how the result lies."""
    if not all(map(is_contiguous, args)):
        for value in args:
            if hasattr(value, "has_own_layout"):
                order(value)


def settle(out, lays, tensors):
    """Lays the result of an operation out as PyTorch does, or marks that this is still to be done.

    Args:
        out: The result.
        lays: "contiguous", "image", "view" or None (see `op`).
        tensors: The arguments.
    """
    if lays == "view":
        return
    if all(map(is_contiguous, tensors)):
        is_in_order = True
    else:
        is_in_order = lays == "contiguous" or (lays == "image" and not any(map(is_channels_last, tensors)))
    if is_in_order:
        out.has_own_layout = not out.array.flags.c_contiguous
    elif lays is None:
        out.array = arranged(out.array, [x.array for x in tensors])


def arranged(value, operands):
    """An array laid out as the operands are: along which dimension neighbours are nearest in memory, and so on.

    PyTorch's rule: the first operand that tells two dimensions apart decides; one that is repeated along them does not.
    """
    shape, size = value.shape, value.ndim
    if any(x.ndim > size or any(m not in (1, n) for m, n in zip(x.shape[::-1], shape[::-1])) for x in operands):
        return value  # not an elementwise operation
    steps = [np.broadcast_to(x, shape).strides for x in operands]
    dims = list(range(size))[::-1]  # nearest first
    for at in range(1, size):
        for before in range(at - 1, -1, -1):
            way = _compare(dims[before], dims[at], steps, shape)
            if way < 0:
                break
            if way > 0:
                dims[before], dims[at], at = dims[at], dims[before], before
    dims = dims[::-1]
    laid = np.empty([shape[d] for d in dims], value.dtype).transpose(np.argsort(dims))
    if laid.strides == value.strides:
        return value
    laid[...] = value
    return laid


def _compare(near, far, steps, shape):
    """Above 0 if two dimensions must change places, below 0 if they must not, 0 if no operand tells."""
    for strides in steps:
        a, b = strides[near], strides[far]
        if 0 not in (a, b) and (a != b or shape[near] > shape[far]):
            return 1 if a >= b else -1
    return 0


def lie_as(tensor, new):
    """Lays a new tensor of the same shape out in memory as another one is, where that one is permuted."""
    if not is_contiguous(tensor):
        new.array = arranged(new.array, [tensor.array])
    return new


def is_channels_last(value):
    """Whether a tensor (B, C, H, W) lies in memory as (B, H, W, C)."""
    return not is_contiguous(value) and value.ndim == 4 and value.array.transpose(0, 2, 3, 1).flags.c_contiguous


def keep_channels_last(out, *args):
    """Lays the result of a convolution out channels last where an argument lies so."""
    if any(map(is_channels_last, args)):
        out.array = np.ascontiguousarray(out.array.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
        out.has_own_layout = False
    return out
