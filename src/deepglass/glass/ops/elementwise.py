"""Elementwise operations, one per line: value, then what each input receives of the gradient g of the output.

Inputs are called a and b (x when alone) and the result y; a vector-Jacobian product names those it needs, and only
those are kept. `where`, `clamp` and the other operations with options follow below the tables.
"""

import math

import numpy as np

from ..dtype import fit, promote, to_float, wrapped
from ..op import gate, no_gradient, op, require
from .shape import broadcast_shapes
from .special import erf_values


def unary(name, value, vjp=None, is_float=True, kinds=None):
    """An operation y = f(x); with `is_float`, integers become floats first."""
    picks = [("x", "y").index(saved) for saved in vjp.__code__.co_varnames[1:]] if vjp else ()

    def function(input):
        with np.errstate(all="ignore"):
            x = to_float(input) if is_float else input
            y = np.asarray(value(x))
        kept = tuple((x, y)[i] for i in picks)
        return (y, lambda g: vjp(g, *kept)) if vjp else (y,)  # pyright: ignore[reportOptionalCall]

    return _named(function, name, kinds)


def binary(name, value, vjp_a=None, vjp_b=None, is_float=False, kinds=None):
    """An operation y = f(a, b) on operands brought to a common type, which is one of `kinds`."""
    vjps = (vjp_a, vjp_b) if vjp_a else ()
    picks = [[("a", "b", "y").index(saved) for saved in vjp.__code__.co_varnames[1:]] for vjp in vjps]  # pyright: ignore[reportOptionalMemberAccess]

    def function(input, other):
        a, b = promote(input, other, is_float=is_float)
        if kinds:
            require(name, kinds, a)
        with np.errstate(all="ignore"):
            y = np.asarray(value(a, b))
        if not vjps:
            return (y,)
        # Kept: what is needed, and where it came from, which must not change even if it was converted.
        kept_a, kept_b = (
            (tuple((a, b, y)[i] for i in pick), tuple((input, other, y)[i] for i in pick)) for pick in picks
        )
        return y, lambda g: vjp_a(g, *kept_a[0]), lambda g: vjp_b(g, *kept_b[0])  # pyright: ignore[reportOptionalCall]

    return _named(function, name)


def _named(function, name, kinds=None):
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Elementwise {name}; see the table in ops/elementwise.py."
    return op(function, kinds=kinds)


def _to_winner(g, loses, ties):
    """The gradient of an input of a maximum: g unless it loses, half of it where both are equal."""
    return gate(np.where(ties, g / 2, g) if ties.any() else g, ~loses)


def _power(a, b):
    """aᵇ; integers with negative exponents are 1/aⁿ cut to an integer, as in C."""
    if isinstance(b, np.generic) and b == -0.5:
        return 1 / np.sqrt(a)
    if b.dtype.kind == "f" and isinstance(b, np.ndarray):  # PyTorch takes roots for numbers only, NumPy for these too
        return np.where(np.isneginf(a) & (b == 0.5), np.inf, a**b)
    if b.dtype.kind != "i" or (b >= 0).all():
        return a**b
    return np.where(b >= 0, a ** np.maximum(b, 0), np.where(np.abs(a) == 1, a ** (b % 2), 0))


def _divisor(a, b):
    """The divisor of an integer division, which must not be 0."""
    if b.dtype.kind != "f" and not np.all(b) and np.size(a):
        raise RuntimeError("ZeroDivisionError: expected a divisor without zeros, for integers know no infinity")
    return b


def signs(x):
    """−1, 0 or 1 for every number; 0 for nan, as in PyTorch."""
    return np.greater(x, 0).astype(x.dtype) - np.less(x, 0)


def _flat(g):
    """The gradient of a step function."""
    return np.zeros_like(g)


def _xlogy(a, b):
    return np.where((a == 0) & ~np.isnan(b), 0, a * np.log(b))


def _inverse_square(a, b):
    """1/(a² + b²), and 0 at the origin, where the angle has no direction to grow in."""
    size = a * a + b * b
    return np.where(size == 0, 0, 1 / size)


NUMBERS = "iuf"  # kinds that PyTorch computes in: all but bool
LN2 = math.log(2)

