"""Elementwise operations, one a line: value, then what each input receives of the gradient g of the output.

Inputs are called a and b (x when alone) and the result y; a vector-Jacobian product names those it needs, and only
those are kept. `where`, `clamp` and the other operations with options follow below the tables.
"""

import math

import numpy as np

from ..dtype import DTYPES, promote, result_type, to_float
from ..op import op
from .special import erf_values


def unary(name, value, vjp=None, is_float=True):
    """An operation y = f(x); with `is_float`, integers become floats first."""
    picks = [("x", "y").index(saved) for saved in vjp.__code__.co_varnames[1:]] if vjp else ()

    def function(input):
        with np.errstate(all="ignore"):
            x = to_float(input) if is_float else input
            y = value(x)
        kept = tuple((x, y)[i] for i in picks)
        return (y, lambda g: vjp(g, *kept)) if vjp else (y,)  # pyright: ignore[reportOptionalCall]

    return _named(function, name)


def binary(name, value, vjp_a=None, vjp_b=None, is_float=False):
    """An operation y = f(a, b) on operands brought to a common type."""
    vjps = (vjp_a, vjp_b) if vjp_a else ()
    picks = [[("a", "b", "y").index(saved) for saved in vjp.__code__.co_varnames[1:]] for vjp in vjps]  # pyright: ignore[reportOptionalMemberAccess]

    def function(input, other):
        a, b = promote(input, other)
        if is_float:
            a, b = to_float(np.asarray(a)), to_float(np.asarray(b))
        with np.errstate(all="ignore"):
            y = value(a, b)
        if not vjps:
            return (y,)
        kept_a, kept_b = (tuple((a, b, y)[i] for i in pick) for pick in picks)
        return y, lambda g: vjp_a(g, *kept_a), lambda g: vjp_b(g, *kept_b)  # pyright: ignore[reportOptionalCall]

    return _named(function, name)


def _named(function, name):
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Elementwise {name}; see the table in ops/elementwise.py."
    return op(function)


def _share_ties(wins, ties):
    """Weight of an input in a maximum: 1 where it wins, ½ where both are equal."""
    return wins + 0.5 * ties


LN2, TINY = math.log(2), {4: -88.0, 8: -709.0, 2: -11.0}  # exp(-TINY) is near the largest float

# fmt: off
abs = unary("abs", np.abs, lambda g, x: g * np.sign(x), is_float=False)              # |x|      ∂x = g·sign x
neg = unary("neg", np.negative, lambda g: -g, is_float=False)                       # −x       ∂x = −g
square = unary("square", np.square, lambda g, x: g * x * 2, is_float=False)         # x²       ∂x = g·2x
sqrt = unary("sqrt", np.sqrt, lambda g, y: g / (y * 2))                             # √x       ∂x = g/2y
rsqrt = unary("rsqrt", lambda x: 1 / np.sqrt(x), lambda g, y: g * y**3 * -0.5)      # 1/√x     ∂x = −g·y³/2
reciprocal = unary("reciprocal", lambda x: 1 / x, lambda g, y: -g * y * y)          # 1/x      ∂x = −g·y²
exp = unary("exp", np.exp, lambda g, y: g * y)                                      # eˣ       ∂x = g·y
expm1 = unary("expm1", np.expm1, lambda g, y: g * (y + 1))                          # eˣ − 1   ∂x = g·eˣ
log = unary("log", np.log, lambda g, x: g / x)                                      # ln x     ∂x = g/x
log2 = unary("log2", np.log2, lambda g, x: g / (x * LN2))                           # log₂ x   ∂x = g/(x·ln 2)
log1p = unary("log1p", np.log1p, lambda g, x: g / (x + 1))                          # ln(1+x)  ∂x = g/(1+x)
sin = unary("sin", np.sin, lambda g, x: g * np.cos(x))                              # ∂x = g·cos x
cos = unary("cos", np.cos, lambda g, x: -g * np.sin(x))                             # ∂x = −g·sin x
tan = unary("tan", np.tan, lambda g, y: g * (1 + y * y))                            # ∂x = g·(1 + y²)
asin = unary("asin", np.arcsin, lambda g, x: g / np.sqrt(1 - x * x))                # ∂x = g/√(1−x²)
acos = unary("acos", np.arccos, lambda g, x: -g / np.sqrt(1 - x * x))               # ∂x = −g/√(1−x²)
atan = unary("atan", np.arctan, lambda g, x: g / (1 + x * x))                       # ∂x = g/(1+x²)
sinh = unary("sinh", np.sinh, lambda g, x: g * np.cosh(x))                          # ∂x = g·cosh x
cosh = unary("cosh", np.cosh, lambda g, x: g * np.sinh(x))                          # ∂x = g·sinh x
tanh = unary("tanh", np.tanh, lambda g, y: g * (1 - y * y))                         # ∂x = g·(1 − y²)
sigmoid = unary("sigmoid", lambda x: 1 / (1 + np.exp(-np.maximum(x, TINY[x.itemsize]))),
                lambda g, y: g * y * (1 - y))                                       # 1/(1+e⁻ˣ)  ∂x = g·y·(1−y)
