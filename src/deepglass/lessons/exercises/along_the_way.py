"""Lesson 45: integrated gradients from the gradients on the way."""

import numpy as np

from deepglass.course.judging.description import Description


def along_the_way(x, base, gradients):
    """The mean gradient of each part, times the way that it goes."""
    return (x - base) * gradients.mean(axis=0)


def cases(rng):
    """By hand, a base that is not zero, a part that does not move; then drawn ones."""
    yield np.array([2.0, 1.0]), np.zeros(2), np.array([[1.0, 0.0], [0.0, 3.0]])
    yield np.array([3.0, 1.0, 5.0]), np.array([1.0, 1.0, 7.0]), np.array([[2.0, 9.0, 1.0], [4.0, 9.0, 0.0]])
    for _ in range(4):
        n, parts = rng.integers(2, 6, 2)
        yield rng.normal(size=parts).round(2), rng.normal(size=parts).round(2), rng.normal(size=(n, parts)).round(2)


EXERCISE = Description(
    name="along_the_way",
    task="<code>gradients</code> (n, parts) were taken at n places that lie evenly on the straight way from "
    "<code>base</code> (parts,) to <code>x</code> (parts,). Give back the integrated gradients, one number per part.",
    stub="""
        def along_the_way(x, base, gradients):
            # your lines here
            return x * 0
    """,
    solution="""
        def along_the_way(x, base, gradients):
            return (x - base) * gradients.mean(axis=0)
    """,
    hint="An integral from 0 to 1 is the mean of what is integrated. How far does each part go?",
    answer=along_the_way,
    cases=cases,
    praise="A part that does not move on the way gets nothing, however steep it is.",
    slips=(
        (lambda x, base, gradients: x * gradients.mean(axis=0), "The way begins at the base and not at zero."),
        (lambda x, base, gradients: gradients.mean(axis=0), "That is the mean gradient: how far does each part go?"),
        (lambda x, base, gradients: (x - base) * gradients.sum(axis=0), "More places must not give more: take a mean."),
        (
            lambda x, base, gradients: (x - base) * gradients[-1],
            "That is gradient × input, at the end of the way. The places before it count as well.",
        ),
        (lambda x, base, gradients: (base - x) * gradients.mean(axis=0), "The way goes from the base to x."),
    ),
    right=(
        """
        def along_the_way(x, base, gradients):
            total = np.zeros(len(x))
            for gradient in gradients:
                total += gradient * (x - base) / len(gradients)
            return total
        """,
        """
        def along_the_way(x, base, gradients):
            return [(x[i] - base[i]) * np.mean(gradients[:, i]) for i in range(len(x))]
        """,
        """
        def along_the_way(x, base, gradients):
            steps = torch.tensor(gradients) * (torch.tensor(x) - torch.tensor(base))
            return steps.mean(dim=0)
        """,
    ),
    wrong=(
        """
        def along_the_way(x, base, gradients):
            return x * gradients.mean(axis=0)
        """,
        """
        def along_the_way(x, base, gradients):
            return (x - base) * gradients[-1]
        """,
        """
        def along_the_way(x, base, gradients):
            return (x - base) * gradients.sum(axis=0)
        """,
        """
        def along_the_way(x, base, gradients):
            return ((x - base) * gradients.mean(axis=0)).sum()
        """,
    ),
)
