"""Lesson 89: what the steps of a network of CTC say."""

from deepglass.course.judging.description import Description


def collapse_steps(steps):
    """Repetitions are one, then blanks go."""
    return [step for before, step in zip([0, *steps], steps) if step not in (before, 0)]


def cases(rng):
    """Blanks at the ends, a blank between two alike, then drawn ones."""
    yield ([0, 0, 1, 1, 0, 2, 0],)
    yield ([1, 1, 2, 0, 2, 2, 3],)
    yield ([1, 0, 1],)
    for _ in range(4):
        yield ([3, *(int(step) for step in rng.choice(4, 8, p=[0.4, 0.3, 0.2, 0.1]))],)


def tell(steps):
    """All of it."""
    return f"For steps = {steps}"


EXERCISE = Description(
    name="collapse_steps",
    task="<code>steps</code> is a list with a number per step: 0 is the blank, the others are words. Give back the "
    "list of what is said: a word that goes on is <b>one</b> word, and blanks are nothing.",
    stub="""
        def collapse_steps(steps):
            # your lines here
            return []
    """,
    solution="""
        def collapse_steps(steps):
            said, before = [], 0
            for step in steps:
                if step != before and step != 0:
                    said.append(step)
                before = step
            return said
    """,
    hint="Go through the steps and keep the one before. A word counts where it differs from that one.",
    answer=collapse_steps,
    cases=cases,
    tell=tell,
    gives="a list of numbers",
    praise="The blank does two jobs: it says nothing, and it keeps two equal words apart.",
    slips=(
        (
            lambda steps: [step for step in steps if step],
            "A word that goes on over several steps is one word: leave its repetitions out.",
        ),
        (
            lambda steps: _without_repeats([step for step in steps if step]),
            "You have taken the blanks away first: then nothing keeps two equal words apart. Repetitions go first.",
        ),
    ),
    right=(
        """
        def collapse_steps(steps):
            from itertools import groupby
            return [word for word, _ in groupby(steps) if word]
        """,
        """
        def collapse_steps(steps):
            return [b for a, b in zip([0] + steps, steps) if a != b and b != 0]
        """,
        """
        def collapse_steps(steps):
            steps = np.array(steps, dtype=int)
            begins = np.append(True, steps[1:] != steps[:-1])[: len(steps)]
            return steps[begins & (steps > 0)].tolist()
        """,
    ),
    wrong=(
        "def collapse_steps(steps):\n    return sorted(set(steps) - {0})",
        "def collapse_steps(steps):\n    return [b for a, b in zip([0] + steps, steps) if a != b]",
        "def collapse_steps(steps):\n    return steps",
        "def collapse_steps(steps):\n    return [step for step in steps if step]",
    ),
)


def _without_repeats(steps):
    return [step for before, step in zip([0, *steps], steps) if step != before]
