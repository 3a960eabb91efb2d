"""Lesson 4: mean and variance of a wheel."""

import numpy as np

from deepglass.course.judging.description import Description


def moments(x, p):
    """Mean and variance."""
    mean = (x * p).sum()
    return mean, ((x - mean) ** 2 * p).sum()


def cases(rng):
    """A coin, a die, a lopsided wheel, a certain thing; then wheels drawn at random."""
    for values, chances in (
        ([0, 1], [0.5, 0.5]),
        ([1, 2, 3, 4, 5, 6], [1 / 6] * 6),
        ([-1, 0, 10], [0.7, 0.2, 0.1]),
        ([5.0], [1.0]),
    ):
        yield np.array(values, dtype=float), np.array(chances)
    for count in (3, 7):
        yield rng.normal(0, 5, count), rng.dirichlet(np.ones(count))


EXERCISE = Description(
    name="moments",
    task="Mean and variance of a wheel that shows the values <code>x</code> with the probabilities <code>p</code>.",
    stub="""
        def moments(x, p):
            # your lines here
            return 0.0, 0.0
    """,
    solution="""
        def moments(x, p):
            mean = (x * p).sum()
            variance = ((x - mean) ** 2 * p).sum()
            return mean, variance
    """,
    hint="The mean weighs each value with its probability. The variance is the mean of (x − mean)².",
    answer=moments,
    cases=cases,
    gives="two numbers, `return mean, variance`",
    praise="The third wheel has a mean above zero: whoever runs it loses money.",
    slips=(
        (lambda x, p: (x.mean(), x.var()), "Weigh each value with its probability."),
        (lambda x, p: ((x * p).sum(), (x * x * p).sum()), "Take the mean away before you square."),
        (
            lambda x, p: (moments(x, p)[0], moments(x, p)[1] ** 0.5),
            "That is the standard deviation, the root of the variance.",
        ),
        (
            lambda x, p: (moments(x, p)[0], ((x - moments(x, p)[0]) * p).sum()),
            "Square the distances: as they are, they cancel.",
        ),
        (
            lambda x, p: (moments(x, p)[0], ((x - moments(x, p)[0]) ** 2).mean()),
            "The squares want their probabilities, too.",
        ),
        (lambda x, p: moments(x, p)[::-1], "The mean comes first, then the variance."),
    ),
    right=(
        "def moments(x, p):\n    mean = x @ p\n    return np.array([mean, x**2 @ p - mean**2])",
        "def moments(x, p):\n    m = np.average(x, weights=p)\n    return [m, np.average((x - m) ** 2, weights=p)]",
        """
        def moments(values, chances):
            m = 0
            for v, c in zip(values, chances):
                m += v * c
            return m, math.fsum(c * (v - m) ** 2 for v, c in zip(values, chances))
        """,
        """
        def moments(x, p):
            x, p = torch.tensor(x), torch.tensor(p)
            m = (x * p).sum()
            return torch.stack([m, ((x - m) ** 2 * p).sum()])
        """,
    ),
    wrong=(
        "def moments(x, p):\n    return x.mean(), x.var()",
        "def moments(x, p):\n    return (x * p).sum(), (x * x * p).sum()",
        "def moments(x, p):\n    m = (x * p).sum()\n    return m, ((x - m) ** 2 * p).sum() ** 0.5",
        "def moments(x, p):\n    m = (x * p).sum()\n    return ((x - m) ** 2 * p).sum(), m",
        "def moments(x, p):\n    return (x * p).sum()",
        "def moments(x, p):\n    m = (x * p).sum()\n    return m, ((x - m) * p).sum()",
    ),
)
