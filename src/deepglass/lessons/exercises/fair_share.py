"""Lesson 46: the fair shares of two."""

from deepglass.course.judging.description import Description


def fair_share(none, first, second, both):
    """The mean of what each brings when it comes first and when it comes second."""
    return (first - none + both - second) / 2, (second - none + both - first) / 2


def cases(rng):
    """Two that say the same, two that need each other, a base that is not zero; then drawn ones."""
    for worth in ((0, 1, 1, 1), (0, 0, 0, 1), (0.5, 0.5, 0.5, 0.9), (2, 5, 3, 4)):
        yield tuple(map(float, worth))
    for _ in range(4):
        yield tuple(map(float, rng.normal(size=4).round(2)))


EXERCISE = Description(
    name="fair_share",
    task="The score is <code>none</code> with nobody, <code>first</code> with the first column alone, "
    "<code>second</code> with the second alone, <code>both</code> with both. Give back the Shapley values of the two.",
    stub="""
        def fair_share(none, first, second, both):
            # your lines here
            return 0.0, 0.0
    """,
    solution="""
        def fair_share(none, first, second, both):
            one = ((first - none) + (both - second)) / 2
            other = ((second - none) + (both - first)) / 2
            return one, other
    """,
    hint="There are two orders. What does the first column bring in each of them?",
    answer=fair_share,
    cases=cases,
    gives="both, <code>return one, other</code>",
    praise="Together they are both − none, whatever the numbers.",
    slips=(
        (lambda none, first, second, both: (first - none, second - none), "Each may also come second."),
        (lambda none, first, second, both: (both - second, both - first), "Each may also come first."),
        (
            lambda none, first, second, both: ((both - none) / 2, (both - none) / 2),
            "Half each is fair only where both bring the same.",
        ),
        (
            lambda none, first, second, both: ((first + both - second) / 2, (second + both - first) / 2),
            "Alone means compared with nobody: take off <code>none</code>.",
        ),
    ),
    right=(
        """
        def fair_share(none, first, second, both):
            extra = both - first - second + none
            return first - none + extra / 2, second - none + extra / 2
        """,
        """
        def fair_share(none, first, second, both):
            orders = [(first - none, both - first), (both - second, second - none)]
            return np.mean(orders, axis=0)
        """,
        """
        def fair_share(none, first, second, both):
            half = (both - none) / 2
            lead = (first - second) / 2
            return [half + lead, half - lead]
        """,
    ),
    wrong=(
        """
        def fair_share(none, first, second, both):
            return first - none, second - none
        """,
        """
        def fair_share(none, first, second, both):
            return both - second, both - first
        """,
        """
        def fair_share(none, first, second, both):
            return (both - none) / 2, (both - none) / 2
        """,
        """
        def fair_share(none, first, second, both):
            return first - none + both - second, second - none + both - first
        """,
    ),
)
