"""N-grams: what came after the last few tokens, counted, and smoothed with what came after fewer of them.

    p(w | h) = (c(h w) − D(c)) / c(h) + λ(h) · p(w | h without its first token)        0 ≤ D ≤ 3

c counts tokens in the longest contexts; in shorter ones it counts after how many different tokens h w was seen: a word
that only ever follows one other ("Francisco") shall not be likely elsewhere. Below the shortest lies 1 / V. λ gives
back what the discounts D took, so that all probabilities sum to 1.

Kneser & Ney (1995), Improved backing-off for m-gram language modeling,
https://doi.org/10.1109/ICASSP.1995.479394; Chen & Goodman (1999), An empirical study of smoothing techniques for
language modeling, https://doi.org/10.1006/csla.1999.0128 (their modified version, interpolated: three discounts).
"""

from dataclasses import dataclass

import numpy as np

from deepglass.rivals import Time

MOST_ORDER = 8  # tokens, the one that is foretold included; letters repeat so far, and the validation part decides
MOST_TOKENS = 4_000_000  # of the end of the training text
NO_CONTEXT = -1


@dataclass
class Counts:
    """What followed the contexts of one length.

    grams: (G,) context · V + token, sorted; counts: (G,) how often.
    total: (contexts,) the sum of the counts of each; given_back: (contexts,) what discounts took from it.
    discounts: (4,) of counts of 0, 1, 2, and of 3 and more.
    """

    grams: np.ndarray
    counts: np.ndarray
    total: np.ndarray
    given_back: np.ndarray
    discounts: np.ndarray

    @classmethod
    def of(cls, grams: np.ndarray, counts: np.ndarray, num_contexts: int, vocab_size: int) -> "Counts":
        discounts = _discounts(counts)
        context = grams // vocab_size
        total = np.bincount(context, counts, minlength=num_contexts)
        taken = np.bincount(context, discounts[np.minimum(counts, 3)], minlength=num_contexts)
        return cls(grams, counts, total, taken, discounts)


@dataclass
class Level:
    """Contexts of one length: the shorter context without its first token, and that token.

    keys: (contexts,) shorter context · V + first token, sorted; the position is the context's number.
    plain: Counts of tokens; spread: counts of the different tokens before a gram, None for the longest.
    """

    keys: np.ndarray
    plain: Counts
    spread: Counts | None = None


