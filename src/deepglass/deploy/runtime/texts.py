"""Texts → token ids (B, T), by the tokens that the model was trained with; `tokens.json` describes them:

words        a pattern that finds the words of lower-cased text, and the word of each id from 2 on; perhaps pieces of
             words, with the ids after those: they follow for the unknown ones of the first `max_words` words;
             perhaps `normalise`, the form in which words are counted (`word_forms.py`)
characters   the character of each id from 1 on; 0 is any other
spaced-words   a pattern that finds words with the blank before them, and the word of each id from 1 on; 0 is any other
ended        `tokens` of one of these kinds, moved up by `shift`, behind `before`, and at its end the id `end`
separated    the event of each id from 1 on, and what separates two of them; 0 is any other
byte-pairs, published   a definition that the library `tokenizers` reads; to classify also `shift`, which is added
             to every id, and `max_length`, to which a text is cut without losing the marks around it
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from .errors import BundleError, InputError
from .word_forms import NONE, form_of

QUICK_CHARACTERS = 256  # taken apart in a third of a millisecond, whatever the tokens
UNKNOWN_WORD = 1
FIRST_WORD = 2
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class _TextEncoder:
    """What texts to classify and texts to continue have in common.

    Args:
        described: The input, with name, tensor, min_length, max_length and padding.
        tokens: As in tokens.json.
        max_characters: Longer texts are refused.
        max_tokens: Of all texts of a request, each padded to the longest; None has no bound.
    """

    def __init__(
        self, described: dict[str, Any], tokens: dict[str, Any], max_characters: int, max_tokens: int | None = None
    ):
        self.described, self.max_characters, self.max_tokens = described, max_characters, max_tokens
        self.ids_of, self.piece, self.vocab_size, self.spelled = tokenizer(tokens, self._most_ids())

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        return self.inspect(records).encode(lambda: True)

    def inspect(self, records: list[Any]) -> "_Checked":
        """Check every text before any is taken apart.

        Raises:
            InputError: If one is not a text.
        """
        return _Checked(self, [self._text(record, number) for number, record in enumerate(records, 1)])

    def padded(self, rows: list[list[int]]) -> dict[str, np.ndarray]:
        """Ids of several texts as one tensor, each as long as the longest."""
        longest = max(self.described["min_length"], *(len(row) for row in rows))
        if self.max_tokens is not None and len(rows) * longest > self.max_tokens:
            size = f"{len(rows):,} texts, the longest of {longest:,} tokens, fill {len(rows) * longest:,}"
            raise InputError(self.described["name"], f"{size}, at most {self.max_tokens:,}: send fewer at once")
        ids = np.full((len(rows), longest), self.described["padding"], np.int64)
        for line, row in zip(ids, rows, strict=True):
            line[: len(row)] = row
        return {self.described["tensor"]: ids}

    def ids(self, text: str, number: int) -> list[int]:
        """Those of one text that the model sees."""
        try:
            return self._kept(self.ids_of(text))
        except UnicodeEncodeError:
            message = "has half of a surrogate pair (U+D800 to U+DFFF alone): send whole characters"
            raise InputError(self.described["name"], message, number) from None

    def _text(self, record: Any, number: int) -> str:
        name = self.described["name"]
        text = record.get(name) if isinstance(record, dict) else record
        if not isinstance(text, str):
            raise InputError(name, f"expected a text, got {type(text).__name__}", number)
        if len(text) > self.max_characters:
            raise InputError(name, f"{len(text):,} characters, expected at most {self.max_characters:,}", number)
        return text

    def _most_ids(self) -> int | None:
        """How many of the first ids of a text are ever looked at; None where those at its end are."""
        return None

    def _kept(self, ids: list[int]) -> list[int]:
        raise NotImplementedError


class _Checked:
    """Texts of allowed length, not yet taken apart."""

    pixels = 0

    def __init__(self, encoder: _TextEncoder, texts: list[str]):
        self.encoder, self.texts = encoder, texts
        self.notes: list[dict[str, Any]] = []
        self.is_quick = sum(map(len, texts)) <= QUICK_CHARACTERS
        least, most, longest = encoder.described["min_length"], encoder.described["max_length"], max(map(len, texts))
        self.nbytes = 8 * len(texts) * max(least, min(most, 4 * longest))  # of UTF-8, where a token is a byte at least

    def encode(self, is_wanted: Callable[[], bool]) -> dict[str, np.ndarray]:
        rows = []
        for number, text in enumerate(self.texts, 1):
            if not is_wanted():
                raise TimeoutError
            rows.append(self.encoder.ids(text, number))
        return self.encoder.padded(rows)


class Texts(_TextEncoder):
    """Texts to classify: their first `max_length` words."""

    def _most_ids(self) -> int | None:
        return self.described["max_length"]

    def _kept(self, ids: list[int]) -> list[int]:
        return ids[: self.described["max_length"]]


class Prompts(_TextEncoder):
    """Texts to continue: their last `max_length` tokens; an empty one begins as the training text began."""

    def _kept(self, ids: list[int]) -> list[int]:
        return ids[-self.described["max_length"] :] or [self.described.get("start", 0)]


class Tokenizer(NamedTuple):
    """Text to ids and back, one by one or several at once, and how many ids there are."""

    ids_of: Callable[[str], list[int]]
    piece: Callable[[int], str]
    vocab_size: int
    spelled: Callable[[list[int]], str] | None = None  # where ids together spell more than one by one


def tokenizer(tokens: dict[str, Any], most_ids: int | None = None) -> Tokenizer:
    """From a text to its ids, and from an id to its piece of text.

    Args:
        tokens: Their description.
        most_ids: How many of a text's first ids are wanted, at least; None wants all.

    Raises:
        BundleError: If the description is of a kind that is not known.
    """
    match tokens.get("kind"):
        case "words":
            return _words(tokens, most_ids)
        case "characters":
            return _characters(tokens["characters"])
        case "spaced-words":
            return _spaced_words(tokens)
        case "ended":
            return _sentence(tokens, most_ids)
        case "separated":
            return _events(tokens["events"], tokens["separator"])
        case "byte-pairs" | "published":
            return _by_library(tokens["definition"], tokens.get("shift", 0), tokens.get("max_length"))
    known = "words, characters, separated, byte-pairs, ended or published"
    raise BundleError(f"tokens of kind {tokens.get('kind')!r}: expected {known}")


def _words(tokens: dict[str, Any], most_ids: int | None) -> Tokenizer:
    find, words = re.compile(tokens["pattern"]).finditer, tokens["words"]
    ids = {word: i for i, word in enumerate(words, FIRST_WORD)}
    form = form_of(tokens.get("normalise", NONE))
    pieces = {piece: i for i, piece in enumerate(tokens.get("pieces", ()), FIRST_WORD + len(words))}

    def ids_of(text: str) -> list[int]:
        found = [form(match.group()) for match in islice(find(text.lower()), tokens.get("max_words", most_ids))]
        known = [ids.get(word, UNKNOWN_WORD) for word in found]
        if pieces and UNKNOWN_WORD in known:
            parts = (pieces.get(part) for word in found if word not in ids for part in _parts(word, *tokens["lengths"]))
            known += islice((part for part in parts if part is not None), most_ids)
        return known

    spelled = [*words, *tokens.get("pieces", ())]
    return Tokenizer(
        ids_of,
        lambda i: spelled[i - FIRST_WORD] if i >= FIRST_WORD else REPLACEMENT,
        FIRST_WORD + len(spelled),
    )


def _parts(word: str, shortest: int, longest: int) -> Iterator[str]:
    """All parts of a word between its marks: "<b", "ba", "ad", "d>", "<ba", …; one by one, for a word may be long."""
    marked = f"<{word}>"
    return (marked[i : i + n] for n in range(shortest, longest + 1) for i in range(len(marked) - n + 1))


def _characters(characters: str) -> Tokenizer:
    ids = {character: i for i, character in enumerate(characters, 1)}
    every = REPLACEMENT + characters
    return Tokenizer(lambda text: [ids.get(character, 0) for character in text], every.__getitem__, len(every))


def _spaced_words(tokens: dict[str, Any]) -> Tokenizer:
    find, words = re.compile(tokens["pattern"]).findall, tokens["words"]
    ids = {word: i for i, word in enumerate(words, 1)}
    every = [f" {REPLACEMENT}", *words]
    return Tokenizer(lambda text: [ids.get(word, 0) for word in find(text)], every.__getitem__, len(every))


def _sentence(tokens: dict[str, Any], most_ids: int | None) -> Tokenizer:
    inner, shift, end, before = tokenizer(tokens["tokens"]), tokens["shift"], tokens["end"], tokens["before"]

    def ids_of(text: str) -> list[int]:
        found = inner.ids_of(before + " ".join(text.split()))
        return [*(i + shift for i in (found if most_ids is None else found[: most_ids - 1])), end]

    return Tokenizer(ids_of, lambda i: inner.piece(i - shift) if i >= shift else "", inner.vocab_size + shift)


def _events(events: list[str], separator: str) -> Tokenizer:
    ids, every = {event: i for i, event in enumerate(events, 1)}, [REPLACEMENT, *events]

    def ids_of(text: str) -> list[int]:
        parts = text.split() if separator == " " else text.split(separator)
        return [ids.get(event, 0) for part in parts if (event := part.strip())]

    return Tokenizer(ids_of, every.__getitem__, len(every))


def _by_library(definition: str, shift: int, max_length: int | None) -> Tokenizer:
    from tokenizers import Tokenizer as Published

    try:
        known = Published.from_str(definition)
    except Exception as error:  # the library raises plain Exception
        raise BundleError(f"the definition of the tokens cannot be read ({error}): export again") from None
    if max_length is not None:
        known.enable_truncation(max_length)
    has_marks = max_length is not None  # a text to continue has none: an end would stand before what follows
    return Tokenizer(
        lambda text: [i + shift for i in known.encode(text, add_special_tokens=has_marks).ids],
        lambda i: known.decode([i - shift], skip_special_tokens=False),
        known.get_vocab_size() + shift,
        lambda ids: known.decode([i - shift for i in ids], skip_special_tokens=False),
    )
