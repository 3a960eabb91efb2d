"""Lesson 76: name a picture by the nearest mean."""

import numpy as np

from deepglass.course.judging.description import Description


def nearest_prototype(known, labels, x):
    """The label whose known rows have their mean nearest to x."""
    names = np.unique(labels)
    means = np.stack([known[labels == name].mean(axis=0) for name in names])
    return names[((means - x) ** 2).sum(axis=1).argmin()]


def cases(rng):
    """One of each, where the nearest row and the nearest mean differ, unlike counts; then drawn ones."""
    yield np.array([[0.0, 0.0], [4.0, 0.0]]), np.array([3, 8]), np.array([3.0, 1.0])
    yield (
        np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 3.0], [1.0, 3.0]]),
        np.array([0, 0, 1, 1]),
        np.array([0.2, 0.4]),
    )  # the nearest row is of 0, the nearest mean that of 1
    yield (
        np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0], [2.0, 1.0]]),
        np.array([5, 5, 5, 2]),
        np.array([0.5, 1.2]),
    )
    for ways, shots, dim in ((3, 2, 4), (5, 5, 8)):
        middles = rng.normal(0, 2, (ways, dim))
        labels = rng.permutation(np.repeat(rng.permutation(20)[:ways], shots))
        place = {name: row for row, name in enumerate(np.unique(labels))}
        known = np.stack([middles[place[name]] for name in labels]) + rng.normal(0, 0.5, (ways * shots, dim))
        yield known.round(2), labels, (middles[0] + rng.normal(0, 0.3, dim)).round(2)


def tell(known, labels, x):
    """Small ones in full."""
    if len(known) > 4:
        return f"For {len(known)} known rows of {len(set(labels.tolist()))} labels"
    return f"For known = {known.tolist()}, labels = {labels.tolist()}, x = {x.tolist()}"


EXERCISE = Description(
    name="nearest_prototype",
    task="<code>known</code> has one embedding per row, <code>labels</code> says what each of them shows, and "
    "<code>x</code> is an embedding to be named. Give back the label whose known rows have their <b>mean</b> nearest "
    "to <code>x</code>.",
    stub="""
        def nearest_prototype(known, labels, x):
            # your lines here
            return None
    """,
    solution="""
        def nearest_prototype(known, labels, x):
            names = np.unique(labels)
            means = np.stack([known[labels == name].mean(axis=0) for name in names])
            return names[((means - x) ** 2).sum(axis=1).argmin()]
    """,
    hint="np.unique(labels) lists the labels; known[labels == name].mean(axis=0) is the prototype of one.",
    answer=nearest_prototype,
    cases=cases,
    tell=tell,
    gives="one of the labels",
    slips=(
        (
            lambda known, labels, x: labels[((known - x) ** 2).sum(axis=1).argmin()],
            "That is the label of the nearest row: take the mean of each label's rows first.",
        ),
        (
            lambda known, labels, x: int(
                ((np.stack([known[labels == n].mean(axis=0) for n in np.unique(labels)]) - x) ** 2).sum(axis=1).argmin()
            ),
            "That is the number of the mean; look its label up.",
        ),
        (
            lambda known, labels, x: np.unique(labels)[
                ((np.stack([known[labels == n].sum(axis=0) for n in np.unique(labels)]) - x) ** 2).sum(axis=1).argmin()
            ],
            "Those are sums: divide each by the number of its rows.",
        ),
    ),
    praise="With one known row for each label this is the nearest neighbour.",
    right=(
        """
        def nearest_prototype(known, labels, x):
            return min(set(labels.tolist()), key=lambda k: np.linalg.norm(known[labels == k].mean(0) - x))
        """,
        """
        def nearest_prototype(known, labels, x):
            best = None
            for k in set(labels.tolist()):
                rows = [row for row, name in zip(known.tolist(), labels.tolist()) if name == k]
                mean = [sum(column) / len(rows) for column in zip(*rows)]
                far = math.dist(mean, x.tolist())
                if best is None or far < best[0]:
                    best = (far, k)
            return best[1]
        """,
        """
        def nearest_prototype(known, labels, x):
            names = np.unique(labels)
            members = (labels[:, None] == names) / (labels[:, None] == names).sum(axis=0)
            means = members.T @ known
            return names[np.argmax(means @ x - (means**2).sum(axis=1) / 2)]
        """,
        """
        def nearest_prototype(known, labels, x):
            names = np.unique(labels)
            means = torch.stack([torch.tensor(known[labels == k]).mean(0) for k in names])
            return names[torch.cdist(means, torch.tensor(x)[None]).argmin().item()]
        """,
    ),
    wrong=(
        "def nearest_prototype(known, labels, x):\n    return labels[((known - x) ** 2).sum(axis=1).argmin()]",
        """
        def nearest_prototype(known, labels, x):
            means = np.stack([known[labels == k].mean(axis=0) for k in np.unique(labels)])
            return ((means - x) ** 2).sum(axis=1).argmin()
        """,
        """
        def nearest_prototype(known, labels, x):
            names = np.unique(labels)
            means = np.stack([known[labels == k].mean(axis=0) for k in names])
            return names[((means - x) ** 2).sum(axis=1).argmax()]
        """,
        """
        def nearest_prototype(known, labels, x):
            names = np.unique(labels)
            sums = np.stack([known[labels == k].sum(axis=0) for k in names])
            return names[((sums - x) ** 2).sum(axis=1).argmin()]
        """,
        "def nearest_prototype(known, labels, x):\n    return labels[0]",
    ),
)