class NGrams:
    """Interpolated, modified Kneser-Ney estimates of any order up to that of the counts.

    Args:
        tokens: (n,) of the training text.
        vocab_size: V.
        time: No longer context is counted when it is up; two tokens are always looked at.
        most: The largest order.

    Example:
        >>> model = NGrams(np.array([0, 1, 0, 1, 0, 1, 0]), vocab_size=2, time=Time(1), most=2)
        >>> shares = model.shares(np.array([[0, 0]]), np.array([[0, 1]]), order=2)[0]
        >>> bool(shares[0] < 0.2 < 0.8 < shares[1])  # after 0 came 1, always
        True
    """

    def __init__(self, tokens: np.ndarray, vocab_size: int, time: Time, most: int = MOST_ORDER):
        self.vocab_size, self.levels = vocab_size, []
        tokens = tokens[-MOST_TOKENS:].astype(np.int64)
        context, keys = np.zeros(len(tokens), np.int64), np.zeros(1, np.int64)  # the empty context before every token
        for length in range(most):
            if length > 2 and time.is_up():
                break
            if length:  # one more token before; the text has none before its first ones
                context = context[1:] * vocab_size + tokens[: len(tokens) - length]
                keys, context = np.unique(context, return_inverse=True)
            grams, counts = np.unique(context * vocab_size + tokens[length:], return_counts=True)
            self.levels.append(Level(keys, Counts.of(grams, counts, len(keys), vocab_size)))
            if length:
                self._count_spread(self.levels[-2], self.levels[-1])

    @property
    def orders(self) -> range:
        """Those that can be asked for."""
        return range(1, len(self.levels) + 1)

    def shares(self, past: np.ndarray, tokens: np.ndarray, order: int) -> np.ndarray:
        """(B, T) the probability of tokens (B, T), each after the token of `past` (B, T) at its place and those before.

        Args:
            order: How many tokens are looked at, the one that is foretold included.
        """
        V = self.vocab_size
        shares = np.full(tokens.shape, 1 / V)
        context = np.zeros(tokens.shape, np.int64)
        for length, level in enumerate(self.levels[:order]):
            if length:
                before = np.full(past.shape, NO_CONTEXT, np.int64)  # the token that is `length` places back
                before[:, length - 1 :] = past[:, : past.shape[1] - length + 1]
                context = _place(level.keys, np.where((context < 0) | (before < 0), -1, context * V + before))
            counts = level.plain if length == order - 1 or level.spread is None else level.spread
            shares = self._interpolated(counts, context, tokens, shares)
        return shares

    def every(self, past: np.ndarray, order: int) -> np.ndarray:
        """(P, V) the probability of every token after the last tokens of each row of `past` (P, L), L ≥ order − 1."""
        V, P = self.vocab_size, len(past)
        shares, context = np.full((P, V), 1 / V), np.zeros(P, np.int64)
        for length, level in enumerate(self.levels[:order]):
            if length:
                context = _place(level.keys, np.where(context < 0, -1, context * V + past[:, -length]))
            counts = level.plain if length == order - 1 or level.spread is None else level.spread
            total = np.where(context < 0, 0, counts.total[np.maximum(context, 0)])
            known = np.flatnonzero(total > 0)
            shares[known] *= (counts.given_back[context[known]] / total[known])[:, None]
            first, last = (np.searchsorted(counts.grams, (context[known] + step) * V) for step in (0, 1))
            rows = np.repeat(known, last - first)
            grams = np.arange(len(rows)) - np.repeat((last - first).cumsum() - last, last - first)
            own = counts.counts[grams] - counts.discounts[np.minimum(counts.counts[grams], 3)]
            shares[rows, counts.grams[grams] % V] += own / total[rows]
        return shares

    def losses(self, past: np.ndarray, tokens: np.ndarray, order: int) -> np.ndarray:
        """(B, T) nats for each token."""
        return -np.log(self.shares(past, tokens, order))

    def _interpolated(self, counts: Counts, context: np.ndarray, tokens: np.ndarray, shorter: np.ndarray) -> np.ndarray:
        """With longer contexts where they were seen, else as it is."""
        known = np.maximum(context, 0)
        total = np.where(context < 0, 0, counts.total[known])
        place = _place(counts.grams, known * self.vocab_size + tokens)
        count = np.where(place < 0, 0, counts.counts[np.maximum(place, 0)])
        own = count - counts.discounts[np.minimum(count, 3)]
        return np.where(total > 0, (own + counts.given_back[known] * shorter) / np.maximum(total, 1), shorter)

    def _count_spread(self, shorter: Level, longer: Level) -> None:
        """After how many different tokens each gram of the shorter level was seen."""
        V = self.vocab_size
        parent = longer.keys // V  # of each longer context
        grams = parent[longer.plain.grams // V] * V + longer.plain.grams % V
        found, counts = np.unique(grams, return_counts=True)
        shorter.spread = Counts.of(found, counts, len(shorter.keys), V)


def _place(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each wanted key stands among the sorted ones; -1 where it does not."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


def _discounts(counts: np.ndarray) -> np.ndarray:
    """(4,) for counts of 0, 1, 2, and 3 and more, from how often counts of 1 to 4 occur."""
    n = np.bincount(np.minimum(counts, 5), minlength=6).astype(float)
    if not n[1] or not n[2]:  # everything is frequent, or hardly anything repeats
        return np.array([0.0, 0.5, 0.5, 0.5])
    share = n[1] / (n[1] + 2 * n[2])
    found = [k - (k + 1) * share * n[k + 1] / n[k] if n[k] else 0.5 for k in (1, 2, 3)]
    return np.array([0.0, *np.clip(found, 0.05, [0.95, 1.95, 2.95])])