erf = unary("erf", erf_values, lambda g, x: g * (2 / math.sqrt(math.pi)) * np.exp(-x * x))  # ∂x = g·2/√π·e^(−x²)
sign = unary("sign", np.sign, lambda g: g * 0, is_float=False)                      # flat: ∂x = 0
ceil = unary("ceil", np.ceil, lambda g: g * 0, is_float=False)
floor = unary("floor", np.floor, lambda g: g * 0, is_float=False)
trunc = unary("trunc", np.trunc, lambda g: g * 0, is_float=False)
isnan, isfinite = unary("isnan", np.isnan, is_float=False), unary("isfinite", np.isfinite, is_float=False)
isinf = unary("isinf", np.isinf, is_float=False)
logical_not = unary("logical_not", np.logical_not, is_float=False)
bitwise_not = unary("bitwise_not", np.bitwise_not, is_float=False)

mul = binary("mul", np.multiply, lambda g, b: g * b, lambda g, a: g * a)            # a·b   ∂a = g·b   ∂b = g·a
true_divide = binary("true_divide", np.true_divide, lambda g, b: g / b,
                     lambda g, b, y: -g * y / b, is_float=True)                     # a/b   ∂a = g/b   ∂b = −g·y/b
pow = binary("pow", np.power, lambda g, a, b: g * np.where(b == 0, 0, b * np.power(a, b - (b != 0))),
             lambda g, a, y: g * y * np.log(np.where((a == 0) & (y == 0), 1, a)))   # aᵇ   ∂a = g·b·aᵇ⁻¹  ∂b = g·y·ln a
maximum = binary("maximum", np.maximum, lambda g, a, b: g * _share_ties(a > b, a == b),
                 lambda g, a, b: g * _share_ties(b > a, a == b))                     # to the larger; ties share
minimum = binary("minimum", np.minimum, lambda g, a, b: g * _share_ties(a < b, a == b),
                 lambda g, a, b: g * _share_ties(b < a, a == b))
remainder = binary("remainder", np.remainder, lambda g: g, lambda g, a, b: -g * np.floor_divide(a, b))
floor_divide = binary("floor_divide", np.floor_divide, lambda g: g * 0, lambda g: g * 0)
atan2 = binary("atan2", np.arctan2, lambda g, a, b: g * b / (a * a + b * b),
               lambda g, a, b: -g * a / (a * a + b * b), is_float=True)
xlogy = binary("xlogy", lambda a, b: np.where((a == 0) & ~np.isnan(b), 0, a * np.log(b)),
               lambda g, a, b: g * np.where((a == 0) & (b <= 0), 0, np.log(b)),
               lambda g, a, b: g * a / b, is_float=True)