# fmt: off
abs = unary("abs", np.abs, lambda g, x: g * signs(x), False, NUMBERS)              # |x|      ∂x = g·sign x
neg = unary("neg", np.negative, lambda g: -g, False, NUMBERS)                       # −x       ∂x = −g
square = unary("square", lambda x: np.square(x if x.dtype != bool else x.astype(np.int64)),
               lambda g, x: g * (x * 2), False)                                     # x²       ∂x = g·2x
sqrt = unary("sqrt", np.sqrt, lambda g, y: g / (y * 2))                             # √x       ∂x = g/2y
rsqrt = unary("rsqrt", lambda x: 1 / np.sqrt(x), lambda g, y: g * -0.5 * y**3)      # 1/√x     ∂x = −g·y³/2
reciprocal = unary("reciprocal", lambda x: 1 / x, lambda g, y: -g * (y * y))        # 1/x      ∂x = −g·y²
exp = unary("exp", np.exp, lambda g, y: g * y)                                      # eˣ       ∂x = g·y
expm1 = unary("expm1", np.expm1, lambda g, y: g * (y + 1))                          # eˣ − 1   ∂x = g·eˣ
log = unary("log", np.log, lambda g, x: g / x)                                      # ln x     ∂x = g/x
log2 = unary("log2", np.log2, lambda g, x: g / (x * LN2))                           # log₂ x   ∂x = g/(x·ln 2)
log1p = unary("log1p", np.log1p, lambda g, x: g / (x + 1))                          # ln(1+x)  ∂x = g/(1+x)
sin = unary("sin", np.sin, lambda g, x: g * np.cos(x))                              # ∂x = g·cos x
cos = unary("cos", np.cos, lambda g, x: -g * np.sin(x))                             # ∂x = −g·sin x
tan = unary("tan", np.tan, lambda g, y: g * (1 + y * y))                            # ∂x = g·(1 + y²)
asin = unary("asin", np.arcsin, lambda g, x: g * (1 / np.sqrt(1 - x * x)))          # ∂x = g/√(1−x²)
acos = unary("acos", np.arccos, lambda g, x: -g * (1 / np.sqrt(1 - x * x)))         # ∂x = −g/√(1−x²)
atan = unary("atan", np.arctan, lambda g, x: g / (1 + x * x))                       # ∂x = g/(1+x²)
sinh = unary("sinh", np.sinh, lambda g, x: g * np.cosh(x))                          # ∂x = g·cosh x
cosh = unary("cosh", np.cosh, lambda g, x: g * np.sinh(x))                          # ∂x = g·sinh x
tanh = unary("tanh", np.tanh, lambda g, y: g * (1 - y * y))                         # ∂x = g·(1 − y²)
sigmoid = unary("sigmoid", lambda x: 1 / (1 + np.exp(-x)), lambda g, y: g * (1 - y) * y)  # ∂x = g·y·(1−y)
erf = unary("erf", erf_values, lambda g, x: g * (2 / math.sqrt(math.pi)) * np.exp(-x * x))  # ∂x = g·2/√π·e^(−x²)
relu = unary("relu", lambda x: np.maximum(x, 0), lambda g, y: gate(g, y != 0), False, NUMBERS)  # max(x, 0)
sign = unary("sign", lambda x: signs(x) if x.dtype != bool else x.copy(), _flat, False)   # flat: ∂x = 0
ceil, floor = unary("ceil", np.ceil, _flat, False, NUMBERS), unary("floor", np.floor, _flat, False, NUMBERS)
trunc = unary("trunc", np.trunc, _flat, False, NUMBERS)
isnan, isfinite = unary("isnan", np.isnan, is_float=False), unary("isfinite", np.isfinite, is_float=False)
isinf = unary("isinf", np.isinf, is_float=False)
logical_not = unary("logical_not", np.logical_not, is_float=False)
bitwise_not = unary("bitwise_not", np.bitwise_not, is_float=False)

mul = binary("mul", np.multiply, lambda g, b: g * b, lambda g, a: g * a)            # a·b   ∂a = g·b   ∂b = g·a
true_divide = binary("true_divide", np.true_divide, lambda g, b: g / b,
                     lambda g, a, b: -g * (a / b / b), is_float=True)               # a/b   ∂a = g/b   ∂b = −g·a/b²
