"""Lesson 34: the position of a token as sines and cosines."""

import numpy as np

from deepglass.course.judging.description import Description


def angles(length, width):
    """(length, width / 2)."""
    return np.arange(length)[:, None] * 10_000.0 ** (-np.arange(0, width, 2) / width)


def waves(length, width):
    """Sine and cosine of each angle side by side, (length, width)."""
    turned = angles(length, width)
    return np.stack([np.sin(turned), np.cos(turned)], 2).reshape(length, width)


def halves(length, width):
    """All sines, then all cosines."""
    return np.concatenate([np.sin(angles(length, width)), np.cos(angles(length, width))], 1)


def cases(rng):
    """The smallest, one with two speeds, then others."""
    yield from ((1, 2), (4, 2), (3, 4), (5, 8), (50, 6))
    yield int(rng.integers(6, 40)), 2 * int(rng.integers(2, 20))


EXERCISE = Description(
    name="waves",
    task="Give back the table of positions (<code>length</code>, <code>width</code>): in the row of place t, numbers "
    "2i and 2i + 1 are the sine and the cosine of t / 10000<sup>2i/width</sup>. Places begin at 0; <code>width</code> is "
    "even.",
    stub="""
        def waves(length, width):
            # your lines here
            return np.zeros((length, width))
    """,
    solution="""
        def waves(length, width):
            table = np.zeros((length, width))
            angles = np.arange(length)[:, None] / 10000 ** (np.arange(0, width, 2) / width)
            table[:, 0::2] = np.sin(angles)
            table[:, 1::2] = np.cos(angles)
            return table
    """,
    hint="<code>np.arange(0, width, 2)</code> are the 2i. A column of places divided by a row of numbers gives all "
    "angles; <code>table[:, 0::2]</code> are the even columns.",
    answer=waves,
    cases=cases,
    tell=lambda length, width: f"For {length} places and width {width}",
    gives="a table with a row for each place",
    praise="Every place now has a vector of its own.",
    others=(
        (halves, "All sines first and then all cosines is the order of some libraries: to a network it is the same."),
    ),
    slips=(
        (lambda n, w: waves(n + 1, w)[1:], "Places begin at 0, where every sine is 0 and every cosine 1."),
        (
            lambda n, w: np.stack([np.cos(angles(n, w)), np.sin(angles(n, w))], 2).reshape(n, w),
            "The sine comes first, in the even columns.",
        ),
        (lambda n, w: np.repeat(np.sin(angles(n, w)), 2, 1), "The odd columns want the cosine."),
        (
            lambda n, w: np.where(
                np.arange(w) % 2,
                np.cos(np.arange(n)[:, None] / 10_000 ** (np.arange(w) / w)),
                np.sin(np.arange(n)[:, None] / 10_000 ** (np.arange(w) / w)),
            ),
            "Both numbers of a pair turn at the same speed: the power is 2i/width for both.",
        ),
    ),
    right=(
        """
        def waves(length, width):
            rows = []
            for t in range(length):
                row = []
                for i in range(width // 2):
                    angle = t / 10000 ** (2 * i / width)
                    row += [math.sin(angle), math.cos(angle)]
                rows.append(row)
            return rows
        """,
        """
        def waves(n, d):
            t = torch.arange(n).unsqueeze(1) * torch.exp(-math.log(10000.0) * torch.arange(0, d, 2) / d)
            return torch.stack([t.sin(), t.cos()], dim=2).flatten(1)
        """,
        """
        def waves(length, width):
            k = np.arange(width)
            angles = np.arange(length)[:, None] * 1e4 ** (-(k - k % 2) / width)
            return np.where(k % 2 == 0, np.sin(angles), np.cos(angles)).astype(np.float32)
        """,
        """
        def waves(length, width):
            a = np.outer(np.arange(length), 10000.0 ** (-np.arange(0, width, 2) / width))
            return np.hstack([np.sin(a), np.cos(a)])
        """,
    ),
    wrong=(
        "def waves(length, width):\n    return np.zeros((length, width))",
        """
        def waves(length, width):
            a = np.arange(length)[:, None] / 10000 ** (np.arange(0, width, 2) / width)
            return np.sin(a)
        """,
        """
        def waves(length, width):
            a = np.arange(1, length + 1)[:, None] / 10000 ** (np.arange(0, width, 2) / width)
            return np.stack([np.sin(a), np.cos(a)], 2).reshape(length, width)
        """,
        """
        def waves(length, width):
            a = np.arange(length)[:, None] / 10000 ** (np.arange(0, width, 2) / width)
            return np.stack([np.cos(a), np.sin(a)], 2).reshape(length, width)
        """,
        """
        def waves(length, width):
            a = np.arange(length)[:, None] / 10000 ** (np.arange(width // 2) / width)
            return np.stack([np.sin(a), np.cos(a)], 2).reshape(length, width)
        """,
        """
        def waves(length, width):
            a = np.arange(length)[:, None] * 10000 ** (np.arange(0, width, 2) / width)
            return np.stack([np.sin(a), np.cos(a)], 2).reshape(length, width)
        """,
        """
        def waves(length, width):
            a = np.arange(length)[:, None] / 1000 ** (np.arange(0, width, 2) / width)
            return np.stack([np.sin(a), np.cos(a)], 2).reshape(length, width)
        """,
    ),
)
