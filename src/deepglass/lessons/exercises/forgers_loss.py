"""Lesson 43: what the forger's net wants to be small."""

import numpy as np

from deepglass.course.judging.description import Description


def forgers_loss(verdicts):
    """softplus(−D), in the mean."""
    return np.logaddexp(0, -verdicts).mean()


def cases(rng):
    """Undecided, deceived, caught, very surely caught; then drawn ones."""
    yield (np.array([0.0]),)
    yield (np.array([3.0, -3.0]),)
    yield (np.array([-2.0, -4.0, 1.0]),)
    yield (np.array([-1000.0, 1000.0]),)
    for count in (5, 40):
        yield (rng.normal(0, 3, count),)


EXERCISE = Description(
    name="forgers_loss",
    task="<code>verdicts</code> are the detective's numbers D for forged points, one each; σ(D) is his probability "
    "that a point is real. Give back the forger's loss: the mean of −ln σ(D) = ln(1 + e<sup>−D</sup>). A verdict of "
    "−1000 must not break it.",
    stub="""
        def forgers_loss(verdicts):
            # your lines here
            return 0.0
    """,
    solution="""
        def forgers_loss(verdicts):
            return np.logaddexp(0, -verdicts).mean()
    """,
    hint="<code>np.logaddexp(0, x)</code> is ln(1 + eˣ), and stays finite where eˣ does not.",
    answer=forgers_loss,
    cases=cases,
    praise="Surely caught, it is steep; that is where the forger has most to learn.",
    slips=(
        (lambda D: np.logaddexp(0, D).mean(), "That is the detective's loss on forgeries: the sign is turned."),
        (lambda D: -np.logaddexp(0, D).mean(), "That is ln(1 − σ(D)), which is flat where the forger is caught."),
        (lambda D: np.logaddexp(0, -D).sum(), "The mean, not the sum."),
        (lambda D: np.logaddexp(0, -D.mean()), "First the loss of each forgery, then the mean."),
        (lambda D: (-D).mean(), "That is the plain verdict with its sign turned: ln(1 + e⁻ᴰ) is missing."),
    ),
    right=(
        """
        def forgers_loss(verdicts):
            return (np.maximum(-verdicts, 0) + np.log1p(np.exp(-np.abs(verdicts)))).mean()
        """,
        """
        def forgers_loss(D):
            return torch.nn.functional.softplus(-torch.tensor(D)).mean()
        """,
        """
        def forgers_loss(verdicts):
            total = 0
            for d in verdicts:
                total += math.log1p(math.exp(-d)) if d > 0 else -d + math.log1p(math.exp(d))
            return total / len(verdicts)
        """,
    ),
    wrong=(
        "def forgers_loss(verdicts):\n    return np.logaddexp(0, verdicts).mean()",
        "def forgers_loss(verdicts):\n    return np.logaddexp(0, -verdicts).sum()",
        "def forgers_loss(verdicts):\n    return np.log(1 + np.exp(-verdicts)).mean()",
        "def forgers_loss(verdicts):\n    return -np.logaddexp(0, verdicts).mean()",
        "def forgers_loss(verdicts):\n    return (1 - 1 / (1 + np.exp(-verdicts))).mean()",
    ),
)
