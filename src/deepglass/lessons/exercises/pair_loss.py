"""Lesson 62: what a pair of the text costs, beside words drawn by chance."""

import numpy as np

from deepglass.course.judging.description import Description


def log_sigmoid(x):
    """log σ(x), without overflow."""
    return -np.logaddexp(0, -x)


def pair_loss(u, v, noise, k):
    """−log σ(u·v) − k · mean log σ(−u·v′)"""
    return -log_sigmoid(u @ v) - k * log_sigmoid(-noise @ u).mean()


def cases(rng):
    """By hand, without and with words by chance; then drawn ones."""
    yield np.array([1.0, 0.0]), np.array([2.0, 3.0]), np.array([[-2.0, 1.0], [0.0, 4.0]]), 1
    yield np.array([1.0, 2.0]), np.array([0.5, 0.5]), np.array([[1.0, 0.0]]), 0
    yield np.array([0.0, 1.0]), np.array([1.0, -1.0]), np.array([[3.0, 2.0], [1.0, -1.0], [0.0, 0.5]]), 5
    for words, size, k in ((4, 3, 5), (9, 6, 2)):
        yield rng.normal(size=size), rng.normal(size=size), rng.normal(size=(words, size)), k


def tell(u, v, noise, k):
    """Small ones in full."""
    if len(u) > 2:
        return f"For random vectors of {len(u)} numbers, {len(noise)} words by chance and k = {k}"
    return f"For u = {u.tolist()}, v = {v.tolist()}, noise = {noise.tolist()}, k = {k}"


EXERCISE = Description(
    name="pair_loss",
    task="<code>u</code> is the vector of a word, <code>v</code> that of one beside it, and <code>noise</code> has the "
    "vector of one word by chance per row. Give back what this pair costs: minus log σ of the product of u and v, "
    "minus <code>k</code> times the <b>mean</b>, over the rows of noise, of log σ of minus their product with u. "
    "σ(x) = 1 / (1 + e<sup>−x</sup>).",
    stub="""
        def pair_loss(u, v, noise, k):
            # your lines here
            return 0.0
    """,
    solution="""
        def pair_loss(u, v, noise, k):
            log_sigmoid = lambda x: -np.log1p(np.exp(-x))
            return -log_sigmoid(u @ v) - k * log_sigmoid(-(noise @ u)).mean()
    """,
    hint="<code>noise @ u</code> holds all products with words by chance; log σ(x) = −log(1 + e<sup>−x</sup>).",
    answer=pair_loss,
    cases=cases,
    tell=tell,
    gives="one number",
    praise="Small where u and v agree and the words by chance point elsewhere.",
    slips=(
        (
            lambda u, v, noise, k: -log_sigmoid(u @ v) - k * log_sigmoid(noise @ u).mean(),
            "Words by chance are to be told from the true one: their products go in with a minus.",
        ),
        (
            lambda u, v, noise, k: -log_sigmoid(u @ v) - k * log_sigmoid(-noise @ u).sum(),
            "The mean over the words by chance, not their sum.",
        ),
        (
            lambda u, v, noise, k: -log_sigmoid(u @ v) - log_sigmoid(-noise @ u).mean(),
            "The words by chance count k times.",
        ),
        (
            lambda u, v, noise, k: log_sigmoid(u @ v) + k * log_sigmoid(-noise @ u).mean(),
            "A loss is minus the logarithm: it is smaller where the answer is better.",
        ),
        (
            lambda u, v, noise, k: -log_sigmoid(u @ v) + k * log_sigmoid(-noise @ u).mean(),
            "Both parts have a minus before their logarithm.",
        ),
    ),
    right=(
        """
        def pair_loss(u, v, noise, k):
            return np.logaddexp(0, -(u @ v)) + k * np.mean(np.logaddexp(0, noise @ u))
        """,
        """
        def pair_loss(u, v, noise, k):
            u, v, noise = torch.tensor(u), torch.tensor(v), torch.tensor(noise)
            log_sigmoid = torch.nn.functional.logsigmoid
            return -(log_sigmoid(u @ v) + k * log_sigmoid(-noise @ u).mean())
        """,
        """
        def pair_loss(word, beside, others, k):
            sigma = lambda x: 1 / (1 + math.exp(-x))
            dot = lambda a, b: sum(x * y for x, y in zip(a, b))
            loss = -math.log(sigma(dot(word, beside)))
            for other in others:
                loss -= k / len(others) * math.log(1 - sigma(dot(word, other)))
            return loss
        """,
    ),
    wrong=(
        "def pair_loss(u, v, noise, k):\n    return -np.log(1 / (1 + np.exp(-(u @ v))))",
        "def pair_loss(u, v, noise, k):\n    return np.logaddexp(0, -(u @ v)) + k * np.logaddexp(0, -noise @ u).mean()",
        "def pair_loss(u, v, noise, k):\n    return np.logaddexp(0, -(u @ v)) + k * np.logaddexp(0, noise @ v).mean()",
        "def pair_loss(u, v, noise, k):\n    return -(u @ v) + k * (noise @ u).mean()",
        "def pair_loss(u, v, noise, k):\n    return np.logaddexp(0, -(u @ v)) + k * np.logaddexp(0, noise @ u).max()",
    ),
)
