"""Number types, sizes and devices, with PyTorch's names and PyTorch's rules of promotion.

NumPy's rules differ in two places, and both would silently turn float32 into float64: an integer array with a
float32 array gives float64 in NumPy and float32 here, and a tensor without dimensions weighs no more than a Python
number here. References: https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
"""

import numpy as np


class dtype:
    """A number type such as `float32`; `numpy` is NumPy's name for the same thing."""

    def __init__(self, name):
        self.name, self.numpy = name, np.dtype(name)
        self.itemsize, self.is_floating_point = self.numpy.itemsize, self.numpy.kind == "f"

    def __repr__(self):
        return f"torch.{self.name}"

    def __reduce__(self):
        return {"bool": "bool_"}.get(self.name, self.name)


bool_, uint8, int8, int16, int32, int64 = map(dtype, ("bool", "uint8", "int8", "int16", "int32", "int64"))
float16, float32, float64 = map(dtype, ("float16", "float32", "float64"))
half, float_, double, short, int_, long = float16, float32, float64, int16, int32, int64
DTYPES = {d.numpy: d for d in (bool_, uint8, int8, int16, int32, int64, float16, float32, float64)}
RANK = {"b": 0, "i": 1, "u": 1, "f": 2}  # of NumPy's kinds of numbers
FLOAT = float32.numpy  # what a Python float, and an integer that must become a fraction, turn into
PYTHON = {bool: bool_.numpy, int: int64.numpy, float: FLOAT}


class Size(tuple):
    """A shape: a tuple that can count its elements."""

    __slots__ = ()

    def numel(self):
        return int(np.prod(self, dtype=np.int64))

    def __repr__(self):
        return f"torch.Size({list(self)})"

    def __getitem__(self, index):
        item = tuple.__getitem__(self, index)
        return Size(item) if isinstance(index, slice) else item


class device:
    """Where a tensor lives. The glass engine knows one place, the CPU."""

    type, index = "cpu", None

    def __init__(self, type="cpu", index=None):
        if str(type).split(":")[0] != "cpu":
            raise NotImplementedError(
                f"device: expected 'cpu', the only device of the glass engine, got {type!r}; "
                "load the model with engine='torch' to use an accelerator"
            )

    def __repr__(self):
        return "device(type='cpu')"

    def __str__(self):
        return "cpu"

    def __eq__(self, other):
        return str(other) == "cpu"

    def __hash__(self):
        return hash("cpu")


def as_numpy(kind):
    """NumPy's dtype for a glass dtype, for Python's `float`, `int`, `bool`, or for None (which stays None).

    Raises:
        TypeError: If it is none of these.
    """
    if kind is None or isinstance(kind, np.dtype):
        return kind
    if isinstance(kind, dtype):
        return kind.numpy
    if kind in PYTHON:
        return PYTHON[kind]
    raise TypeError(f"dtype: expected a glass dtype such as float32, got {kind!r}")


def finfo(kind=float32):
    """Limits of a floating point type: `max`, `min`, `eps`, `tiny`."""
    return np.finfo(as_numpy(kind))


def get_default_dtype():
    return float32


def promote_types(a, b):
    """The smallest type that holds both: an integer never widens a float."""
    if (a.kind == "f") != (b.kind == "f"):
        return a if a.kind == "f" else b
    return np.promote_types(a, b)


def result_type(*operands):
    """Type of an operation on arrays and Python numbers.

    Arrays with dimensions decide first, then those without, then Python numbers; a lower rank is heard only where it
    is of a higher kind (bool < integer < float).

    Raises:
        TypeError: If an operand is neither a tensor nor a number.
    """
    ranks = [None, None, None]
    for x in operands:
        rank, kind = (0 if x.ndim else 1, x.dtype) if isinstance(x, np.ndarray) else (2, _kind_of(x))
        ranks[rank] = kind if ranks[rank] is None else promote_types(ranks[rank], kind)
    decided, *lower = [kind for kind in ranks if kind is not None]
    for kind in lower:
        if RANK[kind.kind] > RANK[decided.kind]:
            decided = promote_types(decided, kind)
    return decided


def _kind_of(number):
    """The type that a Python number stands for; NumPy's numbers count as Python's."""
    kind = next((kind for kind in PYTHON if isinstance(number, kind)), None) or np.asarray(number).dtype
    if kind not in PYTHON and kind.kind not in "fiub":
        raise TypeError(f"expected a tensor or a number, got {type(number).__name__}; see glass.tensor")
    return PYTHON.get(kind) or {"f": FLOAT, "b": bool_.numpy}.get(kind.kind, int64.numpy)


def promote(*operands, is_float=False):
    """The operands brought to their common type; with `is_float`, to a floating point one."""
    first = operands[0]
    if all(isinstance(x, np.ndarray) and x.dtype == first.dtype for x in operands):
        return [to_float(x) for x in operands] if is_float else operands
    common = result_type(*operands)
    common = FLOAT if is_float and common.kind != "f" else common
    return [x.astype(common, copy=False) if isinstance(x, np.ndarray) else wrapped(x, common) for x in operands]


def wrapped(number, kind):
    """A Python number as one of a type; an integer that is too large wraps around, as in C."""
    try:
        return kind.type(number)
    except OverflowError:
        return np.asarray(number).astype(kind)[()]


def fit(value, kind):
    """A value to be written among numbers of a type.

    Raises:
        RuntimeError: If it does not fit: infinite or too large for an integer.
    """
    if kind.kind in "iu" and not np.ndim(value):
        largest, is_whole = np.iinfo(kind).max, isinstance(value, int) or np.asarray(value).dtype.kind in "biu"
        if not (-largest - 1 if is_whole or kind.kind == "i" else 0) <= value <= largest:
            raise RuntimeError(f"value cannot be converted to type {kind} without overflow, got {value}")
    return np.asarray(value).astype(kind)


def to_float(x):
    """An array of integers or booleans as default floats; floats as they are."""
    return x if x.dtype.kind == "f" else x.astype(FLOAT)
