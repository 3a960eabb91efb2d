"""The caption of a picture as what the picture is made from: words in a fixed vocabulary, in their order.

Nothing predicts it. It stands where other pictures have their answer, since it is read beside the picture, row by row,
and what is learnt of it (the words) is learnt from the training rows alone.
"""

from typing import Any

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.fields import AnswerField, Source
from deepglass.data.preprocess.text import UNKNOWN, WordVocabulary
from deepglass.data.reading.captions import captions_of

FEWEST = 20  # pictures, to learn from, to choose by and to test with
MANY = 40  # words; more of them are not listed in a message


class Field(AnswerField):
    """Ids of the words, int32, padded with 0.

    Attributes:
        vocabulary: The words of the training captions.
        example: One of these.
    """

    name = "prompt"
    suits = ()  # a mirrored picture turns "left of" into a lie, and what is painted would be as nudged as its examples
    largest_side = 32  # what a processor learns to make in minutes, pixel by pixel
    vocabulary: WordVocabulary

    def __init__(self, data_config: DataConfig):
        super().__init__(data_config)
        self.vocabulary, self.example = WordVocabulary([], 1), ""

    def take(self, data: Source) -> list[Guess]:
        """The column was chosen where the captions were read.

        Raises:
            DataError: If there are no captions.
        """
        captions_of(data)
        return []

    def require(self, data: Source) -> list[Guess]:
        """Some pictures, and captions that differ.

        Raises:
            DataError: If there is nothing to learn.
        """
        captions = captions_of(data)
        if len(captions) < FEWEST:
            raise DataError(f"{data.name} has {len(captions)} pictures with captions: expected at least {FEWEST}")
        if len(set(captions)) == 1:
            raise DataError(
                f"every caption of {data.name} is {captions[0]!r}: there is nothing that words could change; "
                "name another column with --text-column"
            )
        return []

    def fit(self, data: Source, rows: np.ndarray) -> None:
        """The words of the training captions."""
        captions = captions_of(data)
        self.vocabulary = WordVocabulary.fit([captions[row] for row in rows])
        self.example = captions[rows[0]]

    def encode(self, data: Source) -> np.ndarray:
        """(N, T) ids."""
        return self.vocabulary.encode(captions_of(data))

    def blank(self, count: int) -> np.ndarray:
        """No caption."""
        return np.zeros((count, self.vocabulary.width), np.int32)

    @property
    def size(self) -> int:
        """Words that are known, with padding and the unknown one."""
        return len(self.vocabulary)

    def asked(self, prompt: str) -> np.ndarray:
        """(T,) ids of what somebody asks for.

        Raises:
            OptionError: If a word is unknown, or there are too many of them; names the known ones.
        """
        words = self.vocabulary.words_of(prompt)
        if not words:
            raise OptionError(f'--prompt: expected words that say what to paint, such as "{self.example}", got none')
        unknown = list(dict.fromkeys(word for word in words if word not in self.vocabulary.ids))
        if unknown:
            known = sorted(self.vocabulary.words)
            few = f"it knows {listing(known, MANY)}"
            many = f"it knows {len(known):,} words, those of its training captions, such as {listing(known[::-1], 5)}"
            raise OptionError(
                f"--prompt {prompt!r}: no training caption has the word{'s' if len(unknown) > 1 else ''} "
                f"{listing(map(repr, unknown), 10)}; {few if len(known) <= MANY else many}"
            )
        if len(words) > self.vocabulary.max_length:
            raise OptionError(
                f"--prompt: expected at most {self.vocabulary.max_length} words, as long as the training captions, got "
                f"{len(words)}: shorten it"
            )
        return self.vocabulary.encode([prompt])[0]

    def words(self, tokens: np.ndarray) -> str:
        """A caption of ids (T,) as a sentence."""
        known = {place: word for word, place in self.vocabulary.ids.items()} | {UNKNOWN: "…"}
        return " ".join(known[int(token)] for token in tokens if token)

    def state(self) -> dict[str, Any]:
        """The vocabulary."""
        return {"prompt": self.vocabulary.state() | {"example": self.example}}

    def load_state(self, state: dict[str, Any]) -> None:
        own = read(state, "prompt", dict[str, Any])
        self.vocabulary, self.example = WordVocabulary.from_state(own), read(own, "example", str)
