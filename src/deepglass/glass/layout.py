"""Where the numbers of a tensor lie in memory: to be seen from outside, exactly where PyTorch puts them.

The order in memory shows: `flatten` shares the memory of a tensor that lies in order and copies any other, so a later
change in place is visible through it or is not. NumPy and PyTorch agree on results of permuted inputs, which lie
permuted too. But some operations here leave their results in an order of their own, where PyTorch's are contiguous:
convolutions keep the batch last, for speed, and what follows them keeps that up. Such a tensor carries a mark,
`has_own_layout`, and is put in order when somebody is about to see its memory: by a view of it, `stride()`, `numpy()`.
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


def lie_as(tensor, new):
    """Lays a new tensor of the same shape out in memory as another one is, where that one is permuted."""
    if not is_contiguous(tensor):
        laid = np.empty_like(tensor.array, new.array.dtype)
        laid[...] = new.array
        new.array = laid
    return new


def is_in_order(lays, args):
    """Whether PyTorch's result of an operation on these arguments would be contiguous (`lays`: see `op`)."""
    if all(map(is_contiguous, args)):
        return True
    return lays == "contiguous" or (lays == "image" and not any(map(is_channels_last, args)))


def is_channels_last(value):
    """Whether a tensor (B, C, H, W) lies in memory as (B, H, W, C)."""
    return not is_contiguous(value) and value.ndim == 4 and value.array.transpose(0, 2, 3, 1).flags.c_contiguous


def keep_channels_last(out, *args):
    """Lays the result of a convolution out channels last where an argument lies so."""
    if any(map(is_channels_last, args)):
        out.array = np.ascontiguousarray(out.array.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
        out.has_own_layout = False
    return out
