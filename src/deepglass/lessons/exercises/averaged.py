"""Lesson 37: the verdict of a bag of words."""

import numpy as np

from deepglass.course.judging.description import Description


def sigmoid(z):
    """σ(z)."""
    return 1 / (1 + np.exp(-z))


def averaged(ids, table, w, b):
    """σ(w · mean of the vectors + b), padding left out."""
    ids = np.asarray(ids)
    return sigmoid(table[ids[ids != 0]].mean(0) @ w + b)


def cases(rng):
    """Few words and many, with padding behind them and without; then tables at random."""
    table = np.array([[9.0, 9.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 2.0]])
    for ids in ([1, 2], [3, 0, 0], [1, 1, 2, 3, 0], [2]):
        yield np.array(ids), table, np.array([2.0, -1.0]), 0.5
    for words, width in ((6, 3), (12, 8), (4, 16)):
        ids = np.concatenate([rng.integers(1, 20, words), np.zeros(int(rng.integers(0, 4)), int)])
        yield ids, rng.normal(size=(20, width)), rng.normal(size=width), float(rng.normal())


def kept(ids):
    """Without padding."""
    ids = np.asarray(ids)
    return ids[ids != 0]


EXERCISE = Description(
    name="averaged",
    task="The verdict of a bag of words. <code>ids</code> are the words of a review, in which 0 is <b>padding</b> and "
    "does not count; row i of <code>table</code> is the vector of word i. Give back the probability of praise: the "
    "sigmoid of <code>w</code> · (mean of the vectors) + <code>b</code>.",
    stub="""
        def averaged(ids, table, w, b):
            # your lines here
            return 0.5
    """,
    solution="""
        def averaged(ids, table, w, b):
            words = ids[ids != 0]
            mean = table[words].mean(axis=0)
            return 1 / (1 + np.exp(-(mean @ w + b)))
    """,
    hint="<code>ids[ids != 0]</code> are the words; <code>table[words]</code> are their vectors, one in each row.",
    answer=averaged,
    cases=cases,
    tell=lambda ids, table, w, b: f"For the words {ids.tolist()}",
    gives="one number between 0 and 1",
    praise="However the words are shuffled, it answers the same.",
    slips=(
        (
            lambda ids, t, w, b: sigmoid(t[ids].mean(0) @ w + b),
            "Padding has joined the mean: leave out ids that are 0.",
        ),
        (lambda ids, t, w, b: sigmoid(t[kept(ids)].sum(0) @ w + b), "That is the sum: a long review would shout."),
        (lambda ids, t, w, b: t[kept(ids)].mean(0) @ w + b, "The sigmoid is still to come."),
        (lambda ids, t, w, b: sigmoid(t[kept(ids)].mean(0) @ w), "The offset b is missing."),
        (
            lambda ids, t, w, b: sigmoid(t[kept(ids)].sum(0) @ w / len(ids) + b),
            "Divide by the number of words alone.",
        ),
    ),
    right=(
        """
        def averaged(ids, table, w, b):
            scores = [table[i] @ w for i in ids if i != 0]
            return 1 / (1 + math.exp(-(sum(scores) / len(scores) + b)))
        """,
        """
        def averaged(ids, table, w, b):
            ids, table, w = torch.tensor(ids), torch.tensor(table), torch.tensor(w)
            return torch.sigmoid(table[ids[ids > 0]].mean(dim=0) @ w + b)
        """,
        """
        def averaged(ids, table, w, b):
            is_word = (ids > 0)[:, None]
            mean = (table[ids] * is_word).sum(0) / is_word.sum()
            z = np.dot(w, mean) + b
            return np.exp(z) / (1 + np.exp(z))
        """,
        """
        def averaged(ids, table, w, b):
            counts = np.bincount(ids, minlength=len(table))
            counts[0] = 0
            return 0.5 * (1 + np.tanh((counts @ table @ w / counts.sum() + b) / 2))
        """,
    ),
    wrong=(
        "def averaged(ids, table, w, b):\n    return 1 / (1 + np.exp(-(table[ids].mean(0) @ w + b)))",
        "def averaged(ids, table, w, b):\n    return 1 / (1 + np.exp(-(table[ids[ids != 0]].sum(0) @ w + b)))",
        "def averaged(ids, table, w, b):\n    return table[ids[ids != 0]].mean(0) @ w + b",
        "def averaged(ids, table, w, b):\n    return 1 / (1 + np.exp(table[ids[ids != 0]].mean(0) @ w + b))",
        "def averaged(ids, table, w, b):\n    return float(table[ids[ids != 0]].mean(0) @ w + b > 0)",
        "def averaged(ids, table, w, b):\n    return 1 / (1 + np.exp(-(table.mean(0) @ w + b)))",
    ),
)
