"""PPMI and SVD: word vectors by counting, without learning step by step.

    PPMI_ij = max(0, log (x_ij · Σx) / (x_i · x_j^¾)) ≈ U S Vᵀ        vectors U √S

Church & Hanks (1990), Word Association Norms, Mutual Information, and Lexicography, https://aclanthology.org/J90-1003;
Levy, Goldberg & Dagan (2015), Improving Distributional Similarity with Lessons Learned from Word Embeddings,
https://aclanthology.org/Q15-1016 (contexts smoothed by ¾, singular values to the power ½).
"""

from typing import Any

import numpy as np

SMOOTHING = 0.75  # power of the frequency of contexts: rare ones do not look as telling as they would


def ppmi_svd(pairs: Any, dim: int, seed: int = 0) -> np.ndarray:
    """Vectors (V, dim) of counted pairs: see `factors`."""
    return factors(pairs, dim, seed)[0]


def factors(pairs: Any, dim: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """U √S and V √S, both (V, dim): of each word, and of each word as one that stands beside others.

    Their products are PPMI, as nearly as `dim` numbers per word can say it.

    Args:
        pairs: (V, V) sparse, how often two words stand near each other.
        dim: Numbers per word; fewer where there are fewer words.
        seed: Of the start of the decomposition.
    """
    from scipy.sparse import linalg

    matrix = ppmi(pairs)
    most = min(matrix.shape) - 1
    start = np.random.default_rng(seed).normal(size=matrix.shape[0])
    U, S, Vt = map(np.asarray, linalg.svds(matrix, k=max(1, min(dim, most)), v0=start))
    words, contexts = ((side * np.sqrt(S))[:, ::-1].astype(np.float32) for side in (U, Vt.T))
    return words, contexts


def ppmi(pairs: Any) -> Any:
    """How much more often two words meet than chance would have it, in nats, 0 where they do not: sparse (V, V)."""
    pairs = pairs.tocoo()
    words = np.asarray(pairs.sum(axis=1)).ravel()
    contexts = words**SMOOTHING
    contexts = contexts / max(contexts.sum(), 1e-12)
    values = np.log(pairs.data / (words[pairs.row] * contexts[pairs.col]))
    matrix = pairs.copy()
    matrix.data = np.maximum(values, 0.0)
    matrix = matrix.tocsr()
    matrix.eliminate_zeros()
    return matrix
