"""Lesson 68: how many friends and how many strangers a threshold lets pass."""

import numpy as np

from deepglass.course.judging.description import Description


def accepts(distances, same, threshold):
    """(share of the pairs of one person, share of the pairs of two) with distance ≤ threshold"""
    passed = distances <= threshold
    return np.array([passed[same].mean(), passed[~same].mean()])


def cases(rng):
    """By hand, with a distance that is the threshold; then drawn ones."""
    yield np.array([0.2, 0.9, 0.5, 1.4]), np.array([True, True, False, False]), 0.5
    yield np.array([0.1, 0.3, 1.0, 1.1, 1.2]), np.array([True, False, False, False, True]), 1.1
    yield np.array([0.6, 0.7]), np.array([False, True]), 0.1
    for count in (20, 300):
        same = np.arange(count) % 5 == 0
        yield np.abs(rng.normal(np.where(same, 0.5, 1.2), 0.3)), same, float(rng.uniform(0.5, 1.2))


def tell(distances, same, threshold):
    """Small ones in full."""
    if len(distances) > 5:
        return f"For {len(distances)} random distances, {int(same.sum())} of one person, threshold {threshold:.2f}"
    return f"For distances = {distances.tolist()}, same = {same.tolist()}, threshold = {threshold}"


EXERCISE = Description(
    name="accepts",
    task="<code>distances</code> has one number per pair of pictures, <code>same</code> says whether both show one "
    "person, and up to <code>threshold</code>, itself included, a pair passes. Give back two shares: of the pairs of "
    "one person those that pass (true accepts), and of the pairs of two people those that pass (false accepts).",
    stub="""
        def accepts(distances, same, threshold):
            # your lines here
            return 0.0, 0.0
    """,
    solution="""
        def accepts(distances, same, threshold):
            passed = distances <= threshold
            return passed[same].mean(), passed[~same].mean()
    """,
    hint="<code>passed = distances &lt;= threshold</code>; then the mean where <code>same</code> is true.",
    answer=accepts,
    cases=cases,
    tell=tell,
    gives="two numbers",
    praise="Over all thresholds, these two numbers draw the ROC.",
    slips=(
        (
            lambda distances, same, threshold: np.array(
                [(distances < threshold)[same].mean(), (distances < threshold)[~same].mean()]
            ),
            "A distance that is the threshold itself passes.",
        ),
        (
            lambda distances, same, threshold: np.array(
                [(distances > threshold)[same].mean(), (distances > threshold)[~same].mean()]
            ),
            "Those are the pairs that are turned away.",
        ),
        (
            lambda distances, same, threshold: np.array(
                [((distances <= threshold) & same).mean(), ((distances <= threshold) & ~same).mean()]
            ),
            "Each share is of its own kind of pairs, and not of all pairs.",
        ),
        (
            lambda distances, same, threshold: np.array(
                [(distances <= threshold)[~same].mean(), (distances <= threshold)[same].mean()]
            ),
            "True accepts come first.",
        ),
    ),
    right=(
        """
        def accepts(distances, same, threshold):
            friends, strangers = distances[same], distances[~same]
            return (friends <= threshold).sum() / len(friends), (strangers <= threshold).sum() / len(strangers)
        """,
        """
        def accepts(d, s, t):
            d, s = torch.tensor(d), torch.tensor(s)
            return torch.stack([(d[s] <= t).double().mean(), (d[~s] <= t).double().mean()])
        """,
        """
        def accepts(distances, same, threshold):
            counts = [[0, 0], [0, 0]]
            for distance, is_same in zip(distances, same):
                kind = counts[0 if is_same else 1]
                kind[0] += distance <= threshold
                kind[1] += 1
            return [passed / of for passed, of in counts]
        """,
    ),
    wrong=(
        "def accepts(d, s, t):\n    return (d <= t).mean(), 0.0",
        "def accepts(d, s, t):\n    return (d[s] < t).mean(), (d[~s] < t).mean()",
        "def accepts(d, s, t):\n    return (d[~s] <= t).mean(), (d[s] <= t).mean()",
        "def accepts(d, s, t):\n    return (d[s] > t).mean(), (d[~s] > t).mean()",
        "def accepts(d, s, t):\n    return ((d <= t) & s).sum(), ((d <= t) & ~s).sum()",
    ),
)
