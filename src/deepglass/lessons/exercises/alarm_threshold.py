"""Lesson 66: where an alarm begins, by scores of normal examples."""

import math

import numpy as np

from deepglass.course.judging.description import Description


def alarm_threshold(scores, rate):
    """The ⌈(n + 1)·(1 − rate)⌉-th smallest score, or the highest where there are too few."""
    return float(np.sort(scores)[position(len(scores), rate)])


def position(count, rate):
    """Of the threshold among so many ordered scores, from 0."""
    return min(math.ceil(round((count + 1) * (1 - rate), 9)), count) - 1


def cases(rng):
    """Nine scores in order, the same shuffled, too few for the rate; then drawn ones."""
    nine = np.arange(1.0, 10.0)
    yield nine, 0.2
    yield nine[[4, 0, 8, 2, 6, 1, 3, 7, 5]], 0.5
    yield np.array([3.0, 1.0, 2.0]), 0.01
    for count, rate in ((19, 0.1), (99, 0.05), (57, 0.13)):
        yield np.round(rng.gamma(2, 1, count), 3), rate


def tell(scores, rate):
    """Small ones in full."""
    if len(scores) > 9:
        return f"For {len(scores)} random scores and a rate of {rate}"
    return f"For scores = {scores.tolist()}, rate = {rate}"


EXERCISE = Description(
    name="alarm_threshold",
    task="<code>scores</code> are those of n normal pieces that were not learnt. Give back the threshold: the score "
    "of rank (n + 1)·(1 − rate), rounded up, counted from the smallest, which has rank 1. Where this rank is beyond n, "
    "give the highest score.",
    stub="""
        def alarm_threshold(scores, rate):
            # your lines here
            return 0.0
    """,
    solution="""
        def alarm_threshold(scores, rate):
            ordered = sorted(scores)
            rank = math.ceil(round((len(ordered) + 1) * (1 - rate), 9))
            return ordered[min(rank, len(ordered)) - 1]
    """,
    hint="Sort the scores; <code>math.ceil</code> rounds up. Rank 1 is at position 0. (n + 1)·(1 − rate) may come out "
    "a hair above a whole number: round it to nine digits first.",
    answer=alarm_threshold,
    cases=cases,
    tell=tell,
    gives="one number",
    praise="Above it a further normal piece lies with probability rate at most, whatever the scores are.",
    slips=(
        (
            lambda scores, rate: float(np.sort(scores)[max(math.ceil(round((len(scores) + 1) * rate, 9)) - 1, 0)]),
            "That leaves the share below the threshold; the alarms are above it.",
        ),
        (
            lambda scores, rate: float(np.sort(scores)[max(math.ceil(round(len(scores) * (1 - rate), 9)) - 1, 0)]),
            "That is the rank among n scores. The next piece is one more: n + 1.",
        ),
        (
            lambda scores, rate: float(np.sort(scores)[min(position(len(scores), rate) + 1, len(scores) - 1)]),
            "One too far: rank 1 is at position 0.",
        ),
        (
            lambda scores, rate: float(scores[position(len(scores), rate)]),
            "The scores come in no order: sort them first.",
        ),
        (
            lambda scores, rate: float(np.quantile(scores, 1 - rate)),
            "That lies between two scores. Take the score of the rank itself.",
        ),
    ),
    right=(
        """
        def alarm_threshold(scores, rate):
            n = len(scores)
            rank = int(np.ceil(round((n + 1) * (1 - rate), 6)))
            return np.sort(scores)[min(rank, n) - 1]
        """,
        """
        def alarm_threshold(s, r):
            s = torch.tensor(s).sort().values
            k = int(np.ceil(round((len(s) + 1) * (1 - r), 6)))
            return s[min(k, len(s)) - 1]
        """,
        """
        def alarm_threshold(scores, rate):
            allowed = int(round(rate * (len(scores) + 1), 9))  # scores at or above the threshold, itself among them
            return sorted(scores, reverse=True)[max(allowed - 1, 0)]
        """,
    ),
    wrong=(
        "def alarm_threshold(scores, rate):\n    return max(scores)",
        "def alarm_threshold(scores, rate):\n    return np.mean(scores) + 3 * np.std(scores)",
        "def alarm_threshold(scores, rate):\n    return np.sort(scores)[int(len(scores) * (1 - rate)) - 1]",
        "def alarm_threshold(scores, rate):\n    return np.quantile(scores, rate)",
    ),
)
