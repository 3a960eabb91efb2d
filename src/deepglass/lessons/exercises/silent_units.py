"""Lesson 52: the share of units that are silent for everything."""

import numpy as np

from deepglass.course.judging.description import Description


def silent_units(h):
    """The share of columns that are 0 in every row."""
    return float((h == 0).all(axis=0).mean())


def cases(rng):
    """One silent unit of three that has zeros beside it, none, all, then drawn ones; tanh has values below 0."""
    yield (np.array([[0.0, 0.5, 0.0], [0.0, 0.0, 1.2]]),)
    yield (np.array([[0.0, 0.5], [0.3, 0.0]]),)
    yield (np.zeros((4, 5)),)
    yield (np.array([[-0.5, 0.0, 0.3], [0.5, 0.0, -0.3]]),)
    yield (np.array([[-0.5, 0.0, 0.3, 0.1], [-0.2, 0.0, -0.3, 0.2]]),)
    for _ in range(3):
        h = np.maximum(rng.normal(size=(6, 8)), 0).round(2)
        h[:, rng.random(8) < 0.4] = 0
        yield (h,)


EXERCISE = Description(
    name="silent_units",
    task="<code>h</code> (n, units) is what a layer gives for n examples. Give back the share of its units that are 0 "
    "for <b>every</b> example.",
    stub="""
        def silent_units(h):
            # your lines here
            return 1.0
    """,
    solution="""
        def silent_units(h):
            return (h == 0).all(axis=0).mean()
    """,
    hint="A unit is a column. <code>.all(axis=0)</code> asks something of every row at once.",
    answer=silent_units,
    cases=cases,
    praise="A ReLU is 0 for half of its examples, and should be. One that is 0 for all of them never gets a gradient.",
    slips=(
        (lambda h: float((h == 0).mean()), "That is the share of zeros: a ReLU that lives has many. Ask for all rows."),
        (lambda h: float((h == 0).all(axis=1).mean()), "Those are examples without any answer: a unit is a column."),
        (lambda h: float((h == 0).any(axis=0).mean()), "One zero is no harm: a unit is silent if all its rows are 0."),
        (lambda h: float((h == 0).all(axis=0).sum()), "That is how many; give back their share."),
        (
            lambda h: float((h.sum(axis=0) == 0).mean()),
            "Values above and below 0 can add up to 0: ask for each of them.",
        ),
        (lambda h: float((h.max(axis=0) <= 0).mean()), "A unit below 0 is not silent: ask whether it is 0."),
    ),
    right=(
        """
        def silent_units(h):
            return 1 - np.any(h != 0, axis=0).mean()
        """,
        """
        def silent_units(h):
            count = 0
            for unit in h.T:
                if not np.abs(unit).max() > 0:
                    count += 1
            return count / h.shape[1]
        """,
        """
        def silent_units(h):
            t = torch.tensor(h)
            return (t.abs().sum(0) == 0).double().mean()
        """,
        """
        def silent_units(h):
            return len(h[0]) and sum(all(row[j] == 0 for row in h) for j in range(len(h[0]))) / len(h[0])
        """,
    ),
    wrong=(
        """
        def silent_units(h):
            return (h == 0).mean()
        """,
        """
        def silent_units(h):
            return (h == 0).all(axis=1).mean()
        """,
        """
        def silent_units(h):
            return (h == 0).any(axis=0).mean()
        """,
        """
        def silent_units(h):
            return (h == 0).all(axis=0).sum()
        """,
        """
        def silent_units(h):
            return (h.sum(axis=0) == 0).mean()
        """,
        """
        def silent_units(h):
            return (h <= 0).all(axis=0).mean() + (h < 0).any() * 0.1
        """,
    ),
)
