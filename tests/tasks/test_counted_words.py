"""What counting tells of words before a network reads them."""

import numpy as np
import pytest

from deepglass.tasks._counted_words import counted_words

V, DIM = 30, 8


def texts(count=400, seed=0):
    """Words 2 to 15 keep each other's company, and so do 16 to 29; 1 is a gap, and ends are padded."""
    rng = np.random.default_rng(seed)
    tokens = np.where(rng.random((count, 1)) < 0.5, rng.integers(2, 16, (count, 9)), rng.integers(16, 29, (count, 9)))
    tokens[:, 4] = 1
    tokens[:, 7:] = 0
    return tokens


def test_shares_are_frequencies_and_marks_have_the_least():
    tokens = texts()
    shares, _ = counted_words(tokens, V, DIM, [0, 1], 0)
    counts = np.bincount(tokens.ravel(), minlength=V) + 1.0
    counts[:2] = 1
    assert np.allclose(shares, counts / counts.sum())


def test_words_of_one_company_lie_together_and_marks_have_no_vector():
    _, vectors = counted_words(texts(), V, DIM, [0, 1], 0)
    cosines = vectors[2:29] @ vectors[2:29].T
    kind = np.arange(2, 29) < 16
    same = kind[:, None] == kind
    assert cosines[same].mean() > 0.15 > cosines[~same].mean()
    assert not vectors[[0, 1, 29]].any()  # word 29 was never seen
    assert np.linalg.norm(vectors[2:29], axis=1) == pytest.approx(1, abs=1e-5)


def test_too_few_words_have_no_company():
    shares, vectors = counted_words(np.array([[2, 3, 0]]), 4, DIM, [0, 1], 0)
    assert shares.sum() == pytest.approx(1)
    assert not vectors.any()
