"""Lesson 21: both parts standardised, with the numbers of one."""

import numpy as np

from deepglass.course.judging.description import Description


def prepare(train, new):
    """Both in deviations of the training rows."""
    mean, std = train.mean(axis=0), train.std(axis=0)
    std = np.where(std > 0, std, 1.0)
    return (train - mean) / std, (new - mean) / std


def cases(rng):
    """A single new row; columns of other sizes; a constant column; then drawn ones."""
    yield np.array([[0.0, 10.0], [2.0, 30.0]]), np.array([[4.0, 20.0]])
    yield np.array([[1.0, 5.0], [3.0, 5.0], [5.0, 5.0]]), np.array([[3.0, 5.0], [7.0, 6.0]])
    for rows, columns in ((8, 3), (20, 4)):
        sizes = 10.0 ** rng.uniform(-1, 3, columns)
        yield sizes * rng.normal(1, 1, (rows, columns)), sizes * rng.normal(2, 2, (5, columns))


EXERCISE = Description(
    name="prepare",
    task="Standardise two arrays (rows, columns): <code>train</code> and <code>new</code>. A constant column is "
    "centred and not divided. Give back both, <code>train, new</code>. (The deviation is NumPy's.)",
    stub="""
        def prepare(train, new):
            both = np.concatenate([train, new])
            mean, std = both.mean(axis=0), both.std(axis=0)
            return (train - mean) / std, (new - mean) / std
    """,
    solution="""
        def prepare(train, new):
            mean, std = train.mean(axis=0), train.std(axis=0)
            std = np.where(std > 0, std, 1.0)
            return (train - mean) / std, (new - mean) / std
    """,
    hint="Who may say the mean? And what is std where a column is constant?",
    answer=prepare,
    cases=cases,
    gives="two arrays, `return train, new`",
    praise="One new row or a thousand: they are prepared alike.",
    slips=(
        (
            lambda train, new: (
                prepare(np.concatenate([train, new]), train)[1],
                prepare(np.concatenate([train, new]), new)[1],
            ),
            "The new rows have a say in the mean and the deviation: that is the leak.",
        ),
        (
            lambda train, new: (prepare(train, train)[0], prepare(new, new)[0]),
            "The new rows are prepared with numbers of their own: a single one becomes all zeros.",
        ),
        (lambda train, new: (train - train.mean(axis=0), new - train.mean(axis=0)), "Centred, and not yet divided."),
        (
            lambda train, new: ((train - train.mean()) / train.std(), (new - train.mean()) / train.std()),
            "One mean for the whole table; each column wants its own: axis=0.",
        ),
        (lambda train, new: prepare(train, new)[::-1], "The training rows come first."),
    ),
    right=(
        """
        def prepare(train, new):
            mean, std = np.mean(train, 0), np.std(train, 0)
            std[std == 0] = 1
            return [(part - mean) / std for part in (train, new)]
        """,
        """
        from sklearn.preprocessing import StandardScaler
        def prepare(train, new):
            scaler = StandardScaler().fit(train)
            return scaler.transform(train), scaler.transform(new)
        """,
        """
        def prepare(known, fresh):
            a, b = torch.tensor(known), torch.tensor(fresh)
            m, s = a.mean(0), a.std(0, correction=0)
            s = torch.where(s == 0, torch.ones_like(s), s)
            return (a - m) / s, (b - m) / s
        """,
        """
        def prepare(train, new):
            train, new = train.copy(), new.copy()
            for j in range(train.shape[1]):
                column = train[:, j].copy()
                spread = math.sqrt(((column - column.mean()) ** 2).mean()) or 1.0
                train[:, j] = (column - column.mean()) / spread
                new[:, j] = (new[:, j] - column.mean()) / spread
            return train, new
        """,
    ),
    wrong=(
        """
        def prepare(train, new):
            std = train.std(axis=0)
            return (train - train.mean(axis=0)) / std, (new - train.mean(axis=0)) / std
        """,
        """
        def prepare(train, new):
            f = lambda x: (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
            return f(train), f(new)
        """,
        """
        def prepare(train, new):
            std = np.where(train.std() > 0, train.std(), 1)
            return (train - train.mean()) / std, (new - train.mean()) / std
        """,
        """
        def prepare(train, new):
            low, high = train.min(axis=0), train.max(axis=0)
            span = np.where(high > low, high - low, 1)
            return (train - low) / span, (new - low) / span
        """,
        """
        def prepare(train, new):
            both = np.concatenate([train, new])
            std = np.where(both.std(axis=0) > 0, both.std(axis=0), 1)
            return (train - both.mean(axis=0)) / std, (new - both.mean(axis=0)) / std
        """,
    ),
)
