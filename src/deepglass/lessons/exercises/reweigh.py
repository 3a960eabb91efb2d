"""Lesson 50: what each row counts, so that group and label know nothing of each other."""

import numpy as np

from deepglass.course.judging.description import Description


def shares(parts):
    """(N,) how frequent the value of each row is."""
    return np.array([(parts == value).mean() for value in parts])


def reweigh(group, label):
    """P(group) · P(label) / P(group, label) of each row."""
    return shares(group) * shares(label) / shares(2 * group + label)


def cases(rng):
    """Groups that differ, groups that do not; then drawn ones, in which every pair occurs."""
    yield np.array([0, 0, 0, 0, 1, 1, 1, 1]), np.array([1, 1, 1, 0, 1, 0, 0, 0])
    yield np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    yield np.array([0] * 6 + [1] * 3), np.array([1, 1, 1, 1, 1, 0, 1, 0, 0])
    for _ in range(4):
        count = int(rng.integers(6, 14))
        group, label = rng.integers(0, 2, count), (rng.random(count) < 0.4).astype(int)
        yield np.concatenate([group, [0, 0, 1, 1]]), np.concatenate([label, [0, 1, 0, 1]])


EXERCISE = Description(
    name="reweigh",
    task="<code>group</code> and <code>label</code> (N,) hold 0 and 1. Give back a weight (N,) for each row, "
    "P(group) · P(label) / P(group, label), where each P is a share of the rows. Then the weighed rows of both groups "
    "have the same share of label 1.",
    stub="""
        def reweigh(group, label):
            # your lines here
            return 0.0 * group
    """,
    solution="""
        def reweigh(group, label):
            weights = np.zeros(len(group))
            for g in (0, 1):
                for y in (0, 1):
                    both = (group == g) & (label == y)
                    weights[both] = (group == g).mean() * (label == y).mean() / both.mean()
            return weights
    """,
    hint="There are four kinds of rows. For each: how frequent is it, and how frequent would it be if group and label "
    "knew nothing of each other?",
    answer=reweigh,
    cases=cases,
    praise="Rarer than chance would have it: counts for more. Their mean is 1, so the loss keeps its size.",
    slips=(
        (lambda g, y: shares(2 * g + y) / shares(g) / shares(y), "Upside down: rare pairs have to count for more."),
        (lambda g, y: 1 / shares(2 * g + y), "So all four kinds weigh alike, also where one ought to be rare."),
        (
            lambda g, y: shares(g) / shares(2 * g + y),
            "That is 1 / P(label | group): both labels then weigh alike. Where is P(label)?",
        ),
        (
            lambda g, y: shares(y) / shares(2 * g + y),
            "That is 1 / P(group | label): both groups then weigh alike. Where is P(group)?",
        ),
    ),
    right=(
        """
        def reweigh(group, label):
            mine = [label[group == g].mean() if y else 1 - label[group == g].mean() for g, y in zip(group, label)]
            usual = np.where(label == 1, label.mean(), 1 - label.mean())
            return usual / np.array(mine)
        """,
        """
        def reweigh(group, label):
            table = np.zeros((2, 2))
            np.add.at(table, (group, label), 1)
            expected = table.sum(1, keepdims=True) * table.sum(0) / table.sum()
            return (expected / table)[group, label]
        """,
        """
        def reweigh(group, label):
            group, label = torch.tensor(group), torch.tensor(label)
            found = []
            for g, y in zip(group, label):
                both = ((group == g) & (label == y)).float().mean()
                found.append((group == g).float().mean() * (label == y).float().mean() / both)
            return torch.stack(found)
        """,
    ),
    wrong=(
        """
        def reweigh(group, label):
            return np.ones(len(group))
        """,
        """
        def reweigh(group, label):
            return np.array([1 / ((group == g) & (label == y)).mean() for g, y in zip(group, label)])
        """,
        """
        def reweigh(group, label):
            return np.array([((group == g) & (label == y)).mean() / (group == g).mean() / (label == y).mean()
                             for g, y in zip(group, label)])
        """,
        """
        def reweigh(group, label):
            return np.array([(group == g).mean() / ((group == g) & (label == y)).mean() for g, y in zip(group, label)])
        """,
    ),
)
