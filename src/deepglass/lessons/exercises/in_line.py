"""Lesson 39: one counter, one queue."""

import numpy as np

from deepglass.course.judging.description import Description


def in_line(arrived, seconds):
    """Time from arrival to answer, one after the other."""
    free, latencies = 0.0, []
    for when in arrived:
        free = max(free, when) + seconds
        latencies.append(free - when)
    return np.array(latencies)


def cases(rng):
    """Nobody waits; a bunch; a bunch and a pause; all at once; then random ones, sparse and dense."""
    yield [0.0, 5.0, 10.0], 1.0
    yield [0.0, 0.5, 1.0], 1.0
    yield [0.0, 0.1, 0.2, 9.0, 9.1], 2.0
    yield [1.0, 1.0, 1.0], 0.25
    for rate in (0.5, 1.0, 2.0):
        yield [float(t) for t in np.cumsum(rng.exponential(1 / rate, 12))], 0.9


def without_pauses(arrived, seconds):
    """Forgets that the machine must wait for the next one."""
    free, found = arrived[0], []
    for when in arrived:
        free += seconds
        found.append(free - when)
    return np.array(found)


EXERCISE = Description(
    name="in_line",
    task="Requests come at the times <code>arrived</code> (in order). One machine answers them one after the other and "
    "needs <code>seconds</code> for each. Give back for each how long it took from its arrival to its answer.",
    stub="""
        def in_line(arrived, seconds):
            # your lines here
            return [seconds for when in arrived]
    """,
    solution="""
        def in_line(arrived, seconds):
            free, latencies = 0, []
            for when in arrived:
                start = max(free, when)
                free = start + seconds
                latencies.append(free - when)
            return latencies
    """,
    hint="Keep the time at which the machine is free again. A request begins when it has come <em>and</em> the machine "
    "is free: the later of the two.",
    answer=in_line,
    cases=cases,
    gives="a number for each request",
    praise="Three lines, and a hundred years of queueing theory follow from them.",
    slips=(
        (
            lambda arrived, seconds: np.full(len(arrived), seconds),
            "That is the work; who comes while another is being answered waits, too.",
        ),
        (
            lambda arrived, seconds: in_line(arrived, seconds) - seconds,
            "That is the waiting alone; its own work belongs to it.",
        ),
        (
            lambda arrived, seconds: in_line(arrived, seconds) + np.array(arrived),
            "Those are the moments of the answers; how long did each take?",
        ),
        (without_pauses, "When nobody waits, the machine waits: it cannot begin before a request has come."),
    ),
    right=(
        """
        def in_line(arrived, seconds):
            done = []
            for i, when in enumerate(arrived):
                start = when if i == 0 or done[-1] < when else done[-1]
                done.append(start + seconds)
            return np.array(done) - np.array(arrived)
        """,
        """
        def in_line(arrived, seconds):
            wait, found = 0.0, []
            for i in range(len(arrived)):
                if i:
                    wait = max(0.0, wait + seconds - (arrived[i] - arrived[i - 1]))
                found.append(wait + seconds)
            return tuple(found)
        """,
        """
        def in_line(t, s):
            t = np.asarray(t)
            k = np.arange(len(t))
            return np.maximum.accumulate(t - s * k) + s * (k + 1) - t
        """,
    ),
    wrong=(
        "def in_line(arrived, seconds):\n    return [seconds] * len(arrived)",
        "def in_line(arrived, seconds):\n    return [seconds * (i + 1) for i in range(len(arrived))]",
        """
        def in_line(arrived, seconds):
            free, found = 0, []
            for when in arrived:
                free = max(free, when) + seconds
                found.append(free)
            return found
        """,
        """
        def in_line(arrived, seconds):
            free, found = 0, []
            for when in arrived:
                found.append(max(free - when, 0))
                free = max(free, when) + seconds
            return found
        """,
        """
        def in_line(arrived, seconds):
            free, found = 0, []
            for when in arrived:
                free = free + seconds
                found.append(free - when)
            return found
        """,
    ),
)
