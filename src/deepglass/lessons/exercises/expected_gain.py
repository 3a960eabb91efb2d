"""Lesson 65: the improvement that one more training is expected to bring."""

import math

from deepglass.course.judging.description import Description


def share(z):
    """Of a normal distribution, what lies below z."""
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def bell(z):
    """The height of the normal distribution at z."""
    return math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def expected_gain(mean, deviation, best):
    """E[max(0, best − f)] for f from N(mean, deviation²)."""
    z = (best - mean) / deviation
    return (best - mean) * share(z) + deviation * bell(z)


def cases(rng):
    """As good as the best, better, worse, surely worse, little known; then drawn ones."""
    yield from ((0.3, 0.1, 0.3), (0.2, 0.1, 0.3), (0.4, 0.1, 0.3), (0.9, 0.02, 0.3), (0.5, 2.0, 0.1), (-1.0, 0.5, 0.0))
    for _ in range(3):
        yield tuple(float(one) for one in rng.uniform(0.1, 1.0, 3).round(2))


PHI = (
    "Phi = lambda z: 0.5 * (1 + math.erf(z / math.sqrt(2)))\n"
    "phi = lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi)\n"
)

EXERCISE = Description(
    name="expected_gain",
    task="A model says that a training's error will be around <code>mean</code>, give or take <code>deviation</code> "
    "(normally distributed). The lowest error so far is <code>best</code>. By how much lower is the new one on "
    "average, if a worse one counts as 0? Φ and φ are there.",
    stub="""
        def Phi(z):  # the share of a normal distribution below z
            return 0.5 * (1 + math.erf(z / math.sqrt(2)))

        def phi(z):  # its height at z
            return math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)

        def expected_gain(mean, deviation, best):
            # your lines here
            return max(0.0, best - mean)
    """,
    solution="""
        def Phi(z):
            return 0.5 * (1 + math.erf(z / math.sqrt(2)))

        def phi(z):
            return math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)

        def expected_gain(mean, deviation, best):
            z = (best - mean) / deviation
            return (best - mean) * Phi(z) + deviation * phi(z)
    """,
    hint="How many deviations is the best above the mean? That is z; the formula above has both terms.",
    answer=expected_gain,
    cases=cases,
    tell=lambda mean, deviation, best: f"For mean {mean}, deviation {deviation} and best {best}",
    gives="one number",
    praise="Where the mean is the best so far, it is 0.4 deviations: what is not known is worth something.",
    slips=(
        (
            lambda mean, deviation, best: max(0.0, best - mean),
            "That is the improvement at the mean; it may come out better than the mean says.",
        ),
        (
            lambda mean, deviation, best: share((best - mean) / deviation),
            "That is how probable an improvement is, not how large it is.",
        ),
        (
            lambda mean, deviation, best: (best - mean) * share((best - mean) / deviation),
            "The second term is missing: what the deviation alone promises.",
        ),
        (
            lambda mean, deviation, best: expected_gain(best, deviation, mean),
            "Errors should fall: the gain is best − mean, not mean − best.",
        ),
    ),
    right=(
        PHI + "def expected_gain(mean, deviation, best):\n    z = (best - mean) / deviation\n"
        "    return deviation * (z * Phi(z) + phi(z))",
        """
        def expected_gain(mean, deviation, best):
            normal = torch.distributions.Normal(torch.tensor(0.0, dtype=torch.float64), 1.0)
            z = torch.tensor((best - mean) / deviation, dtype=torch.float64)
            return deviation * (z * normal.cdf(z) + normal.log_prob(z).exp())
        """,
        """
        def expected_gain(mean, deviation, best):
            x = np.linspace(mean - 12 * deviation, best, 400_001)
            if best <= x[0]:
                return 0.0
            height = np.exp(-(((x - mean) / deviation) ** 2) / 2) / (deviation * np.sqrt(2 * np.pi))
            y = (best - x) * height
            return float(((y[1:] + y[:-1]) / 2 * np.diff(x)).sum())
        """,
        """
        from statistics import NormalDist
        def expected_gain(mean, deviation, best):
            f = NormalDist(mean, deviation)
            return (best - mean) * f.cdf(best) + deviation**2 * f.pdf(best)
        """,
    ),
    wrong=(
        "def expected_gain(mean, deviation, best):\n    return max(0.0, best - mean)",
        PHI + "def expected_gain(mean, deviation, best):\n    return Phi((best - mean) / deviation)",
        PHI + "def expected_gain(mean, deviation, best):\n    z = (mean - best) / deviation\n"
        "    return (mean - best) * Phi(z) + deviation * phi(z)",
        PHI + "def expected_gain(mean, deviation, best):\n    z = (best - mean) / deviation\n"
        "    return (best - mean) * Phi(z) + phi(z)",
        PHI + "def expected_gain(mean, deviation, best):\n    z = (best - mean) / deviation**2\n"
        "    return (best - mean) * Phi(z) + deviation * phi(z)",
    ),
)  # fmt: skip
