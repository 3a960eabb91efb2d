"""Lesson 56: a baseline for each pull that knows nothing of it: the mean of the other pulls."""

import numpy as np

from deepglass.course.judging.description import Description


def others_mean(rewards):
    """Each reward less the mean of the others."""
    rewards = np.asarray(rewards, float)
    return rewards - (rewards.sum() - rewards) / (len(rewards) - 1)


def cases(rng):
    """Two pulls, all alike, one that stands out, and more."""
    yield ([1.0, 3.0],)
    yield ([2.0, 2.0, 2.0, 2.0],)
    yield ([0.0, 0.0, 9.0],)
    yield ([-1.0, -2.0, -6.0],)
    yield (rng.normal(size=5).round(2).tolist(),)
    yield ((20 + rng.normal(size=16)).round(2).tolist(),)


EXERCISE = Description(
    name="others_mean",
    task="Each of the <code>rewards</code> of a batch of pulls, less a baseline that does not look at it: the mean of "
    "all <b>other</b> rewards. Give back an array as long as <code>rewards</code>.",
    stub="""
        def others_mean(rewards):
            # your lines here
            return np.array(rewards)
    """,
    solution="""
        def others_mean(rewards):
            rewards = np.array(rewards)
            others = (rewards.sum() - rewards) / (len(rewards) - 1)
            return rewards - others
    """,
    hint="The sum of the others is the sum of all less this one, and there is one less of them.",
    answer=others_mean,
    cases=cases,
    slips=[
        (
            lambda rewards: np.asarray(rewards, float) - np.mean(rewards),
            "That baseline holds the reward itself, and so knows a little of the arm: leave it out.",
        ),
        (
            lambda rewards: (np.sum(rewards) - np.asarray(rewards, float)) / (len(rewards) - 1),
            "That is the baseline; take it away from the reward.",
        ),
    ],
    praise="It is n / (n − 1) times the distance from the mean of all: a baseline for free.",
    right=(
        """
        def others_mean(rewards):
            n = len(rewards)
            return (np.array(rewards) - np.mean(rewards)) * n / (n - 1)
        """,
        """
        def others_mean(rewards):
            return [r - np.mean(rewards[:i] + rewards[i + 1:]) for i, r in enumerate(rewards)]
        """,
        """
        def others_mean(rewards):
            return np.array([r - np.delete(rewards, i).mean() for i, r in enumerate(rewards)])
        """,
        """
        def others_mean(rewards):
            x = torch.tensor(rewards, dtype=torch.float64)
            return x - (x.sum() - x) / (len(x) - 1)
        """,
    ),
    wrong=(
        "def others_mean(rewards):\n    return np.array(rewards) - np.mean(rewards)",
        "def others_mean(rewards):\n    return np.array(rewards) - np.median(rewards)",
        """
        def others_mean(rewards):
            x = np.array(rewards)
            return x - (x.sum() - x) / len(x)
        """,
        """
        def others_mean(rewards):
            x = np.array(rewards)
            return (x.sum() - x) / (len(x) - 1)
        """,
        """
        def others_mean(rewards):
            x = np.array(rewards)
            return (x - x.mean()) / (x.std() + 1e-8)
        """,
    ),
)
