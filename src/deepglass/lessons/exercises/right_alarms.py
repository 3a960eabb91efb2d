"""Lesson 51: how many alarms are right, where few are ill."""

from deepglass.course.judging.description import Description


def right_alarms(share, found, alarmed):
    """P(ill | alarm) by Bayes."""
    return share * found / (share * found + (1 - share) * alarmed)


def cases(rng):
    """A rare illness, a common one, a test that says nothing; then drawn ones."""
    yield from ((0.01, 0.9, 0.05), (0.5, 0.9, 0.1), (0.2, 0.3, 0.3), (0.001, 1.0, 0.02))
    for _ in range(4):
        yield tuple(float(value) for value in rng.uniform(0.05, 0.95, 3).round(3))


EXERCISE = Description(
    name="right_alarms",
    task="Of the people who are screened, <code>share</code> are ill. A test alarms <code>found</code> of the ill and "
    "<code>alarmed</code> of the healthy; all three are shares between 0 and 1. Give back which share of its alarms is "
    "right.",
    stub="""
        def right_alarms(share, found, alarmed):
            # your lines here
            return 0.0
    """,
    solution="""
        def right_alarms(share, found, alarmed):
            right = share * found
            wrong = (1 - share) * alarmed
            return right / (right + wrong)
    """,
    hint="Think of 1,000 people. How many alarms come from the ill, how many from the healthy?",
    answer=right_alarms,
    cases=cases,
    praise="It depends on the share of the ill as much as on the test.",
    slips=(
        (lambda p, t, f: t / (t + f), "There are not as many ill as healthy: where is <code>share</code>?"),
        (lambda p, t, f: p * t / (p * t + f), "Only the healthy can be alarmed wrongly: their share is 1 − share."),
        (lambda p, t, f: t, "That is how many of the ill are alarmed. Asked is how many of the alarmed are ill."),
        (lambda p, t, f: p * t + (1 - p) * (1 - f), "That is accuracy: right answers of all people, not of alarms."),
    ),
    right=(
        """
        def right_alarms(share, found, alarmed):
            return 1 / (1 + (1 - share) / share * alarmed / found)
        """,
        """
        def right_alarms(share, found, alarmed):
            people = np.array([share, 1 - share]) * np.array([found, alarmed])
            return people[0] / people.sum()
        """,
        """
        def right_alarms(share, found, alarmed):
            odds = share / (1 - share) * (found / alarmed)
            return odds / (1 + odds)
        """,
    ),
    wrong=(
        """
        def right_alarms(share, found, alarmed):
            return found / (found + alarmed)
        """,
        """
        def right_alarms(share, found, alarmed):
            return found
        """,
        """
        def right_alarms(share, found, alarmed):
            return share * found / (share * found + alarmed)
        """,
        """
        def right_alarms(share, found, alarmed):
            return 1 - alarmed
        """,
    ),
)
