"""Texts as ids for classification, by a published tokenizer: BERT's WordPiece, GPT-2's byte pairs.

Id 0 is padding for every model here. A WordPiece vocabulary has [PAD] there; where another has no padding of its own,
all its ids move up by one, and a model with published weights must do the same to the rows of its embedding.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from tokenizers import Tokenizer, models

from deepglass.core.errors import DataError, OptionError
from deepglass.core.state import read
from deepglass.data.preprocess.published_tokenizer import load
from deepglass.data.preprocess.text import GAP, PADDING, WordVocabulary, length_of, usual_length

PADDING_TOKENS = ("[PAD]", "<pad>")
STAND_INS = (
    "[MASK]",
    "<mask>",
    "[UNK]",
    "<unk>",
    "<|endoftext|>",
)  # what a hidden word is replaced by; the first that is known


class PublishedVocabulary:
    """A published tokenizer that cuts and pads texts to one length.

    Args:
        tokenizer: What gives the tokens, [CLS] and [SEP] included where it has them.
        max_length: Tokens that are kept of a text; the rest is cut off, a [SEP] at the end is not.

    Raises:
        DataError: If it is WordPiece and [PAD] is not id 0.
        OptionError: If `max_length` leaves no room for a word.
    """

    kind: ClassVar[str] = "published"
    unit: ClassVar[str] = "tokens"

    def __init__(self, tokenizer: Tokenizer, max_length: int):
        require_padding_first(tokenizer)
        frame = tokenizer.num_special_tokens_to_add(False)
        if max_length <= frame:
            raise OptionError(f"--max-length: expected more than {frame}, which this tokenizer adds, got {max_length}")
        self.definition = tokenizer.to_str()
        self.max_length = max_length
        self.shift = 0 if padding_id(tokenizer) == PADDING else 1
        self.tokenizer = Tokenizer.from_str(self.definition)
        self.tokenizer.enable_truncation(max_length)
        marks = (i for i, token in tokenizer.get_added_tokens_decoder().items() if token.special)
        self.marks = (PADDING, *(i + self.shift for i in marks))  # never hidden in training
        stand_in = next((i for i in map(tokenizer.token_to_id, STAND_INS) if i is not None), None)
        self.unknown = PADDING if stand_in is None else stand_in + self.shift

    @classmethod
    def fit(cls, path: str, texts: list[str], max_length: int | None = None) -> "PublishedVocabulary":
        """Read the tokenizer; the training texts only say how long a text may be.

        Args:
            path: Folder or file, as `published_tokenizer.load` takes it.
            texts: The training texts.
            max_length: None takes what 99.5 % of the training texts fit into, 512 at most.
        """
        tokenizer = load(path)
        lengths = [len(text.ids) for text in tokenizer.encode_batch(texts)] if max_length is None else []
        shortest = tokenizer.num_special_tokens_to_add(False) + 1
        return cls(tokenizer, max_length or max(shortest, usual_length(lengths)))

    def __len__(self) -> int:
        return largest_id(self.tokenizer) + 1 + self.shift

    @property
    def width(self) -> int:
        """Most ids of a text."""
        return self.max_length

    def encode(self, texts: list[str]) -> np.ndarray:
        """Ids of the texts, (N, max_length) int32, cut at the end or padded with 0."""
        tokens = np.full((len(texts), self.max_length), PADDING, np.int32)
        for row, text in zip(tokens, self.tokenizer.encode_batch(texts), strict=True):
            row[: len(text.ids)] = np.array(text.ids, np.int32) + self.shift
        return tokens

    def word(self, token: int) -> str:
        """What an id spells; `GAP` for what hides a word, and for padding."""
        return GAP if token in (PADDING, self.unknown) else self.tokenizer.decode([token - self.shift])

    def spell(self, tokens: Iterable[int]) -> str:
        """The text that ids spell, without padding and the marks around a text."""
        kept = [token - self.shift for token in tokens if token not in self.marks]
        return self.tokenizer.decode(kept)

    def state(self) -> dict[str, Any]:
        """Everything that `vocabulary_from_state` needs, the whole tokenizer included."""
        return {"kind": self.kind, "definition": self.definition, "max_length": self.max_length}


def vocabulary_from_state(state: dict[str, Any]) -> WordVocabulary | PublishedVocabulary:
    """The vocabulary that `state` described.

    Raises:
        ValueError: If it does not fit.
    """
    if read(state, "kind", Any, None) == PublishedVocabulary.kind:
        return PublishedVocabulary(Tokenizer.from_str(read(state, "definition", str)), length_of(state))
    return WordVocabulary.from_state(state)


def padding_id(tokenizer: Tokenizer) -> int | None:
    """The id of the padding token; None where there is none."""
    return next((i for i in map(tokenizer.token_to_id, PADDING_TOKENS) if i is not None), None)


def require_padding_first(tokenizer: Tokenizer) -> None:
    """Raise unless a WordPiece vocabulary has [PAD] as id 0.

    Raises:
        DataError: If [PAD] is missing or has another id.
    """
    found = tokenizer.token_to_id("[PAD]")
    if isinstance(tokenizer.model, models.WordPiece) and found != PADDING:
        came = "is not in it" if found is None else f"has the id {found}"
        raise DataError(f"the tokenizer's [PAD] {came}: expected id 0, which is padding for every model; put it first")


def require_same_padding(vocabulary: PublishedVocabulary, shift: int | None, source: str) -> None:
    """Raise if a tokenizer numbers its tokens otherwise than the weights that shall read them.

    Args:
        vocabulary: Of the tokenizer.
        shift: By how much the weights' numbers of tokens moved up; None where nobody knows.
        source: Of the weights, for the message.

    Raises:
        DataError: If padding is token 0 for one of them only.
    """
    if shift is None or shift == vocabulary.shift:
        return
    ours, theirs = ("token 0" if moved == 0 else "not token 0" for moved in (vocabulary.shift, shift))
    raise DataError(
        f"padding is {ours} for the tokenizer and {theirs} for the weights of {source}: they do not belong "
        "together; give the tokenizer of these weights with --tokenizer"
    )


def largest_id(tokenizer: Tokenizer) -> int:
    """Ids may leave gaps, so the number of tokens is not enough."""
    return max(tokenizer.get_vocab().values())
