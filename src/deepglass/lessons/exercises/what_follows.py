"""Lesson 92: how often each event followed each other one."""

import numpy as np

from deepglass.course.judging.description import Description


def what_follows(visits, V):
    """n lists of ids, V → (V, V)"""
    counts = _counts(visits, V)
    totals = counts.sum(axis=1, keepdims=True)
    return counts / np.where(totals == 0, 1, totals)


def cases(rng):
    """One visit, two that must not be joined, one of a single event, then drawn ones."""
    yield [[0, 1, 0, 1, 1]], 2
    yield [[0, 1], [2, 0]], 3
    yield [[0], [1, 2, 1, 0]], 4
    for V in (3, 5):
        yield [rng.integers(0, V, rng.integers(1, 8)).tolist() for _ in range(6)], V


def tell(visits, V):
    """In full, where they are few."""
    return f"For visits = {visits if len(visits) < 4 else f'{len(visits)} drawn ones'} and V = {V}"


EXERCISE = Description(
    name="what_follows",
    task="<code>visits</code> are lists of ids from 0 to V − 1. Return a table (V, V): in row i, column j, how often j "
    "followed i, as a share of all that followed i. A row of which nothing is known is all zeros. No visit follows "
    "another.",
    stub="""
        def what_follows(visits, V):
            counts = np.zeros((V, V))
            # your lines here
            return counts
    """,
    solution="""
        def what_follows(visits, V):
            counts = np.zeros((V, V))
            for visit in visits:
                for before, after in zip(visit[:-1], visit[1:]):
                    counts[before, after] += 1
            totals = counts.sum(axis=1, keepdims=True)
            return counts / np.where(totals == 0, 1, totals)
    """,
    hint="Count with <code>counts[before, after] += 1</code>, then divide every row by its sum; a sum of 0 by 1.",
    answer=what_follows,
    cases=cases,
    tell=tell,
    gives="an array (V, V)",
    praise="That is a Markov chain, all of it. What it knows of the past is one event.",
    slips=(
        (
            lambda visits, V: _counts(visits, V),
            "Those are the counts; each row still has to be divided by its sum.",
        ),
        (
            lambda visits, V: what_follows([[event for visit in visits for event in visit]], V),
            "The end of a visit was counted as followed by the beginning of the next one.",
        ),
        (
            lambda visits, V: what_follows(visits, V).T,
            "Rows and columns are exchanged: the row is what came before.",
        ),
        (
            lambda visits, V: _counts(visits, V) / max(1.0, _counts(visits, V).sum()),
            "Divided by the sum of all counts: every row has to be divided by its own.",
        ),
    ),
    right=(
        """
        def what_follows(visits, V):
            counts = np.zeros((V, V))
            for visit in visits:
                np.add.at(counts, (visit[:-1], visit[1:]), 1)
            totals = counts.sum(axis=1, keepdims=True)
            return np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
        """,
        """
        def what_follows(visits, V):
            counts = np.zeros((V, V))
            for visit in visits:
                for place in range(1, len(visit)):
                    counts[visit[place - 1]][visit[place]] += 1
            for row in counts:
                if row.sum() > 0:
                    row /= row.sum()
            return counts
        """,
        """
        def what_follows(visits, V):
            one = np.eye(V)
            counts = sum(one[visit[:-1]].T @ one[visit[1:]] for visit in visits if len(visit) > 1)
            return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        """,
    ),
    wrong=(
        "def what_follows(visits, V):\n    return np.full((V, V), 1 / V)",
        "def what_follows(visits, V):\n    return np.zeros((V, V))",
        "def what_follows(visits, V):\n    return np.ones(V)",
        "def what_follows(visits, V):\n    return np.eye(V)",
    ),
)


def _counts(visits, V):
    counts = np.zeros((V, V))
    for visit in visits:
        np.add.at(counts, (visit[:-1], visit[1:]), 1)
    return counts
