"""Lines of elementwise operations, comparisons, masks and casts."""

import torch

from .maker import words

UNARY = words(
    "abs neg square sqrt rsqrt reciprocal exp expm1 log log2 log1p sin cos tan asin acos atan sinh cosh tanh sigmoid "
    "erf sign ceil floor trunc round isnan isfinite isinf logical_not bitwise_not relu"
)
BINARY = words(
    "add sub mul div true_divide floor_divide remainder pow maximum minimum atan2 xlogy heaviside eq ne lt le gt ge "
    "logical_and logical_or bitwise_and bitwise_or bitwise_xor rsub"
)
OPERATORS = words("+ - * / // % ** == != < <= > >= & | ^ + - * / **")
NUMBERS_FOR = words(
    "add sub mul div true_divide floor_divide remainder pow eq ne lt le gt ge bitwise_and bitwise_or bitwise_xor rsub"
)
NOT_IN_PLACE = words("maximum minimum isnan isfinite isinf rsub heaviside")
CASTS = words("float double long int short byte bool")


def unary(m):
    name, x = m.pick(UNARY), m.any()
    way = m.pick(("T.{n}({x})", "{x}.{n}()"))
    if m.chance(0.15) and name not in NOT_IN_PLACE and name != "relu":
        way = "{x}.{n}_()"
    return f"{m.new()} = " + way.format(n=name, x=x)


def operator(m):
    sign, x = m.pick(OPERATORS), m.any()
    if m.chance(0.3):
        sides = [x, m.scalar()]
        if m.chance(0.4):
            sides.reverse()
    else:
        sides = [x, m.partner(x)]
    return f"{m.new()} = {sides[0]} {sign} {sides[1]}"


def operator_in_place(m):
    x = m.any()
    other = m.scalar() if m.chance(0.3) else m.partner(x)
    return f"{x} {m.pick(('+', '-', '*', '/'))}= {other}" if x.isidentifier() else binary(m)


def binary(m):
    name, x = m.pick(BINARY), m.any()
    other = m.scalar() if name in NUMBERS_FOR and m.chance(0.3) else m.partner(x)
    if name == "atan2" and {m.value(y).dtype for y in (x, other)} & {torch.uint8, torch.bool}:
        name = "sub"  # on the way back PyTorch squares the bytes and turns their signs, as if they had the room
    options = ""
    if name in ("add", "sub") and m.chance(0.2):
        options = f", alpha={m.pick(('2', '-1', '0.5', '0'))}"
    if name == "div" and m.chance(0.6):
        options = f", rounding_mode={m.pick(('None', chr(34) + 'floor' + chr(34), chr(34) + 'trunc' + chr(34)))}"
    way = m.pick(("T.{n}({x}, {o}{k})", "{x}.{n}({o}{k})"))
    if name == "rsub":
        way = "T.{n}({x}, {o}{k})"
    elif m.chance(0.15) and name not in NOT_IN_PLACE:
        way = "{x}.{n}_({o}{k})"
    return f"{m.new()} = " + way.format(n=name, x=x, o=other, k=options)


def clamp(m):
    x = m.any()
    low, high = (m.pick(("None", m.finite(), m.finite(), m.scalar())) for _ in range(2))
    if m.chance(0.3):
        low, high = (m.pick(("None", m.partner(x), m.partner(x), x)) for _ in range(2))
    way = m.pick((
        "T.clamp({x}, {l}, {h})", "{x}.clamp({l}, {h})", "{x}.clamp(min={l}, max={h})", "{x}.clamp_min({a})",
        "{x}.clamp_max({a})", "T.clamp_min({x}, {a})", "{x}.clamp_({l}, {h})",
    ))  # fmt: skip
    one = next((v for v in (low, high) if v != "None"), "0")
    return f"{m.new()} = " + way.format(x=x, l=low, h=high, a=one)


def select(m):
    x = m.any()
    mask = m.mask(x)
    other = m.scalar() if m.chance(0.3) else m.partner(x)
    return f"{m.new()} = " + m.pick(("T.where({m}, {x}, {o})", "{x}.where({m}, {o})", "T.where({m}, {o}, {x})")).format(
        m=mask, x=x, o=other
    )


def fill(m):
    x = m.any()
    mask, value = m.mask(x), m.scalar()
    if m.chance(0.2):
        value = m.leaf((), m.type_beside(m.value(x)), m.value(x).dtype.is_floating_point and None)
    return f"{m.new()} = " + m.pick(
        ("{x}.masked_fill({m}, {v})", "T.masked_fill({x}, {m}, {v})", "{x}.masked_fill_({m}, {v})")
    ).format(x=x, m=mask, v=value)


