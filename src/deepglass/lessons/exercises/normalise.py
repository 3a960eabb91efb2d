"""Lesson 18: batch normalisation while training."""

import numpy as np

from deepglass.course.judging.description import Description


def normalise(x, gamma, beta, eps):
    """Each unit to mean 0 and spread 1 over the batch, then to a spread and a middle of its own."""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta


def cases(rng):
    """Three people and two units; a unit that says the same to all; eps so large that its place shows; random ones."""
    gamma, beta = np.array([1.0, 2.0]), np.array([0.0, 5.0])
    for x in ([[1.0, 10.0], [2.0, 30.0], [6.0, 20.0]], [[4.0, 0.0], [4.0, 1.0]]):
        yield np.array(x), gamma, beta, 1e-5
    yield np.array([[0.1, 2.0], [0.3, 2.5], [0.2, 2.25]]), gamma, beta, 0.25
    for people, units in ((5, 3), (4, 4)):
        yield (
            rng.normal(1, 2, (people, units)),
            rng.normal(size=units),
            rng.normal(size=units),
            float(rng.uniform(0.01, 0.5)),
        )


def tell(x, gamma, beta, eps):
    """The batch, and eps where it is no small number."""
    return f"For x = {np.round(x, 3).tolist()}" + (f" and eps = {eps:.3g}" if eps > 1e-3 else "")


EXERCISE = Description(
    name="normalise",
    task="Write it for training. <code>x</code> is (people, units); <code>gamma</code> and <code>beta</code> have one "
    "number for each unit; <code>eps</code> is added to the variance, under the root.",
    stub="""
        def normalise(x, gamma, beta, eps):
            mean = 0.0
            variance = 1.0
            # your lines here
            return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    """,
    solution="""
        def normalise(x, gamma, beta, eps):
            mean = x.mean(axis=0)
            variance = x.var(axis=0)
            return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    """,
    hint="<code>x.mean(axis=0)</code> is the mean over the people, one for each unit.",
    answer=normalise,
    cases=cases,
    tell=tell,
    gives="as many numbers as x has, in the same places",
    praise="Equal to the engine's, which our tests hold equal to PyTorch's.",
    slips=(
        (
            lambda x, g, b, e: g * (x - x.mean()) / np.sqrt(x.var() + e) + b,
            "Each unit (column) has a mean and a variance of its own: use axis=0.",
        ),
        (lambda x, g, b, e: g * (x - x.mean(0)) / (x.std(0) + e) + b, "eps belongs under the root: √(variance + eps)."),
        (
            lambda x, g, b, e: g * (x - x.mean(0)) / x.std(0) + b,
            "Something is divided by 0: add eps to the variance, under the root.",
        ),
        (
            lambda x, g, b, e: g * (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + e) + b,
            "Here the variance divides by how many there are, not by one fewer.",
        ),
        (
            lambda x, g, b, e: g * (x - x.mean(0)) / (x.var(0) + e) + b,
            "Divide by the spread, the root of the variance.",
        ),
        (lambda x, g, b, e: (x - x.mean(0)) / np.sqrt(x.var(0) + e), "γ and β are missing: times gamma, plus beta."),
        (
            lambda x, g, b, e: g * (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + e) + b,
            "That is over the units of one person, layer normalisation; here it is over the people: axis=0.",
        ),
    ),
    right=(
        """
        def normalise(x, gamma, beta, eps):
            z = x - np.mean(x, 0)
            return z / (np.mean(z * z, 0) + eps) ** 0.5 * gamma + beta
        """,
        """
        def normalise(x, gamma, beta, eps):
            out = np.empty_like(x)
            for j in range(x.shape[1]):
                column = x[:, j]
                m = sum(column) / len(column)
                v = sum((c - m) ** 2 for c in column) / len(column)
                out[:, j] = [gamma[j] * (c - m) / math.sqrt(v + eps) + beta[j] for c in column]
            return out.tolist()
        """,
        """
        def normalise(x, gamma, beta, eps):
            f = torch.nn.functional.batch_norm
            t = torch.tensor
            return f(t(x), None, None, t(gamma), t(beta), True, 0.1, eps)
        """,
        """
        def normalise(x, gamma, beta, eps):
            s = gamma * (x.var(0) + eps) ** -0.5
            return x * s + (beta - x.mean(0) * s)
        """,
    ),
    wrong=(
        "def normalise(x, gamma, beta, eps):\n    return gamma * (x - x.mean(0)) / (x.std(0) + eps) + beta",
        """
        def normalise(x, gamma, beta, eps):
            return gamma * (x - x.mean(0)) / (np.sqrt(x.var(0)) + np.sqrt(eps)) + beta
        """,
        "def normalise(x, gamma, beta, eps):\n    return gamma * (x - x.mean()) / np.sqrt(x.var() + eps) + beta",
        """
        def normalise(x, gamma, beta, eps):
            return gamma * (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + eps) + beta
        """,
        "def normalise(x, gamma, beta, eps):\n    return gamma * (x - x.mean(0)) / x.std(0) + beta",
        "def normalise(x, gamma, beta, eps):\n    return (x - x.mean(0)) / np.sqrt(x.var(0) + eps)",
        "def normalise(x, gamma, beta, eps):\n    return gamma * ((x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta)",
        "def normalise(x, gamma, beta, eps):\n    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) + beta",
    ),
)