heaviside = binary("heaviside", np.heaviside)                                       # the step function
eq, ne = binary("eq", np.equal), binary("ne", np.not_equal)
lt, le = binary("lt", np.less), binary("le", np.less_equal)
gt, ge = binary("gt", np.greater), binary("ge", np.greater_equal)
logical_and, logical_or = binary("logical_and", np.logical_and), binary("logical_or", np.logical_or)
bitwise_and, bitwise_or = binary("bitwise_and", np.bitwise_and), binary("bitwise_or", np.bitwise_or)
bitwise_xor = binary("bitwise_xor", np.bitwise_xor)
# fmt: on


@op
def add(input, other, *, alpha=1):
    """y = a + α·b"""
    a, b = promote(input, other)
    y = a + b if alpha == 1 else a + b * alpha
    return y, lambda g: g, lambda g: g if alpha == 1 else g * alpha  # ∂a = g   ∂b = α·g


@op
def sub(input, other, *, alpha=1):
    """y = a − α·b"""
    a, b = promote(input, other)
    y = a - b if alpha == 1 else a - b * alpha
    return y, lambda g: g, lambda g: g * -alpha  # ∂a = g   ∂b = −α·g


def rsub(input, other, *, alpha=1):
    """y = b − α·a"""
    return add(mul(input, -alpha), other)


def div(input, other, *, rounding_mode=None):
    """y = a / b, rounded down ('floor') or towards zero ('trunc') if asked to."""
    if rounding_mode not in (None, "floor", "trunc"):
        raise RuntimeError(f"div: expected rounding_mode None, 'floor' or 'trunc', got {rounding_mode!r}")
    if rounding_mode == "floor":
        return floor_divide(input, other)
    quotient = true_divide(input, other)
    common = DTYPES[result_type(*(getattr(x, "array", x) for x in (input, other)))]
    return quotient if rounding_mode is None else trunc(quotient).to(common)


@op
def round(input, *, decimals=0):
    """To the nearest integer, halves to the even one."""
    return np.round(input, decimals), lambda g: g * 0


@op
def clamp(input, min=None, max=None):
    """y = min(max(x, lower), upper)"""
    if min is None and max is None:
        raise RuntimeError("clamp: expected at least one of 'min' or 'max', got neither")
    low, high = -np.inf if min is None else min, np.inf if max is None else max
    y = input if min is None else np.maximum(*promote(input, min))
    y = y if max is None else np.minimum(*promote(y, max))
    return (
        y,
        lambda g: g * ((input >= low) & (input <= high)),  # ∂x = g within the bounds
        lambda g: g * ((input < low) & (low < high)),
        lambda g: g * ((input > high) | (low >= high)),
    )


def clamp_min(input, min):
    return clamp(input, min)


def clamp_max(input, max):
    return clamp(input, None, max)


@op
def where(condition, input=None, other=None):
    """a where the condition holds, b elsewhere."""
    _check_mask("where", condition)
    a, b = promote(input, other)
    return np.where(condition, a, b), None, lambda g: np.where(condition, g, 0), lambda g: np.where(condition, 0, g)


@op
def masked_fill(input, mask, value):
    """x, with `value` where the mask holds."""
    _check_mask("masked_fill", mask)
    y = np.where(mask, np.asarray(value, dtype=input.dtype), input)
    return y, lambda g: np.where(mask, 0, g), None, lambda g: np.where(mask, g, 0)


def _check_mask(name, mask):
    if mask.dtype != bool:
        raise RuntimeError(f"{name}: expected a boolean mask, got one of {mask.dtype}; compare it first, as in x > 0")


def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    return np.allclose(input.array, other.array, rtol, atol, equal_nan)


def equal(input, other):
    """Whether both have the same shape and values, as a Python bool."""
    return np.array_equal(input.array, other.array)
