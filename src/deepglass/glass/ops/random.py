"""Random numbers: PyTorch's own stream where it is simple to follow.

PyTorch's CPU generator is the Mersenne twister (Matsumoto and Nishimura, 1998), and so is NumPy's MT19937: the same
seed gives the same `rand`, `randn`, `randint`, `randperm` and `uniform_`, and therefore the same initial weights on
both engines. `bernoulli`, `multinomial` and `dropout` are drawn from the same generator by our own recipe.
"""

import numpy as np

from ..creation import _new
from ..dtype import FLOAT, as_numpy
from ..tensor import wrap
from .shape import sizes


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

    def seed(self):
        return self.manual_seed(np.random.SeedSequence().entropy % 2**63)._seed

    def get_state(self):
        """All 624 words of the twister and the place in them, as a tensor of bytes."""
        state = self.twister.state["state"]
        spare = np.array([np.nan if self.spare is None else self.spare])
        words = np.concatenate([state["key"].astype(np.uint32), np.array([state["pos"]], np.uint32)])
        return wrap(np.concatenate([words.view(np.uint8), spare.view(np.uint8)]))

    def set_state(self, state):
        words, spare = state.array[:-8].copy().view(np.uint32), state.array[-8:].copy().view(np.float64)[0]
        self.twister.state = {"bit_generator": "MT19937", "state": {"key": words[:-1], "pos": int(words[-1])}}
        self.spare = None if np.isnan(spare) else float(spare)
        return self

    def uniform(self, n, kind):
        """n numbers in [0, 1): 24 random bits for float32, 53 for float64."""
        if kind == np.float64:
            return (self.long_words(n) & (2**53 - 1)) * 2.0**-53
        return ((self.words(n) & (2**24 - 1)) * np.float32(2.0**-24)).astype(kind)

    def words(self, n):
        return self.twister.random_raw(n).astype(np.uint32)

    def long_words(self, n):
        pairs = self.twister.random_raw(2 * n).astype(np.uint64).reshape(n, 2)
        return pairs[:, 0] << np.uint64(32) | pairs[:, 1]

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
    radius = np.sqrt(-2 * np.log(1 - u[:, 0]))
    angle = u.dtype.type(2 * np.pi) * u[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).reshape(-1)


default_generator = Generator()


def manual_seed(seed):
    """Starts the default generator anew."""
    return default_generator.manual_seed(seed)


def initial_seed():
    return default_generator.initial_seed()


def get_rng_state():
    return default_generator.get_state()


def set_rng_state(state):
    default_generator.set_state(state)


def _of(generator):
    return generator or default_generator


def _draw(draw, size, dtype, requires_grad):
    shape, kind = sizes(size), as_numpy(dtype) or FLOAT
    if kind.kind != "f":
        raise RuntimeError(f"random: expected a floating point dtype, got {kind}; see randint")
    return _new(draw(int(np.prod(shape)), kind).reshape(shape), requires_grad)


def rand(*size, generator=None, dtype=None, device=None, requires_grad=False):
    """Uniform numbers in [0, 1)."""
    return _draw(_of(generator).uniform, size, dtype, requires_grad)


def randn(*size, generator=None, dtype=None, device=None, requires_grad=False):
    """Standard normal numbers."""
    return _draw(_of(generator).normal, size, dtype, requires_grad)


def randint(low, high=None, size=None, *, generator=None, dtype=None, device=None, requires_grad=False):
    """Integers from low up to high − 1."""
    if size is None:
        low, high, size = 0, low, high
    if high <= low:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    n, span = int(np.prod(sizes((size,)))), high - low
    words = _of(generator).words(n) if span < 2**32 else _of(generator).long_words(n)
    numbers = (words % np.uint64(span)).astype(np.int64) + low
    return _new(numbers.reshape(sizes((size,))).astype(as_numpy(dtype) or np.int64), requires_grad)


