"""What counting tells of words before a network reads them: how frequent each is, and which keep the same company.

Levy, Goldberg & Dagan (2015), Improving Distributional Similarity with Lessons Learned from Word Embeddings,
https://aclanthology.org/Q15-1016 (PPMI and SVD, as in `rivals/ppmi_svd.py`)
"""

import numpy as np

from deepglass.data.preprocess.cooccurrence import count_pairs
from deepglass.rivals.ppmi_svd import ppmi_svd

WINDOW = 5  # words on either side that keep company
FEWEST_WORDS = 16  # that can be told apart by their company


def counted_words(
    tokens: np.ndarray, vocab_size: int, dim: int, no_words: list[int], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Shares (V,) of all words, each counted once more than it was seen; and vectors (V, dim or less), of length 1.

    Args:
        tokens: (N, T) of the training texts, padded with 0.
        vocab_size: V.
        dim: Numbers per word.
        no_words: Ids of marks, of which nothing is told: their vectors are zeros.
        seed: Of the decomposition.
    """
    counts = np.bincount(tokens.ravel(), minlength=vocab_size).astype(np.float32)
    counts[no_words] = 0
    shares = (counts + 1) / (counts + 1).sum()
    if vocab_size < FEWEST_WORDS:
        return shares, np.zeros((vocab_size, 1), np.float32)
    kept = np.where(np.isin(tokens, no_words), 0, tokens).astype(np.int64)
    apart = np.pad(kept, ((0, 0), (0, WINDOW)))  # no word is beside one of the next text
    vectors = ppmi_svd(count_pairs(apart.ravel(), WINDOW, vocab_size), dim, seed)
    vectors[counts > 0] -= vectors[counts > 0].mean(axis=0)  # what all have in common tells none apart
    vectors[counts == 0] = 0
    return shares, vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
