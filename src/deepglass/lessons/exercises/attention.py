"""Lesson 33: one query looks at keys and receives a mean of values."""

import numpy as np

from deepglass.course.judging.description import Description


def attention(q, K, V):
    """softmax(K q / √d) V."""
    scores = K @ q / np.sqrt(len(q))
    powers = np.exp(scores - scores.max())
    return powers / powers.sum() @ V


def cases(rng):
    """Numbers that can be followed, one key alone, equal keys; scores that overflow; then keys of all shapes."""
    eye = np.array([[2.0, 0.0], [0.0, 2.0], [-2.0, 0.0]])
    yield np.array([2.0, 0.0]), eye, np.array([[10.0], [20.0], [30.0]])
    yield np.array([1.0, 3.0, -1.0, 0.5]), np.array([[1.0, 0.0, 2.0, 1.0]]), np.array([[4.0, 7.0]])
    yield np.array([1.0, 1.0]), np.ones((4, 2)), np.arange(8.0).reshape(4, 2)
    yield np.array([900.0, 0.0, 0.0]), np.array([[3.0, 0.0, 0.0], [2.9, 1.0, 0.0], [-3.0, 0.0, 1.0]]), np.eye(3)
    for keys, width, values in ((5, 16, 3), (3, 4, 2), (12, 64, 5)):
        yield rng.normal(size=width), rng.normal(size=(keys, width)), rng.normal(size=(keys, values))


def softmax(scores):
    """Shares."""
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


EXERCISE = Description(
    name="attention",
    task="One query <code>q</code> (d,) looks at the keys <code>K</code> (n, d), one in each row. Give back what it "
    "finds: the mean of the values <code>V</code> (n, e), weighted by the softmax of the scores q·k / √d. It has to "
    "hold for scores of 1,000 as well.",
    stub="""
        def attention(q, K, V):
            # your lines here
            return V[0]
    """,
    solution="""
        def attention(q, K, V):
            scores = K @ q / np.sqrt(len(q))
            powers = np.exp(scores - scores.max())
            weights = powers / powers.sum()
            return weights @ V
    """,
    hint="<code>K @ q</code> gives all scores at once. d is the length of q. A softmax holds for large scores if the "
    "largest is taken away first.",
    answer=attention,
    cases=cases,
    tell=lambda q, K, V: (
        f"For q = {q.tolist()}, K = {K.tolist()}, V = {V.tolist()}"
        if K.size <= 9
        else f"For {len(K)} keys of {K.shape[1]} numbers"
    ),
    gives="as many numbers as a value has",
    praise="That is the look of every Transformer.",
    slips=(
        (lambda q, K, V: softmax(K @ q) @ V, "The scores still want to be divided by √d."),
        (lambda q, K, V: softmax(K @ q / len(q)) @ V, "Divide by the square root of d, not by d itself."),
        (lambda q, K, V: K @ q / np.sqrt(len(q)) @ V, "Scores are not yet shares: softmax comes before the mean."),
        (lambda q, K, V: softmax(K @ q / np.sqrt(len(q))), "Those are the weights; what is found is the mean of V."),
        (lambda q, K, V: V[(K @ q).argmax()], "That takes the best answer alone. Attention takes a share of each."),
        (lambda q, K, V: softmax(K @ q / np.sqrt(len(K))) @ V, "d is the width of a key, not how many keys there are."),
    ),
    right=(
        """
        def attention(q, K, V):
            s = (K * q).sum(axis=1) / len(q) ** 0.5
            w = np.exp(s - max(s))
            return (w[:, None] * V).sum(axis=0) / w.sum()
        """,
        """
        def attention(query, keys, values):
            q, K, V = (torch.tensor(x) for x in (query, keys, values))
            return torch.nn.functional.scaled_dot_product_attention(q[None], K, V)[0]
        """,
        """
        def attention(q, K, V):
            scores = [sum(a * b for a, b in zip(q, k)) / math.sqrt(len(q)) for k in K]
            top = max(scores)
            powers = [math.exp(s - top) for s in scores]
            return [sum(p * v[i] for p, v in zip(powers, V)) / sum(powers) for i in range(len(V[0]))]
        """,
        """
        from scipy.special import softmax
        def attention(q, K, V):
            return V.T @ softmax(K @ q * K.shape[1] ** -0.5)
        """,
    ),
    wrong=(
        "def attention(q, K, V):\n    w = np.exp(K @ q / np.sqrt(len(q)))\n    return w / w.sum() @ V",
        "def attention(q, K, V):\n    w = np.exp(K @ q - (K @ q).max())\n    return w / w.sum() @ V",
        """
        def attention(q, K, V):
            s = K @ q / np.sqrt(len(q))
            w = np.exp(s - s.max())
            return w @ V
        """,
        "def attention(q, K, V):\n    return V.mean(axis=0)",
        "def attention(q, K, V):\n    return V[np.argmax(K @ q)]",
        "def attention(q, K, V):\n    return K @ q / np.sqrt(len(q)) @ V",
        """
        def attention(q, K, V):
            s = K @ q / len(q)
            w = np.exp(s - s.max())
            return w / w.sum() @ V
        """,
    ),
)
