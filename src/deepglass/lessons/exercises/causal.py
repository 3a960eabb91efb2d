"""Lesson 36: attention weights under the causal mask."""

import numpy as np

from deepglass.course.judging.description import Description


def causal(scores):
    """softmax of every row over itself and what stands before it."""
    hidden = np.where(np.tril(np.ones(scores.shape, bool)), scores, -np.inf)
    powers = np.exp(hidden - hidden.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def cases(rng):
    """Equal scores, one token, a large score in the future, scores below zero; then random ones."""
    yield (np.zeros((3, 3)),)
    yield (np.array([[2.5]]),)
    yield (np.array([[0.0, 9.0, 0.0], [1.0, 0.0, 50.0], [0.5, 0.0, -1.0]]),)
    yield (np.array([[-700.0, 1.0], [-900.0, -901.0]]),)
    for size in (4, 6):
        yield (rng.normal(0, 2, (size, size)),)


def soft(z):
    """Rows of a softmax."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


EXERCISE = Description(
    name="causal",
    task="<code>scores</code> is a square table: row t holds how well each place suits place t. Give back the weights "
    "of attention under the causal mask: row t is a softmax over the places up to and including t, and zero behind.",
    stub="""
        def causal(scores):
            # your lines here
            return scores
    """,
    solution="""
        def causal(scores):
            future = np.triu(np.ones_like(scores), k=1) > 0
            masked = np.where(future, -np.inf, scores)
            powers = np.exp(masked - masked.max(axis=1, keepdims=True))
            return powers / powers.sum(axis=1, keepdims=True)
    """,
    hint="Before the softmax, put −inf wherever the column is larger than the row: e to the −inf is 0. np.triu(…, k=1) "
    "is the corner above the diagonal.",
    answer=causal,
    cases=cases,
    gives="a table of the same shape",
    praise="Nobody hears what is yet to be said.",
    slips=(
        (soft, "The future counts still: hide it before the softmax."),
        (lambda s: np.tril(soft(s)), "Hidden after the softmax, the rows no longer add up to 1: hide it before."),
        (lambda s: soft(np.tril(s)), "A score of 0 is a score; −inf is what becomes 0."),
        (lambda s: causal(s.T).T, "A softmax of every row, not of every column."),
        (
            lambda s: np.nan_to_num(soft(np.where(np.tril(np.ones(s.shape), -1) > 0, s, -1e300))),
            "A place may look at itself, too.",
        ),
        (lambda s: causal(s[::-1, ::-1])[::-1, ::-1], "That hides the past: what comes later is to be hidden."),
    ),
    right=(
        """
        def causal(scores):
            weights = np.zeros_like(scores)
            for t in range(len(scores)):
                row = np.exp(scores[t, : t + 1] - scores[t, : t + 1].max())
                weights[t, : t + 1] = row / row.sum()
            return weights
        """,
        """
        def causal(scores):
            s = torch.tensor(scores)
            return s.masked_fill(torch.ones_like(s).triu(1).bool(), float("-inf")).softmax(1)
        """,
        """
        from scipy.special import softmax
        def causal(scores):
            n = len(scores)
            return softmax(np.where(np.arange(n) > np.arange(n)[:, None], -1e9, scores), axis=-1)
        """,
    ),
    wrong=(
        "def causal(s):\n    e = np.exp(s - s.max(1, keepdims=True))\n    return e / e.sum(1, keepdims=True)",
        "def causal(s):\n    e = np.exp(s - s.max(1, keepdims=True))\n    return np.tril(e / e.sum(1, keepdims=True))",
        "def causal(s):\n    e = np.exp(np.tril(s))\n    return e / e.sum(1, keepdims=True)",
        "def causal(s):\n    e = np.tril(np.exp(s))\n    return e / e.sum(0, keepdims=True)",
        "def causal(s):\n    e = np.triu(np.exp(s - s.max(1, keepdims=True)))\n    return e / e.sum(1, keepdims=True)",
    ),
)
