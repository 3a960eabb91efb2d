"""How often two words of a text stand near each other: a sparse matrix (V, V), counted once.

    x_ij = Σ over all places of i of 1/d for each j at distance d ≤ window    (or 1 instead of 1/d)

References:
    Pennington, Socher & Manning (2014), GloVe, https://aclanthology.org/D14-1162 (the weight 1/d)
"""

from typing import Any

import numpy as np

NOTHING = 0  # the id between two texts


def count_pairs(ids: np.ndarray, window: int, vocab_size: int, by_distance: bool = True) -> Any:
    """The symmetric matrix of pairs, SciPy's CSR.

    Args:
        ids: (n,) the text as ids; a run of `window` zeros parts one text from the next.
        window: Words on either side that count.
        vocab_size: Number of ids V.
        by_distance: Whether a pair at distance d counts 1/d.

    Example:
        >>> count_pairs(np.array([1, 2, 1]), 2, 3).toarray()
        array([[0., 0., 0.],
               [0., 1., 2.],
               [0., 2., 0.]])
    """
    from scipy import sparse

    total = sparse.csr_matrix((vocab_size, vocab_size), dtype=np.float64)
    for distance in range(1, min(window, len(ids) - 1) + 1):
        left, right = ids[:-distance], ids[distance:]
        is_pair = (left != NOTHING) & (right != NOTHING)
        weights = np.full(int(is_pair.sum()), 1 / distance if by_distance else 1.0)
        shape = (vocab_size, vocab_size)
        total = total + sparse.coo_matrix((weights, (left[is_pair], right[is_pair])), shape=shape).tocsr()
    return (total + total.T).tocsr()  # a pair of equal words is seen from both sides, too
