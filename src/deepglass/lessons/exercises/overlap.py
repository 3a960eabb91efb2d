"""Lesson 42: intersection over union of two boxes."""

import numpy as np

from deepglass.course.judging.description import Description


def shared(a, b):
    """The area that both cover."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    return np.clip(high - low, 0, None).prod()


def area(box):
    """Of one box."""
    return (box[2] - box[0]) * (box[3] - box[1])


def overlap(a, b):
    """What both cover, of what any covers."""
    return shared(a, b) / (area(a) + area(b) - shared(a, b))


def cases(rng):
    """The same, half of it, apart in one direction, apart in both, one inside the other; then drawn ones."""
    whole = np.array([0.0, 0.0, 10.0, 10.0])
    for other in ((0, 0, 10, 10), (0, 0, 5, 10), (12, 0, 20, 10), (12, 15, 20, 30), (2, 3, 6, 9), (5, 5, 15, 15)):
        yield whole, np.array(other, float)
    for _ in range(4):
        corners = rng.integers(0, 12, (2, 2))
        yield tuple(np.concatenate([one, one + rng.integers(4, 15, 2)]).astype(float) for one in corners)


EXERCISE = Description(
    name="overlap",
    task="Boxes are <code>(x0, y0, x1, y1)</code> with x0 &lt; x1 and y0 &lt; y1. Give back the IoU of <code>a</code> "
    "and <code>b</code>: the area that both cover, divided by the area that any of them covers.",
    stub="""
        def overlap(a, b):
            # your lines here
            return 0.0
    """,
    solution="""
        def overlap(a, b):
            width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
            height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
            both = width * height
            return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)
    """,
    hint="The shared part begins at the larger of the two left edges and ends at the smaller of the two right ones, if "
    "it begins before it ends.",
    answer=overlap,
    cases=cases,
    praise="Two boxes that are apart in both directions are the trap: minus times minus is plus.",
    slips=(
        (lambda a, b: shared(a, b) / (area(a) + area(b)), "What both cover is counted twice below: take it off once."),
        (lambda a, b: shared(a, b) / min(area(a), area(b)), "Divide by the union, not by the smaller box."),
        (lambda a, b: shared(a, b) / area(a), "Divide by the union, not by one of the boxes."),
        (lambda a, b: shared(a, b), "That is the area itself: divide it by the union."),
        (
            lambda a, b: (
                np.prod(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]))
                / (area(a) + area(b) - np.prod(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])))
            ),
            "Boxes that do not touch share nothing: a width or height below 0 is 0.",
        ),
    ),
    right=(
        """
        def overlap(a, b):
            low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
            both = np.clip(high - low, 0, None).prod()
            return both / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both)
        """,
        """
        def overlap(one, two):
            x0, y0, x1, y1 = one
            u0, v0, u1, v1 = two
            if x1 <= u0 or u1 <= x0 or y1 <= v0 or v1 <= y0:
                return 0
            both = (min(x1, u1) - max(x0, u0)) * (min(y1, v1) - max(y0, v0))
            return both / ((x1 - x0) * (y1 - y0) + (u1 - u0) * (v1 - v0) - both)
        """,
        """
        def overlap(a, b):
            a, b = torch.tensor(a), torch.tensor(b)
            side = (torch.minimum(a[2:], b[2:]) - torch.maximum(a[:2], b[:2])).clamp(min=0)
            both = side.prod()
            return both / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - both)
        """,
    ),
    wrong=(
        """
        def overlap(a, b):
            both = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
            return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)
        """,
        """
        def overlap(a, b):
            both = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
            return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]))
        """,
        """
        def overlap(a, b):
            both = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
            return both / ((a[2] - a[0]) * (a[3] - a[1]))
        """,
        """
        def overlap(a, b):
            return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
        """,
    ),
)
