"""Lesson 55: weights that follow slowly."""

import numpy as np

from deepglass.course.judging.description import Description


def follow(slow, fast, tau, updates):
    """The slow weights after some updates."""
    slow, fast = np.asarray(slow, float), np.asarray(fast, float)
    return fast + (slow - fast) * (1 - tau) ** updates


def cases(rng):
    """One update, none, all of the way, and many."""
    yield np.array([0.0, 1.0]), np.array([1.0, 3.0]), 0.5, 1
    yield np.array([2.0]), np.array([-2.0]), 0.1, 0
    yield np.array([0.0, 4.0]), np.array([1.0, 1.0]), 1.0, 3
    yield np.array([0.0]), np.array([1.0]), 0.5, 3
    yield rng.normal(size=5), rng.normal(size=5), 0.05, 20
    yield rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), 0.2, 7


EXERCISE = Description(
    name="follow",
    task="The weights <code>slow</code> after so many <code>updates</code>, in each of which they move a share "
    "<code>tau</code> of what is left of the way towards the weights <code>fast</code>, which stand still. Both are "
    "arrays.",
    stub="""
        def follow(slow, fast, tau, updates):
            # your lines here
            return slow
    """,
    solution="""
        def follow(slow, fast, tau, updates):
            for _ in range(updates):
                slow = slow + tau * (fast - slow)
            return slow
    """,
    hint="What is left of the way is <code>fast - slow</code>, and it is less after each update.",
    answer=follow,
    cases=cases,
    slips=[
        (
            lambda slow, fast, tau, updates: np.asarray(slow) + updates * tau * (np.asarray(fast) - np.asarray(slow)),
            "Each update moves a share of what is left, not of the whole way.",
        ),
        (
            lambda slow, fast, tau, updates: slow if not updates else np.asarray(slow) + tau * (fast - slow),
            "That is one update; do it <code>updates</code> times.",
        ),
    ],
    praise="What is left shrinks by 1 − τ each time, so the slow one never quite arrives.",
    right=(
        "def follow(slow, fast, tau, updates):\n    return fast + (slow - fast) * (1 - tau) ** updates",
        """
        def follow(slow, fast, tau, updates):
            keep = (1 - tau) ** updates
            return keep * slow + (1 - keep) * fast
        """,
        """
        def follow(slow, fast, tau, updates):
            if updates == 0:
                return slow
            return follow((1 - tau) * slow + tau * fast, fast, tau, updates - 1)
        """,
        """
        def follow(slow, fast, tau, updates):
            a, b = torch.tensor(slow), torch.tensor(fast)
            for _ in range(updates):
                a = torch.lerp(a, b, tau)
            return a
        """,
    ),
    wrong=(
        "def follow(slow, fast, tau, updates):\n    return slow + updates * tau * (fast - slow)",
        "def follow(slow, fast, tau, updates):\n    return slow + tau * (fast - slow)",
        "def follow(slow, fast, tau, updates):\n    return fast",
        """
        def follow(slow, fast, tau, updates):
            for _ in range(updates):
                slow = tau * slow + (1 - tau) * fast
            return slow
        """,
        """
        def follow(slow, fast, tau, updates):
            for _ in range(updates):
                slow = slow + tau * fast
            return slow
        """,
    ),
)
