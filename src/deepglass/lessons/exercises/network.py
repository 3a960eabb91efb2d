"""Lesson 10: a whole net, forward."""

import numpy as np

from deepglass.course.judging.description import Description


def network(x, W, b, v, c):
    """Hidden units bent by tanh, and a last sum."""
    return v @ np.tanh(W @ x + b) + c


def cases(rng):
    """Nets of one to eight hidden units, two among them, where W is square and can be transposed unnoticed."""
    for hidden in (3, 2, 1, 8):
        yield (
            rng.normal(size=2),
            rng.normal(size=(hidden, 2)),
            rng.normal(size=hidden),
            rng.normal(size=hidden),
            float(rng.normal()),
        )


EXERCISE = Description(
    name="network",
    task="Write the whole net: inputs <code>x</code>, hidden units with weights <code>W</code> (units, 2) and biases "
    "<code>b</code>, bent by tanh, and a last sum with <code>v</code> and <code>c</code>.",
    stub="""
        def network(x, W, b, v, c):
            # your lines here
            return 0.0
    """,
    solution="""
        def network(x, W, b, v, c):
            h = np.tanh(W @ x + b)
            return v @ h + c
    """,
    hint="Two lines, one for each layer. <code>W @ x</code> gives all hidden sums at once.",
    answer=network,
    cases=cases,
    tell=lambda x, W, b, v, c: f"For {len(b)} hidden unit{'s' if len(b) > 1 else ''} and x = {np.round(x, 3).tolist()}",
    gives="one number: the last neuron says one",
    praise="Thousands of hidden units would need no other line.",
    slips=(
        (lambda x, W, b, v, c: v @ (W @ x + b) + c, "The bend is missing: tanh around the hidden sums."),
        (lambda x, W, b, v, c: v @ np.tanh(W @ x) + c, "The hidden biases b are missing."),
        (lambda x, W, b, v, c: v @ (np.tanh(W @ x) + b) + c, "The bias belongs inside the bend: tanh(W·x + b)."),
        (lambda x, W, b, v, c: v @ np.tanh(W @ x + b), "The last bias c is missing."),
        (lambda x, W, b, v, c: np.tanh(network(x, W, b, v, c)), "The last sum is not bent: its sign is the answer."),
        (lambda x, W, b, v, c: v @ np.maximum(0, W @ x + b) + c, "That is a ReLU; here the bend is tanh."),
    ),
    right=(
        "def network(x, W, b, v, c):\n    return np.dot(v, np.tanh(np.dot(W, x) + b)) + c",
        "def network(x, W, b, v, c):\n    return (np.tanh((W * x).sum(axis=1) + b) * v).sum() + c",
        """
        def network(x, W, b, v, c):
            total = c
            for row, bias, weight in zip(W, b, v):
                total += weight * math.tanh(row[0] * x[0] + row[1] * x[1] + bias)
            return total
        """,
        """
        def network(x, W, b, v, c):
            x, W, b, v = map(torch.tensor, (x, W, b, v))
            return torch.tanh(x @ W.T + b) @ v + c
        """,
        "def network(x, W, b, v, c):\n    return v[None] @ np.tanh(W @ x[:, None] + b[:, None]) + c",
    ),
    wrong=(
        "def network(x, W, b, v, c):\n    return v @ (W @ x + b) + c",
        "def network(x, W, b, v, c):\n    return v @ np.tanh(W @ x) + c",
        "def network(x, W, b, v, c):\n    return v @ np.tanh(W @ x + b)",
        "def network(x, W, b, v, c):\n    return np.tanh(v @ np.tanh(W @ x + b) + c)",
        "def network(x, W, b, v, c):\n    return np.tanh(W @ x + b)",
        "def network(x, W, b, v, c):\n    return v @ (1 / (1 + np.exp(-(W @ x + b)))) + c",
    ),
)
