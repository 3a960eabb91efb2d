"""Lesson 56: the slope of the logarithm of a softmax probability."""

import numpy as np

from deepglass.course.judging.description import Description


def log_slope(logits, arm):
    """∇ ln π(arm) by logit: 1 for the arm that was pulled, less the probabilities."""
    logits = np.asarray(logits, float)
    powers = np.exp(logits - logits.max())
    return np.eye(len(logits))[arm] - powers / powers.sum()


def cases(rng):
    """Arms alike, one much likelier, and large logits, whose powers overflow."""
    yield [0.0, 0.0, 0.0], 1
    yield [3.0, 0.0], 0
    yield [0.5, 0.0, -0.5], 2
    yield [1000.0, 1001.0], 0
    for _ in range(3):
        yield rng.normal(size=4).tolist(), int(rng.integers(4))


EXERCISE = Description(
    name="log_slope",
    task="A policy draws an arm by the softmax of its <code>logits</code>. Give back the slope of the logarithm of the "
    "probability of <code>arm</code> by each logit: an array as long as <code>logits</code>. Logits may be large.",
    stub="""
        def log_slope(logits, arm):
            # your lines here
            return np.zeros(len(logits))
    """,
    solution="""
        def log_slope(logits, arm):
            powers = np.exp(np.array(logits) - max(logits))
            slope = -powers / powers.sum()
            slope[arm] += 1
            return slope
    """,
    hint="ln π(arm) = logit of the arm − ln Σ exp(logits). The slope of the second term is the softmax.",
    answer=log_slope,
    cases=cases,
    slips=[
        (
            lambda logits, arm: np.eye(len(logits))[arm] - 1 / len(logits),
            "The arms are not all alike: use the softmax.",
        ),
        (lambda logits, arm: -log_slope(logits, arm), "The sign is turned: the arm that was pulled goes up."),
    ],
    tell=lambda logits, arm: f"For logits {[round(x, 2) for x in logits]} and arm {arm}",
    praise="It adds up to 0: what one arm gains in logit, the others lose together.",
    right=(
        """
        def log_slope(logits, arm):
            e = np.exp(np.array(logits) - np.max(logits))
            return (np.arange(len(logits)) == arm) - e / e.sum()
        """,
        """
        def log_slope(logits, arm):
            top = max(logits)
            total = sum(math.exp(x - top) for x in logits)
            return [float(i == arm) - math.exp(x - top) / total for i, x in enumerate(logits)]
        """,
        """
        def log_slope(logits, arm):
            x = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
            x.log_softmax(0)[arm].backward()
            return x.grad
        """,
    ),
    wrong=(
        """
        def log_slope(logits, arm):
            e = np.exp(np.array(logits))
            return (np.arange(len(logits)) == arm) - e / e.sum()
        """,
        """
        def log_slope(logits, arm):
            e = np.exp(np.array(logits) - max(logits))
            return e / e.sum() - (np.arange(len(logits)) == arm)
        """,
        """
        def log_slope(logits, arm):
            e = np.exp(np.array(logits) - max(logits))
            p = e / e.sum()
            return p * ((np.arange(len(logits)) == arm) - p[arm])
        """,
        "def log_slope(logits, arm):\n    return (np.arange(len(logits)) == arm) - 1 / len(logits)",
        """
        def log_slope(logits, arm):
            e = np.exp(np.array(logits) - max(logits))
            return (1 - e[arm] / e.sum()) * (np.arange(len(logits)) == arm)
        """,
    ),
)
