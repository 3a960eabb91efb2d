"""Lesson 86: which class of a table is described by what a network says of a picture?"""

import numpy as np

from deepglass.course.judging.description import Description


def likeliest_description(p, table):
    """The row of the table that is likeliest, if attributes are independent."""
    return int(np.where(table == 1, p, 1 - p).prod(axis=1).argmax())


def cases(rng):
    """By hand; one where what a class has not decides; then drawn ones."""
    yield np.array([0.9, 0.2]), np.array([[0, 1], [1, 0]])
    yield np.array([0.9, 0.6, 0.1]), np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1]])  # having most is not fitting best
    yield np.array([0.98, 0.75, 0.75]), np.array([[0, 1, 1], [1, 0, 0], [0, 0, 0]])  # a sum forgives a sure miss
    for classes, count in ((4, 3), (6, 5), (8, 8)):
        yield rng.uniform(0.02, 0.98, count).round(2), rng.integers(0, 2, (classes, count))


def tell(p, table):
    """Small ones in full."""
    if table.size > 9:
        return f"For {len(table)} classes with {len(p)} attributes"
    return f"For p = {p.tolist()} and table = {table.tolist()}"


EXERCISE = Description(
    name="likeliest_description",
    task="<code>p</code> holds how likely each attribute is in a picture, and each row of <code>table</code> describes "
    "a class: 1 where it has the attribute, 0 where it has not. Give back the number of the row that is "
    "<b>likeliest</b>, if attributes are independent of each other.",
    stub="""
        def likeliest_description(p, table):
            # your lines here
            return None
    """,
    solution="""
        def likeliest_description(p, table):
            return np.where(table == 1, p, 1 - p).prod(axis=1).argmax()
    """,
    hint="An attribute that a class has counts with p, one that it has not with 1 − p; multiply along the row.",
    answer=likeliest_description,
    cases=cases,
    tell=tell,
    gives="the number of a row",
    slips=(
        (
            lambda p, table: int((table @ p).argmax()),
            "That adds up what a class has, so the one that has most wins: what it has not counts too, with 1 − p.",
        ),
        (
            lambda p, table: int(np.where(table == 1, p, 1).prod(axis=1).argmax()),
            "What a class has not is left out: it counts with 1 − p.",
        ),
        (
            lambda p, table: int(np.where(table == 1, p, 1 - p).sum(axis=1).argmax()),
            "That is a sum: of independent attributes the probabilities are multiplied.",
        ),
    ),
    praise="Add a row to the table, and there is another class.",
    right=(
        """
        def likeliest_description(p, table):
            logs = table @ np.log(p) + (1 - table) @ np.log(1 - p)
            return logs.argmax()
        """,
        """
        def likeliest_description(p, table):
            best, place = -1.0, 0
            for number, row in enumerate(table.tolist()):
                value = 1.0
                for share, has in zip(p.tolist(), row):
                    value *= share if has else 1 - share
                if value > best:
                    best, place = value, number
            return place
        """,
        """
        def likeliest_description(p, table):
            p, table = torch.tensor(p), torch.tensor(table)
            return (p**table * (1 - p) ** (1 - table)).prod(dim=1).argmax().item()
        """,
    ),
    wrong=(
        "def likeliest_description(p, table):\n    return (table @ p).argmax()",
        "def likeliest_description(p, table):\n    return np.where(table == 1, p, 1 - p).sum(axis=1).argmax()",
        "def likeliest_description(p, table):\n    return np.where(table == 1, p, 1 - p).prod(axis=1).argmin()",
        "def likeliest_description(p, table):\n    return 0",
    ),
)
