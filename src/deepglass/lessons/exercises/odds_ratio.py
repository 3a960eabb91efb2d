"""Lesson 7: the odds ratio of two groups."""

from deepglass.course.judging.description import Description


def cases(rng):
    """Level odds, four tables that a ratio of probabilities gets wrong; then random ones."""
    yield from ((1, 1, 1, 1), (80, 20, 50, 50), (316, 109, 338, 1329), (1, 9, 9, 1), (3, 5, 2, 7))
    for _ in range(3):
        yield tuple(int(count) for count in rng.integers(1, 500, 4))


EXERCISE = Description(
    name="odds_ratio",
    task="In one group <code>a</code> were saved and <code>b</code> lost, in another <code>c</code> and "
    "<code>d</code>. "
    "How many times better are the odds of the first?",
    stub="""
        def odds_ratio(a, b, c, d):
            # your lines here
            return (a / (a + b)) / (c / (c + d))
    """,
    solution="""
        def odds_ratio(a, b, c, d):
            return (a / b) / (c / d)
    """,
    hint="The odds of a group are those with, divided by those without.",
    answer=lambda a, b, c, d: (a / b) / (c / d),
    cases=cases,
    tell=lambda a, b, c, d: f"For {a} : {b} against {c} : {d}",
    gives="one number",
    praise="The third table is the Titanic's.",
    slips=(
        (
            lambda a, b, c, d: (a / (a + b)) / (c / (c + d)),
            "That is the ratio of the probabilities; odds divide by those without.",
        ),
        (lambda a, b, c, d: (c / d) / (a / b), "That is how many times better the second group's are."),
        (lambda a, b, c, d: a / b, "These are the odds of the first group alone."),
        (lambda a, b, c, d: a / b - c / d, "That is a difference: how many *times* better?"),
        (lambda a, b, c, d: a / b / c / d, "Python divides from left to right: put c / d in brackets."),
    ),
    right=(
        "def odds_ratio(a, b, c, d):\n    return a * d / (b * c)",
        "def odds_ratio(*, a, b, c, d):\n    first, second = a / b, c / d\n    return np.float64(first / second)",
        """
        from fractions import Fraction
        def odds_ratio(a, b, c, d):
            return float(Fraction(a, b) / Fraction(c, d))
        """,
        "def odds_ratio(a, b, c, d):\n    p, q = a / (a + b), c / (c + d)\n    return p / (1 - p) / (q / (1 - q))",
        "odds_ratio = lambda a, b, c, d: math.exp(math.log(a) - math.log(b) - math.log(c) + math.log(d))",
    ),
    wrong=(
        "def odds_ratio(a, b, c, d):\n    return (c / d) / (a / b)",
        "def odds_ratio(a, b, c, d):\n    return a / b / c / d",
        "def odds_ratio(a, b, c, d):\n    return a / b",
        "def odds_ratio(a, b, c, d):\n    return math.log(a * d / (b * c))",
        "def odds_ratio(a, b, c, d):\n    return (a // b) / (c / d)",
    ),
)
