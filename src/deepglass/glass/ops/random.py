"""Random numbers: PyTorch's own stream where it is simple to follow.

PyTorch's CPU generator is the Mersenne twister (Matsumoto and Nishimura, 1998), and so is NumPy's MT19937: the same
seed gives the same `rand`, `randn`, `randint`, `randperm` and `uniform_`, and therefore the same initial weights on
both engines. `bernoulli`, `multinomial` and `dropout` are drawn from the same generator by our own recipe.
"""

import math
import threading

import numpy as np

from ..creation import new
from ..dtype import FLOAT, as_numpy
from ..tensor import wrap
from .dims import sizes


class Generator:
    """A source of random numbers with a seed and a state."""

    def __init__(self, device="cpu"):
        self.device = device
        self.manual_seed(67280421310721)

    def manual_seed(self, seed):
        self._seed = int(seed) % 2**64
        self.twister = np.random.RandomState(self._seed % 2**32)._bit_generator
        self.spare = None  # normal numbers come in pairs
        return self

    def initial_seed(self):
        return self._seed

    def get_state(self):
        """The twister's words, the place in them and the spare normal number, as a tensor of float64."""
        state = self.twister.state["state"]
        return wrap(np.array([*state["key"], state["pos"], np.nan if self.spare is None else self.spare]))

    def set_state(self, state):
        *key, place, spare = state.tolist()
        words = {"key": np.array(key).astype(np.uint32), "pos": int(place)}
        self.twister.state = {"bit_generator": "MT19937", "state": words}
        self.spare = None if math.isnan(spare) else spare
        return self

    def words(self, n):
        return self.twister.random_raw(n).astype(np.uint32)

    def long_words(self, n):
        pairs = self.twister.random_raw(2 * n).astype(np.uint64).reshape(n, 2)
        return pairs[:, 0] << np.uint64(32) | pairs[:, 1]

    def uniform(self, n, kind):
        """n numbers in [0, 1): 24 random bits for float32, 53 for float64."""
        if kind == np.float64:
            return (self.long_words(n) & (2**53 - 1)) * 2.0**-53
        return ((self.words(n) & (2**24 - 1)) * np.float32(2.0**-24)).astype(kind)

    def normal(self, n, kind):
        """n standard normal numbers by Box and Muller (1958), in PyTorch's blocks of sixteen."""
        if n < 16:
            return np.array([self._one_normal() for _ in range(n)]).astype(kind)
        u = self.uniform(n, kind)
        y = _box_muller(u[: n - n % 16])
        if n % 16:
            y = np.concatenate([y, u[n - n % 16 :]])
            y[-16:] = _box_muller(self.uniform(16, kind))
        return y

    def _one_normal(self):
        if self.spare is not None:
            value, self.spare = self.spare, None
            return value
        u, v = self.uniform(2, np.float64)
        radius, angle = np.sqrt(-2 * np.log1p(-v)), 2 * np.pi * u
        self.spare = radius * np.sin(angle)
        return radius * np.cos(angle)


def _box_muller(u):
    """√(−2 ln u₁)·(cos 2πu₂, sin 2πu₂), the two halves of each block of sixteen being u₁ and u₂."""
    u = u.reshape(-1, 2, 8)
    radius, angle = np.sqrt(-2 * np.log(1 - u[:, 0])), u.dtype.type(2 * np.pi) * u[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).reshape(-1)


class _ThreadGenerator(Generator, threading.local):
    """The generator that everybody draws from, one per thread: two lessons open at once do not disturb each other."""


default_generator = _ThreadGenerator()
initial_seed, get_rng_state = default_generator.initial_seed, default_generator.get_state
set_rng_state = default_generator.set_state


def manual_seed(seed):
    """Starts the default generator anew."""
    return default_generator.manual_seed(seed)


def _draw(size, draw, dtype, requires_grad):
    shape, kind = sizes(size), as_numpy(dtype) or FLOAT
    if kind.kind != "f":
        raise RuntimeError(f"random: expected a floating point dtype, got {kind}; see randint")
    return new(draw(math.prod(shape), kind).reshape(shape), requires_grad)


def rand(*size, generator=None, dtype=None, device=None, requires_grad=False):
    """Uniform numbers in [0, 1).

    Raises:
        RuntimeError: If the type is not a floating point one.
    """
    return _draw(size, (generator or default_generator).uniform, dtype, requires_grad)