def rand_like(input, *, dtype=None, device=None, requires_grad=False):
    return rand(input.array.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def randn_like(input, *, dtype=None, device=None, requires_grad=False):
    return randn(input.array.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def randperm(n, *, generator=None, dtype=None, device=None, requires_grad=False):
    """The numbers 0 … n − 1 shuffled (Fisher and Yates, 1938)."""
    order = list(range(n))
    steps = (_of(generator).words(max(n - 1, 0)) % np.arange(n, 1, -1).astype(np.uint32)).tolist()
    for i, step in enumerate(steps):
        order[i], order[i + step] = order[i + step], order[i]
    return _new(np.array(order, as_numpy(dtype) or np.int64), requires_grad)


def bernoulli(input, p=None, *, generator=None):
    """1 with probability p (or with the input's own values as probabilities), else 0."""
    chance = input.array if p is None else getattr(p, "array", p)
    if np.any(np.asarray(chance) < 0) or np.any(np.asarray(chance) > 1):
        raise RuntimeError("bernoulli: Expected p_in >= 0 && p_in <= 1 to be true, got values outside; clamp them")
    draw = _of(generator).uniform(input.array.size, np.float64).reshape(input.array.shape)
    return wrap((draw < chance).astype(input.array.dtype))


def multinomial(input, num_samples, replacement=False, *, generator=None):
    """Indices drawn with the weights of each row."""
    weights = np.atleast_2d(input.array).astype(np.float64)
    if np.any(weights < 0) or not np.all(np.isfinite(weights)) or np.any(weights.sum(-1) <= 0):
        raise RuntimeError("multinomial: probability tensor contains either `inf`, `nan` or element < 0, or sums to 0")
    if not replacement and num_samples > weights.shape[1]:
        raise RuntimeError(f"multinomial: cannot sample {num_samples} of {weights.shape[1]} without replacement")
    rows, columns = weights.shape
    if replacement:
        ends = weights.cumsum(-1) / weights.sum(-1, keepdims=True)
        draws = _of(generator).uniform(rows * num_samples, np.float64).reshape(rows, num_samples)
        out = (draws[..., None] >= ends[:, None]).sum(-1).clip(max=columns - 1)
    else:  # the smallest of exponential waiting times come first (Efraimidis and Spirakis, 2006)
        draws = _of(generator).uniform(rows * columns, np.float64).reshape(rows, columns)
        with np.errstate(divide="ignore"):
            out = np.argsort(-np.log1p(-draws) / weights, -1, kind="stable")[:, :num_samples]
    return wrap(out.astype(np.int64).reshape(*input.array.shape[:-1], num_samples))


def normal(mean, std=1.0, size=None, *, generator=None, dtype=None, device=None, requires_grad=False):
    """Normal numbers of the given mean and standard deviation."""
    shape = (
        sizes((size,))
        if size is not None
        else np.broadcast_shapes(*(np.shape(getattr(x, "array", x)) for x in (mean, std)))
    )
    return (randn(shape, generator=generator, dtype=dtype) * std + mean).detach().requires_grad_(requires_grad)


# Filling a tensor in place


def _fill(self, array):
    return self.overwrite(wrap(np.asarray(array).reshape(self.array.shape).astype(self.array.dtype, copy=False)))


def uniform_(self, a=0.0, b=1.0, *, generator=None, **limits):
    """Uniform numbers in [from, to)."""
    low, high = limits.get("from", a), limits.get("to", b)
    u = _of(generator).uniform(self.array.size, self.array.dtype)
    return _fill(self, u * self.array.dtype.type(high - low) + self.array.dtype.type(low))


def normal_(self, mean=0.0, std=1.0, *, generator=None):
    return _fill(self, _of(generator).normal(self.array.size, self.array.dtype) * std + mean)


def bernoulli_(self, p=0.5, *, generator=None):
    return self.overwrite(bernoulli(self, p, generator=generator))


def seed():
    return default_generator.seed()
