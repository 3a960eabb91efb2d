"""Simple ways to say what comes next in a session: what is popular, the last event once more, Markov chains.

A Markov chain of order k counts what followed the last k events, and backs off to fewer where it has seen too little
(Kneser-Ney, `ngrams.py`). A session begins with a mark, so no count reaches over into the session before.
"""

from collections.abc import Callable, Iterator

import numpy as np

from deepglass.data.session_windows import SessionWindows
from deepglass.data.token_windows import IGNORED
from deepglass.rivals import Time
from deepglass.rivals.ngrams import NGrams

MOST_BACK = 3  # events that a chain looks back
NUMBERS_AT_ONCE = 1 << 22  # of shares (P, V)

Chances = Callable[[np.ndarray], np.ndarray]  # the last events (P, L), −1 before the first → shares (P, V)


def popular(counts: np.ndarray) -> Chances:
    """How often each event came in training, whatever was before."""
    shares = (counts + 1) / (counts + 1).sum()
    return lambda past: np.broadcast_to(shares, (len(past), len(shares)))


def repeated(counts: np.ndarray) -> Chances:
    """The last event once more, then what is popular."""
    shares = (counts + 1) / (counts + 1).sum()

    def chances(past: np.ndarray) -> np.ndarray:
        found = np.tile(shares / 2, (len(past), 1))
        found[np.arange(len(past)), past[:, -1]] += 0.5
        return found

    return chances


class Chains:
    """Markov chains of every order up to the longest.

    Args:
        train: Sessions to learn from.
        vocab_size: V; the mark of a beginning is one more.
        time: No longer past is counted when it is up.
        most: Events that the longest one looks back.
    """

    def __init__(self, train: SessionWindows, vocab_size: int, time: Time, most: int = MOST_BACK):
        self.mark = vocab_size
        lengths = train.lengths.cpu().numpy()
        stream = np.full(len(train.events) + len(lengths), self.mark, np.int64)
        place = np.arange(len(train.events)) + np.repeat(np.arange(1, len(lengths) + 1), lengths)
        stream[place] = train.events.cpu().numpy()
        self.counted = NGrams(stream, vocab_size + 1, time, most + 1)

    @property
    def orders(self) -> range:
        """How many events back can be asked for."""
        return range(1, len(self.counted.levels))

    def chances(self, back: int) -> Chances:
        """Of the chain that looks so many events back; that the session ends is left out."""

        def of(past: np.ndarray) -> np.ndarray:
            shares = self.counted.every(np.where(past < 0, self.mark, past), back + 1)
            return shares[:, :-1] / (1 - shares[:, -1:])

        return of


def places(
    examples: SessionWindows, vocab_size: int, back: int = MOST_BACK
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Every place that is judged, some at once: its session (P,), the last events (P, L), what came next (P,)."""
    windows = max(1, NUMBERS_AT_ONCE // (vocab_size * examples.context))
    for owner, events, targets in examples.windows(windows):
        ids, wanted = events.cpu().numpy(), targets.cpu().numpy()
        before = np.concatenate([np.full((len(ids), back - 1), -1), ids], axis=1)
        past = np.lib.stride_tricks.sliding_window_view(before, back, axis=1)  # (b, T, L)
        rows, columns = np.nonzero(wanted != IGNORED)
        yield owner.cpu().numpy()[rows], past[rows, columns], wanted[rows, columns]
