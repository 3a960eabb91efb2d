"""Lesson 9: the mean hinge loss."""

import numpy as np

from deepglass.course.judging.description import Description


def hinge(scores, sides):
    """What points without room to spare cost, on average."""
    return np.maximum(0, 1 - sides * scores).mean()


def cases(rng):
    """Right with room, right but near, on the line, wrong; several together; then random ones."""
    for scores, sides in (([2.0], [1]), ([0.25], [1]), ([0.0], [-1]), ([3.0], [-1]), ([2.0, 0.25, -1.0], [1, -1, -1])):
        yield np.array(scores), np.array(sides)
    for count in (4, 50):
        yield rng.normal(0, 2, count), rng.choice([-1, 1], count)


EXERCISE = Description(
    name="hinge",
    task="Write the mean hinge loss. <code>scores</code> and <code>sides</code> are arrays; a side is 1 or −1.",
    stub="""
        def hinge(scores, sides):
            # your lines here
            return 0.0
    """,
    solution="""
        def hinge(scores, sides):
            return np.maximum(0, 1 - sides * scores).mean()
    """,
    hint="<code>np.maximum(0, …)</code> takes the larger of the two for each entry.",
    answer=hinge,
    cases=cases,
    gives="one number, the mean",
    praise="A support vector machine makes this small, and its weights with it.",
    slips=(
        (lambda s, t: (1 - t * s).mean(), "A point with room to spare costs nothing; it earns nothing back."),
        (lambda s, t: np.maximum(0, 1 - s).mean(), "The margin is side · score."),
        (lambda s, t: np.maximum(0, -t * s).mean(), "It wants a margin of 1, not only the right side."),
        (lambda s, t: np.maximum(0, 1 - t * s).sum(), "That is the sum; the mean divides by how many there are."),
        (lambda s, t: (np.maximum(0, 1 - t * s) ** 2).mean(), "That is squared; a hinge is straight."),
        (lambda s, t: max(0, (1 - t * s).mean()), "Cut off each point's cost at 0, then take the mean."),
    ),
    right=(
        "def hinge(scores, sides):\n    return sum(max(0, 1 - s * t) for s, t in zip(scores, sides)) / len(scores)",
        "def hinge(f, y):\n    cost = 1 - f * y\n    cost[cost < 0] = 0\n    return np.mean(cost)",
        "def hinge(scores, sides):\n    return np.where(sides * scores < 1, 1 - sides * scores, 0).mean(keepdims=True)",
        "def hinge(scores, sides):\n    return torch.relu(1 - torch.tensor(scores) * torch.tensor(sides)).mean()",
        "def hinge(scores, sides):\n    return (1 - sides * scores).clip(0).mean(dtype=np.float32)",
    ),
    wrong=(
        "def hinge(s, t):\n    return (1 - t * s).mean()",
        "def hinge(s, t):\n    return np.maximum(0, 1 - t * s)",
        "def hinge(s, t):\n    return np.maximum(0, 1 - s).mean()",
        "def hinge(s, t):\n    return np.maximum(0, -t * s).mean()",
        "def hinge(s, t):\n    return np.maximum(0, 1 - t * s).sum()",
        "def hinge(s, t):\n    return max(0, (1 - t * s).mean())",
        "def hinge(s, t):\n    return np.abs(1 - t * s).mean()",
    ),
)
