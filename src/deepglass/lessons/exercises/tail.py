"""Lesson 39: a percentile by the nearest rank."""

import math

import numpy as np

from deepglass.course.judging.description import Description


def tail(times, share):
    """The least of the times that `share` per cent of them do not exceed."""
    ordered = sorted(times)
    return ordered[max(1, math.ceil(share * len(ordered) / 100)) - 1]


def cases(rng):
    """Ten in disorder, a hundred, one alone, a few; then random ones."""
    yield [30, 10, 20, 50, 40, 70, 60, 80, 100, 90], 90
    yield [30, 10, 20, 50, 40, 70, 60, 80, 100, 90], 95
    yield [float(n) for n in rng.permutation(100) + 1], 99
    yield [7.5], 95
    yield [4.0, 1.0, 3.0, 2.0], 50
    yield [4.0, 1.0, 3.0, 2.0], 100
    for share in (50, 95, 99):
        yield [float(t) for t in rng.exponential(10, 40).round(3)], share


EXERCISE = Description(
    name="tail",
    task="Give back the percentile of <code>times</code>: the smallest of them that at least <code>share</code> per "
    "cent of all times (itself included) do not exceed. Of ten times, the 90th percentile is the ninth in order, "
    "and the 95th the tenth.",
    stub="""
        def tail(times, share):
            # your lines here
            return max(times)
    """,
    solution="""
        def tail(times, share):
            ordered = sorted(times)
            rank = math.ceil(share * len(ordered) / 100)
            return ordered[rank - 1]
    """,
    hint="Sort them. How many must lie at or below the answer? Round that number up; the list begins at 0.",
    answer=tail,
    cases=cases,
    tell=lambda times, share: f"For {len(times)} times, p{share}",
    gives="one of the times",
    praise="Where an answer needs a hundred services, this is the number to watch.",
    slips=(
        (lambda times, share: sum(times) / len(times), "That is the mean, which nobody has."),
        (lambda times, share: max(times), "That is the slowest of all, p100."),
        (
            lambda times, share: times[max(1, math.ceil(share * len(times) / 100)) - 1],
            "The times come in disorder: sort them first.",
        ),
        (
            lambda times, share: sorted(times)[min(len(times) - 1, math.ceil(share * len(times) / 100))],
            "One too far: the list begins at 0.",
        ),
        (
            lambda times, share: sorted(times)[max(0, int(share * len(times) / 100) - 1)],
            "Round up: fewer than the share lie at or below that one.",
        ),
        (lambda times, share: tail(times, 100 - share), "From the other end: most requests are faster than it."),
        (lambda times, share: float(np.percentile(times, share)), "Between two times; one of the times is asked for."),
    ),
    right=(
        """
        def tail(times, share):
            for t in sorted(times):
                if sum(u <= t for u in times) >= share / 100 * len(times) - 1e-9:
                    return t
        """,
        'def tail(times, share):\n    return np.percentile(times, share, method="inverted_cdf")',
        """
        def tail(ms, per_cent):
            ordered = np.sort(np.array(ms))
            return ordered[-(-per_cent * ordered.size // 100) - 1]
        """,
        """
        import heapq
        def tail(times, share):
            return heapq.nsmallest(math.ceil(share * len(times) / 100), times)[-1]
        """,
    ),
    wrong=(
        "def tail(times, share):\n    return sum(times) / len(times)",
        "def tail(times, share):\n    return times[math.ceil(share * len(times) / 100) - 1]",
        "def tail(times, share):\n    return np.percentile(times, share)",
        "def tail(times, share):\n    return sorted(times)[int(share * len(times) / 100) - 1]",
        "def tail(times, share):\n    return sorted(times)[min(len(times) - 1, int(share * len(times) / 100))]",
        "def tail(times, share):\n    return max(times) * share / 100",
    ),
)
