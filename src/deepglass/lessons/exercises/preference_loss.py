"""Lesson 93: the loss of comparisons."""

import numpy as np

from deepglass.course.judging.description import Description


def preference_loss(chosen, rejected):
    """Scores (n,) of who won and who lost → the mean surprise"""
    return np.logaddexp(0, -(np.asarray(chosen) - np.asarray(rejected))).mean()


def cases(rng):
    """A draw, a clear one, and drawn ones."""
    yield np.array([1.0]), np.array([1.0])
    yield np.array([2.0, 0.0]), np.array([0.0, 1.0])
    for n in (3, 8):
        yield rng.normal(size=n).round(2), rng.normal(size=n).round(2)


def tell(chosen, rejected):
    """In full."""
    return f"For chosen = {chosen.tolist()} and rejected = {rejected.tolist()}"


EXERCISE = Description(
    name="preference_loss",
    task="<code>chosen</code> and <code>rejected</code> are scores (n,) of the answers that won and lost. Return one "
    "number: the mean of −log σ(chosen − rejected), where σ(z) = 1 / (1 + e<sup>−z</sup>).",
    stub="""
        def preference_loss(chosen, rejected):
            # your lines here
            return 0.0
    """,
    solution="""
        def preference_loss(chosen, rejected):
            wins = 1 / (1 + np.exp(-(chosen - rejected)))
            return -np.log(wins).mean()
    """,
    hint="First the probability that the chosen one wins, then its logarithm, then the mean with a minus.",
    answer=preference_loss,
    cases=cases,
    tell=tell,
    gives="a number",
    praise="That is all that a reward model is fitted with; DPO puts β · log(π/π₀) in the place of the scores.",
    slips=(
        (
            lambda chosen, rejected: preference_loss(rejected, chosen),
            "The sign is the wrong way round: it would be glad of a low score of what was chosen.",
        ),
        (
            lambda chosen, rejected: -preference_loss(chosen, rejected),
            "A logarithm of a probability is below 0; a loss needs the minus before it.",
        ),
        (
            lambda chosen, rejected: preference_loss(chosen, rejected) * len(chosen),
            "That is the sum; the mean was asked for.",
        ),
        (
            lambda chosen, rejected: (1 / (1 + np.exp(-(chosen - rejected)))).mean(),
            "That is how likely what was chosen is to win; its logarithm is still to be taken.",
        ),
    ),
    right=(
        """
        def preference_loss(chosen, rejected):
            return np.log1p(np.exp(rejected - chosen)).mean()
        """,
        """
        def preference_loss(chosen, rejected):
            return sum(np.log(1 + np.exp(b - a)) for a, b in zip(chosen, rejected)) / len(chosen)
        """,
        """
        def preference_loss(chosen, rejected):
            return np.mean(np.logaddexp(chosen, rejected) - chosen)
        """,
    ),
    wrong=(
        "def preference_loss(chosen, rejected):\n    return (chosen - rejected).mean()",
        "def preference_loss(chosen, rejected):\n    return np.log(2)",
        "def preference_loss(chosen, rejected):\n    return np.maximum(0, rejected - chosen).mean()",
        "def preference_loss(chosen, rejected):\n    return np.log1p(np.exp(rejected.mean() - chosen.mean()))",
    ),
)