def randn(*size, generator=None, dtype=None, device=None, requires_grad=False):
    """Standard normal numbers.

    Raises:
        RuntimeError: If the type is not a floating point one.
    """
    return _draw(size, (generator or default_generator).normal, dtype, requires_grad)


def randn_like(input, *, dtype=None, device=None, requires_grad=False):
    return randn(input.array.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def randint(low, high=None, size=None, *, generator=None, dtype=None, device=None, requires_grad=False):
    """Integers from low up to high − 1.

    Raises:
        RuntimeError: If `low` is not below `high`.
    """
    low, high, size = (0, low, high) if size is None else (low, high, size)
    if high <= low:  # pyright: ignore[reportOptionalOperand]
        raise RuntimeError(f"randint: expects 'from' to be less than 'to', but got from={low} >= to={high}")
    shape, span, source = sizes((size,)), high - low, generator or default_generator  # pyright: ignore[reportOptionalOperand]
    words = (source.words if span < 2**32 else source.long_words)(math.prod(shape))
    numbers = (words % np.uint64(span)).astype(np.int64) + low
    return new(numbers.reshape(shape).astype(as_numpy(dtype) or np.int64), requires_grad)


def randperm(n, *, generator=None, dtype=None, device=None, requires_grad=False):
    """The numbers 0 … n − 1 shuffled (Fisher and Yates, 1938)."""
    order, words = list(range(n)), (generator or default_generator).words(max(n - 1, 0))
    for i, step in enumerate((words % np.arange(n, 1, -1).astype(np.uint32)).tolist()):
        order[i], order[i + step] = order[i + step], order[i]
    return new(np.array(order, as_numpy(dtype) or np.int64), requires_grad)


def multinomial(input, num_samples, replacement=False, *, generator=None):
    """Indices drawn with the weights of each row.

    Raises:
        RuntimeError: If weights are negative or not finite, or too few to draw from.
    """
    weights = np.atleast_2d(input.array).astype(np.float64)
    if (weights < 0).any() or not np.isfinite(weights).all() or (weights.sum(-1) <= 0).any():
        raise RuntimeError("multinomial: probability tensor contains either `inf`, `nan` or element < 0, or sums to 0")
    rows, columns = weights.shape
    if not replacement and num_samples > columns:
        raise RuntimeError(f"multinomial: cannot sample {num_samples} of {columns} without replacement")
    width = num_samples if replacement else columns
    draws = (generator or default_generator).uniform(rows * width, np.float64).reshape(rows, width)
    if replacement:  # how many classes end below the number drawn
        ends = weights.cumsum(-1) / weights.sum(-1, keepdims=True)
        out = (draws[..., None] >= ends[:, None]).sum(-1).clip(max=columns - 1)
    else:  # the smallest of exponential waiting times come first (Efraimidis and Spirakis, 2006)
        with np.errstate(divide="ignore"):
            out = np.argsort(-np.log1p(-draws) / weights, -1, kind="stable")[:, :num_samples]
    return wrap(out.reshape(*input.array.shape[:-1], num_samples))


def normal(mean, std=1.0, size=None, *, generator=None, dtype=None, device=None, requires_grad=False):
    """Normal numbers of the given mean and standard deviation."""
    shape = np.broadcast_shapes(*(np.shape(getattr(x, "array", x)) for x in (mean, std))) if size is None else size
    return (randn(shape, generator=generator, dtype=dtype) * std + mean).detach().requires_grad_(requires_grad)


# Filling a tensor in place


def _fill(self, array):
    return self.overwrite(wrap(array.reshape(self.array.shape).astype(self.array.dtype, copy=False)))


def uniform_(input, a=0.0, b=1.0, *, generator=None, **limits):
    """Uniform numbers in [from, to)."""
    low, high = (input.array.dtype.type(limits.get(*pair)) for pair in (("from", a), ("to", b)))
    return _fill(input, (generator or default_generator).uniform(input.array.size, low.dtype) * (high - low) + low)


def normal_(input, mean=0.0, std=1.0, *, generator=None):
    """Normal numbers of the given mean and standard deviation."""
    return _fill(input, (generator or default_generator).normal(input.array.size, input.array.dtype) * std + mean)
