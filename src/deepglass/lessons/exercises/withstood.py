"""Lesson 49: the share of answers that withstand every attack."""

import numpy as np

from deepglass.course.judging.description import Description


def withstood(right):
    """Of the examples (columns), the share that is right under all attacks (rows)."""
    return float(np.asarray(right, bool).all(axis=0).mean())


def cases(rng):
    """Attacks that fool different examples, a strong and a weak one, a single one; then drawn ones."""
    yield (np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]], bool),)
    yield (np.array([[1, 1, 1, 0], [0, 1, 0, 0]], bool),)
    yield (np.array([[1, 0, 1, 1, 0]], bool),)
    for _ in range(4):
        yield (rng.random((int(rng.integers(2, 5)), int(rng.integers(5, 12)))) < 0.8,)


EXERCISE = Description(
    name="withstood",
    task="<code>right[a, i]</code> says whether example i is still answered rightly under attack a, (attacks, "
    "examples). Give back the share of examples that withstand <b>every</b> attack.",
    stub="""
        def withstood(right):
            # your line here
            return 0.0
    """,
    solution="""
        def withstood(right):
            return right.all(axis=0).mean()
    """,
    hint="First one verdict for each example: is it right under all attacks? Then the share of them.",
    answer=withstood,
    cases=cases,
    praise="It is never above the share under the strongest single attack, and often below.",
    slips=(
        (
            lambda right: float(right.mean(axis=1).min()),
            "That is the strongest attack alone: another may fool examples that it leaves.",
        ),
        (lambda right: float(right.mean()), "That is the mean over attacks: whoever attacks takes the best one."),
        (lambda right: float(right.any(axis=0).mean()), "So one attack that fails is enough; all have to fail."),
        (lambda right: float(right.mean(axis=1).max()), "That is the weakest attack."),
    ),
    right=(
        """
        def withstood(right):
            return np.prod(right, axis=0).sum() / right.shape[1]
        """,
        """
        def withstood(right):
            return 1 - np.any(~right, axis=0).mean()
        """,
        """
        def withstood(right):
            kept = [all(column) for column in zip(*right)]
            return sum(kept) / len(kept)
        """,
        """
        def withstood(right):
            return torch.tensor(right).all(dim=0).float().mean()
        """,
    ),
    wrong=(
        """
        def withstood(right):
            return right.mean(axis=1).min()
        """,
        """
        def withstood(right):
            return right.mean()
        """,
        """
        def withstood(right):
            return right.any(axis=0).mean()
        """,
        """
        def withstood(right):
            return right.all(axis=1).mean()
        """,
        """
        def withstood(right):
            return right.all(axis=0).sum()
        """,
    ),
)
