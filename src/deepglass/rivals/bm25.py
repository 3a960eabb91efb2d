"""BM25: a text answers a query if it has its words, rare ones above all; and its cousin, the cosine of TF-IDF.

    BM25(q, d) = Σ idf(w) · c(w, d) (k₁ + 1) / (c(w, d) + k₁ (1 − b + b |d| / mean length))        over the words w of q

c(w, d) counts w in d. Once a text has a word, a second one adds little (k₁), and long texts have everything (b).

References:
    Robertson & Zaragoza (2009), The Probabilistic Relevance Framework: BM25 and Beyond,
    https://doi.org/10.1561/1500000019 (2.4 to 3.5; idf with 1 added, so that no word counts against a text)
    Salton & Buckley (1988), Term-Weighting Approaches in Automatic Text Retrieval,
    https://doi.org/10.1016/0306-4573(88)90021-0
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

K1, B = 1.2, 0.75  # as Robertson & Zaragoza found good in many collections (3.5)


class BM25:
    """An index of texts.

    Args:
        texts: The ids of the words of each.
        vocab_size: V.
        k1: How much a word counts that comes again, 0 or more.
        b: How much the length of a text counts, 0 to 1.
        collection: Texts from which it is learnt how rare words are; these by default.
    """

    def __init__(
        self,
        texts: Sequence[Sequence[int]],
        vocab_size: int,
        k1: float = K1,
        b: float = B,
        collection: Sequence[Sequence[int]] | None = None,
    ):
        from scipy import sparse

        self.vocab_size = vocab_size
        counts = counted(texts, vocab_size).tocoo()
        known = counts.tocsr() if collection is None else counted(collection, vocab_size)
        held = np.asarray((known > 0).sum(axis=0)).ravel()  # (V,) texts that have each word
        idf = np.log(1 + (known.shape[0] - held + 0.5) / (held + 0.5))
        lengths = np.array([len(text) for text in texts], float)
        weight = k1 * (1 - b + b * lengths / max(float(np.sum(known) / max(known.shape[0], 1)), 1e-9))
        values = idf[counts.col] * counts.data * (k1 + 1) / (counts.data + weight[counts.row])
        self.weights = sparse.csr_matrix((values, (counts.row, counts.col)), shape=counts.shape)  # (texts, V)

    def scores(self, query: Sequence[int]) -> np.ndarray:
        """(texts,) how well each answers."""
        return (self.weights @ (counted([query], self.vocab_size) > 0).astype(float).T).toarray().ravel()

    def scores_of(self, queries: Sequence[Sequence[int]], places: np.ndarray) -> np.ndarray:
        """(Q, C) for every query, the scores of the texts at its places (Q, C)."""
        return _products((counted(queries, self.vocab_size) > 0).astype(float), self.weights, places)


class TfidfCosine:
    """An index of texts by words weighted with their rarity, compared by the cosine.

    Args:
        texts: The ids of the words of each.
        idf: (V,) the weight of each word.
    """

    def __init__(self, texts: Sequence[Sequence[int]], idf: np.ndarray):
        self.idf = idf
        self.vectors = self._vectors(texts)

    def scores_of(self, queries: Sequence[Sequence[int]], places: np.ndarray) -> np.ndarray:
        """(Q, C) for every query, the cosines of the texts at its places (Q, C)."""
        return _products(self._vectors(queries), self.vectors, places)

    def _vectors(self, texts: Sequence[Sequence[int]]) -> Any:
        """(texts, V) of length 1."""
        from scipy import sparse

        found = counted(texts, len(self.idf)) @ sparse.diags(self.idf)
        lengths = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
        return sparse.csr_matrix(sparse.diags(1 / np.maximum(lengths, 1e-12)) @ found)


def counted(texts: Sequence[Sequence[int]], vocab_size: int) -> Any:
    """(texts, V) how often each word is in each text, sparse."""
    from scipy import sparse

    rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    words = np.fromiter((word for text in texts for word in text), np.int64, count=len(rows))
    return sparse.csr_matrix((np.ones(len(rows)), (rows, words)), shape=(len(texts), vocab_size))


def _products(queries: Any, texts: Any, places: np.ndarray) -> np.ndarray:
    """(Q, C) of sparse queries (Q, V) with the texts at places (Q, C)."""
    columns = [np.asarray(queries.multiply(texts[column]).sum(axis=1)).ravel() for column in places.T]
    return np.stack(columns, axis=1)
