"""Lesson 78: the steering angle of pure pursuit."""

import math

from deepglass.course.judging.description import Description


def pursue(ahead, aside, wheelbase):
    """The angle of the front wheels, in radians, that leads to a point of the car's own frame."""
    distance = math.hypot(ahead, aside)
    return math.atan(2 * wheelbase * aside / distance**2)


def cases(rng):
    """A quarter circle, straight on, to the right, and by chance."""
    yield 3.0, 3.0, 3.0
    yield 8.0, 0.0, 2.5
    yield 6.0, -2.0, 2.5
    for _ in range(4):
        yield float(rng.uniform(3, 12)), float(rng.uniform(-5, 5)), float(rng.uniform(2, 4))


EXERCISE = Description(
    name="pursue",
    task="Pure pursuit. A point lies <code>ahead</code> metres before the rear axle and <code>aside</code> metres to "
    "its left. The arc to it has the curvature 2 · aside / distance², and wheels turned by δ drive the curvature "
    "tan δ / <code>wheelbase</code>. Return δ in radians.",
    stub="""
        def pursue(ahead, aside, wheelbase):
            # your lines here
            return 0.0
    """,
    solution="""
        def pursue(ahead, aside, wheelbase):
            curvature = 2 * aside / (ahead**2 + aside**2)
            return np.arctan(wheelbase * curvature)
    """,
    hint="First the curvature of the arc, then the angle whose tangent is the wheelbase times it.",
    answer=pursue,
    cases=cases,
    slips=(
        (
            lambda ahead, aside, wheelbase: math.atan(wheelbase * aside / (ahead**2 + aside**2)),
            "The curvature of the arc is 2 · aside / distance²: a factor of 2 is missing.",
        ),
        (
            lambda ahead, aside, wheelbase: math.atan(2 * wheelbase * aside / math.hypot(ahead, aside)),
            "Divide by the square of the distance: a curvature is one over metres.",
        ),
        (
            lambda ahead, aside, wheelbase: math.atan2(aside, ahead),
            "That is the direction of the point. The wheels have to lead onto an arc to it.",
        ),
        (
            lambda ahead, aside, wheelbase: 2 * aside / (ahead**2 + aside**2),
            "That is the curvature of the arc. Which angle of the wheels drives it?",
        ),
        (lambda ahead, aside, wheelbase: math.degrees(pursue(ahead, aside, wheelbase)), "In radians, please."),
    ),
    tell=lambda ahead, aside, wheelbase: (
        f"For {ahead:.1f} m ahead, {aside:.1f} m aside and a wheelbase of {wheelbase:.1f} m"
    ),
    praise="Coulter's rule of 1992, and it drives every track of this page.",
    right=(
        """
        def pursue(ahead, aside, wheelbase):
            distance = np.hypot(ahead, aside)
            return np.arctan2(2 * wheelbase * (aside / distance), distance)
        """,
        """
        def pursue(x, y, L):
            return math.atan(2 * L * y / (x * x + y * y))
        """,
        """
        def pursue(ahead, aside, wheelbase):
            angle = np.arctan2(aside, ahead)
            return float(np.arctan(2 * wheelbase * np.sin(angle) / np.sqrt(ahead**2 + aside**2)))
        """,
    ),
    wrong=(
        """
        def pursue(ahead, aside, wheelbase):
            return np.arctan(wheelbase * aside / (ahead**2 + aside**2))
        """,
        """
        def pursue(ahead, aside, wheelbase):
            return np.arctan2(aside, ahead)
        """,
        """
        def pursue(ahead, aside, wheelbase):
            return np.arctan(2 * wheelbase * aside / np.hypot(ahead, aside))
        """,
        """
        def pursue(ahead, aside, wheelbase):
            return 2 * aside / (ahead**2 + aside**2)
        """,
        """
        def pursue(ahead, aside, wheelbase):
            return np.degrees(np.arctan(2 * wheelbase * aside / (ahead**2 + aside**2)))
        """,
    ),
)
