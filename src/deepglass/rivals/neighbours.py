"""A word between its two neighbours: what pairs of words, counted in the training texts, say of a gap.

    p(w | l, r) ∝ p(w | l) · p(r | w)          p(b | a) = (c(a b) − D)⁺ / c(a) + D · n(a) / c(a) · p(b)

which is exact for texts that a Markov chain of first order writes. n(a) is how many different words came after a, and D
what is taken from every pair that was seen, to be given to those that were not.

Ney, Essen & Kneser (1994), On structuring probabilistic dependences in stochastic language modelling,
https://doi.org/10.1006/csla.1994.1001 (absolute discounting, interpolated)
"""

import numpy as np

from deepglass.rivals import Time

BOUNDARY = 0  # stands before and behind every text; the id of padding
MOST_DISCOUNT = 0.9  # of few texts, whose pairs were all seen once: something of them must be left
BATCH = 4096  # texts that are counted between two looks at the clock


class Neighbours:
    """Counts of words and of pairs of words.

    Args:
        tokens: (N, T) of the training texts, padded with 0.
        vocab_size: V.
        hidden: Id of the unknown word: as a neighbour it says nothing.
        time: No more texts are counted for pairs when it is up; None counts no pairs.

    Example:
        >>> model = Neighbours(np.array([[2, 3, 4], [2, 3, 4], [5, 6, 4]]), vocab_size=7, hidden=1, time=Time(9))
        >>> int(model.shares(2, 4).argmax()), int(model.shares(5, 4).argmax())
        (3, 6)
    """

    def __init__(self, tokens: np.ndarray, vocab_size: int, hidden: int, time: Time | None):
        self.vocab_size, self.hidden = vocab_size, hidden
        self.counts = np.bincount(tokens[tokens != BOUNDARY], minlength=vocab_size) + 1
        self.counts[BOUNDARY] = 0
        texts = tokens[:0] if time is None else tokens
        found = [_pairs(texts[:0], vocab_size)]
        for start in range(0, len(texts), BATCH):
            if start and time is not None and time.is_up():
                break
            found.append(_pairs(texts[start : start + BATCH], vocab_size))
        pairs, counts = np.unique(np.concatenate(found), return_counts=True)
        self.before, self.after, self.times = pairs // vocab_size, pairs % vocab_size, counts
        self.by_after = np.argsort(self.after, kind="stable")
        self.after_in_order = self.after[self.by_after]
        once, twice = (counts == 1).sum(), (counts == 2).sum()
        self.discount = min(MOST_DISCOUNT, once / max(1, once + 2 * twice))
        self.total = np.bincount(self.before, counts, minlength=vocab_size)
        self.kinds = np.bincount(self.before, minlength=vocab_size)

    @property
    def words(self) -> np.ndarray:
        """(V,) p(w), whatever stands beside."""
        return self.counts / self.counts.sum()

    def shares(self, before: int, after: int) -> np.ndarray:
        """(V,) of each word between two others; `BOUNDARY` where a text begins or ends."""
        likely = self.words if before == self.hidden else self._behind(before)
        likely = likely if after == self.hidden else likely * self._leading_to(after)
        likely = np.where(np.arange(self.vocab_size) == BOUNDARY, 0.0, likely)
        return likely / likely.sum()

    def _behind(self, word: int) -> np.ndarray:
        """(V,) p(b | word)."""
        if not self.total[word]:
            return self.words
        rows = slice(*np.searchsorted(self.before, [word, word + 1]))
        seen = np.zeros(self.vocab_size)
        seen[self.after[rows]] = self.times[rows] - self.discount
        return (seen + self.discount * self.kinds[word] * self.words) / self.total[word]

    def _leading_to(self, word: int) -> np.ndarray:
        """(V,) p(word | a) of every word a."""
        rows = self.by_after[slice(*np.searchsorted(self.after_in_order, [word, word + 1]))]
        seen = np.zeros(self.vocab_size)
        seen[self.before[rows]] = self.times[rows] - self.discount
        total = np.maximum(self.total, 1)
        return np.where(self.total > 0, seen / total + self.discount * self.kinds / total * self.words[word], 1e-12)


def _pairs(tokens: np.ndarray, vocab_size: int) -> np.ndarray:
    """(P,) a · V + b of the words beside each other, the bounds of texts included."""
    framed = np.pad(tokens.astype(np.int64), ((0, 0), (1, 1)))
    before, after = framed[:, :-1], framed[:, 1:]
    is_pair = (before != BOUNDARY) | (after != BOUNDARY)
    return (before * vocab_size + after)[is_pair]
