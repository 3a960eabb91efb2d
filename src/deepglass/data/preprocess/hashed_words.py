"""Words as numbers, of which none is unknown: what training never saw falls into one of many buckets.

    word of the training → its own id          any other word → the bucket that the hash of its letters names

Two texts that share a word share a number, also where nobody has met the word before: a name that is said again is
found again. Seldom do two strange words share a bucket.

References:
    Weinberger et al. (2009), Feature Hashing for Large Scale Multitask Learning, https://arxiv.org/abs/0902.2206
"""

import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from deepglass.core.state import read, require, require_between
from deepglass.core.word_forms import NONE, form_of
from deepglass.data.preprocess.text import MOST_LENGTH, split_words

PADDING, TURN = 0, 1  # ids that are no words; the second stands between the turns of a conversation
FIRST = 2
MOST_BUCKETS = 1 << 20


class HashedWords:
    """The words of the training texts, the most frequent first, and buckets for all others.

    Args:
        words: Word of id 2, 3, …
        buckets: How many there are for words that are not among these.
        max_length: Words that are kept of a turn; the rest is cut off.
        normalise: The form in which words are counted, "none", "stem" or "lemma".
    """

    def __init__(self, words: list[str], buckets: int, max_length: int, normalise: str = NONE):
        self.words, self.buckets, self.max_length = words, buckets, max_length
        self.normalise, self.form = normalise, form_of(normalise)
        self.ids = {word: i for i, word in enumerate(words, start=FIRST)}

    @classmethod
    def fit(
        cls, texts: Iterable[str], *, min_count: int, max_words: int, buckets: int, max_length: int, normalise: str
    ) -> "HashedWords":
        """Learn the words of the training texts.

        Args:
            texts: The training texts.
            min_count: Words that are rarer share the buckets.
            max_words: At most so many words, the most frequent ones.
            buckets: For all others.
            max_length: Words that are kept of a turn.
            normalise: "stem" and "lemma" count the forms of an English word as one.
        """
        form = form_of(normalise)
        counts = Counter(form(word) for text in texts for word in split_words(text))
        kept = [word for word, count in counts.most_common(max_words) if count >= min_count]
        return cls(kept, buckets, max_length, normalise)

    def __len__(self) -> int:
        return FIRST + len(self.words) + self.buckets

    def ids_of(self, text: str) -> list[int]:
        """The ids of a turn."""
        words = [self.form(word) for word in split_words(text)][: self.max_length]
        return [self.ids[word] if word in self.ids else self._bucket(word) for word in words]

    def _bucket(self, word: str) -> int:
        return FIRST + len(self.words) + zlib.crc32(word.encode("utf-8", "surrogatepass")) % self.buckets

    def is_known(self, text: str) -> bool:
        """Whether the training had any word of a text."""
        return any(self.form(word) in self.ids for word in split_words(text))

    def weights(self, texts: Iterable[str]) -> np.ndarray:
        """(V,) how rare each word is: log((1 + N) / (1 + texts that have it)) + 1; marks weigh nothing."""
        held, count = np.zeros(len(self)), 0
        for text in texts:
            held[list(set(self.ids_of(text)))] += 1
            count += 1
        found = np.log((1 + count) / (1 + held)) + 1
        found[:FIRST] = 0.0
        return found

    def state(self) -> dict[str, Any]:
        """Everything that `from_state` needs, as JSON can hold it."""
        form = {} if self.normalise == NONE else {"normalise": self.normalise}
        return {"words": self.words, "buckets": self.buckets, "max_length": self.max_length, **form}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "HashedWords":
        """The words that `state` described.

        Raises:
            ValueError: If they do not fit.
        """
        words, buckets = read(state, "words", list[str]), read(state, "buckets", int)
        require(len(set(words)) == len(words), "different words")
        require_between(buckets, 1, MOST_BUCKETS, "buckets")
        max_length = read(state, "max_length", int)
        require_between(max_length, 1, MOST_LENGTH, "the length of turns")
        return cls(words, buckets, max_length, read(state, "normalise", str, NONE))
