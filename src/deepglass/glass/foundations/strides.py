"""Tensors from nothing but a list: element (i, j, …) lies at offset + i·stride₀ + j·stride₁ + …

An array is a row of numbers in memory and a rule that finds them. Slicing, transposing and broadcasting only change the
rule: the result is a *view*, which copies nothing and shows every later change. NumPy and PyTorch work in this way (van
der Walt, Colbert and Varoquaux, 2011, The NumPy Array, https://arxiv.org/abs/1102.1523); their strides count bytes or
elements, ours count elements.
"""

import itertools
import math


class Array:
    """An n-dimensional array: a list of numbers, a shape, one stride for each dimension, and where it begins.

    Args:
        numbers: The list, shared and not copied.
        shape: Sizes, one for each dimension.
        strides: How far apart neighbours along a dimension are; in rows, one after the other, if not given.
        offset: The place of the first element.

    Raises:
        ValueError: If there are more or fewer numbers than the shape needs.

    Example:
        >>> x = Array([1, 2, 3, 4, 5, 6], (2, 3))
        >>> x.transpose().tolist(), x.transpose().strides
        ([[1, 4], [2, 5], [3, 6]], (1, 3))
        >>> x[:, 1:].tolist()
        [[2, 3], [5, 6]]
    """

    def __init__(self, numbers, shape, strides=None, offset=0):
        self.numbers, self.shape, self.offset = numbers, tuple(shape), offset
        self.strides = contiguous_strides(self.shape) if strides is None else tuple(strides)
        if strides is None and math.prod(self.shape) != len(numbers) - offset:
            raise ValueError(f"Array: expected {math.prod(self.shape)} numbers for {self.shape}, got {len(numbers)}")

    # Where an element is

    def place(self, index):
        """The place in memory of the element at an index, one integer for each dimension."""
        return self.offset + sum(i * stride for i, stride in zip(index, self.strides))

    def indices(self):
        """All indices, the last dimension running fastest."""
        return itertools.product(*map(range, self.shape))

    def flat(self):
        """All elements in the order of `indices`."""
        return [self.numbers[self.place(index)] for index in self.indices()]

    def tolist(self):
        """Nested lists, or the number of an array without dimensions."""
        return self.numbers[self.offset] if not self.shape else [self[i].tolist() for i in range(self.shape[0])]

    def is_contiguous(self):
        """Whether the elements lie in memory in the order of their indices, without a gap."""
        wanted = contiguous_strides(self.shape)
        return 0 in self.shape or all(n == 1 or have == want for n, have, want in zip(self.shape, self.strides, wanted))

    # Views: another rule for the same memory

    def __getitem__(self, index):
        """Integers, slices, None and one `...`: always a view.

        Raises:
            IndexError: If there are too many items, or an integer is outside its dimension.
        """
        shape, strides, offset, dim = [], [], self.offset, 0
        for item in self._spelled_out(index):
            if item is None:  # a new dimension of size 1: the stride does not matter
                shape.append(1)
                strides.append(0)
                continue
            size, stride = self.shape[dim], self.strides[dim]
            dim += 1
            if isinstance(item, slice):
                start, stop, step = item.indices(size)
                shape.append(len(range(start, stop, step)))
                strides.append(stride * step)
                offset += start * stride if shape[-1] else 0
            else:
                if not -size <= item < size:
                    raise IndexError(f"index {item} is outside a dimension of size {size}")
                offset += (item % size) * stride
        return Array(self.numbers, shape, strides, offset)

    def transpose(self, *order):
        """The dimensions in another order, reversed if none is given: only the strides change places.

        Raises:
            ValueError: If a dimension is named twice or not at all.
        """
        order = order or tuple(range(len(self.shape)))[::-1]
        if sorted(order) != list(range(len(self.shape))):
            raise ValueError(f"transpose: expected each of {len(self.shape)} dimensions once, got {order}")
        return Array(self.numbers, [self.shape[d] for d in order], [self.strides[d] for d in order], self.offset)

    def broadcast_to(self, shape):
        """The same element many times: a stride of 0 stays where it is.

        Raises:
            ValueError: If a size is neither equal nor 1, counted from the last dimension.
        """
        new = len(shape) - len(self.shape)
        fits = new >= 0 and all(a in (1, b) for a, b in zip(self.shape, shape[new:]))
        if not fits:
            raise ValueError(f"broadcast_to: cannot repeat {self.shape} to {tuple(shape)}: sizes must be equal or 1")
        repeated = [0 if a == 1 else stride for a, stride in zip(self.shape, self.strides)]
        return Array(self.numbers, shape, [0] * new + repeated, self.offset)

    def reshape(self, *shape):
        """The same elements in another shape: a view if they lie in order, otherwise a copy; one size may be −1.

        Raises:
            ValueError: If the number of elements differs.
        """
        size, known = math.prod(self.shape), math.prod(n for n in shape if n != -1)
        if -1 in shape and known and size % known == 0:
            shape = tuple(size // known if n == -1 else n for n in shape)
        if math.prod(shape) != size or min(shape, default=0) < 0:
            raise ValueError(f"reshape: {self.shape} has {size} elements, which do not fit {tuple(shape)}")
        if self.is_contiguous():
            return Array(self.numbers, shape, contiguous_strides(shape), self.offset)
        return Array(self.flat(), shape)

    # Changing elements, and computing with them

    def __setitem__(self, index, value):
        """Writes a number, or an array that broadcasts, into a part of the memory: seen by all views of it."""
        part = self[index]
        value = value if isinstance(value, Array) else Array([value], ())
        for place, number in zip(map(part.place, part.indices()), value.broadcast_to(part.shape).flat()):
            self.numbers[place] = number

    def combine(self, other, function):
        """function(a, b) of all pairs of elements, after both have been broadcast to one shape."""
        shape = broadcast_shape(self.shape, other.shape)
        pairs = zip(self.broadcast_to(shape).flat(), other.broadcast_to(shape).flat())
        return Array([function(a, b) for a, b in pairs], shape)

    def _spelled_out(self, index):
        """An index with a whole slice for every dimension that it leaves open."""
        items = list(index) if isinstance(index, tuple) else [index]
        left = len(self.shape) - sum(item is not None and item is not ... for item in items)
        if left < 0:
            raise IndexError(f"expected at most {len(self.shape)} indices, got {len(items)}")
        items = items if ... in items else [*items, ...]
        at = items.index(...)
        return [*items[:at], *[slice(None)] * left, *items[at + 1 :]]


def contiguous_strides(shape):
    """Strides of rows that lie one after the other: the product of all later sizes."""
    return tuple(math.prod(max(n, 1) for n in shape[d + 1 :]) for d in range(len(shape)))


def broadcast_shape(a, b):
    """The shape to which both broadcast: of two sizes the one that is not 1.

    Raises:
        ValueError: If two sizes differ and neither is 1.
    """
    pairs = list(itertools.zip_longest(reversed(a), reversed(b), fillvalue=1))[::-1]
    if any(m != n and 1 not in (m, n) for m, n in pairs):
        raise ValueError(f"broadcast: {a} and {b} do not fit: counted from the last, sizes must be equal or 1")
    return tuple(n if m == 1 else m for m, n in pairs)
