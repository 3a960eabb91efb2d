"""Lesson 11: the blame line of a multiplication."""

from deepglass.course.judging.description import Description


def cases(rng):
    """What arrives is 1, negative, large; a factor is 0; then random numbers."""
    yield from ((1.0, 3.0, -2.0), (-0.5, 0.7, 4.0), (2.0, 0.0, 1.5))
    for _ in range(3):
        yield tuple(float(number) for number in rng.normal(size=3))


EXERCISE = Description(
    name="blame",
    task="Write the blame line of a multiplication. Forward it computes <code>y = a * b</code>. Now <code>g</code> = "
    "∂L/∂y "
    "arrives: give back what a receives and what b receives.",
    stub="""
        def blame(g, a, b):
            # your line here
            return 0.0, 0.0
    """,
    solution="""
        def blame(g, a, b):
            return g * b, g * a
    """,
    hint="What arrives, times the slope. If a grows by a little, a·b grows by b times as much.",
    answer=lambda g, a, b: (g * b, g * a),
    cases=cases,
    tell=lambda g, a, b: f"For a = {a:.4g}, b = {b:.4g} and g = {g:.4g} arriving",
    gives="two numbers, `return for_a, for_b`",
    praise="The engine's line for multiplication says the same.",
    slips=(
        (lambda g, a, b: (g * a, g * b), "Is it the other factor that counts?"),
        (lambda g, a, b: (b, a), "What arrives, g, is a factor too."),
        (lambda g, a, b: (g, g), "That is an addition's blame; here a nudge of a counts b times."),
        (lambda g, a, b: (g + b, g + a), "What arrives is multiplied with the slope, not added."),
        (lambda g, a, b: (-g * b, -g * a), "The sign: this is the gradient itself; the step against it comes later."),
    ),
    right=(
        "def blame(arrives, a, b):\n    return [arrives * b, arrives * a]",
        "def blame(g, a, b):\n    return g * np.array([b, a])",
        "def blame(g, a, b):\n    for_a = b * g\n    for_b = a * g\n    return for_a, for_b",
        """
        def blame(g, a, b):
            a, b = torch.tensor(a, requires_grad=True), torch.tensor(b, requires_grad=True)
            (a * b).backward(torch.tensor(g))
            return a.grad, b.grad
        """,
        """
        def blame(g, a, b, h=1e-3):
            f = lambda a, b: a * b
            return g * (f(a + h, b) - f(a - h, b)) / (2 * h), g * (f(a, b + h) - f(a, b - h)) / (2 * h)
        """,
    ),
    wrong=(
        "def blame(g, a, b):\n    return g * a, g * b",
        "def blame(g, a, b):\n    return b, a",
        "def blame(g, a, b):\n    return g, g",
        "def blame(g, a, b):\n    return g * a * b",
        "def blame(g, a, b):\n    return g * b, g * b",
        "def blame(g, a, b):\n    return -g * b, -g * a",
    ),
)
