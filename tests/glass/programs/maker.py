"""Makes random programs: what a line may refer to, and inputs that are likely to hurt.

A family of operations (`elementwise`, `shapes`, `layers`, `gradients`) is a list of functions that take a `Maker` and
give one line of Python. The maker knows PyTorch's values of all names so far; so most lines fit, and some do not.
"""

import random

import torch

DTYPES = ("float64", "float32", "int64", "int32", "uint8", "bool")
SIZES = (1, 2, 3, 4)
ROUND = (-3.0, -2.0, -1.0, -1.0, -0.5, 0.0, 0.0, 0.5, 1.0, 1.0, 2.0, 3.0)
SPECIAL = (0.0, -0.0, "inf", "-inf", "nan", 1.0, -1.0)
EXTREME = {"float64": (1.2345e200, -1.2345e200, 1.2345e-200), "float32": (1.2345e30, -1.2345e30, 1.2345e-30)}


def words(text):
    """The words of a line: names of operations."""
    return tuple(text.split())


class Maker:
    """Draws names, shapes, numbers; `names` are PyTorch's values of what the program has made so far."""

    def __init__(self, seed, names):
        self.random, self.names = random.Random(seed), names
        self.count, self.before = 0, []
        self.favourite = self.pick(DTYPES[:2])  # most floats of a program are of one type
        self.style = self.pick(("plain", "plain", "round", "special"))
        self.wants_grad = self.chance(0.8)

    # Drawing

    def pick(self, choices):
        return choices[int(self.random.random() * len(choices))]

    def chance(self, share):
        return self.random.random() < share

    def integer(self, low, high):
        return low + int(self.random.random() * (high - low + 1))

    def sizes(self, ndim):
        return tuple(0 if self.chance(0.02) else self.pick(SIZES) for _ in range(ndim))

    def shape(self):
        return self.sizes(self.pick((0, 1, 1, 2, 2, 2, 3, 3, 4)))

    def dtype(self):
        return self.favourite if self.chance(0.6) else self.pick(DTYPES)

    # Names

    def new(self):
        """A name that is free."""
        self.count += 1
        return f"x{self.count}"

    def tensors(self):
        """Every tensor so far, by the expression that gives it."""
        found = {}
        for name, value in self.names.items():
            if isinstance(value, torch.Tensor) and name.startswith("x"):
                found[name] = value
            elif isinstance(value, (tuple, list)) and name.startswith("x"):
                found |= {f"{name}[{i}]": x for i, x in enumerate(value) if isinstance(x, torch.Tensor)}
        return found

    def value(self, name):
        return eval(name, dict(self.names))

    def find(self, fits=lambda x: True, new=None, fresh=0.2):
        """A tensor that fits: one that is there, or a new one, `new()`."""
        names = [name for name, x in self.tensors().items() if fits(x)]
        if names and not (new and self.chance(fresh)):
            return self.pick(names)
        return new() if new else None

    # Inputs

    def leaf(self, shape, dtype=None, requires_grad=None, style=None, low=None, high=None):
        """A line before this one that makes a new tensor; its name."""
        dtype = dtype or self.dtype()
        size = 1
        for n in shape:
            size *= n
        is_float = dtype.startswith("float")
        flat = [self.number(dtype, style or self.style, low, high) for _ in range(size)]
        options = f", dtype=T.{dtype}"
        if is_float and (self.wants_grad and self.chance(0.8) if requires_grad is None else requires_grad):
            options += ", requires_grad=True"
        name = self.new()
        text = f"T.tensor({nested(flat, shape)}{options})" if size else f"T.zeros({tuple(shape)}{options})"
        self.run(f"{name} = {text}")
        return name

    def number(self, dtype, style, low=None, high=None):
        if dtype == "bool":
            return self.pick((True, False))
        if not dtype.startswith("float"):
            return self.integer(0 if low is None and dtype == "uint8" else -3 if low is None else low,
                                5 if high is None else high)  # fmt: skip
        if low is not None:
            return round(self.random.uniform(low, high), 4)
        if style == "round" or (style == "special" and self.chance(0.3)):
            return self.pick(ROUND)
        if style == "special":
            return self.pick(SPECIAL if self.chance(0.8) else EXTREME[dtype])
        return round(self.random.gauss(0, 1), 4)

    def run(self, line):
        """Puts a line into the program; `names` then knows what it made."""
        raise NotImplementedError

    def without_nan(self, x):
        """x, or x with another number in the place of nan."""
        return f"{x}.where({x} == {x}, 0.5)" if self.value(x).isnan().any() else x

    def without_extremes(self, x):
        """x, or x within bounds and without nan."""
        wild = not bool((self.value(x).abs() < 1e3).all()) if self.value(x).dtype.is_floating_point else False
        return f"{x}.where({x} == {x}, 0.5).clamp(-9, 9)" if wild else x

    def without_huge(self, x):
        """x, or x within bounds; whether a product overflows before or after a sum is the processor's choice."""
        huge = self.value(x).abs() if self.value(x).dtype.is_floating_point else torch.zeros(1)
        return f"{x}.clamp(-9, 9)" if ((huge > 1e3) & huge.isfinite()).any() else x

    # What operations ask for

    def any(self):
        return self.find(new=lambda: self.leaf(self.shape()))

    def float(self, ndim=None, low=0):
        """A floating point tensor, of so many dimensions or at least `low`."""
        return self.find(
            lambda x: x.dtype.is_floating_point and (x.ndim >= low if ndim is None else x.ndim == ndim),
            lambda: self.leaf(
                self.sizes(ndim if ndim is not None else max(low, self.pick((1, 2, 3)))), self.float_type()
            ),
        )

    def float_type(self):
        return self.favourite if self.chance(0.85) else self.pick(DTYPES[:2])

    def scalar(self):
        """A Python number as text."""
        return self.pick(
            ("0", "1", "2", "-1", "3", "-2", "0.5", "-0.5", "1.5", "2.0", "0.0", "True", "inf", "nan", "4")
        )

    def finite(self):
        return self.pick(("0", "1", "2", "-1", "0.5", "-0.5", "1.5", "2.0", "0.0", "3"))

    def partner(self, x, dtype=None, alike=0.6):
        """A tensor that broadcasts with x."""
        of = self.value(x)

        def fits(y):
            return broadcasts(of.shape, y.shape) and (dtype is None or str(y.dtype) == f"torch.{dtype}")

        return self.find(fits, lambda: self.leaf(self.beside(of.shape), dtype or self.type_beside(of, alike)), 0.4)

    def type_beside(self, x, alike=0.6):
        name = str(x.dtype).removeprefix("torch.")
        return name if self.chance(alike) and name in DTYPES else self.dtype()

    def beside(self, shape):
        """A shape that broadcasts with this one (and seldom one that does not)."""
        shape = list(shape[self.integer(0, len(shape)) if self.chance(0.3) else 0 :])
        shape = [1 if self.chance(0.25) else n for n in shape]
        if self.chance(0.1):
            shape = [self.pick(SIZES), *shape]
        return tuple(shape) if self.chance(0.98) else self.shape()

    def same(self, x, dtype=None, requires_grad=None, **options):
        """A tensor of the same shape."""
        of = self.value(x)
        kind = dtype or str(of.dtype).removeprefix("torch.")
        return self.find(
            lambda y: y.shape == of.shape and str(y.dtype) == f"torch.{kind}" and not options,
            lambda: self.leaf(tuple(of.shape), kind, requires_grad, **options),
            0.6,
        )

    def dim(self, x):
        """A dimension of x, counted from either end; seldom one that is not there."""
        ndim = max(self.value(x).ndim, 1)
        return self.integer(-ndim, ndim - 1) if self.chance(0.97) else ndim

    def dims(self, x):
        ndim = self.value(x).ndim
        chosen = [d - ndim * self.chance(0.5) for d in range(ndim) if self.chance(0.5)]
        self.random.shuffle(chosen)
        return tuple(chosen)

    def mask(self, x):
        """A boolean tensor that broadcasts with x, as text."""
        of = self.value(x)
        if self.chance(0.5) and not of.dtype.is_complex:
            return f"({x} {self.pick(('>', '<=', '==', '!='))} {self.finite()})"
        return self.find(
            lambda y: y.dtype == torch.bool and y.ndim and broadcasts(of.shape, y.shape),
            lambda: self.leaf(self.beside(of.shape), "bool"),
            0.5,
        )


def broadcasts(a, b):
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b)))


def nested(flat, shape):
    """Numbers as the text of nested lists."""
    if not shape:
        return text(flat[0])
    step = len(flat) // shape[0]
    return "[" + ", ".join(nested(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])) + "]"


def text(x):
    return x if isinstance(x, str) else repr(x)
