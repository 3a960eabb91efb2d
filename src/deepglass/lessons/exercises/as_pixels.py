"""Lesson 69: the sub-pixel shuffle."""

import numpy as np

from deepglass.course.judging.description import Description


def as_pixels(numbers, r):
    """(r·r, H, W) → (H·r, W·r)"""
    _, H, W = numbers.shape
    return numbers.reshape(r, r, H, W).transpose(2, 0, 3, 1).reshape(H * r, W * r)


def cases(rng):
    """One pixel, two beside each other, then drawn ones."""
    yield np.array([1.0, 2.0, 3.0, 4.0]).reshape(4, 1, 1), 2
    yield np.arange(8.0).reshape(4, 1, 2), 2
    for r, H, W in ((2, 3, 4), (3, 2, 5), (1, 4, 3)):
        yield rng.normal(size=(r * r, H, W)), r


def tell(numbers, r):
    """Small ones in full."""
    if numbers.size > 8:
        return f"For random numbers of shape {numbers.shape} and r = {r}"
    return f"For numbers = {numbers.tolist()}, r = {r}"


EXERCISE = Description(
    name="as_pixels",
    task="<code>numbers</code> has the shape (r·r, H, W): at every coarse pixel r·r numbers. Lay them out as a picture "
    "of (H·r, W·r) pixels: the first r numbers of a coarse pixel are the upper row of its square, from left to right, "
    "the next r the row below, and so on.",
    stub="""
        def as_pixels(numbers, r):
            count, H, W = numbers.shape
            picture = np.zeros((H * r, W * r))
            # your lines here
            return picture
    """,
    solution="""
        def as_pixels(numbers, r):
            count, H, W = numbers.shape
            picture = np.zeros((H * r, W * r))
            for i in range(r):
                for j in range(r):
                    picture[i::r, j::r] = numbers[i * r + j]
            return picture
    """,
    hint="Number <code>i * r + j</code> of all coarse pixels lands in <code>picture[i::r, j::r]</code>.",
    answer=as_pixels,
    cases=cases,
    tell=tell,
    gives="an array (H·r, W·r)",
    praise="Nothing is computed in it: the shuffle only says where each number goes.",
    slips=(
        (
            lambda numbers, r: numbers.reshape(r, r, *numbers.shape[1:]).transpose(2, 1, 3, 0).reshape(
                numbers.shape[1] * r, numbers.shape[2] * r
            ),
            "Rows and columns of the square are swapped: the second number lies to the right of the first.",
        ),
        (
            lambda numbers, r: numbers.reshape(r, r, *numbers.shape[1:]).transpose(0, 2, 1, 3).reshape(
                numbers.shape[1] * r, numbers.shape[2] * r
            ),
            "Those are r·r small pictures side by side; the numbers of one coarse pixel belong beside each other.",
        ),
        (
            lambda numbers, r: numbers.reshape(numbers.shape[1] * r, numbers.shape[2] * r),
            "Right in number and shape, but every number has to land in the square of its own coarse pixel.",
        ),
    ),
    right=(
        """
        def as_pixels(numbers, r):
            count, H, W = numbers.shape
            return numbers.reshape(r, r, H, W).transpose(2, 0, 3, 1).reshape(H * r, W * r)
        """,
        """
        def as_pixels(x, r):
            return torch.nn.functional.pixel_shuffle(torch.tensor(x)[None], r)[0, 0]
        """,
        """
        def as_pixels(numbers, r):
            count, H, W = numbers.shape
            rows = []
            for y in range(H * r):
                rows.append([numbers[(y % r) * r + x % r][y // r][x // r] for x in range(W * r)])
            return np.array(rows)
        """,
    ),
    wrong=(
        "def as_pixels(numbers, r):\n    return np.concatenate(list(numbers))",
        "def as_pixels(numbers, r):\n    return np.kron(numbers[-1], np.ones((r, r)))",
        "def as_pixels(numbers, r):\n    return np.kron(numbers[0], np.ones((r, r)))",
        "def as_pixels(numbers, r):\n    return np.kron(numbers.mean(axis=0), np.ones((r, r)))",
        "def as_pixels(numbers, r):\n    return np.zeros((numbers.shape[1] * r, numbers.shape[2] * r))",
    ),
)  # fmt: skip
