"""TF-IDF and logistic regression: a weight for each word, pair of words and piece of a word, rare ones counting more.

    x = idf(f) for every word and pair of a text, divided by the length of that vector; pieces of words likewise

The strongest simple model of short texts. It takes the ids that the network takes: a known word stands for all of its
pieces, an unknown one is followed by them (data/preprocess/text.py).

Salton & Buckley (1988), Term-Weighting Approaches in Automatic Text Retrieval, https://doi.org/10.1016/0306-4573(88)90021-0;
pieces within words: Cavnar & Trenkle (1994), N-Gram-Based Text Categorization. TrainResult by scikit-learn.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core.state import require
from deepglass.data.preprocess.text import PADDING, UNKNOWN, WordVocabulary, pieces_of
from deepglass.rivals import Answering, Part, Rival, Rows, Time, held_out_answers, preferred
from deepglass.rivals.linear import answers_of, fitted, weights_of

PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0)  # on the squared weights of logistic regression
SLOTS = 1 << 16  # that pairs of words are scattered over
CHAIN, SCATTER = 1_000_003, 2_654_435_761  # a prime to chain two ids, Knuth's multiplier to scatter them
FEWEST_TEXTS = 2  # that a pair occurs in


def fit(rows: Rows, vocabulary: WordVocabulary, time: Time) -> Rival | None:
    """The model that the held-out texts prefer; None where there is no time for one.

    Args:
        rows: With one input, tokens (N, T), the pieces of unknown words at the end.
        vocabulary: With pieces.
        time: That the fits may take.
    """
    features = Features(rows.inputs[0], vocabulary)
    design = features.design(rows.inputs[0])

    def answering(at: np.ndarray, penalty: float) -> Answering:
        return answers_of(fitted(design, rows, at, penalty), design, rows)

    penalty = preferred(rows, PENALTIES, answering, time)
    if penalty is None:
        return None
    answers = held_out_answers(rows, lambda at: answering(at, penalty))
    estimator = fitted(design, rows, np.arange(len(rows.target)), penalty)
    return Rival("TF-IDF with logistic regression", answers, features.part(*weights_of(estimator, rows.num_classes)))


class Tfidf(Part):
    """The fitted weights, as tables that ids are looked up in.

    Buffers:
        word: (V + P, K) of each id as a word; word_square: (V + P,) its part of the squared length.
        pair, pair_square: (pairs + 1, …) of each pair; slot: (SLOTS,) which pair a slot holds, 0 for none.
        piece, piece_square: (V + P, …) of all pieces of a word together, or of one piece.
        bias: (K,)

    Shape:
        - tokens: (B, T) int64, padded with 0
        - output: logits (B, K)
    """

    SETTINGS = ("vocab_size",)
    vocab_size: int

    def require_fit(self, *inputs: Tensor) -> None:
        """Every slot holds a pair that there is."""
        require(type(self.vocab_size) is int, "the number of words", self.vocab_size)
        require(self.slot.shape == (SLOTS,) and not self.slot.is_floating_point(), "a pair of every slot")
        pairs = min(len(self.pair), len(self.pair_square))
        require(0 <= int(self.slot.min()) <= int(self.slot.max()) < pairs, "pairs that there are")

    def forward(self, tokens: Tensor) -> Tensor:
        slots = self.slot[hashes(tokens)].long()  # (B, T − 1)
        is_pair = (tokens[:, :-1] < self.vocab_size) & (tokens[:, 1:] < self.vocab_size) & (tokens[:, 1:] != PADDING)
        slots = slots * is_pair
        words = self.word[tokens].sum(dim=1) + self.pair[slots].sum(dim=1)  # (B, K)
        square = self.word_square[tokens].sum(dim=1) + self.pair_square[slots].sum(dim=1)  # (B,)
        pieces, piece_square = self.piece[tokens].sum(dim=1), self.piece_square[tokens].sum(dim=1)
        return words * inverse_length(square) + pieces * inverse_length(piece_square) + self.bias


def hashes(tokens: Tensor) -> Tensor:
    """The slot of every pair of neighbours, (B, T − 1)."""
    return (tokens[:, :-1] * CHAIN + tokens[:, 1:]) * SCATTER % SLOTS  # int64 wraps around, which suits a hash


def inverse_length(square: Tensor) -> Tensor:
    """(B, 1) by which a vector of this squared length (B,) becomes one of length 1."""
    return square.clamp(min=1e-12).rsqrt().unsqueeze(1)


class Features:
    """What is counted in a text, and how much each counts.

    Args:
        tokens: Of the texts (N, T) that the weights are fitted on.
        vocabulary: With pieces.
    """

    def __init__(self, tokens: np.ndarray, vocabulary: WordVocabulary):
        self.V, self.P = len(vocabulary), len(vocabulary.pieces)
        self.slot = np.zeros(SLOTS, np.int32)
        used = np.flatnonzero(self._slots(tokens).sign().sum(axis=0).A1 >= FEWEST_TEXTS)
        self.slot[used] = np.arange(1, len(used) + 1)
        self.used = used
        self.spelling = self._spelling(vocabulary)
        N, counts = len(tokens), self._counts(tokens)
        self.idf = _idf(counts.sign().sum(axis=0).A1, N)
        self.idf[[PADDING, UNKNOWN]] = 0.0
        self.idf[self.V :] = 0.0
        self.pair_idf = _idf(self._slots(tokens)[:, used].sign().sum(axis=0).A1, N)
        self.piece_idf = _idf((counts @ self.spelling).sign().sum(axis=0).A1, N)

    def design(self, tokens: np.ndarray) -> Any:
        """Texts as a sparse matrix (N, V + pairs + P) of normalised weights."""
        from scipy import sparse

        counts = self._counts(tokens)
        words, pairs = counts[:, : self.V], self._slots(tokens)[:, self.used]
        square = words @ self.idf[: self.V] ** 2 + pairs @ self.pair_idf**2
        piece_square = counts @ (self.spelling @ self.piece_idf**2)
        by_length, by_piece_length = (sparse.diags(1 / np.sqrt(np.maximum(s, 1e-12))) for s in (square, piece_square))
        blocks = [
            by_length @ words @ sparse.diags(self.idf[: self.V]),
            by_length @ pairs @ sparse.diags(self.pair_idf),
            by_piece_length @ (counts @ self.spelling) @ sparse.diags(self.piece_idf),
        ]
        return sparse.hstack(blocks).tocsr()

    def part(self, weights: np.ndarray, bias: np.ndarray) -> Tfidf:
        """The tables of fitted weights (K, V + pairs + P)."""
        words, pairs, pieces = np.split(weights.T, [self.V, self.V + len(self.used)])  # (…, K) each
        none = np.zeros((1, weights.shape[0]))
        tables = {
            "word": np.concatenate([words * self.idf[: self.V, None], np.zeros((self.P, weights.shape[0]))]),
            "word_square": self.idf**2,
            "pair": np.concatenate([none, pairs * self.pair_idf[:, None]]),
            "pair_square": np.concatenate([[0.0], self.pair_idf**2]),
            "piece": self.spelling @ (pieces * self.piece_idf[:, None]),
            "piece_square": self.spelling @ self.piece_idf**2,
            "bias": bias,
        }
        tensors = {name: torch.from_numpy(np.ascontiguousarray(t)).float() for name, t in tables.items()}
        part = Tfidf.of(tensors | {"slot": torch.from_numpy(self.slot)}, {"vocab_size": self.V})
        assert isinstance(part, Tfidf)
        return part

    def _counts(self, tokens: np.ndarray) -> Any:
        """How often each id occurs in each text, sparse (N, V + P); padding is left out."""
        return _counted(tokens.astype(np.int64), tokens != PADDING, self.V + self.P)

    def _slots(self, tokens: np.ndarray) -> Any:
        """How often each slot of pairs occurs in each text, sparse (N, SLOTS)."""
        is_pair = (tokens[:, :-1] < self.V) & (tokens[:, 1:] < self.V) & (tokens[:, 1:] != PADDING)
        return _counted(hashes(torch.from_numpy(tokens.astype(np.int64))).numpy(), is_pair, SLOTS)

    def _spelling(self, vocabulary: WordVocabulary) -> Any:
        """How often each piece occurs in each id, sparse (V + P, P): a word's own, and a piece once in itself."""
        from scipy import sparse

        rows, columns = [], []
        for word, i in vocabulary.ids.items():
            own = [vocabulary.piece_ids[piece] - self.V for piece in pieces_of(word) if piece in vocabulary.piece_ids]
            rows += [i] * len(own)
            columns += own
        rows, columns = np.concatenate([rows, np.arange(self.P) + self.V]), np.concatenate([columns, np.arange(self.P)])
        shape = (self.V + self.P, self.P)
        return sparse.csr_matrix((np.ones(len(rows)), (rows.astype(int), columns.astype(int))), shape=shape)


def _counted(columns: np.ndarray, is_counted: np.ndarray, width: int) -> Any:
    from scipy import sparse

    rows = np.broadcast_to(np.arange(len(columns))[:, None], columns.shape)[is_counted]
    ones = np.ones(int(is_counted.sum()))
    return sparse.csr_matrix((ones, (rows, columns[is_counted])), shape=(len(columns), width))


def _idf(texts: np.ndarray, N: int) -> np.ndarray:
    """log((1 + N) / (1 + texts that have it)) + 1."""
    return np.log((1 + N) / (1 + texts)) + 1
