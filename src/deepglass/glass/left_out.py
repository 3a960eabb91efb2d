"""What the engine does not have says so: NotImplementedError with its name, instead of a wrong number or a puzzle.

The border of the engine, as far as it speaks PyTorch's older words: what stands here is in nobody's way inside.
"""

import functools
import inspect


class LeftOut(NotImplementedError, AttributeError):
    """A name of PyTorch's that the engine does not have; `hasattr` sees that it is not there."""


def left_out(place):
    """The `__getattr__` of a module or class: every name that is not there is refused by name."""

    def __getattr__(*names):
        raise LeftOut(f"{place}.{names[-1]} is left out of the glass engine, or misspelt; use engine='torch' if not")

    return __getattr__


def refuse(name, **options):
    """Refuse options of PyTorch's that are set but left out here.

    Raises:
        NotImplementedError: Names the option.
    """
    for option, value in options.items():
        if value is not None and value is not False:
            raise NotImplementedError(
                f"{name}: {option}={value!r} is left out of the glass engine: expected the default; "
                "leave it away, or use engine='torch'"
            )


def with_old_places(loss):
    """A loss that keeps the places of PyTorch's old `size_average` and `reduce` in its arguments, and refuses both."""
    parameters, old = [], {name: inspect.Parameter(name, 1, default=None) for name in ("size_average", "reduce")}
    for name, parameter in inspect.signature(loss).parameters.items():
        if name == "ignore_index":
            parameters.append(old["size_average"])
        if name == "reduction":
            parameters += [place for place in old.values() if place not in parameters]
        parameters.append(parameter)
    signature = inspect.Signature(parameters)
    first = parameters.index(old["size_average"])

    @functools.wraps(loss)
    def border(*args, **options):
        if len(args) <= first and not old.keys() & options:
            return loss(*args, **options)
        given = signature.bind(*args, **options).arguments
        refuse(loss.__name__, **{name: given.pop(name, None) for name in old})
        return loss(**given)

    return border


def with_old_dim(softmax):
    """`F.softmax` of `softmax`: with a place for PyTorch's `_stacklevel`, and its old habit of choosing a dimension."""

    @functools.wraps(softmax)
    def border(input, dim=None, _stacklevel=3, dtype=None):
        if dim is None:
            dim = 0 if input.ndim in (0, 1, 3) else 1
        return softmax(input, dim, dtype=dtype)

    return border
