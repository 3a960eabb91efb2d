"""Lesson 90: from noise to data in steps of Euler."""

import numpy as np

from deepglass.course.judging.description import Description


def arrive(velocity, x, steps):
    """x ← x + v(x, t) / steps, with t = 0, 1/steps, 2/steps, …"""
    for step in range(steps):
        x = x + velocity(x, step / steps) / steps
    return x


def cases(rng):
    """A steady wind, one that grows with time, one towards a place; each with its number of steps."""
    yield (lambda x, t: np.array([2.0, -1.0])), np.array([0.0, 3.0]), 4
    yield (lambda x, t: np.array([8.0 * t])), np.array([1.0]), 2
    target = rng.normal(size=3)
    yield (lambda x, t: (target - x) / (1 - t)), rng.normal(size=3), 5
    yield (lambda x, t: np.sin(3 * t) - x), rng.normal(size=4), 7


def tell(velocity, x, steps):
    """Where it begins, and in how many steps."""
    return (
        f"From x = {np.round(x, 3).tolist()} in {steps} steps, where v(x, 0) = {np.round(velocity(x, 0.0), 3).tolist()}"
    )


EXERCISE = Description(
    name="arrive",
    task="<code>velocity(x, t)</code> says which way to go from <code>x</code> at time <code>t</code>. Go from noise "
    "<code>x</code> at t = 0 to t = 1 in <code>steps</code> equal steps: in each, ask for the velocity where you are "
    "and when you are there, and go that way for one step's time. Return where you arrive.",
    stub="""
        def arrive(velocity, x, steps):
            for step in range(steps):
                pass  # your line here
            return x
    """,
    solution="""
        def arrive(velocity, x, steps):
            for step in range(steps):
                x = x + velocity(x, step / steps) / steps
            return x
    """,
    hint="A step lasts <code>1 / steps</code>; before step number <code>step</code>, so many of them have passed.",
    answer=arrive,
    cases=cases,
    tell=tell,
    gives="an array as x",
    praise="That is the whole painter: a picture needs about twenty of these steps.",
    slips=(
        (
            lambda velocity, x, steps: _gone(velocity, x, steps, lambda step: step / steps, 1.0),
            "Each step lasts 1 / steps, so the velocity is to be divided by their number.",
        ),
        (
            lambda velocity, x, steps: _gone(velocity, x, steps, lambda step: 0.0, 1 / steps),
            "The time stands still at 0: ask with the time at which the step begins.",
        ),
        (
            lambda velocity, x, steps: _gone(velocity, x, steps, lambda step: (step + 1) / (steps + 1e-9), 1 / steps),
            "That is the time at the end of the step; Euler asks at its beginning.",
        ),
    ),
    right=(
        """
        def arrive(velocity, x, steps):
            t = 0.0
            for _ in range(steps):
                x = x + velocity(x, t) * (1 / steps)
                t += 1 / steps
            return x
        """,
        """
        def arrive(velocity, x, steps):
            dt = 1 / steps
            for t in np.linspace(0, 1, steps, endpoint=False):
                x = x + dt * velocity(x, t)
            return x
        """,
        """
        def arrive(velocity, x, steps):
            step = 0
            while step < steps:
                go = velocity(x, step / steps)
                x = np.array([place + part / steps for place, part in zip(x, go)])
                step += 1
            return x
        """,
    ),
    wrong=(
        "def arrive(velocity, x, steps):\n    return x",
        "def arrive(velocity, x, steps):\n    return x + velocity(x, 0.0)",
        "def arrive(velocity, x, steps):\n    for step in range(steps):\n        x = x + velocity(x, step / steps)\n"
        "    return x",
        "def arrive(velocity, x, steps):\n    for step in range(steps):\n        x = x + velocity(x, 0.0) / steps\n"
        "    return x",
        "def arrive(velocity, x, steps):\n    for step in range(steps):\n        x = x - velocity(x, step / steps)"
        " / steps\n    return x",
    ),
)  # fmt: skip


def _gone(velocity, x, steps, time, share):
    for step in range(steps):
        x = x + share * velocity(x, time(step))
    return x
