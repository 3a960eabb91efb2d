"""Reweighing: what each row counts, so that in the weighed data group and class know nothing of each other.

    w = P(group) · P(class) / P(group, class)

A pair that is rarer than chance would have it counts for more: the approved of a group that was seldom approved.

Kamiran & Calders (2012), Data Preprocessing Techniques for Classification without Discrimination,
https://doi.org/10.1007/s10115-011-0463-8
"""

import numpy as np


def reweighing(groups: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(N,) P(group) · P(class) / P(group, class) of each row; their mean is 1 where every pair occurs.

    Args:
        groups: (N,) names.
        labels: (N,) whether the outcome is the good one.
    """
    pairs = np.char.add(groups.astype(str), np.where(labels, "+", "-"))
    group, label, pair = (_share(parts) for parts in (groups.astype(str), labels.astype(str), pairs))
    return (group * label / pair).astype(np.float32)


def _share(parts: np.ndarray) -> np.ndarray:
    """(N,) how frequent the value of each row is."""
    _, place, counts = np.unique(parts, return_inverse=True, return_counts=True)
    return (counts / len(parts))[place]
