"""Texts → token ids (B, T), by the tokens that the model was trained with; `tokens.json` describes them:

words        a pattern that finds the words of lower-cased text, and the word of each id from 2 on; perhaps pieces of
             words, with the ids after those: they follow for the unknown ones of the first `max_words` words
characters   the character of each id from 1 on; 0 is any other
byte-pairs, published   a definition that the library `tokenizers` reads; to classify also `shift`, which is added
             to every id, and `max_length`, to which a text is cut without losing the marks around it
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import BundleError, InputError

UNKNOWN_WORD = 1
FIRST_WORD = 2
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class _TextEncoder:
    """What texts to classify and texts to continue have in common.

    Args:
        described: The input, with name, tensor, min_length, max_length and padding.
        tokens: As in tokens.json.
        max_characters: Longer texts are refused.
    """

    def __init__(self, described: dict[str, Any], tokens: dict[str, Any], max_characters: int):
        self.described, self.max_characters = described, max_characters
        self.ids_of, self.piece = tokenizer(tokens)

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        rows = [self._kept(self.ids_of(self._text(record, i))) for i, record in enumerate(records, 1)]
        longest = max(self.described["min_length"], *(len(row) for row in rows))
        ids = np.full((len(rows), longest), self.described["padding"], np.int64)
        for line, row in zip(ids, rows, strict=True):
            line[: len(row)] = row
        return {self.described["tensor"]: ids}

    def annotate(self, records: list[Any], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return answers

    def _text(self, record: Any, number: int) -> str:
        name = self.described["name"]
        text = record.get(name) if isinstance(record, dict) else record
        if not isinstance(text, str):
            raise InputError(name, f"expected a text, got {type(text).__name__}", number)
        if len(text) > self.max_characters:
            raise InputError(name, f"{len(text):,} characters, expected at most {self.max_characters:,}", number)
        return text

    def _kept(self, ids: list[int]) -> list[int]:
        raise NotImplementedError


class Texts(_TextEncoder):
    """Texts to classify: their first `max_length` words."""

    def _kept(self, ids: list[int]) -> list[int]:
        return ids[: self.described["max_length"]]


class Prompts(_TextEncoder):
    """Texts to continue: their last `max_length` tokens; an empty one begins as the training text began."""

    def _kept(self, ids: list[int]) -> list[int]:
        return ids[-self.described["max_length"] :] or [self.described["start"]]


def tokenizer(tokens: dict[str, Any]) -> tuple[Callable[[str], list[int]], Callable[[int], str]]:
    """From a text to its ids, and from an id to its piece of text."""
    match tokens.get("kind"):
        case "words":
            return _words(tokens)
        case "characters":
            return _characters(tokens["characters"])
        case "byte-pairs" | "published":
            return _by_library(tokens["definition"], tokens.get("shift", 0), tokens.get("max_length"))
    raise BundleError(f"tokens of kind {tokens.get('kind')!r}: expected words, characters, byte-pairs or published")


def _words(tokens: dict[str, Any]) -> tuple[Callable[[str], list[int]], Callable[[int], str]]:
    find, words = re.compile(tokens["pattern"]).findall, tokens["words"]
    ids = {word: i for i, word in enumerate(words, FIRST_WORD)}
    pieces = {piece: i for i, piece in enumerate(tokens.get("pieces", ()), FIRST_WORD + len(words))}

    def ids_of(text: str) -> list[int]:
        found = find(text.lower())[: tokens.get("max_words")]
        known = [ids.get(word, UNKNOWN_WORD) for word in found]
        if pieces and UNKNOWN_WORD in known:
            parts = (pieces.get(part) for word in found if word not in ids for part in _parts(word, *tokens["lengths"]))
            known += [part for part in parts if part is not None]
        return known

    spelled = [*words, *tokens.get("pieces", ())]
    return ids_of, lambda i: spelled[i - FIRST_WORD] if i >= FIRST_WORD else REPLACEMENT


def _parts(word: str, shortest: int, longest: int) -> list[str]:
    """All parts of a word between its marks: "<b", "ba", "ad", "d>", "<ba", …"""
    marked = f"<{word}>"
    return [marked[i : i + n] for n in range(shortest, longest + 1) for i in range(len(marked) - n + 1)]


def _characters(characters: str) -> tuple[Callable[[str], list[int]], Callable[[int], str]]:
    ids = {character: i for i, character in enumerate(characters, 1)}
    return lambda text: [ids.get(character, 0) for character in text], (REPLACEMENT + characters).__getitem__


def _by_library(
    definition: str, shift: int, max_length: int | None
) -> tuple[Callable[[str], list[int]], Callable[[int], str]]:
    from tokenizers import Tokenizer

    known = Tokenizer.from_str(definition)
    if max_length is not None:
        known.enable_truncation(max_length)
    has_marks = max_length is not None  # a text to continue has none: an end would stand before what follows
    return (
        lambda text: [i + shift for i in known.encode(text, add_special_tokens=has_marks).ids],
        lambda i: known.decode([i - shift], skip_special_tokens=False),
    )
