"""Arrays made of a list and strides: every view is NumPy's, and copies nothing."""

import math
import random

import numpy as np
import pytest

from deepglass.glass.foundations.strides import Array, broadcast_shape


def pair(shape):
    """The numbers 0, 1, 2 … in this shape, ours and NumPy's."""
    size = math.prod(shape)
    return Array(list(range(size)), shape), np.arange(size).reshape(shape)


def random_index(draw, shape):
    parts = []
    for n in shape[: draw.randint(0, len(shape))]:
        ends = [None, *range(-n - 1, n + 2)]
        whole = slice(draw.choice(ends), draw.choice(ends), draw.choice([None, 1, 2, 3, -1, -2]))
        parts.append(draw.randrange(-n, n) if n and draw.random() < 0.3 else whole)
    is_whole = len(parts) == len(shape)  # only then the rest may be left open in the middle
    if draw.random() < 0.3:
        parts.insert(draw.randint(0, len(parts)), None)
    if draw.random() < 0.3:
        parts.insert(draw.randint(0, len(parts)) if is_whole else len(parts), ...)
    return tuple(parts)


def random_view(draw, ours, theirs):
    """One step further: the same view of both; a size of 0 is there too."""
    way = draw.choice(["slice", "slice", "transpose", "reshape", "broadcast"])
    if way == "slice":
        index = random_index(draw, theirs.shape)
        return ours[index], theirs[index]
    if way == "transpose":
        order = draw.sample(range(theirs.ndim), theirs.ndim)
        return ours.transpose(*order), theirs.transpose(order)
    if way == "reshape":
        factors = [n for n in (1, 2, 3, 4, 6) if theirs.size and theirs.size % n == 0]
        shape = (draw.choice(factors), -1) if factors else (0,)
        return ours.reshape(*shape), theirs.reshape(shape)
    shape = (*draw.choice([(), (2,), (1, 3)]), *(draw.choice([1, 2, 3]) if n == 1 else n for n in theirs.shape))
    return ours.broadcast_to(shape), np.broadcast_to(theirs, shape)


@pytest.mark.parametrize("seed", range(200))
def test_views_of_random_shapes_are_numpys(seed):
    draw = random.Random(seed)
    ours, theirs = pair([draw.randint(0 if draw.random() < 0.1 else 1, 5) for _ in range(draw.randint(0, 4))])
    for _ in range(4):
        ours, theirs = random_view(draw, ours, theirs)
        assert ours.shape == theirs.shape
        assert ours.tolist() == theirs.tolist()
        assert ours.is_contiguous() or not theirs.flags.c_contiguous


@pytest.mark.parametrize("seed", range(40))
def test_strides_are_numpys_wherever_something_is_shared(seed):
    draw = random.Random(seed)
    ours, theirs = pair([draw.randint(2, 5) for _ in range(3)])
    for _ in range(3):
        way = draw.choice(["slice", "transpose"])
        index = tuple(slice(None, None, draw.choice([1, 2])) for _ in range(3))
        ours, theirs = (ours[index], theirs[index]) if way == "slice" else (ours.transpose(), theirs.transpose())
    steps = [step // theirs.itemsize for step in theirs.strides]
    assert [s for s, n in zip(ours.strides, ours.shape) if n > 1] == [s for s, n in zip(steps, theirs.shape) if n > 1]


def test_a_view_shows_changes_and_a_copy_does_not():
    x, _ = pair((3, 4))
    column, turned, copy = x[:, 1], x.transpose(), x.transpose().reshape(12)
    x[1, 1] = 99
    assert column.tolist() == [1, 99, 9]
    assert turned[1].tolist() == [1, 99, 9]
    assert 99 not in copy.tolist()
    assert x.numbers is x[1:, ::2].broadcast_to((5, 2, 2)).numbers


@pytest.mark.parametrize("seed", range(30))
def test_writing_into_a_part_is_numpys(seed):
    draw = random.Random(seed)
    ours, theirs = pair([draw.randint(1, 4) for _ in range(3)])
    index = random_index(draw, theirs.shape)
    ours[index] = -1
    theirs[index] = -1
    assert ours.tolist() == theirs.tolist()


SHAPES = [((3, 1), (4,)), ((2, 3), (2, 3)), ((), (2, 2)), ((1, 3, 1), (2, 1, 4)), ((0,), (1,))]


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_operations_broadcast_as_numpys(a, b):
    (x, x_numpy), (y, y_numpy) = pair(a), pair(b)
    total = x.combine(y, lambda p, q: p + 2 * q)
    assert total.shape == broadcast_shape(a, b)
    assert total.tolist() == (x_numpy + 2 * y_numpy).tolist()


@pytest.mark.parametrize("wrong", [
    lambda x: x.reshape(5), lambda x: x.reshape(-1, 5), lambda x: x.broadcast_to((3, 4)),
    lambda x: x.broadcast_to((3,)), lambda x: x.transpose(0, 0), lambda x: x[2, 0], lambda x: x[0, 0, 0],
    lambda x: x[0, -4], lambda x: broadcast_shape(x.shape, (2,)), lambda x: Array([1, 2], (3,)),
    lambda x: x.reshape(-1, -6),
])  # fmt: skip
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises((ValueError, IndexError)):
        wrong(pair((2, 3))[0])
