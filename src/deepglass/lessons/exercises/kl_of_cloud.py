"""Lesson 60: how much a cloud tells beside the cloud of all codes."""

import numpy as np

from deepglass.course.judging.description import Description


def kl_of_cloud(mean, deviation):
    """Σ (μ² + σ² − 1) / 2 − log σ"""
    return ((mean**2 + deviation**2 - 1) / 2 - np.log(deviation)).sum()


def cases(rng):
    """The cloud of all codes itself, one moved, one narrowed; then drawn ones."""
    yield np.zeros(2), np.ones(2)
    yield np.array([1.0, -2.0]), np.ones(2)
    yield np.zeros(2), np.array([0.5, 2.0])
    for count in (1, 3, 8):
        yield rng.normal(0, 1.5, count), rng.uniform(0.1, 1.6, count)


def tell(mean, deviation):
    """Small ones in full."""
    if len(mean) > 3:
        return f"For a cloud of {len(mean)} random numbers"
    return f"For mean = {mean.round(3).tolist()}, deviation = {deviation.round(3).tolist()}"


EXERCISE = Description(
    name="kl_of_cloud",
    task="A picture's cloud has a <code>mean</code> and a <code>deviation</code> for each number of the code, two "
    "arrays of the same length. The cloud of all codes has mean 0 and deviation 1. Give back how many nats the first "
    "tells beside the second: the sum over the numbers of (μ² + σ² − 1)/2 − log σ.",
    stub="""
        def kl_of_cloud(mean, deviation):
            # your lines here
            return 0.0
    """,
    solution="""
        def kl_of_cloud(mean, deviation):
            return ((mean**2 + deviation**2 - 1) / 2 - np.log(deviation)).sum()
    """,
    hint="Begin with one number: <code>(mean[0]**2 + deviation[0]**2 - 1) / 2 - np.log(deviation[0])</code>.",
    answer=kl_of_cloud,
    cases=cases,
    tell=tell,
    gives="one number",
    praise="It is 0 for the cloud of all codes alone, and grows if a cloud moves away or becomes narrow.",
    slips=(
        (
            lambda mean, deviation: ((mean**2 + deviation**2 - 1) / 2 + np.log(deviation)).sum(),
            "The logarithm is taken away: a narrow cloud tells more, not less.",
        ),
        (
            lambda mean, deviation: ((mean**2 + deviation**2 - 1) / 2 - np.log(deviation)).mean(),
            "The sum over the numbers, not the mean: every number of the code tells its own part.",
        ),
        (
            lambda mean, deviation: ((mean**2 + deviation - 1) / 2 - np.log(deviation) / 2).sum(),
            "That takes the deviation for the variance: σ is given, and σ² is wanted.",
        ),
        (
            lambda mean, deviation: ((mean**2 + deviation**2 - 1) / 2 - np.log2(deviation)).sum(),
            "Nats are wanted: the natural logarithm.",
        ),
    ),
    right=(
        """
        def kl_of_cloud(mean, deviation):
            variance = deviation**2
            return 0.5 * np.sum(mean * mean + variance - 1 - np.log(variance))
        """,
        """
        def kl_of_cloud(m, s):
            p = torch.distributions.Normal(torch.tensor(m), torch.tensor(s))
            return torch.distributions.kl_divergence(p, torch.distributions.Normal(0.0, 1.0)).sum()
        """,
        """
        def kl_of_cloud(mean, deviation):
            total = 0.0
            for m, s in zip(mean, deviation):
                total += (m**2 + s**2 - 1) / 2 - np.log(s)
            return total
        """,
    ),
    wrong=(
        "def kl_of_cloud(mean, deviation):\n    return (mean**2 / 2).sum()",
        "def kl_of_cloud(mean, deviation):\n    return (mean**2 + deviation**2 - 1 - 2 * np.log(deviation)).sum()",
        "def kl_of_cloud(mean, deviation):\n    return ((mean**2 + deviation**2) / 2 - np.log(deviation)).sum()",
        "def kl_of_cloud(mean, deviation):\n    return ((mean**2 + deviation**2 - 1) / 2 - np.log(deviation))[0]",
    ),
)
