"""Text as numbers: words for classification; characters, byte pairs or published tokens for language models.

What a token is is learnt from the training texts alone and kept as JSON, so a run reads new text as it read its own.
Byte pairs: Sennrich, Haddow & Birch (2016), Neural Machine Translation of Rare Words with Subword Units,
https://arxiv.org/abs/1508.07909, on bytes as in GPT-2, so that any text can be written with them.
"""

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Literal

import numpy as np

from deepglass.core.errors import RunError
from deepglass.core.state import read, require, require_between
from deepglass.core.word_forms import NONE, form_of
from deepglass.data.preprocess import published_tokenizer

PADDING, UNKNOWN = 0, 1  # ids of the word vocabulary that are not words
GAP = "____"  # as a word that is not known is written
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # what an unknown character is read back as

MOST_LENGTH = 1 << 20  # tokens of a text that anybody could mean
LONGEST_TEXT = 512  # tokens; what attention can still afford on a processor, and all that BERT can see

PIECE_LENGTHS = range(2, 6)  # of parts of words, the marks of its ends included
MOST_PIECES = 128  # ids of pieces in a text: those of about eight unknown words

UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # kana and Chinese characters: each counts as a word
LETTER = re.compile(r"\S")
WORD = re.compile(rf"[{UNSPACED}]|n't\b|(?:(?![{UNSPACED}])\w)+(?:['’]\w+)*|[^\w\s]")


def split_words(text: str) -> list[str]:
    """Lower-cased words and single marks: "Don't panic!" → ["don't", "panic", "!"]."""
    return WORD.findall(text.lower())


def pieces_of(word: str) -> list[str]:
    """The parts of a word that it shares with others: "bad" → ["<b", "ba", "ad", "d>", "<ba", "bad", "ad>", …]."""
    marked = f"<{word}>"
    return [marked[i : i + n] for n in PIECE_LENGTHS for i in range(len(marked) - n + 1)]


