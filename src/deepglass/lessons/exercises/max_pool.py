"""Lesson 24: max pooling."""

import numpy as np

from deepglass.course.judging.description import Description


def windows(x):
    """Windows of 2 × 2 side by side (H/2, W/2, 4)."""
    H, W = x.shape
    return x.reshape(H // 2, 2, W // 2, 2).swapaxes(1, 2).reshape(H // 2, W // 2, 4)


def max_pool(x):
    """The largest of each."""
    return windows(x).max(2)


def cases(rng):
    """One window, numbers below zero, more columns than rows; then random ones."""
    yield (np.array([[1.0, 2.0], [4.0, 3.0]]),)
    yield (np.array([[-3.0, -1.0], [-2.0, -5.0]]),)
    yield (np.array([[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 9.0, 7.0]]),)
    yield (np.arange(16.0).reshape(4, 4),)
    for H, W in ((2, 6), (6, 4), (8, 8)):
        yield (rng.normal(size=(H, W)),)


EXERCISE = Description(
    name="max_pool",
    task="Max pooling: the windows of 2 × 2 lie side by side, without overlap. Give back the largest number of each; "
    "<code>x</code> has an even height and width.",
    stub="""
        def max_pool(x):
            H, W = x.shape
            y = np.zeros((H // 2, W // 2))
            # your lines here
            return y
    """,
    solution="""
        def max_pool(x):
            H, W = x.shape
            y = np.zeros((H // 2, W // 2))
            for r in range(H // 2):
                for c in range(W // 2):
                    y[r, c] = x[2 * r : 2 * r + 2, 2 * c : 2 * c + 2].max()
            return y
    """,
    hint="The window at row r and column c of the answer is <code>x[2 * r : 2 * r + 2, 2 * c : 2 * c + 2]</code>.",
    answer=max_pool,
    cases=cases,
    tell=lambda x: f"For {x.tolist()}" if x.size <= 16 else f"For a table of {x.shape}",
    gives="a table half as high and half as wide",
    slips=(
        (lambda x: windows(x).mean(2), "That is the mean of the four: average pooling."),
        (lambda x: windows(x).sum(2), "The largest of the four, not their sum."),
        (lambda x: np.maximum(windows(x).max(2), 0), "Below zero there is a largest number too: do not begin with 0."),
        (lambda x: np.abs(windows(x)).max(2), "The largest, not the one farthest from zero."),
        (lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2)).max((2, 3)), "The windows do not overlap."),
        (lambda x: x[::2, ::2], "That is the first of each four, not the largest."),
    ),
    right=(
        "def max_pool(x):\n    H, W = x.shape\n    return x.reshape(H // 2, 2, W // 2, 2).max(axis=(1, 3))",
        "def max_pool(x):\n    wide = np.maximum(x[:, ::2], x[:, 1::2])\n    return np.maximum(wide[::2], wide[1::2])",
        """
        def max_pool(x):
            return [[max(x[r][c], x[r][c + 1], x[r + 1][c], x[r + 1][c + 1]) for c in range(0, len(x[0]), 2)]
                    for r in range(0, len(x), 2)]
        """,
        "def max_pool(x):\n    return torch.nn.functional.max_pool2d(torch.tensor(x)[None, None], 2)[0, 0]",
    ),
    wrong=(
        "def max_pool(x):\n    H, W = x.shape\n    return x.reshape(H // 2, 2, W // 2, 2).mean(axis=(1, 3))",
        "def max_pool(x):\n    return x[::2, ::2]",
        "def max_pool(x):\n    return np.lib.stride_tricks.sliding_window_view(x, (2, 2)).max((2, 3))",
        "def max_pool(x):\n    return np.maximum(x[::2], x[1::2])",
        "def max_pool(x):\n    return x.max()",
        """
        def max_pool(x):
            H, W = x.shape
            y = np.zeros((H // 2, W // 2))
            for r in range(H):
                for c in range(W):
                    y[r // 2, c // 2] = max(y[r // 2, c // 2], x[r, c])
            return y
        """,
    ),
)
