"""Many machines, one gradient: everybody's is added up in a ring, and nobody ever holds more than a part in flight.

Each of k machines cuts its gradient into k pieces. For k − 1 rounds everybody sends one piece to the right, where it is
added: then each machine has the whole sum of one piece. For k − 1 more rounds the finished pieces go round. Every
machine has sent 2·(k − 1)/k of a gradient, which is nearly two however many machines there are.

Patarasuk and Yuan (2009), Bandwidth optimal all-reduce algorithms for clusters of workstations,
https://doi.org/10.1016/j.jpdc.2008.09.002. What training uses is `torch.distributed`: `training/parallel/processes.py`.
"""

import numpy as np


def ring(gradients):
    """The sum of all gradients on every machine, and how many numbers each machine has sent.

    Args:
        gradients: One vector per machine, of equal length.

    Example:
        >>> [total.tolist() for total in ring([np.array([1.0, 2.0]), np.array([10.0, 20.0])])[0]]
        [[11.0, 22.0], [11.0, 22.0]]
    """
    k = len(gradients)
    pieces = [np.array_split(np.array(gradient, dtype=float), k) for gradient in gradients]
    sent = [0] * k
    for turn in range(2 * (k - 1)):
        # In the first k − 1 rounds a piece is added to what the neighbour has, afterwards it takes its place.
        moving = [(m, (m - turn) % k if turn < k - 1 else (m + 1 - (turn - k + 1)) % k) for m in range(k)]
        parcels = [pieces[m][number].copy() for m, number in moving]
        for (m, number), parcel in zip(moving, parcels):
            right = (m + 1) % k
            pieces[right][number] = pieces[right][number] + parcel if turn < k - 1 else parcel
            sent[m] += parcel.size
    return [np.concatenate(piece) for piece in pieces], sent


def mean_of_parts(gradients, rows):
    """The gradient of the whole batch from the mean gradients of its parts: each counts as much as it has rows."""
    rows = np.asarray(rows, dtype=float)
    return (rows[:, None] * np.asarray(gradients)).sum(axis=0) / rows.sum()


def speed_up(machines, share, talk=0.0):
    """How many times faster it is on so many machines (Amdahl 1967, https://doi.org/10.1145/1465482.1465560).

    Args:
        machines: Their number.
        share: Of the work that can be split; the rest is done by one while the others wait.
        talk: Time to exchange the gradients, in units of one machine's whole step; nothing on a single machine.
    """
    machines = np.asarray(machines, dtype=float)
    return 1 / ((1 - share) + share / machines + np.where(machines > 1, 2 * (machines - 1) / machines * talk, 0))
