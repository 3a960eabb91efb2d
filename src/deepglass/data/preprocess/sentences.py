"""Sentences as numbers and back: ids of their tokens between two marks, padded to one length.

    "ein Hund ." ── tokens ──> begin 17 203 9 end 0 0 ── spellings ──> "ein Hund ."

Tokens are byte pairs (Sennrich, Haddow & Birch, 2016, https://arxiv.org/abs/1508.07909), whole words, or characters.
A token carries the blank before it, so what a network writes is put together without rules. What each id spells is
kept as bytes: whoever decodes needs these alone.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

import numpy as np

from deepglass.core.state import read, require, require_between
from deepglass.data.preprocess.text import (
    MOST_LENGTH,
    REPLACEMENT,
    UNSPACED,
    BytePairs,
    Characters,
    Tokens,
    tokens_from_state,
)

PADDING, BEGIN, END = 0, 1, 2  # ids that are no tokens
FIRST = 3  # the id of token 0
LONGEST_SENTENCE = 512  # tokens; what is longer is cut, and no sentence
Kind = Literal["byte-pairs", "words", "characters"]
SPACED_WORD = re.compile(rf" ?(?:[{UNSPACED}]|(?:(?![{UNSPACED}])\w)+(?:['’]\w+)*|[^\w\s])")


class SpacedWords(Tokens):
    """A token a word or mark, with the blank before it; id 0 is any other."""

    kind = "spaced-words"
    unknown = 0

    def __init__(self, words: list[str]):
        self.words = words
        self.ids = {word: i for i, word in enumerate(words, start=1)}

    @classmethod
    def fit(cls, texts: Iterable[str], vocab_size: int) -> "SpacedWords":
        """The most frequent words of texts."""
        counts = Counter(word for text in texts for word in SPACED_WORD.findall(text))
        return cls([word for word, _ in counts.most_common(vocab_size - 1)])

    def __len__(self) -> int:
        return len(self.words) + 1

    def encode(self, text: str) -> np.ndarray:
        return np.array([self.ids.get(word, 0) for word in SPACED_WORD.findall(text)], np.int32)

    def decode(self, ids: Iterable[int]) -> str:
        return "".join(self.words[i - 1] if i else f" {REPLACEMENT}" for i in ids)

    def state(self) -> dict[str, Any]:
        return {"kind": self.kind, "pattern": SPACED_WORD.pattern, "words": self.words}


class SentenceVocabulary:
    """The tokens of sentences and the marks around them.

    Args:
        tokens: What a token is.
        max_length: Most tokens that a network reads or writes, the end included.
        longest: Those of the longest training sentence; a true sentence is kept up to twice as long, so that it is
            judged whole even where the network may not write so much.
    """

    def __init__(self, tokens: Tokens, max_length: int, longest: int | None = None):
        self.tokens, self.max_length, self.longest = tokens, max_length, longest or max_length
        self.spellings = [b"", b"", b"", *_spellings(tokens)]
        self.before = "" if isinstance(tokens, Characters) else " "

    @classmethod
    def fit(
        cls, texts: Sequence[str], *, kind: Kind = "byte-pairs", vocab_size: int = 8000, max_length: int | None = None
    ) -> "SentenceVocabulary":
        """Learn the tokens of the training sentences.

        Args:
            texts: The sentences, of one language or of both.
            kind: What a token is.
            vocab_size: Most tokens, of byte pairs and words.
            max_length: None takes the longest training sentence, 512 at most.

        Raises:
            ValueError: If there is no such kind.
        """
        require(kind in get_args(Kind), f"one of {', '.join(get_args(Kind))} for tokens", kind)
        texts = [plain(text) for text in texts]
        if kind == "characters":
            tokens: Tokens = Characters.fit("".join(texts))
        elif kind == "words":
            tokens = SpacedWords.fit([f" {text}" for text in texts], vocab_size)
        else:
            tokens = BytePairs.fit("\n".join(f" {text}" for text in texts), vocab_size)
        vocabulary = cls(tokens, LONGEST_SENTENCE)
        longest = max((len(vocabulary.ids_of(text)) for text in texts), default=1)
        vocabulary.longest = min(longest, LONGEST_SENTENCE)
        vocabulary.max_length = max_length or vocabulary.longest
        return vocabulary

    def __len__(self) -> int:
        """Number of ids V, the marks included."""
        return FIRST + len(self.tokens)

    @property
    def unknown(self) -> int | None:
        """The id of what cannot be written; None where everything can."""
        return None if self.tokens.unknown is None else FIRST + self.tokens.unknown

    @property
    def never(self) -> list[int]:
        """Ids that no sentence is continued with."""
        return [PADDING, BEGIN] if self.unknown is None else [PADDING, BEGIN, self.unknown]

    @property
    def never_first(self) -> list[int]:
        """Ids that no sentence begins with, or it could be empty: its end, and blanks."""
        return [END, *(i for i in range(FIRST, len(self)) if not self.spelled([i]))]

    @property
    def width(self) -> int:
        """Most ids of a true sentence."""
        return 1 + min(LONGEST_SENTENCE, 2 * self.longest)

    def ids_of(self, text: str) -> list[int]:
        """Of one sentence, its end included: as many as there are."""
        return [*(self.tokens.encode(self.before + plain(text)) + FIRST).tolist(), END]

    def encode_sources(self, texts: Sequence[str]) -> np.ndarray:
        """Sentences that are read: (N, max_length) int64, each ends with its end, padded with 0."""
        rows = [[*self.ids_of(text)[:-1][: self.max_length - 1], END] for text in texts]
        return padded(rows, self.max_length)

    def encode_targets(self, texts: Sequence[str]) -> np.ndarray:
        """Sentences that are written: (N, width) int64 from begin to end, padded with 0."""
        return padded([[BEGIN, *self.ids_of(text)] for text in texts], self.width)

    def decode(self, ids: Iterable[int]) -> str:
        """What ids spell, up to the end."""
        kept = []
        for i in ids:
            if i == END:
                break
            kept.append(int(i))
        return self.spelled(kept)

    def spelled(self, ids: Iterable[int]) -> str:
        """What ids spell, without blanks around."""
        return b"".join(self.spellings[i] for i in ids).decode("utf-8", "replace").strip()

    def pieces_of(self, text: str) -> list[str]:
        """What each of its tokens spells, without the end."""
        return [self.spelled([i]) for i in self.ids_of(text)[: self.max_length - 1] if i != END]

    def state(self) -> dict[str, Any]:
        """Everything that `from_state` needs, as JSON can hold it."""
        return {"tokens": self.tokens.state(), "max_length": self.max_length, "longest": self.longest}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "SentenceVocabulary":
        """The vocabulary that `state` described.

        Raises:
            ValueError: If it does not fit.
        """
        max_length, described = read(state, "max_length", int), read(state, "tokens", dict[str, Any])
        longest = read(state, "longest", int)
        for length in (max_length, longest):
            require_between(length, 1, MOST_LENGTH, "the length of sentences")
        if read(described, "kind", Any, None) == SpacedWords.kind:
            words = read(described, "words", list[str])
            require(len(set(words)) == len(words), "different words")
            return cls(SpacedWords(words), max_length, longest)
        return cls(tokens_from_state(described), max_length, longest)


def plain(text: str) -> str:
    """A sentence with single blanks in the place of whatever divides its words; half characters are replaced."""
    return " ".join(text.split()).encode("utf-8", "replace").decode("utf-8")


def padded(rows: Sequence[Sequence[int]], width: int) -> np.ndarray:
    """(N, width) int64 of rows of ids, filled with 0 at their ends."""
    ids = np.full((len(rows), width), PADDING, np.int64)
    for line, row in zip(ids, rows, strict=True):
        line[: len(row)] = row[:width]
    return ids


def _spellings(tokens: Tokens) -> list[bytes]:
    """The bytes of each token: a byte pair may end within a character."""
    if not isinstance(tokens, BytePairs):
        return [tokens.decode([i]).encode() for i in range(len(tokens))]
    byte_of = {character: byte for byte, character in _byte_characters().items()}
    names = [tokens.tokenizer.id_to_token(i) or "" for i in range(len(tokens))]
    return [bytes(byte_of[character] for character in name) for name in names]


def _byte_characters() -> dict[int, str]:
    """The visible character by which GPT-2's byte pairs name each byte: itself, or the next free one from 256 on."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in shown]
    return {byte: chr(byte) for byte in shown} | {byte: chr(256 + i) for i, byte in enumerate(others)}
