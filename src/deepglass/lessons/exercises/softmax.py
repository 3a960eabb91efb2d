"""Lesson 8: a softmax that holds for any logits."""

import numpy as np

from deepglass.course.judging.description import Description


def softmax(logits):
    """Shares of one whole."""
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def cases(rng):
    """Ordinary logits, equal ones, one alone; then those that overflow up, down, and to both sides at once."""
    for logits in (
        [1.0, 2.0, 3.0], [0.0, 0.0], [7.5], [-2.0, 5.0, 5.0, 0.5],
        [10_000.0, 9_999.0], [-10_000.0, -10_001.0], [1_000.0, 0.0, -1_000.0], [0.0, 800.0, 799.0],
        [-900.0, -900.0, 0.0],
    ):  # fmt: skip
        yield (np.array(logits),)
    for scale in (1, 30, 3000):
        yield (rng.normal(0, scale, 6),)


def naive(logits):
    """Overflows."""
    return np.exp(logits) / np.exp(logits).sum()


EXERCISE = Description(
    name="softmax",
    task="Write softmax for one row of logits. It has to hold for logits of 10,000 as well, and for −10,000.",
    stub="""
        def softmax(logits):
            # your lines here
            return logits
    """,
    solution="""
        def softmax(logits):
            powers = np.exp(logits - logits.max())
            return powers / powers.sum()
    """,
    hint="Only differences count. So which number can be taken away, that the largest power becomes e to the 0?",
    answer=softmax,
    cases=cases,
    gives="one share for each logit",
    praise="It holds for logits of ten thousand, too.",
    agrees=None,
    slips=(
        (lambda z: np.exp(z - z.max()), "The shares must add up to 1: divide by their sum."),
        (lambda z: z / z.sum(), "First e to the power of each, then divide by the sum."),
        (lambda z: np.eye(len(z))[z.argmax()], "Softmax is soft: the others get their share, too."),
    ),
    right=(
        "def softmax(z):\n    e = np.exp(z - np.max(z))\n    return e / np.sum(e)",
        """
        def softmax(logits):
            top = max(logits)
            e = [math.exp(z - top) for z in logits]
            return [x / sum(e) for x in e]
        """,
        "def softmax(logits):\n    return torch.softmax(torch.tensor(logits), dim=0)",
        "from scipy.special import softmax",
        "def softmax(z):\n    z = z - z.max()\n    return np.exp(z - np.log(np.exp(z).sum()))",
        """
        def softmax(logits):
            logits -= logits.max()
            return (np.exp(logits) / np.exp(logits).sum()).astype(np.float32)
        """,
    ),
    wrong=(
        "def softmax(z):\n    return np.exp(z) / np.exp(z).sum()",
        "def softmax(z):\n    z = z - z.mean()\n    return np.exp(z) / np.exp(z).sum()",
        "def softmax(z):\n    z = z - z.min()\n    return np.exp(z) / np.exp(z).sum()",
        "def softmax(z):\n    z = np.clip(z, -500, 500)\n    return np.exp(z) / np.exp(z).sum()",
        "def softmax(z):\n    return np.exp(z - z.max())",
        "def softmax(z):\n    z = z / z.max()\n    return np.exp(z) / np.exp(z).sum()",
        "def softmax(z):\n    return np.eye(len(z))[z.argmax()]",
    ),
)
