"""Lesson 15: He's rule."""

import numpy as np

from deepglass.course.judging.description import Description


def begin(inputs, outputs, rng):
    """Weights of variance 2 over the number of inputs."""
    return rng.normal(0, np.sqrt(2 / inputs), (outputs, inputs))


def cases(rng):
    """Many inputs and few, many outputs and few; one drawn."""
    for inputs, outputs in ((400, 300), (50, 600), (1000, 40), (int(rng.integers(100, 300)), 300)):
        yield inputs, outputs, rng


def watch(begin, inputs, outputs, rng):
    """Shape, mean, spread, kurtosis of the weights, and whether a second layer has the same ones."""
    first, second = (np.asarray(begin(inputs, outputs, rng), dtype=float) for _ in range(2))
    centred = first - first.mean()
    fourth = (centred**4).mean() / max((centred**2).mean(), 1e-30) ** 2
    return first.shape, float(first.mean()), float(first.std()), float(fourth), bool(np.array_equal(first, second))


def agrees(got, inputs, outputs, rng):
    """What is wrong with the weights, or ""; limits are five deviations of chance or more."""
    if not isinstance(got, tuple) or len(got) != 5:
        return "expected an array of weights."
    shape, mean, spread, fourth, again = got
    shape, mean, spread, fourth = tuple(int(n) for n in np.ravel(shape)), float(mean), float(spread), float(fourth)
    expected, count = (2 / inputs) ** 0.5, inputs * outputs
    if shape != (outputs, inputs):
        return f"expected the shape {(outputs, inputs)}, one row for each neuron; got {shape}."
    if abs(mean) > 6 * expected / count**0.5:
        return f"the mean should be near 0; got {mean:.4f}."
    if abs(spread / expected - 1) > 6 / (2 * count) ** 0.5:
        return f"expected a spread of √(2/{inputs}) = {expected:.4f}, got {spread:.4f}.{slip(spread, inputs, outputs)}"
    if abs(fourth - 3) > 0.4:
        return "the spread is right, but these are not normal numbers: use rng.normal, or rng.standard_normal."
    return "a second layer got the very same weights: draw them from rng." if bool(again) else ""


def slip(spread, inputs, outputs):
    """Which usual mistake has this spread."""
    known = {
        2 / inputs: "That is the variance: the spread is its root.",
        (2 / outputs) ** 0.5: "It is the number of inputs that counts: so many products a neuron adds up.",
        (1 / inputs) ** 0.5: "The 2 makes up for what ReLU throws away.",
        (2 / (inputs + outputs)) ** 0.5: "That is Xavier's rule; He's divides by the inputs alone.",
        1.0: "These are weights of spread 1: make them smaller.",
    }
    return next((f" {why}" for one, why in known.items() if abs(spread / one - 1) < 0.03), "")


def twenty_layers(begin):
    """What is left of a signal."""
    rng = np.random.default_rng(0)
    h = rng.normal(size=(64, 200))
    for _ in range(20):
        h = np.maximum(h @ np.asarray(begin(200, 200, rng), dtype=float).T, 0)
    return f"A signal of size 1 has the size {np.sqrt((h**2).mean()):.2f} after twenty layers of your weights."


EXERCISE = Description(
    name="begin",
    task="He's rule for a layer of neurons with ReLU: give back normal random weights of shape (outputs, inputs), "
    "drawn with <code>rng.normal(mean, spread, shape)</code>.",
    stub="""
        def begin(inputs, outputs, rng):
            # your lines here
            return rng.normal(0, 1, (outputs, inputs))
    """,
    solution="""
        def begin(inputs, outputs, rng):
            return rng.normal(0, np.sqrt(2 / inputs), (outputs, inputs))
    """,
    hint="The variance is 2 over the number of products that a neuron adds up; the spread is its root.",
    answer=begin,
    cases=cases,
    watch=watch,
    agrees=agrees,
    tell=lambda inputs, outputs, rng: f"With {inputs} inputs and {outputs} outputs",
    after=twenty_layers,
    right=(
        "def begin(inputs, outputs, rng):\n    return rng.standard_normal((outputs, inputs)) * (2 / inputs) ** 0.5",
        "def begin(n, m, rng):\n    return [[rng.normal(0, math.sqrt(2 / n)) for _ in range(n)] for _ in range(m)]",
        """
        def begin(inputs, outputs, rng):
            return np.float32(rng.normal(scale=(2 / inputs) ** 0.5, size=(inputs, outputs)).T)
        """,
        """
        def begin(inputs, outputs, rng):
            return torch.nn.init.kaiming_normal_(torch.empty(outputs, inputs), nonlinearity='relu')
        """,
    ),
    wrong=(
        "def begin(inputs, outputs, rng):\n    return rng.normal(0, 2 / inputs, (outputs, inputs))",
        "def begin(inputs, outputs, rng):\n    return rng.normal(0, np.sqrt(2 / outputs), (outputs, inputs))",
        "def begin(inputs, outputs, rng):\n    return rng.normal(0, np.sqrt(1 / inputs), (outputs, inputs))",
        "def begin(inputs, outputs, rng):\n    return rng.normal(0, np.sqrt(2 / inputs), (inputs, outputs))",
        "def begin(inputs, outputs, rng):\n    return np.full((outputs, inputs), np.sqrt(2 / inputs))",
        "def begin(inputs, outputs, rng):\n    return rng.choice([-1, 1], (outputs, inputs)) * np.sqrt(2 / inputs)",
        """
        def begin(inputs, outputs, rng):
            return np.random.default_rng(0).normal(0, np.sqrt(2 / inputs), (outputs, inputs))
        """,
        "def begin(inputs, outputs, rng):\n    return np.abs(rng.normal(0, np.sqrt(2 / inputs), (outputs, inputs)))",
    ),
)