_pow = binary("pow", _power, lambda g, a, b: gate(g * (b * np.power(a, b - 1)), b != 0),   # ∂a = g·b·aᵇ⁻¹
              lambda g, a, b, y: g * np.where((a == 0) & (b >= 0), 0, y * np.log(a)), kinds=NUMBERS)  # ∂b = g·y·ln a
maximum = binary("maximum", np.maximum, lambda g, a, b: _to_winner(g, a < b, a == b),
                 lambda g, a, b: _to_winner(g, b < a, a == b))                      # to the larger; ties share
minimum = binary("minimum", np.minimum, lambda g, a, b: _to_winner(g, a > b, a == b),
                 lambda g, a, b: _to_winner(g, b > a, a == b))
remainder = binary("remainder", lambda a, b: np.remainder(a, _divisor(a, b)), lambda g: g,
                   lambda g, a, b: -g * np.floor_divide(a, b) if isinstance(a, np.ndarray) else
                   no_gradient("remainder of a number")(g), kinds=NUMBERS)
floor_divide = binary("floor_divide", lambda a, b: np.floor_divide(a, _divisor(a, b)),
                      no_gradient("floor_divide"), no_gradient("floor_divide"), kinds=NUMBERS)
atan2 = binary("atan2", np.arctan2, lambda g, a, b: g * (b * _inverse_square(a, b)),
               lambda g, a, b: g * (-a * _inverse_square(a, b)), is_float=True)     # ∂a = g·b/(a²+b²), ∂b = −g·a/(…)
xlogy = binary("xlogy", _xlogy, lambda g, a, b: np.where((a == 0) & (b <= 0), 0, _xlogy(g, b)),
               lambda g, a, b: g * a / b, is_float=True)
eq, ne = binary("eq", np.equal), binary("ne", np.not_equal)
lt, le = binary("lt", np.less), binary("le", np.less_equal)
gt, ge = binary("gt", np.greater), binary("ge", np.greater_equal)
logical_and, logical_or = binary("logical_and", np.logical_and), binary("logical_or", np.logical_or)
bitwise_and, bitwise_or = binary("bitwise_and", np.bitwise_and), binary("bitwise_or", np.bitwise_or)
bitwise_xor = binary("bitwise_xor", np.bitwise_xor)
# fmt: on


def pow(input, exponent):
    """y = aᵇ

    Raises:
        RuntimeError: If integers are raised to a negative power.
    """
    is_whole = isinstance(exponent, int) and getattr(input, "dtype", None) and not input.is_floating_point()
    if is_whole and exponent < 0:
        raise RuntimeError("pow: Integers to negative integer powers are not allowed; use x.float()")
    return _pow(input, exponent)


@op(kinds="biuf")
def heaviside(input, values):
    """The step function: 0 below 0, 1 above, and `values` at 0."""
    y = np.where(input == 0, values, input > 0).astype(input.dtype)
    return y, no_gradient("heaviside"), no_gradient("heaviside")


@op
def add(input, other, *, alpha=1):
    """y = a + α·b

    Raises:
        RuntimeError: If alpha is a fraction and the tensors hold integers.
    """
    a, b = promote(input, other)
    y = a + b if alpha == 1 else a + b * _factor("add", alpha, b)
    return y, lambda g: g, lambda g: g if alpha == 1 else g * alpha  # ∂a = g   ∂b = α·g


@op
def sub(input, other, *, alpha=1):
    """y = a − α·b

    Raises:
        RuntimeError: If one is boolean, or alpha a fraction and the tensors hold integers.
    """
    if any(_kind(x) == "b" for x in (input, other)):
        raise RuntimeError("sub: expected numbers, got a boolean; to invert a mask use ~ or logical_not()")
    a, b = promote(input, other)
    y = a - b if alpha == 1 else a - b * _factor("sub", alpha, b)
    return y, lambda g: g, lambda g: g * -alpha  # ∂a = g   ∂b = −α·g


def _kind(x):
    return np.asarray(x).dtype.kind