class WordVocabulary:
    """The words of the training texts, the most frequent first; everything else is one unknown word.

    Args:
        words: Word of id 2, 3, …; 0 is padding, 1 the unknown word.
        max_length: Words that are kept of a text; the rest is cut off.
        pieces: Parts of words, with the ids after those of the words: behind its words, a text has those of its
            unknown ones.
        normalise: The form in which words are counted, "none", "stem" or "lemma".
        letters: Whether every letter, mark and digit counts as a word, as in DNA.
    """

    unknown: ClassVar[int] = UNKNOWN  # replaces a word that is hidden in training
    marks: ClassVar[tuple[int, ...]] = (PADDING,)  # are never hidden

    def __init__(
        self,
        words: list[str],
        max_length: int,
        pieces: Sequence[str] = (),
        normalise: str = NONE,
        letters: bool = False,
    ):
        self.unit, self.pattern = ("letters", LETTER) if letters else ("words", WORD)
        self.words, self.max_length, self.pieces = words, max_length, list(pieces)
        self.normalise, self.form = normalise, form_of(normalise)
        self.ids = {word: i for i, word in enumerate(words, start=UNKNOWN + 1)}
        self.piece_ids = {piece: i for i, piece in enumerate(self.pieces, start=len(self))}

    @classmethod
    def fit(
        cls,
        texts: Iterable[str],
        *,
        min_count: int = 1,
        max_words: int = 50_000,
        max_length: int | None = None,
        normalise: str = NONE,
        letters: bool = False,
    ) -> "WordVocabulary":
        """Learn the vocabulary from the training texts.

        Args:
            texts: The training texts.
            min_count: Words that are rarer are unknown.
            max_words: At most so many words, the most frequent ones.
            max_length: None takes what 99.5 % of the training texts fit into, 512 at most.
            normalise: "stem" and "lemma" count the forms of an English word as one.
            letters: Take every letter for a word.
        """
        pattern = LETTER if letters else WORD
        counts: Counter[str] = Counter()
        lengths, form = [], form_of(normalise)
        for text in texts:
            words = [form(word) for word in pattern.findall(text.lower())]
            counts.update(words)
            lengths.append(len(words))
        kept = [word for word, count in counts.most_common(max_words) if count >= min_count]
        return cls(kept, max_length or usual_length(lengths), normalise=normalise, letters=letters)

    def __len__(self) -> int:
        """Number of words V, with padding and the unknown one; ids from V on are pieces."""
        return len(self.words) + UNKNOWN + 1

    @property
    def width(self) -> int:
        """Most ids of a text."""
        return self.max_length + (MOST_PIECES if self.pieces else 0)

    def words_of(self, text: str) -> list[str]:
        """The words of a text, in the form in which they are counted."""
        return [self.form(word) for word in self.pattern.findall(text.lower())]

    def word(self, token: int) -> str:
        """What an id stands for; `GAP` for the unknown word."""
        return self.words[token - UNKNOWN - 1] if token > UNKNOWN else GAP

    def spell(self, tokens: Iterable[int]) -> str:
        """The text that ids spell, a blank between words; padding is left out."""
        return " ".join(self.word(token) for token in tokens if token != PADDING)

    def learn_pieces(self, texts: Iterable[str], most: int) -> None:
        """Know the parts of words that at least two texts share, the most frequent ones, then those that come first."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(list(dict.fromkeys(piece for word in self.words_of(text) for piece in pieces_of(word))))
        kept = [piece for piece, count in counts.most_common(most) if count >= 2]
        self.pieces, self.piece_ids = kept, {piece: i for i, piece in enumerate(kept, start=len(self))}

    def encode(self, texts: list[str]) -> np.ndarray:
        """Ids of the texts, (N, width) int32, cut at the end or padded with 0."""
        tokens = np.zeros((len(texts), self.width), np.int32)
        for row, text in zip(tokens, texts, strict=True):
            words = self.words_of(text)[: self.max_length]
            ids = [self.ids.get(word, UNKNOWN) for word in words]
            if self.pieces and UNKNOWN in ids:
                ids += self._pieces_of_unknown(words)
            row[: len(ids)] = ids[: len(row)]
        return tokens

    def _pieces_of_unknown(self, words: list[str]) -> list[int]:
        found = (self.piece_ids.get(p) for word in words if word not in self.ids for p in pieces_of(word))
        return [piece for piece in found if piece is not None]

    def state(self) -> dict[str, Any]:
        """Everything that `from_state` needs, as JSON can hold it."""
        form = {} if self.normalise == NONE else {"normalise": self.normalise}
        pieces = {"pieces": self.pieces} if self.pieces else {}
        letters = {"letters": True} if self.pattern is LETTER else {}
        return {"words": self.words, "max_length": self.max_length, **pieces, **form, **letters}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "WordVocabulary":
        """The vocabulary that `state` described.

        Raises:
            ValueError: If it does not fit.
        """
        words, pieces = read(state, "words", list[str]), read(state, "pieces", list[str], [])
        for part in (words, pieces):
            require(len(set(part)) == len(part), "different words")
        letters = read(state, "letters", bool, False)
        return cls(words, length_of(state), pieces, read(state, "normalise", str, NONE), letters)


def length_of(state: dict[str, Any]) -> int:
    """The length that texts are cut to, of a state.

    Raises:
        ValueError: If there is none, or no machine could bear it.
    """
    length = read(state, "max_length", int)
    require_between(length, 1, MOST_LENGTH, "the length of texts")
    return length


def usual_length(lengths: list[int]) -> int:
    """What 99.5 % of the texts fit into, at least 1 and at most `LONGEST_TEXT`."""
    fitting = int(np.ceil(np.quantile(lengths, 0.995))) if lengths else 1
    return int(np.clip(fitting, 1, LONGEST_TEXT))


class Tokens(ABC):
    """Text to ids and back, for language models."""

    kind: ClassVar[str]
    unknown: int | None = None  # the id that stands for what cannot be written

    @abstractmethod
    def __len__(self) -> int:
        """Number of different tokens V."""

    @abstractmethod
    def encode(self, text: str) -> np.ndarray:
        """Ids of a text, (n,) int32."""

    @abstractmethod
    def decode(self, ids: Iterable[int]) -> str:
        """The text that ids spell."""

    def decode_after(self, before: int, ids: list[int]) -> str:
        """The text that ids add behind the token `before`."""
        return self.decode(ids)

    def odd_parts(self, text: str) -> list[str]:
        """Parts of a text that cannot be written, each once."""
        return []

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Everything that `tokens_from_state` needs, as JSON can hold it."""


