"""Lesson 58: what a code keeps of how pictures differ."""

import numpy as np

from deepglass.course.judging.description import Description


def share_kept(given, made):
    """1 − Σ(made − given)² / Σ(given − mean)²"""
    return 1 - ((made - given) ** 2).sum() / ((given - given.mean(axis=0)) ** 2).sum()


def cases(rng):
    """All is kept, nothing but the mean, half; then drawn ones."""
    given = np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 4.0]])
    yield given, given.copy()
    yield given, np.tile(given.mean(axis=0), (3, 1))
    yield given, given + np.array([[1.0, 0.0], [0.0, 0.0], [0.0, -1.0]])
    for rows, columns in ((6, 3), (20, 5)):
        drawn = rng.normal(2, 1, (rows, columns)) * rng.uniform(0.5, 3, columns)
        yield drawn, drawn + rng.normal(0, 0.4, drawn.shape)


def tell(given, made):
    """Small ones in full."""
    if len(given) > 3:
        return f"For {len(given)} random rows of {given.shape[1]} numbers"
    return f"For given = {given.tolist()}, made = {made.tolist()}"


EXERCISE = Description(
    name="share_kept",
    task="<code>given</code> and <code>made</code> have one picture per row. A code of no numbers at all could still "
    "give the mean picture back. Give back which share of the spread around it is kept: 1 minus the sum of squared "
    "errors over the sum of squared distances from the mean picture (the mean of the given rows, pixel by pixel).",
    stub="""
        def share_kept(given, made):
            # your lines here
            return 0.0
    """,
    solution="""
        def share_kept(given, made):
            lost = ((made - given) ** 2).sum()
            return 1 - lost / ((given - given.mean(axis=0)) ** 2).sum()
    """,
    hint="The mean picture is <code>given.mean(axis=0)</code>: over the rows, not over the pixels.",
    answer=share_kept,
    cases=cases,
    tell=tell,
    gives="one number",
    praise="1 is everything, 0 is no more than the mean picture; below 0 the mean would have been better.",
    slips=(
        (
            lambda given, made: ((made - given) ** 2).sum() / ((given - given.mean(axis=0)) ** 2).sum(),
            "That is the share that is lost.",
        ),
        (
            lambda given, made: 1 - ((made - given) ** 2).sum() / ((given - given.mean()) ** 2).sum(),
            "The mean picture has a value for every pixel: the mean over the rows, axis 0.",
        ),
        (
            lambda given, made: 1 - ((made - given) ** 2).sum() / (given**2).sum(),
            "The spread is counted from the mean picture, not from 0.",
        ),
        (
            lambda given, made: 1 - np.abs(made - given).sum() / np.abs(given - given.mean(axis=0)).sum(),
            "Squares, not absolute values.",
        ),
        (
            lambda given, made: ((made - given) ** 2).mean(),
            "That is the error alone, not beside the spread.",
        ),
    ),
    right=(
        """
        def share_kept(given, made):
            return 1 - np.mean((made - given) ** 2) / given.var(axis=0).mean()
        """,
        """
        def share_kept(x, y):
            x, y = torch.tensor(x), torch.tensor(y)
            return 1 - (y - x).square().sum() / (x - x.mean(0)).square().sum()
        """,
        """
        def share_kept(given, made):
            lost = spread = 0.0
            mean = [sum(column) / len(given) for column in zip(*given)]
            for x, y in zip(given, made):
                lost += sum((b - a) ** 2 for a, b in zip(x, y))
                spread += sum((a - m) ** 2 for a, m in zip(x, mean))
            return 1 - lost / spread
        """,
    ),
    wrong=(
        "def share_kept(given, made):\n    return ((made - given) ** 2).sum() / given.var(axis=0).sum()",
        "def share_kept(given, made):\n    return 1 - ((made - given) ** 2).sum() / ((given - 1) ** 2).sum()",
        "def share_kept(given, made):\n    return 1 - ((made - given) ** 2).mean()",
        "def share_kept(given, made):\n    return made.var(axis=0).sum() / given.var(axis=0).sum()",
        "def share_kept(given, made):\n    return 1 - (made - given).sum() / (given - given.mean(axis=0)).sum()",
    ),
)
