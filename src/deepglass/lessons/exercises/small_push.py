"""Lesson 48: one step along the signs of the gradient."""

import numpy as np

from deepglass.course.judging.description import Description


def small_push(x, gradient, epsilon):
    """The picture after a push of ε, between paper and ink."""
    return np.clip(x + epsilon * np.sign(gradient), 0, 1)


def cases(rng):
    """Steep and flat slopes, a pixel without any, pixels at both ends of their range; then drawn ones."""
    yield np.array([0.5, 0.5, 0.5, 0.5]), np.array([3.0, -0.01, 0.0, 0.2]), 0.1
    yield np.array([[0.0, 1.0], [0.95, 0.5]]), np.array([[-1.0, 2.0], [0.5, -0.5]]), 0.1
    for _ in range(4):
        shape = tuple(rng.integers(2, 5, 2))
        yield rng.random(shape).round(2), rng.normal(size=shape).round(3), float(rng.choice([0.05, 0.2, 0.3]))


EXERCISE = Description(
    name="small_push",
    task="<code>x</code> is a picture of pixels from 0 to 1, <code>gradient</code> that of the loss, of its shape. "
    "Give back the picture after one step in which every pixel goes by <code>epsilon</code> the way that makes the "
    "loss rise; no pixel may leave 0 to 1.",
    stub="""
        def small_push(x, gradient, epsilon):
            # your line here
            return x
    """,
    solution="""
        def small_push(x, gradient, epsilon):
            return np.clip(x + epsilon * np.sign(gradient), 0, 1)
    """,
    hint="A pixel with a small slope goes as far as one with a large slope: only the sign counts.",
    answer=small_push,
    cases=cases,
    praise="Flat or steep, every pixel goes the whole way: that is why so little is enough.",
    slips=(
        (lambda x, g, e: np.clip(x - e * np.sign(g), 0, 1), "So the loss falls: this goes downhill."),
        (lambda x, g, e: x + e * np.sign(g), "Some pixels are brighter than paper or darker than ink now."),
        (lambda x, g, e: np.clip(x + e * g, 0, 1), "Every pixel may use its whole ε: take the sign of its slope."),
        (
            lambda x, g, e: np.clip(x + e * g / np.linalg.norm(g), 0, 1),
            "That is the push of one length for all together; here each pixel has an ε of its own.",
        ),
    ),
    right=(
        """
        def small_push(x, gradient, epsilon):
            pushed = x + epsilon * (gradient > 0) - epsilon * (gradient < 0)
            return np.minimum(np.maximum(pushed, 0), 1)
        """,
        """
        def small_push(x, gradient, epsilon):
            out = np.where(gradient > 0, x + epsilon, np.where(gradient < 0, x - epsilon, x))
            return out.clip(0, 1)
        """,
        """
        def small_push(x, gradient, epsilon):
            return (torch.tensor(x) + epsilon * torch.tensor(gradient).sign()).clamp(0, 1)
        """,
        """
        def small_push(x, gradient, epsilon):
            size = np.abs(gradient)
            direction = np.divide(gradient, size, out=np.zeros_like(size), where=size > 0)
            return np.clip(x + epsilon * direction, 0.0, 1.0)
        """,
    ),
    wrong=(
        """
        def small_push(x, gradient, epsilon):
            return np.clip(x - epsilon * np.sign(gradient), 0, 1)
        """,
        """
        def small_push(x, gradient, epsilon):
            return x + epsilon * np.sign(gradient)
        """,
        """
        def small_push(x, gradient, epsilon):
            return np.clip(x + epsilon * gradient, 0, 1)
        """,
        """
        def small_push(x, gradient, epsilon):
            return np.clip(x + epsilon * np.where(gradient > 0, 1, -1), 0, 1)
        """,
        """
        def small_push(x, gradient, epsilon):
            return np.clip(x + np.sign(gradient), 0, 1)
        """,
    ),
)