class Characters(Tokens):
    """A token per character, those of the training text; id 0 is any other character."""

    kind = "characters"
    unknown = 0

    def __init__(self, characters: str):
        self.characters = characters
        self.codes = np.array([ord(c) for c in characters], np.int64)  # increasing: ids are found by bisection

    @classmethod
    def fit(cls, text: str) -> "Characters":
        """Learn the characters of the training text."""
        return cls("".join(sorted(set(text))))

    def __len__(self) -> int:
        return len(self.characters) + 1

    def encode(self, text: str) -> np.ndarray:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
        places = np.searchsorted(self.codes, codes)
        is_known = self.codes[np.minimum(places, len(self.codes) - 1)] == codes if len(self.codes) else codes < 0
        return np.where(is_known, places + 1, 0).astype(np.int32)

    def decode(self, ids: Iterable[int]) -> str:
        known = REPLACEMENT + self.characters
        return "".join(known[i] if i < len(known) else REPLACEMENT for i in ids)  # other people's weights know more

    def odd_parts(self, text: str) -> list[str]:
        return list(dict.fromkeys(c for c in text if c not in self.characters))

    def state(self) -> dict[str, Any]:
        return {"kind": self.kind, "characters": self.characters}


class BytePairs(Tokens):
    """A token a frequent sequence of bytes; since every single byte is one too, nothing is unknown.

    Args:
        definition: The tokenizer in the JSON form of the library `tokenizers`.
    """

    kind = "byte-pairs"

    def __init__(self, definition: str):
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_str(definition)

    @classmethod
    def fit(cls, text: str, vocab_size: int) -> "BytePairs":
        """Join the most frequent neighbours, starting from 256 bytes, until there are `vocab_size` tokens."""
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # type: ignore[assignment]
        tokenizer.decoder = decoders.ByteLevel()  # type: ignore[assignment]
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(vocab_size=vocab_size, initial_alphabet=alphabet, show_progress=False)
        tokenizer.train_from_iterator(text.splitlines(keepends=True), trainer)
        return cls(tokenizer.to_str())

    def __len__(self) -> int:
        return self.tokenizer.get_vocab_size()

    def encode(self, text: str) -> np.ndarray:
        return np.array(self.tokenizer.encode(text, add_special_tokens=False).ids, np.int32)

    def decode(self, ids: Iterable[int]) -> str:
        return self.tokenizer.decode(list(ids), skip_special_tokens=False)

    def state(self) -> dict[str, Any]:
        return {"kind": self.kind, "definition": self.tokenizer.to_str()}


class Published(BytePairs):
    """The tokens of a published model, byte pairs or others, without the marks that it sets around a text."""

    kind = "published"

    def __init__(self, definition: str):
        from tokenizers import models

        super().__init__(definition)
        self.unknown = self.tokenizer.token_to_id(getattr(self.tokenizer.model, "unk_token", None) or "")
        self.is_bytes = isinstance(self.tokenizer.model, models.BPE)

    @classmethod
    def read(cls, path: str) -> "Published":
        """From a folder or a file, as `published_tokenizer.load` takes them."""
        return cls(published_tokenizer.load(path).to_str())

    def __len__(self) -> int:
        return max(self.tokenizer.get_vocab().values()) + 1  # ids may leave gaps

    def decode_after(self, before: int, ids: list[int]) -> str:
        if self.is_bytes:
            return self.decode(ids)
        return self.decode([before, *ids])[len(self.decode([before])) :]  # a blank, unless a word goes on

    def odd_parts(self, text: str) -> list[str]:
        found = self.tokenizer.encode(text, add_special_tokens=False)
        spans = [span for i, span in zip(found.ids, found.offsets, strict=True) if i == self.unknown]
        return list(dict.fromkeys(text[start:end] for start, end in spans))


def fit_tokens(kind: Literal["characters", "byte-pairs"], text: str, vocab_size: int) -> Tokens:
    """Learn the tokens of the training text; `vocab_size` is for byte pairs."""
    return Characters.fit(text) if kind == "characters" else BytePairs.fit(text, vocab_size)


def tokens_from_state(state: dict[str, Any]) -> Tokens:
    """The tokens that `state` described.

    Raises:
        RunError: If they are of a kind that this version does not know.
        ValueError: If they do not fit.
    """
    match read(state, "kind", Any, None):
        case Characters.kind:
            characters = read(state, "characters", str)
            require(all(a < b for a, b in pairwise(characters)), "characters in their order, each of them once")
            return Characters(characters)
        case BytePairs.kind:
            return BytePairs(read(state, "definition", str))
        case Published.kind:
            return Published(read(state, "definition", str))
    known = "characters, byte-pairs or published"
    raise RunError(f"tokens of kind {state.get('kind')!r}: expected {known}; update Deepglass")