def _factor(name, alpha, b):
    if b.dtype.kind != "f" and isinstance(alpha, float):
        raise RuntimeError(f"{name}: expected an integer alpha for {b.dtype}, got {alpha}; use x.float()")
    return wrapped(alpha, b.dtype)


def rsub(input, other, *, alpha=1):
    """y = b − α·a"""
    return sub(other, input, alpha=alpha)


def div(input, other, *, rounding_mode=None):
    """y = a / b, rounded down ('floor') or towards zero ('trunc') if asked to.

    Raises:
        RuntimeError: If the rounding mode is unknown.
    """
    if rounding_mode not in (None, "floor", "trunc"):
        raise RuntimeError(f"div: expected rounding_mode None, 'floor' or 'trunc', got {rounding_mode!r}")
    return {None: true_divide, "floor": _div_floor, "trunc": _div_trunc}[rounding_mode](input, other)


def _cut(a, b):
    """a / b without its fraction, exact for integers."""
    return np.trunc(a / b) if b.dtype.kind == "f" else np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(_divisor(a, b)))


STEPS = (lambda g, b: _flat(g)), (lambda g, a, b: _flat(g))  # ∂a = ∂b = 0, and both must not change, as in a / b
_div_floor = binary("div", lambda a, b: np.floor_divide(a, _divisor(a, b)), *STEPS, kinds=NUMBERS)
_div_trunc = binary("div", _cut, *STEPS, kinds=NUMBERS)


@op(kinds=NUMBERS)
def round(input, *, decimals=0):
    """To the nearest integer, halves to the even one."""
    if decimals:
        require("round", "f", input)
    return np.round(input, decimals), _flat


@op
def clamp(input, min=None, max=None):
    """y = min(max(x, lower), upper)

    Raises:
        RuntimeError: If there is no bound.
    """
    if min is None and max is None:
        raise RuntimeError("clamp: expected at least one of 'min' or 'max', got neither")
    low, high = -np.inf if min is None else min, np.inf if max is None else max
    y, *bounds = promote(input, *(bound for bound in (min, max) if bound is not None))
    require("clamp", NUMBERS, y)
    y = y if min is None else np.maximum(y, bounds[0])
    y = y if max is None else np.minimum(y, bounds[-1])
    return (
        y,
        lambda g: gate(g, (input >= low) & (input <= high)),  # ∂x = g within the bounds
        lambda g: gate(g, (input < low) & ((low < high) | (max is None))),
        lambda g: gate(g, (input > high) | (low > high)),
    )


def clamp_min(input, min):
    return clamp(input, min)


def clamp_max(input, max):
    return clamp(input, None, max)


@op
def where(condition, input=None, other=None):
    """a where the condition holds, b elsewhere."""
    if input is None:
        raise NotImplementedError("where: a condition alone is left out of the glass engine; see nonzero")
    _check_mask("where", condition)
    a, b = promote(input, other)
    return np.where(condition, a, b), None, lambda g: gate(g, condition), lambda g: gate(g, ~condition)


@op(lays="contiguous")
def masked_fill(input, mask, value):
    """x, with `value` where the mask holds.

    Raises:
        RuntimeError: If the mask is not boolean, or the value has dimensions.
    """
    _check_mask("masked_fill", mask)
    if np.ndim(value):
        raise RuntimeError(f"masked_fill: expected a number or a tensor without dimensions, got {list(value.shape)}")
    y = np.where(mask, fit(value, input.dtype), input)
    return y, lambda g: gate(g, ~mask), None, lambda g: gate(g, mask)


def _check_mask(name, mask):
    if mask.dtype != bool:
        raise NotImplementedError(f"{name}: expected a boolean mask, got one of {mask.dtype}; compare it, as in x > 0")


def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether |a − b| ≤ atol + rtol·|b| everywhere, as a Python bool.

    Raises:
        RuntimeError: If the types differ, or the shapes do not broadcast.
    """
    if input.dtype is not other.dtype:
        raise RuntimeError(f"allclose: expected tensors of one dtype, got {input.dtype} and {other.dtype}")
    broadcast_shapes(input.array.shape, other.array.shape)
    return np.allclose(input.array, other.array, rtol, atol, equal_nan)


def equal(input, other):
    """Whether both have the same shape and values, as a Python bool."""
    return np.array_equal(input.array, other.array)
