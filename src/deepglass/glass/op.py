"""From a function on arrays to an operation on tensors: the one mechanism behind all of `ops/` and `nn/functional/`.

An operation is written as a function on NumPy arrays that returns the value and, beside it, one vector-Jacobian
product for each argument that has a gradient, in the order of the arguments:

    @op
    def mul(input, other):
        return input * other, lambda g: g * other, lambda g: g * input  # y = a·b   ∂a = g·b   ∂b = g·a

`op` hands it the arrays of the tensors, wraps the value in a tensor, and leaves a node on the tape if an argument
requires a gradient. Summing over broadcast axes is done once, for everybody, in `autograd.run_backward`. Only floating
point values have gradients: a cast to integers, a comparison or an index cuts the tape here, whatever it came from.
"""

import functools
import inspect

import numpy as np

from . import layout
from .autograd import Node, mode
from .tensor import Tensor, wrap


def op(function=None, *, kinds=None, saves=0, lays=None):
    """Makes an operation on tensors of a function on arrays that returns (value, *vector-Jacobian products).

    Args:
        function: The function; its name is the operation's.
        kinds: NumPy's letters (b, i, u, f) of the types that it takes; its tensors must then be all of one type.
        saves: How many of its first arguments must not be changed in place before the way back, whether the
            vector-Jacobian products look at them or, for speed, at something made of them.
        lays: How PyTorch lays the result out: "contiguous", whatever the memory of the arguments looks like; "image",
            contiguous but for arguments that lie channels last; "view", as it is; None, as the arguments of an
            elementwise operation are (see `layout`).
    """
    if function is None:
        return functools.partial(op, kinds=kinds, saves=saves, lays=lays)
    name, signature = function.__name__.strip("_"), inspect.signature(function)

    @functools.wraps(function)
    def operation(*args, **options):
        if options and any(isinstance(a, Tensor) for a in options.values()):  # tensors by name go to their places
            bound = signature.bind(*args, **options)
            bound.apply_defaults()
            args, options = bound.args, bound.kwargs
        is_plain = all([a.array.flags.c_contiguous for a in args if isinstance(a, Tensor)])  # noqa: C419 (faster)
        if not is_plain:
            layout.agree(args)
        arrays = [a.array if isinstance(a, Tensor) else a for a in args]
        if kinds:
            require(name, kinds, *arrays)
        try:
            value, *vjps = function(*arrays, **options)
        except (ValueError, TypeError, IndexError, AttributeError, OverflowError) as error:
            raise _clearer(name, error, arrays) from None
        if not isinstance(value, np.ndarray):
            value = np.asarray(value)
        out = wrap(value)
        if not (is_plain and value.flags.c_contiguous):
            layout.settle(out, lays, [a for a in args if isinstance(a, Tensor)])
        if not mode.enabled or not vjps or value.dtype.kind != "f":
            return out
        edges = [
            (a.tape() or a, vjp)
            for a, vjp in zip(args, vjps)
            if vjp is not None and isinstance(a, Tensor) and (a.tape() or a._requires_grad)
        ]
        if edges:
            saved = [(a.version, a.version[0], a.array) for a in args if isinstance(a, Tensor)]
            held = saves and len([a for a in args[:saves] if isinstance(a, Tensor)])
            out.node = Node(name, value, edges, saved, held)
            saved.append((out.version, 0, value))
        return out

    return operation


def require(name, kinds, *arrays):
    """Refuses arrays of types that PyTorch does not compute this in, or of several types."""
    found = [x.dtype for x in arrays if isinstance(x, (np.ndarray, np.generic))]
    if found[0].kind in kinds and found.count(found[0]) == len(found):
        return
    words = "floating point" if kinds == "f" else "integers or floating point"
    raise NotImplementedError(
        f"{name}: expected tensors of one dtype, {words}, got {' and '.join(map(str, found))}: this is left out of "
        "the glass engine, and mostly of PyTorch; convert first, as in x.float()"
    )


def _clearer(name, error, arrays):
    """NumPy's errors as PyTorch's, with what came; our own as they are."""
    if str(error).startswith((name, "dim:")):
        return error
    came = " and ".join(f"{x.dtype} {list(x.shape)}" for x in arrays if isinstance(x, np.ndarray))
    kinds = {TypeError: TypeError, AttributeError: TypeError, IndexError: IndexError}
    kind = next((kinds[kind] for kind in kinds if isinstance(error, kind)), RuntimeError)
    if "broadcast" in str(error):
        return kind(
            f"{name}: The sizes of the tensors must match: expected sizes that are equal or 1, counted from the last "
            f"dimension, got {came}; reshape or unsqueeze one of them"
        )
    if str(error).startswith("ufunc"):
        return NotImplementedError(f"{name} is not implemented for {came}; convert first, as in x.float()")
    return kind(f"{name}: expected arguments that fit together, got {came}: {error}")


BITS = {2: np.dtype(np.int16), 4: np.dtype(np.int32), 8: np.dtype(np.int64)}


def gate(g, is_open):
    """The gradient where it flows, 0 elsewhere, even where it is infinite or nan: selected, not multiplied.

    A number whose bits are all 0 is 0. `np.where` says the same, and needs seven times as long: it decides for every
    element anew, and processors guess such decisions wrong.
    """
    bits = BITS[g.itemsize]
    return (g.view(bits) & -is_open.astype(bits)).view(g.dtype)


def no_gradient(name):
    """A vector-Jacobian product that PyTorch does not have, and neither do we."""

    def vjp(g):
        raise RuntimeError(f"derivative for {name} is not implemented: expected backward not to pass it; detach() it")

    return vjp


def view(function):
    """Like `op`, for operations whose result is another look at the same memory: changing one changes the other."""
    plain = op(function, lays="view")

    @functools.wraps(function)
    def operation(input, *args, **options):
        layout.order(input)
        out = plain(input, *args, **options)
        out.has_own_layout = False
        if out.node is not None:
            out.node.saved = ()  # a view needs no values on the way back
        base = input.array if input.array.base is None else input.array.base
        if out.array.base is base or np.may_share_memory(out.array, base):
            out.version, out.seen = input.version, input.version[1]
            if not mode.enabled and input.requires_grad:  # says that it requires a gradient, and leads nowhere
                out.node = Node(function.__name__, out.array, ())
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
