"""Lesson 53: the score up to which a class belongs to a set."""

import math

import numpy as np

from deepglass.course.judging.description import Description


def conformal_limit(scores, coverage):
    """The ⌈(n + 1) · coverage⌉-th smallest; infinite where there are too few."""
    place = math.ceil(round((len(scores) + 1) * coverage, 9))
    return float(np.sort(scores)[place - 1]) if place <= len(scores) else math.inf


def cases(rng):
    """Nine scores for 0.8 in no order, five for 0.5, too few for 0.9, then drawn ones with places between two."""
    yield np.array([0.4, 0.9, 0.1, 0.3, 0.8, 0.2, 0.7, 0.6, 0.5]), 0.8
    yield np.array([3.0, 1.0, 5.0, 2.0, 4.0]), 0.5
    yield np.array([0.2, 0.1, 0.6, 0.3]), 0.9
    for _ in range(4):
        yield rng.random(int(rng.integers(12, 40))).round(3), float(rng.choice([0.55, 0.75, 0.85]))


def lower(scores, coverage):
    """Rounded down."""
    return float(np.sort(scores)[min(len(scores), max(1, math.floor((len(scores) + 1) * coverage))) - 1])


def of_n(scores, coverage):
    """Without the new example among them."""
    return float(np.sort(scores)[math.ceil(round(len(scores) * coverage, 9)) - 1])


EXERCISE = Description(
    name="conformal_limit",
    task="<code>scores</code> (n,), in no order, say how badly the truth fitted n calibration examples. Give back the "
    "⌈(n + 1) · <code>coverage</code>⌉-th smallest of them: up to there a class belongs to the set. Where that place "
    "is beyond the last score, give back <code>math.inf</code>.",
    stub="""
        def conformal_limit(scores, coverage):
            # your lines here
            return 0.0
    """,
    solution="""
        def conformal_limit(scores, coverage):
            place = math.ceil((len(scores) + 1) * coverage)
            return np.sort(scores)[place - 1] if place <= len(scores) else math.inf
    """,
    hint="Sort them. The first of them is at position 0, and <code>math.ceil</code> rounds up.",
    answer=conformal_limit,
    cases=cases,
    praise="The one more than n is the whole proof: the new example is as likely to stand at any of n + 1 places.",
    slips=(
        (lambda s, c: float(np.quantile(s, c)), "np.quantile goes between two scores: take the score of that place."),
        (of_n, "That is the place among n: the new example is one of them too, so count n + 1."),
        (lower, "Round the place up, or the sets hold less than they promise."),
        (lambda s, c: float(np.max(s)), "That is the largest of all: it holds more than was asked, in sets too large."),
    ),
    right=(
        """
        def conformal_limit(scores, coverage):
            n = len(scores)
            k = int(np.ceil((n + 1) * coverage))
            if k > n:
                return float("inf")
            return np.partition(scores, k - 1)[k - 1]
        """,
        """
        def conformal_limit(scores, coverage):
            padded = sorted(list(scores) + [math.inf])
            return padded[min(math.ceil((len(scores) + 1) * coverage), len(padded)) - 1]
        """,
        """
        def conformal_limit(scores, coverage):
            s, place = torch.tensor(scores).sort().values, -int(-(len(scores) + 1) * coverage // 1)
            return torch.inf if place > len(s) else s[place - 1]
        """,
    ),
    wrong=(
        """
        def conformal_limit(scores, coverage):
            return np.quantile(scores, coverage)
        """,
        """
        def conformal_limit(scores, coverage):
            return np.sort(scores)[math.ceil(len(scores) * coverage) - 1]
        """,
        """
        def conformal_limit(scores, coverage):
            place = math.ceil((len(scores) + 1) * coverage)
            return scores[place - 1] if place <= len(scores) else math.inf
        """,
        """
        def conformal_limit(scores, coverage):
            place = min(math.ceil((len(scores) + 1) * coverage), len(scores))
            return np.sort(scores)[place - 1]
        """,
        """
        def conformal_limit(scores, coverage):
            place = math.ceil((len(scores) + 1) * coverage)
            return np.sort(scores)[place] if place < len(scores) else math.inf
        """,
    ),
)