def nan_to_where(m):
    """A function that is not defined everywhere, behind a mask: the best known way to a gradient of nan."""
    x = m.without_nan(m.float())
    inner = m.pick((
        "{x}.clamp(min=0)", "{x}.relu()", "F.relu6({x})", "F.hardtanh({x})", "T.maximum({x}, T.zeros_like({x}))",
        "T.where({x} > 0, {x}, 0.0)", "{x}.clamp(-1, 1)", "{x}.abs()", "{x} * ({x} > 0)",
        "T.minimum({x}, T.zeros_like({x}))", "{x}.masked_fill({x} < 0, 0)",
    ))  # fmt: skip
    outer = m.pick(("sqrt", "log", "rsqrt", "reciprocal", "acos", "asin", "log1p", "exp", "square"))
    return f"{m.new()} = ({inner.format(x=x)} + 0).{outer}()"  # + 0: which zero a maximum gives, −0 or 0, is open


def cast(m):
    x = m.any()
    kind = m.pick(CASTS)
    if not fits_integers(m.value(x)):
        kind = m.pick(("float", "double", "bool"))
    if m.chance(0.7):
        return f"{m.new()} = {x}.{kind}()"
    if m.chance(0.5):
        kinds = dict(zip(CASTS, words("float32 float64 int64 int32 int16 uint8 bool")))
        return f"{m.new()} = {x}.to(T.{kinds[kind]})"
    other = m.find(lambda y: y.dtype.is_floating_point or fits_integers(m.value(x)))
    return f"{m.new()} = {x}.{m.pick(('to', 'type_as'))}({other or x})"


def fits_integers(x):
    """Whether a cast to any integer is defined: C++ leaves nan, infinity and large numbers to the processor."""
    if not x.dtype.is_floating_point or not x.numel():
        return True
    x = x.detach()
    return bool(x.isfinite().all()) and float(x.min()) >= 0 and float(x.max()) < 256


def copy(m):
    x = m.any()
    y = m.partner(x)
    if not m.value(x).dtype.is_floating_point and not fits_integers(m.value(y)):
        y = x
    return f"{m.new()} = " + m.pick(("{x}.copy_({y})", "{x}.fill_({s})", "{x}.zero_()")).format(x=x, y=y, s=m.finite())


def question(m):
    x = m.any()
    y = m.partner(x)
    return f"{m.new()} = " + m.pick((
        "T.equal({x}, {y})", "T.allclose({x}, {y})", "{x}.tolist()", "{x}.item()", "bool({x})", "float({x})",
        "int({x})", "len({x})", "{x}.numel()", "{x}.size()", "{x}.dim()", "{x}.is_floating_point()", "{x}.size(-1)",
        "T.is_tensor({x})",
    )).format(x=x, y=y)  # fmt: skip


def create(m):
    x, n = m.any(), m.integer(0, 4)
    like = ", dtype=T.float64" if m.chance(0.3) else ""
    return f"{m.new()} = " + m.pick((
        f"T.zeros_like({x}{like})", f"T.ones_like({x}{like})", f"T.full_like({x}, {m.finite()})",
        f"{x}.new_zeros(2, 3)", f"{x}.new_ones({n})", f"{x}.new_full((2, {n}), {m.finite()})", f"T.arange({n})",
        f"T.arange({n}, dtype=T.float64)", f"T.arange(1, {n + 2}, 2)", f"T.arange(0.5, {n + 1}, 0.25)",
        f"T.linspace(-1, 2, {n}, dtype=T.float64)", f"T.eye({n})", f"T.eye(2, {n}, dtype=T.float64)",
        f"T.full((2, {n}), {m.scalar()})", f"T.zeros({n}, 2)", f"T.tensor({m.scalar()})",
        f"T.tensor([{m.finite()}, {m.scalar()}])", f"T.full((), {m.scalar()})", f"T.as_tensor({x})",
        f"T.ones({n}, dtype=T.int64)", "T.tensor([[True], [False]])", "T.Tensor([1, 2.5])",
        f"{x}.new_tensor([1.5, 0])",
    ))  # fmt: skip


OPERATIONS = {unary: 5, operator: 4, operator_in_place: 1, binary: 5, clamp: 1.5, select: 1.5, fill: 1, nan_to_where: 1,
              cast: 2, copy: 0.6, question: 0.6, create: 0.8}  # fmt: skip
