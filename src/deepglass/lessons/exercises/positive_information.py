"""Lesson 63: how much more often than by chance."""

import numpy as np

from deepglass.course.judging.description import Description


def information(counts):
    """log of x_ij · Σx / (x_i · x_j), −inf where a pair never met."""
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    with np.errstate(divide="ignore"):
        return np.log(counts / expected)


def positive_information(counts):
    """max(0, log x_ij · Σx / (x_i · x_j))"""
    return np.maximum(0.0, information(counts))


def cases(rng):
    """Small ones with a pair that never met; then drawn ones."""
    yield (np.array([[4.0, 1.0], [1.0, 2.0]]),)
    yield (np.array([[0.0, 3.0, 1.0], [3.0, 2.0, 1.0], [1.0, 1.0, 0.0]]),)
    for size in (4, 7):
        half = rng.integers(0, 9, (size, size)) + np.diag(np.ones(size))
        yield ((half + half.T).astype(float),)


def tell(counts):
    """Small ones in full."""
    return f"For counts = {counts.tolist()}" if len(counts) < 4 else f"For a random table of {len(counts)} words"


EXERCISE = Description(
    name="positive_information",
    task="<code>counts</code> is a square table: how often word i stands near word j. By chance they would meet (sum "
    "of row i) · (sum of column j) / (sum of all) times. Give back the table of log(count / that), with <b>0</b> where "
    "it would be below 0 or where the pair never met.",
    stub="""
        def positive_information(counts):
            # your lines here
            return counts * 0.0
    """,
    solution="""
        def positive_information(counts):
            by_chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
            return np.log(np.maximum(counts / by_chance, 1))
    """,
    hint="<code>np.outer</code> of the sums of rows and of columns has every product. The logarithm of 1 is 0.",
    answer=positive_information,
    cases=cases,
    tell=tell,
    gives="a table as large as counts",
    praise="Words with a large entry seek each other; most entries are 0, and the table can be stored without them.",
    slips=(
        (
            lambda counts: np.where(counts > 0, information(counts), 0.0),
            "Where two words meet less often than by chance the logarithm is below 0: there 0 is asked for.",
        ),
        (
            lambda counts: np.maximum(1.0, np.exp(information(counts))),
            "That is the ratio; take its logarithm.",
        ),
        (
            lambda counts: np.log(np.maximum(counts, 1.0)),
            "That is the logarithm of the counts. Divide them by what chance would give.",
        ),
        (
            lambda counts: np.maximum(0.0, information(counts)) / np.log(2),
            "The natural logarithm is asked for, not that to the base of 2.",
        ),
        (
            lambda counts: np.maximum(0.0, np.nan_to_num(information(counts) - np.log(counts.sum()), neginf=0.0)),
            "By chance a pair meets (row) · (column) / (sum of all) times: the sum of all is missing.",
        ),
    ),
    right=(
        """
        def positive_information(counts):
            shares = counts / counts.sum()
            ratio = shares / (shares.sum(1, keepdims=True) * shares.sum(0, keepdims=True))
            return np.log(np.where(ratio > 1, ratio, 1))
        """,
        """
        def positive_information(counts):
            x = torch.tensor(counts)
            expected = x.sum(1, keepdim=True) @ x.sum(0, keepdim=True) / x.sum()
            return torch.log(x / expected).clamp(min=0)
        """,
        """
        def positive_information(counts):
            total, table = counts.sum(), []
            for i in range(len(counts)):
                row = []
                for j in range(len(counts)):
                    chance = sum(counts[i]) * sum(counts[k][j] for k in range(len(counts))) / total
                    row.append(math.log(counts[i][j] / chance) if counts[i][j] > chance else 0.0)
                table.append(row)
            return np.array(table)
        """,
    ),
    wrong=(
        "def positive_information(counts):\n    return counts / counts.sum()",
        "def positive_information(counts):\n    return np.log1p(counts)",
        "def positive_information(counts):\n    return np.abs(np.log(np.maximum(counts, 1) / counts.mean()))",
        "def positive_information(counts):\n    return np.maximum(0, np.log(counts / counts.sum(0)))",
    ),
)
