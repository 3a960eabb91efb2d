"""Lesson 81: the slope of a loss after a step, with respect to the weight before it."""

from deepglass.course.judging.description import Description


def through_the_step(w, x, y, asked_x, asked_y, rate):
    """(1 − rate·2x²) · 2(w'·x_asked − y_asked)·x_asked, with w' = w − rate·2(w·x − y)·x"""
    after = w - rate * 2 * (w * x - y) * x
    return (1 - rate * 2 * x * x) * 2 * (after * asked_x - asked_y) * asked_x


def cases(rng):
    """By hand, then drawn ones."""
    yield 1.0, 1.0, 3.0, 2.0, 4.0, 0.1
    yield 0.0, 2.0, 1.0, 1.0, -1.0, 0.05
    for _ in range(4):
        yield (*(float(number) for number in rng.normal(0, 1.5, 5).round(2)), 0.1)


def tell(w, x, y, asked_x, asked_y, rate):
    """All of it."""
    return f"For w = {w:g}, x = {x:g}, y = {y:g}, asked_x = {asked_x:g}, asked_y = {asked_y:g}, rate = {rate:g}"


EXERCISE = Description(
    name="through_the_step",
    task="One weight, <code>f(x) = w·x</code>, and squared errors. The net sees one point (<code>x</code>, "
    "<code>y</code>) and takes one step of length <code>rate</code> down the slope of (w·x − y)². Then it is asked at "
    "<code>asked_x</code>. Give back the derivative of its squared error there, with respect to the weight "
    "<b>before</b> the step: what MAML follows.",
    stub="""
        def through_the_step(w, x, y, asked_x, asked_y, rate):
            # your lines here
            return 0.0
    """,
    solution="""
        def through_the_step(w, x, y, asked_x, asked_y, rate):
            after = w - rate * 2 * (w * x - y) * x
            slope_after = 2 * (after * asked_x - asked_y) * asked_x
            return (1 - rate * 2 * x ** 2) * slope_after
    """,
    hint="The chain rule: the slope at the weight after the step, times how that weight changes with the one before. "
    "The second derivative of (w·x − y)² is 2x².",
    answer=through_the_step,
    cases=cases,
    tell=tell,
    gives="one number",
    praise="The factor 1 − α·2x² is I − α·H of the text, for a single weight.",
    slips=(
        (
            lambda w, x, y, asked_x, asked_y, rate: (
                2 * ((w - rate * 2 * (w * x - y) * x) * asked_x - asked_y) * asked_x
            ),
            "That is the slope at the weight after the step: the first-order shortcut. How that weight changes with "
            "the one before is missing.",
        ),
        (
            lambda w, x, y, asked_x, asked_y, rate: 2 * (w * asked_x - asked_y) * asked_x,
            "That is the slope before the step; what is asked for is the error after it.",
        ),
        (
            lambda w, x, y, asked_x, asked_y, rate: (
                (1 + rate * 2 * x * x) * 2 * ((w - rate * 2 * (w * x - y) * x) * asked_x - asked_y) * asked_x
            ),
            "The step goes down: w' = w − rate·slope, so its derivative is 1 minus, not 1 plus.",
        ),
    ),
    right=(
        """
        def through_the_step(w, x, y, asked_x, asked_y, rate):
            def loss(w):
                w = w - rate * 2 * (w * x - y) * x
                return (w * asked_x - asked_y) ** 2
            return (loss(w + 1e-4) - loss(w - 1e-4)) / 2e-4
        """,
        """
        def through_the_step(w, x, y, asked_x, asked_y, rate):
            w = torch.tensor(w, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad((w * x - y) ** 2, w, create_graph=True)
            (found,) = torch.autograd.grad(((w - rate * slope) * asked_x - asked_y) ** 2, w)
            return found.item()
        """,
        """
        def through_the_step(w, x, y, a, b, r):
            return 2 * a * (1 - 2 * r * x * x) * (a * (w * (1 - 2 * r * x * x) + 2 * r * x * y) - b)
        """,
    ),
    wrong=(
        "def through_the_step(w, x, y, asked_x, asked_y, rate):\n"
        "    after = w - rate * (w * x - y) * x\n"
        "    return (1 - rate * x * x) * 2 * (after * asked_x - asked_y) * asked_x",
        "def through_the_step(w, x, y, asked_x, asked_y, rate):\n"
        "    after = w - rate * 2 * (w * x - y) * x\n"
        "    return (1 - rate * 2 * x) * 2 * (after * asked_x - asked_y) * asked_x",
        "def through_the_step(w, x, y, asked_x, asked_y, rate):\n    return w - rate * 2 * (w * x - y) * x",
        "def through_the_step(w, x, y, asked_x, asked_y, rate):\n    return 2 * (w * x - y) * x",
        "def through_the_step(w, x, y, asked_x, asked_y, rate):\n    return (w * asked_x - asked_y) ** 2",
    ),
)
