"""Exchanges: what was said so far, turn by turn, and the reply to it; and the wrong replies by which a model is judged.

    [what films do you like?] [i love star wars] [who is your favourite?]   →   han solo, of course

Each reply is judged among nine others. They come from conversations of the same topic where topics are known: it is
not enough to know what is talked about.

References:
    Lowe et al. (2015), The Ubuntu Dialogue Corpus, https://arxiv.org/abs/1506.08909 (one of 10 replies)
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from deepglass.data.dialogues import Dialogue
from deepglass.data.examples import Batch

CANDIDATES = 10  # replies among which the right one is to be found
DRAWN = 3 * CANDIDATES  # at first; some of them may be said by several
SEED = 0  # the same exchanges have the same wrong replies, whichever run is judged


@dataclass(frozen=True)
class Exchange:
    """What was said, the oldest turn first, the reply to it, and the topic, where the data say it."""

    said: tuple[str, ...]
    reply: str
    topic: str = ""


def exchanges_of(dialogue: Dialogue) -> Iterator[Exchange]:
    """Each turn that answers: those of the assistant; between two equals every turn but the first."""
    turns = [turn for turn in dialogue.turns if turn[0] != "system"]
    for place, (role, text) in enumerate(turns):
        if place and (dialogue.is_of_equals or role == "assistant"):
            yield Exchange(tuple(said for _, said in turns[:place]), text, dialogue.topic)


class Exchanges:
    """Exchanges as tokens.

    Args:
        source: (N, T) what was said, the turns one behind the other, padded with 0.
        replies: (N, L) padded with 0.
        topics: (N,) numbers of topics.
        is_asked: Whether the replies are not known, and looked for.

    Shape:
        - a batch: source (B, T) int64, replies (B, L) int64
    """

    def __init__(self, source: Tensor, replies: Tensor, topics: np.ndarray, *, is_asked: bool = False):
        self.source, self.replies, self.topics, self.is_asked = source, replies, topics, is_asked
        self._candidates: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.source)

    def batch(self, indices: Tensor) -> Batch:
        indices = indices.to(self.source.device)
        return self.source[indices].long(), self.replies[indices].long()

    def to(self, device: torch.device) -> "Exchanges":
        return Exchanges(self.source.to(device), self.replies.to(device), self.topics, is_asked=self.is_asked)

    @property
    def candidates(self) -> np.ndarray:
        """(N, C) for each exchange of which others the replies are to be told apart, its own first."""
        if self._candidates is None:
            self._candidates = candidates_of(self.replies.cpu().numpy(), self.topics)
        return self._candidates


def candidates_of(replies: np.ndarray, topics: np.ndarray) -> np.ndarray:
    """(N, C) places: its own, then others with different words, of the same topic where that has enough of them.

    Args:
        replies: (N, L) tokens.
        topics: (N,) numbers.
    """
    _, words = np.unique(replies, axis=0, return_inverse=True)
    words = words.ravel()
    count = min(CANDIDATES, int(words.max()) + 1)
    pools, everything = {}, np.arange(len(words))
    for topic in np.unique(topics):
        pool = np.flatnonzero(topics == topic)
        pools[topic] = pool if len(np.unique(words[pool])) >= count else everything
    rng = np.random.default_rng(SEED)
    found = np.empty((len(words), count), np.int64)
    for place, row in enumerate(found):
        row[0], row[1:] = place, _others(rng, words, place, pools[topics[place]], count - 1)
    return found


def _others(rng: np.random.Generator, words: np.ndarray, place: int, pool: np.ndarray, count: int) -> np.ndarray:
    """So many places of a pool with different words, none of them those of `place`."""
    for drawn in (min(DRAWN, len(pool)), len(pool)):
        chosen = pool[rng.choice(len(pool), drawn, replace=False)]
        chosen = chosen[words[chosen] != words[place]]
        _, first = np.unique(words[chosen], return_index=True)
        if len(first) >= count:
            break
    return chosen[np.sort(first)[:count]]
