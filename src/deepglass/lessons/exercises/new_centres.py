"""Lesson 67: where the centres go, once every point has joined one."""

import numpy as np

from deepglass.course.judging.description import Description


def new_centres(points, labels, k):
    """(k, D): the mean of the points of each label."""
    return np.stack([points[labels == place].mean(axis=0) for place in range(k)])


def cases(rng):
    """Two clusters by hand, the same with other names, one cluster; then drawn ones of unlike sizes."""
    four = np.array([[0.0, 0.0], [2.0, 4.0], [10.0, 1.0], [13.0, 3.0]])
    yield four, np.array([0, 0, 1, 1]), 2
    yield four, np.array([1, 0, 0, 0]), 2
    yield four, np.zeros(4, int), 1
    for count, k, dim in ((12, 3, 2), (30, 4, 5)):
        labels = np.concatenate([np.arange(k), rng.integers(0, k, count - k)])
        yield np.round(rng.normal(0, 3, (count, dim)), 2), labels, k


def tell(points, labels, k):
    """Small ones in full."""
    if len(points) > 4:
        return f"For {len(points)} random points of {points.shape[1]} numbers in {k} clusters"
    return f"For points = {points.tolist()}, labels = {labels.tolist()}, k = {k}"


EXERCISE = Description(
    name="new_centres",
    task="<code>points</code> has one point per row, and <code>labels</code> says which centre it has joined, from 0 "
    "to k − 1; every centre has at least one point. Give back where the centres go: an array with one row per centre, "
    "in the order of the labels.",
    stub="""
        def new_centres(points, labels, k):
            # your lines here
            return np.zeros((k, points.shape[1]))
    """,
    solution="""
        def new_centres(points, labels, k):
            return np.stack([points[labels == place].mean(axis=0) for place in range(k)])
    """,
    hint="<code>points[labels == 0]</code> are the points of the first centre; their mean is over the rows, axis 0.",
    answer=new_centres,
    cases=cases,
    tell=tell,
    gives="an array with one row per centre",
    praise="From the mean the squared distances to these points are least; that is why the sum cannot grow.",
    slips=(
        (
            lambda points, labels, k: np.stack([points[labels == place].sum(axis=0) for place in range(k)]),
            "Those are sums: divide each by how many points its centre has.",
        ),
        (
            lambda points, labels, k: np.stack(
                [points[labels == place].sum(axis=0) / len(points) for place in range(k)]
            ),
            "Divide by how many points this centre has, not by how many there are at all.",
        ),
        (
            lambda points, labels, k: np.stack([points.mean(axis=0)] * k),
            "That is the mean of all points. Each centre has points of its own.",
        ),
        (
            lambda points, labels, k: np.stack([np.median(points[labels == place], axis=0) for place in range(k)]),
            "The median has the least sum of distances that are not squared; here the mean is asked for.",
        ),
    ),
    right=(
        """
        def new_centres(points, labels, k):
            found = np.zeros((k, points.shape[1]))
            np.add.at(found, labels, points)
            return found / np.bincount(labels, minlength=k)[:, None]
        """,
        """
        def new_centres(points, labels, k):
            one = torch.eye(k, dtype=torch.float64)[torch.tensor(labels)]
            return (one.T @ torch.tensor(points)) / one.sum(0)[:, None]
        """,
        """
        def new_centres(points, labels, k):
            rows = []
            for place in range(k):
                mine = [p for p, z in zip(points, labels) if z == place]
                rows.append([sum(column) / len(mine) for column in zip(*mine)])
            return rows
        """,
    ),
    wrong=(
        "def new_centres(points, labels, k):\n    return points[:k]",
        "def new_centres(points, labels, k):\n    return np.stack([points[labels == j].mean() for j in range(k)])",
        "def new_centres(points, labels, k):\n    return np.stack([points[labels == j].max(axis=0) for j in range(k)])",
        "def new_centres(points, labels, k):\n    return np.stack([points[labels == j][0] for j in range(k)])",
    ),
)
