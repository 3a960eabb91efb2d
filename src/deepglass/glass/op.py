"""From a function on arrays to an operation on tensors: the one mechanism behind all of `ops/` and `nn/functional/`.

An operation is written as a function on NumPy arrays that returns the value and, beside it, one vector-Jacobian
product for each argument that has a gradient, in the order of the arguments:

    @op
    def mul(input, other):
        return input * other, lambda g: g * other, lambda g: g * input  # y = a·b   ∂a = g·b   ∂b = g·a

`op` hands it the arrays of the tensors, wraps the value in a tensor, and leaves a node on the tape if an argument
requires a gradient. Summing over broadcast axes is done once, for everybody, in `autograd.run_backward`.
"""

import functools
import inspect

import numpy as np

from .autograd import Node, mode
from .tensor import Tensor, wrap


def op(function):
    """Makes an operation on tensors of a function on arrays that returns (value, *vector-Jacobian products)."""
    name, signature = function.__name__.strip("_"), inspect.signature(function)

    @functools.wraps(function)
    def operation(*args, **options):
        if options and any(isinstance(a, Tensor) for a in options.values()):  # tensors by name go to their places
            bound = signature.bind(*args, **options)
            bound.apply_defaults()
            args, options = bound.args, bound.kwargs
        arrays = [a.array if isinstance(a, Tensor) else a for a in args]
        try:
            value, *vjps = function(*arrays, **options)
        except ValueError as error:
            raise _clearer(name, error, arrays) from None
        if not isinstance(value, np.ndarray):
            value = np.asarray(value)
        if not mode.enabled or not vjps:
            return wrap(value)
        edges = [
            (a.tape() or a, vjp)
            for a, vjp in zip(args, vjps)
            if vjp is not None and isinstance(a, Tensor) and (a.tape() or a._requires_grad)
        ]
        if not edges:
            return wrap(value)
        saved = [(a.version, a.version[0], a.array) for a in args if isinstance(a, Tensor)]
        out = wrap(value, Node(name, value, edges, saved))
        saved.append((out.version, 0, value))
        return out

    return operation


def _clearer(name, error, arrays):
    """NumPy's ValueError about shapes as PyTorch's RuntimeError; others as they are."""
    if "broadcast" not in str(error):
        return error
    shapes = " and ".join(str(list(a.shape)) for a in arrays if isinstance(a, np.ndarray))
    return RuntimeError(
        f"{name}: The sizes of the tensors must match: expected sizes that are equal or 1, counted from the last "
        f"dimension, got {shapes}; reshape or unsqueeze one of them"
    )


def view(function):
    """Like `op`, for operations whose result is another look at the same memory: changing one changes the other."""
    plain = op(function)

    @functools.wraps(function)
    def operation(input, *args, **options):
        out = plain(input, *args, **options)
        if out.node is not None:
            out.node.saved = ()  # a view needs no values on the way back
        base = input.array if input.array.base is None else input.array.base
        if out.array.base is base:
            out.version, out.seen = input.version, input.version[1]
        return out

    return operation


def share(backward, count):
    """`count` vector-Jacobian products that come out of one computation: backward(g) → a tuple of gradients.

    The gradients are computed when the first of them is asked for, and kept until another g comes.
    """
    last = [None, ()]

    def pick(index):
        def vjp(g):
            if last[0] is not g:
                last[:] = g, backward(g)
            return last[1][index]

        return vjp

    return [pick(index) for index in range(count)]
