"""Splits and folds of examples with several labels, in which every label has its share.

No example is of one class, so none can be dealt out class by class. Iterative stratification begins with the rarest
label: each example that has it goes to the part that still wants most of this label, of equals to the one that wants
most examples; what the example has besides is counted there too.

References:
    Sechidis, Tsoumakas and Vlahavas (2011), On the Stratification of Multi-Label Data,
    https://doi.org/10.1007/978-3-642-23808-6_10
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np


def stratified_parts(labels: np.ndarray, shares: Sequence[float], seed: int) -> np.ndarray:
    """(N,) which part each example goes to.

    Args:
        labels: (N, L) which labels each example has, as 0 and 1.
        shares: Of the parts; they sum to 1. Where two want alike, the larger share takes the example.
        seed: Of the order in which examples are looked at.
    """
    N = len(labels)
    order = np.random.default_rng(seed).permutation(N).tolist()
    labels_of = [np.flatnonzero(row).tolist() for row in labels]
    examples_of = defaultdict(list)
    for example in order:
        for label in labels_of[example]:
            examples_of[label].append(example)
    left = labels.sum(axis=0).astype(np.int64)  # (L,) examples of each label that are not placed yet
    wanted = [[float(share * count) for share in shares] for count in left]  # label → of each part
    room = [share * N for share in shares]  # examples that each part still wants
    part_of = np.full(N, -1, np.int64)

    def place(example: int, part: int) -> None:
        part_of[example] = part
        room[part] -= 1
        for label in labels_of[example]:
            wanted[label][part] -= 1
            left[label] -= 1

    while (left > 0).any():
        rarest = int(np.where(left > 0, left, N + 1).argmin())
        for example in [e for e in examples_of[rarest] if part_of[e] < 0]:
            place(example, max(range(len(shares)), key=lambda p: (round(wanted[rarest][p], 9), room[p], shares[p])))
    for example in [e for e in order if part_of[e] < 0]:  # without any label
        place(example, max(range(len(shares)), key=lambda p: (room[p], shares[p])))
    return part_of


def draw_stratified(labels: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """Positions of about `fraction` of the examples (N, L), at least one, with a fair share of every label."""
    drawn = np.flatnonzero(stratified_parts(labels, (1 - fraction, fraction), seed) == 1)
    return drawn if len(drawn) else np.random.default_rng(seed).permutation(len(labels))[:1]


def of_groups(member_of: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(groups, L) the labels that any member of a group has; `member_of` (N,) counts the groups from 0."""
    found = np.zeros((int(member_of.max(initial=-1)) + 1, labels.shape[1]), labels.dtype)
    np.maximum.at(found, member_of, labels)
    return found
