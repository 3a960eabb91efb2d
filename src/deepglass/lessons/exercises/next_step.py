"""Lesson 36: one token with a cache."""

import numpy as np

from deepglass.course.judging.description import Description


def next_step(q, k, v, keys, values):
    """What the new token takes home, and the longer cache."""
    keys, values = np.vstack([keys, k]), np.vstack([values, v])
    scores = keys @ q / np.sqrt(len(q))
    weights = np.exp(scores - scores.max())
    return weights @ values / weights.sum(), keys, values


def cases(rng):
    """An empty cache, one kept token, one that is looked at strongly; then random ones."""
    yield np.array([1.0, 0.0]), np.array([0.5, 1.0]), np.array([2.0, -1.0]), np.zeros((0, 2)), np.zeros((0, 2))
    yield (
        np.array([1.0, 1.0]),
        np.array([0.0, 0.0]),
        np.array([1.0, 1.0]),
        np.array([[2.0, 0.0]]),
        np.array([[5.0, 0.0]]),
    )
    yield np.array([9.0, 0.0, 0.0, 0.0]), np.ones(4), np.arange(4.0), 3 * np.eye(4)[:2], np.ones((2, 4))
    for kept in (3, 6):
        q, k, v = rng.normal(size=(3, 4))
        yield q, k, v, rng.normal(size=(kept, 4)), rng.normal(size=(kept, 4))


def with_(scale=lambda q: np.sqrt(len(q)), hears_itself=True, first=False):
    """A wrong answer that differs in one place."""

    def wrong(q, k, v, keys, values):
        order = (lambda a, b: np.vstack([b, a])) if first else (lambda a, b: np.vstack([a, b]))
        K, V = order(keys, k), order(values, v)
        heard, said = (K, V) if hears_itself or not len(keys) else (keys, values)
        weights = np.exp(heard @ q / scale(q))
        return weights @ said / weights.sum(), K, V

    return wrong


EXERCISE = Description(
    name="next_step",
    task="One head of attention, one new token: its query <code>q</code>, key <code>k</code> and value <code>v</code> "
    "(each d numbers). <code>keys</code> and <code>values</code>, (S, d), are those of the S tokens before it. Give "
    "back three things: what the token takes home, softmax(q·K<sup>⊤</sup>/√d)·V, where it sees itself as well; and "
    "keys and values with its own behind them.",
    stub="""
        def next_step(q, k, v, keys, values):
            # your lines here
            return v, keys, values
    """,
    solution="""
        def next_step(q, k, v, keys, values):
            keys, values = np.vstack([keys, k]), np.vstack([values, v])
            scores = keys @ q / np.sqrt(len(q))
            weights = np.exp(scores - scores.max())
            weights = weights / weights.sum()
            return weights @ values, keys, values
    """,
    hint="First put k and v behind the others: np.vstack([keys, k]). Then one row of attention: a score for each key, "
    "softmax, and the mean of the values with these weights.",
    answer=next_step,
    cases=cases,
    gives="three things, `return y, keys, values`",
    praise="One row of attention in place of S + 1 of them.",
    slips=(
        (with_(scale=lambda q: 1.0), "Divide the scores by √d."),
        (with_(scale=lambda q: len(q)), "Divide by √d, not by d."),
        (with_(hears_itself=False), "The token sees itself, too: put its key and value behind the others first."),
        (with_(first=True), "Behind the others, not in front of them: the order is that of the text."),
        (
            lambda q, k, v, keys, values: (next_step(q, k, v, keys, values)[0], keys, values),
            "The cache has to grow, or the next token will not hear this one.",
        ),
        (
            lambda q, k, v, keys, values: (
                np.vstack([keys, k]) @ q @ np.vstack([values, v]),
                *next_step(q, k, v, keys, values)[1:],
            ),
            "The scores go through a softmax first.",
        ),
    ),
    right=(
        """
        def next_step(q, k, v, keys, values):
            keys = np.concatenate([keys, k[None]])
            values = np.concatenate([values, v[None]])
            e = np.exp((keys * q).sum(1) / math.sqrt(q.size))
            return (e[:, None] * values).sum(0) / e.sum(), keys, values
        """,
        """
        def next_step(q, k, v, keys, values):
            K = torch.cat([torch.tensor(keys), torch.tensor(k)[None]])
            V = torch.cat([torch.tensor(values), torch.tensor(v)[None]])
            y = torch.nn.functional.scaled_dot_product_attention(torch.tensor(q)[None], K, V)
            return y[0], K, V
        """,
        """
        def next_step(q, k, v, keys, values):
            K, V = keys.tolist() + [k.tolist()], values.tolist() + [v.tolist()]
            s = [sum(a * b for a, b in zip(q, key)) / len(q) ** 0.5 for key in K]
            w = [math.exp(x) for x in s]
            y = [sum(w[i] * V[i][j] for i in range(len(V))) / sum(w) for j in range(len(q))]
            return y, K, V
        """,
    ),
    wrong=(
        """
        def next_step(q, k, v, keys, values):
            K, V = np.vstack([keys, k]), np.vstack([values, v])
            w = np.exp(K @ q)
            return w @ V / w.sum(), K, V
        """,
        """
        def next_step(q, k, v, keys, values):
            K, V = np.vstack([keys, k]), np.vstack([values, v])
            w = np.exp(K @ q / np.sqrt(len(q)))
            return w @ V, K, V
        """,
        """
        def next_step(q, k, v, keys, values):
            K, V = np.vstack([k, keys]), np.vstack([v, values])
            w = np.exp(K @ q / np.sqrt(len(q)))
            return w @ V / w.sum(), K, V
        """,
        """
        def next_step(q, k, v, keys, values):
            K, V = np.vstack([keys, k]), np.vstack([values, v])
            w = np.exp(K @ q / np.sqrt(len(q)))
            return w @ V / w.sum(), keys, values
        """,
        "def next_step(q, k, v, keys, values):\n    return v, np.vstack([keys, k]), np.vstack([values, v])",
    ),
)
