"""Lesson 38: where each tensor of a file lies."""

import numpy as np

from deepglass.course.judging.description import Description


def places(shapes):
    """First byte and the byte after the last, for tensors of float32 one after the other."""
    ends = np.cumsum([4 * int(np.prod(shape)) for shape in shapes])
    return np.stack([np.concatenate([[0], ends[:-1]]), ends], axis=1).astype(int)


def cases(rng):
    """The net of the lesson, a single vector, a single number without a shape, an empty tensor; then random ones."""
    yield ([(2, 2), (2,), (2, 2), (2,)],)
    yield ([(5,), (3, 4)],)
    yield ([(2, 3, 4), (), (7,)],)
    yield ([(3,), (0, 4), (2,)],)
    for _ in range(3):
        yield ([tuple(int(n) for n in rng.integers(1, 9, rng.integers(1, 4))) for _ in range(4)],)


def pairs(size, start=lambda i, ends: ends[i], end=lambda i, ends: ends[i + 1]):
    """A wrong answer with other sizes or ends."""

    def wrong(shapes):
        ends = [0, *np.cumsum([size(shape) for shape in shapes])]
        return np.array([[start(i, ends), end(i, ends)] for i in range(len(shapes))])

    return wrong


EXERCISE = Description(
    name="places",
    task="The tensors of a file lie one after the other, without a gap, in float32. <code>shapes</code> is a list such "
    "as <code>[(2, 3), (3,)]</code>. Give back for each tensor the place of its first byte and of the byte after its "
    "last, counted from 0: <code>[(0, 24), (24, 36)]</code>.",
    stub="""
        def places(shapes):
            # your lines here
            return [(0, 0) for shape in shapes]
    """,
    solution="""
        def places(shapes):
            found, start = [], 0
            for shape in shapes:
                end = start + 4 * math.prod(shape)
                found.append((start, end))
                start = end
            return found
    """,
    hint="A tensor has as many numbers as the product of its shape, and a float32 has four bytes. Each begins where "
    "the one before it ends. The product of nothing is 1.",
    answer=places,
    cases=cases,
    gives="a pair for each tensor",
    praise="These are the data_offsets of a safetensors header.",
    slips=(
        (pairs(lambda shape: int(np.prod(shape))), "Those are places of numbers; each float32 has 4 bytes."),
        (pairs(lambda shape: 4 * sum(shape)), "A tensor of shape (2, 3) has 2 · 3 numbers, not 2 + 3."),
        (
            pairs(lambda shape: 4 * int(np.prod(shape)), end=lambda i, ends: ends[i + 1] - 1),
            "The second place is the byte after the last: the next tensor begins there.",
        ),
        (
            pairs(lambda shape: 4 * int(np.prod(shape)), end=lambda i, ends: ends[i + 1] - ends[i]),
            "The second of a pair is where it ends, not how long it is.",
        ),
        (
            pairs(lambda s: 4 * int(np.prod(s)), lambda i, ends: 0, lambda i, ends: ends[i + 1] - ends[i]),
            "Each begins where the one before it ends, not at 0.",
        ),
    ),
    right=(
        """
        def places(shapes):
            ends = np.cumsum([0] + [4 * int(np.prod(shape)) for shape in shapes])
            return list(zip(ends[:-1], ends[1:]))
        """,
        """
        def places(shapes):
            at = 0
            def one(shape):
                nonlocal at
                size = 4
                for n in shape:
                    size *= n
                at += size
                return [at - size, at]
            return np.array([one(shape) for shape in shapes])
        """,
        """
        from itertools import accumulate, pairwise
        def places(list_of_shapes):
            sizes = (np.zeros(shape, dtype=np.float32).nbytes for shape in list_of_shapes)
            return list(pairwise(accumulate(sizes, initial=0)))
        """,
        """
        def places(shapes):
            sizes = [torch.empty(shape).numel() * 4 for shape in shapes]
            return [(sum(sizes[:i]), sum(sizes[: i + 1])) for i in range(len(sizes))]
        """,
    ),
    wrong=(
        "def places(shapes):\n    return [(0, 4 * math.prod(shape)) for shape in shapes]",
        """
        def places(shapes):
            found, start = [], 0
            for shape in shapes:
                found.append((start, start + math.prod(shape)))
                start += math.prod(shape)
            return found
        """,
        """
        def places(shapes):
            found, start = [], 0
            for shape in shapes:
                found.append((start, start + 4 * sum(shape)))
                start += 4 * sum(shape)
            return found
        """,
        """
        def places(shapes):
            found, start = [], 0
            for shape in shapes:
                size = 4 * math.prod(shape) or 4
                found.append((start, start + size))
                start += size
            return found
        """,
        """
        def places(shapes):
            found, start = [], 0
            for shape in shapes:
                size = 4 * math.prod(shape)
                found.append((start, start + size - 1))
                start += size
            return found
        """,
    ),
)
