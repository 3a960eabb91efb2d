"""Lesson 41: Amdahl's law."""

from deepglass.course.judging.description import Description


def amdahl(share, machines):
    """How many times faster."""
    return 1 / ((1 - share) + share / machines)


def cases(rng):
    """All shared, nothing shared, one machine, the example of the page; then random ones."""
    yield from ((1.0, 8), (0.0, 8), (0.7, 1), (0.95, 1000), (0.5, 2))
    for _ in range(3):
        yield round(float(rng.uniform(0.1, 0.99)), 3), int(rng.integers(2, 200))


EXERCISE = Description(
    name="amdahl",
    task="A share of the work, <code>share</code>, can be split among <code>machines</code>; the rest is done by one "
    "while the others wait. Exchanging costs nothing. How many times faster is it than on one machine?",
    stub="""
        def amdahl(share, machines):
            # your lines here
            return machines
    """,
    solution="""
        def amdahl(share, machines):
            time = (1 - share) + share / machines
            return 1 / time
    """,
    hint="Say that one machine takes a time of 1. How long do the two parts take on many? The speed-up is 1 over that.",
    answer=amdahl,
    cases=cases,
    gives="one number",
    praise="With machines without end it is 1 / (1 − share), and no more.",
    slips=(
        (lambda share, machines: machines, "That would be so if all of the work could be split."),
        (lambda share, machines: share * machines, "The part that is not split takes its time as well."),
        (
            lambda share, machines: (1 - share) + share / machines,
            "That is the time; how many times faster is 1 over it.",
        ),
        (
            lambda share, machines: 1 / (share + (1 - share) / machines),
            "The other way round: the share is what is split.",
        ),
        (
            lambda share, machines: 1 / (1 - share) if share < 1 else machines,
            "That is the end of it, with machines without end.",
        ),
        (lambda share, machines: (1 - share) + share * machines, "Speeds of parts do not add up; their times do."),
    ),
    right=(
        "def amdahl(share, machines):\n    return machines / (machines - share * (machines - 1))",
        "amdahl = lambda p, n: np.float64(1) / (1 - p + p / n)",
        """
        from fractions import Fraction
        def amdahl(part, count):
            part = Fraction(part)
            return float(1 / (1 - part + part / count))
        """,
    ),
    wrong=(
        "def amdahl(share, machines):\n    return machines",
        "def amdahl(share, machines):\n    return share * machines + (1 - share)",
        "def amdahl(share, machines):\n    return (1 - share) + share / machines",
        "def amdahl(share, machines):\n    return 1 / (share + (1 - share) / machines)",
        "def amdahl(share, machines):\n    return 1 / (1 - share + share // machines) if share != 1 else machines",
    ),
)
