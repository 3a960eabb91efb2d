"""Lesson 82: how fast the tip of an arm moves, by its angles and how fast they turn."""

import numpy as np

from deepglass.course.judging.description import Description


def tip_speed(q1, q2, w1, w2):
    """J(q)·w with links of 0.5 m: the forearm turns with both joints."""
    both = w1 + w2
    vx = -0.5 * np.sin(q1) * w1 - 0.5 * np.sin(q1 + q2) * both
    vy = 0.5 * np.cos(q1) * w1 + 0.5 * np.cos(q1 + q2) * both
    return np.array([vx, vy])


def cases(rng):
    """By hand, then drawn ones."""
    yield 0.0, 0.0, 1.0, 0.0
    yield 0.0, 0.0, 0.0, 2.0
    yield 0.5, 1.0, 1.0, -1.0
    for _ in range(4):
        yield tuple(float(number) for number in rng.uniform(-2, 2, 4).round(2))


def tell(q1, q2, w1, w2):
    """All of it."""
    return f"For q1 = {q1:g}, q2 = {q2:g}, w1 = {w1:g}, w2 = {w2:g}"


EXERCISE = Description(
    name="tip_speed",
    task="Both links are 0.5 m long. The shoulder stands at <code>q1</code>, the elbow at <code>q2</code> from the "
    "upper arm (radians), and they turn by <code>w1</code> and <code>w2</code> radians per second. Give back how fast "
    "the tip moves: (vx, vy) in m/s. This is the Jacobian times the speeds.",
    stub="""
        def tip_speed(q1, q2, w1, w2):
            # your lines here; np is there
            return np.array([0.0, 0.0])
    """,
    solution="""
        def tip_speed(q1, q2, w1, w2):
            both = w1 + w2
            vx = -0.5 * np.sin(q1) * w1 - 0.5 * np.sin(q1 + q2) * both
            vy = 0.5 * np.cos(q1) * w1 + 0.5 * np.cos(q1 + q2) * both
            return np.array([vx, vy])
    """,
    hint="The tip is at 0.5·(cos q1 + cos(q1 + q2)), and y with sines. Take the derivative by time; the angle of the "
    "forearm changes by w1 + w2.",
    answer=tip_speed,
    cases=cases,
    tell=tell,
    gives="two numbers",
    praise="The two columns of J, each times the speed of its joint.",
    slips=(
        (
            lambda q1, q2, w1, w2: np.array(
                [
                    -0.5 * np.sin(q1) * w1 - 0.5 * np.sin(q1 + q2) * w2,
                    0.5 * np.cos(q1) * w1 + 0.5 * np.cos(q1 + q2) * w2,
                ]
            ),
            "The shoulder carries the forearm with it: that one turns by w1 + w2.",
        ),
        (
            lambda q1, q2, w1, w2: np.array(
                [
                    0.5 * np.sin(q1) * w1 + 0.5 * np.sin(q1 + q2) * (w1 + w2),
                    0.5 * np.cos(q1) * w1 + 0.5 * np.cos(q1 + q2) * (w1 + w2),
                ]
            ),
            "The derivative of a cosine is minus a sine.",
        ),
        (
            lambda q1, q2, w1, w2: np.array(
                [
                    -0.5 * np.sin(q1) * w1 - 0.5 * np.sin(q2) * w2,
                    0.5 * np.cos(q1) * w1 + 0.5 * np.cos(q2) * w2,
                ]
            ),
            "The forearm's angle from level is q1 + q2, and it turns by w1 + w2.",
        ),
    ),
    right=(
        """
        def tip_speed(q1, q2, w1, w2):
            v = 0.5j * np.exp(1j * q1) * w1 + 0.5j * np.exp(1j * (q1 + q2)) * (w1 + w2)
            return [v.real, v.imag]
        """,
        """
        def tip_speed(q1, q2, w1, w2):
            def tip(t):
                a, b = q1 + t * w1, q1 + q2 + t * (w1 + w2)
                return 0.5 * np.array([np.cos(a) + np.cos(b), np.sin(a) + np.sin(b)])
            return (tip(1e-5) - tip(-1e-5)) / 2e-5
        """,
        """
        def tip_speed(q1, q2, w1, w2):
            s, c = 0.5 * np.sin(q1 + q2), 0.5 * np.cos(q1 + q2)
            J = np.array([[-0.5 * np.sin(q1) - s, -s], [0.5 * np.cos(q1) + c, c]])
            return J @ np.array([w1, w2])
        """,
    ),
    wrong=(
        "def tip_speed(q1, q2, w1, w2):\n    return np.array([w1, w2])",
        "def tip_speed(q1, q2, w1, w2):\n"
        "    return 0.5 * np.array([np.cos(q1) + np.cos(q1 + q2), np.sin(q1) + np.sin(q1 + q2)])",
        "def tip_speed(q1, q2, w1, w2):\n"
        "    both = w1 + w2\n"
        "    return np.array([-np.sin(q1) * w1 - np.sin(q1 + q2) * both, np.cos(q1) * w1 + np.cos(q1 + q2) * both])",
        "def tip_speed(q1, q2, w1, w2):\n"
        "    x, y = np.cos(q1) * w1 + np.cos(q1 + q2) * w2, np.sin(q1) * w1 + np.sin(q1 + q2) * w2\n"
        "    return np.array([-0.5 * y, 0.5 * x])",
    ),
)
