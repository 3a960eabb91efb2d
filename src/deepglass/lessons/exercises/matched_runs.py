"""Lesson 87: how many runs of words are right."""

from deepglass.course.judging.description import Description

WORDS = ("der", "Hund", "sieht", "den", "Ball")


def runs_of(words, n):
    """Every run of n words, in order."""
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def matched_runs(written, true, n):
    """Σ over runs of min(times written, times true)"""
    ours, theirs = runs_of(written, n), runs_of(true, n)
    return sum(min(ours.count(run), theirs.count(run)) for run in {*ours})


def cases(rng):
    """The traps by hand, then drawn sentences."""
    yield ["der", "der", "der", "der"], ["der", "Hund"], 1
    yield ["der", "Hund", "sieht", "den", "Ball"], ["der", "Hund", "den", "Ball", "sieht"], 2
    yield ["der", "Hund"], ["der", "Hund"], 3
    yield ["Ball", "der", "Hund", "der", "Hund"], ["der", "Hund", "der", "Hund", "der"], 2
    for _ in range(4):
        one, other = ([str(word) for word in rng.choice(WORDS, rng.integers(3, 9))] for _ in range(2))
        yield one, other, int(rng.integers(1, 4))


def tell(written, true, n):
    """In full."""
    return f"For written = {written}, true = {true}, n = {n}"


EXERCISE = Description(
    name="matched_runs",
    task="<code>written</code> and <code>true</code> are lists of words. How many of the runs of <code>n</code> words "
    "in a row that were written stand in the true sentence too? A run counts at most as often as it stands there.",
    stub="""
        def matched_runs(written, true, n):
            # your lines here
            return 0
    """,
    solution="""
        def matched_runs(written, true, n):
            left = [tuple(true[i:i + n]) for i in range(len(true) - n + 1)]
            count = 0
            for i in range(len(written) - n + 1):
                run = tuple(written[i:i + n])
                if run in left:
                    left.remove(run)
                    count += 1
            return count
    """,
    hint="Make the list of true runs, and cross out each one that is used.",
    answer=matched_runs,
    cases=cases,
    tell=tell,
    gives="a whole number",
    praise="Crossing out is what keeps a program that repeats itself from being perfect.",
    slips=(
        (
            lambda written, true, n: sum(run in runs_of(true, n) for run in runs_of(written, n)),
            "A run that is written again and again counts at most as often as it stands in the true sentence.",
        ),
        (
            lambda written, true, n: len({*runs_of(written, n)} & {*runs_of(true, n)}),
            "A run that stands twice in both sentences counts twice.",
        ),
        (
            lambda written, true, n: matched_runs(written, true, 1),
            "Those are single words; runs of n words in a row are asked for.",
        ),
    ),
    right=(
        """
        from collections import Counter

        def matched_runs(written, true, n):
            a, b = (Counter(zip(*(words[i:] for i in range(n)))) for words in (written, true))
            return sum((a & b).values())
        """,
        """
        def matched_runs(written, true, n):
            runs = lambda words: [words[i:i + n] for i in range(len(words) - n + 1)]
            a, b = runs(written), runs(true)
            return sum(min(a.count(run), b.count(run)) for i, run in enumerate(a) if run not in a[:i])
        """,
        """
        def matched_runs(written, true, n):
            free = [True] * max(0, len(true) - n + 1)
            for i in range(len(written) - n + 1):
                for j, is_free in enumerate(free):
                    if is_free and list(written[i:i + n]) == list(true[j:j + n]):
                        free[j] = False
                        break
            return free.count(False)
        """,
    ),
    wrong=(
        "def matched_runs(written, true, n):\n    return max(0, len(written) - n + 1)",
        "def matched_runs(written, true, n):\n    return sum(w in true for w in written)",
        "def matched_runs(written, true, n):\n    return 1",
        "def matched_runs(written, true, n):\n    return sum(w == t for w, t in zip(written, true))",
    ),
)  # fmt: skip
