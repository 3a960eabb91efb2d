"""Paired text: the sentence that belongs to a picture, as the numbers of its words."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.data.fields import AnswerField, Source
from deepglass.data.preprocess.text import UNKNOWN, WordVocabulary
from deepglass.data.reading.captions import captions_of

NO_TEXT = -1  # in the place of every word, of a picture without a sentence
FEWEST = 8  # pairs of a training


class Field(AnswerField):
    """(N, T) ids of words, int64, padded with 0.

    Attributes:
        vocabulary: The words of the training sentences.
    """

    name = "paired_text"
    suits = ("nudge",)  # a mirrored picture turns "left of" into a lie, and another colour does
    vocabulary: WordVocabulary

    def take(self, data: Source) -> list[Guess]:
        """The captions.

        Raises:
            DataError: If there are none, or too few.
        """
        if (count := len(captions_of(data))) < FEWEST:
            raise DataError(f"{data.name}: {count} pictures with captions: expected {FEWEST} or more to learn from")
        return []

    def require(self, data: Source) -> list[Guess]:
        """Any sentences can be learnt."""
        return []

    def fit(self, data: Source, rows: np.ndarray) -> None:
        """The words of the training."""
        captions = captions_of(data)
        self.vocabulary = WordVocabulary.fit(captions[row] for row in rows)

    def encode(self, data: Source) -> np.ndarray:
        """(N, T) ids.

        Raises:
            DataError: If there are no captions.
        """
        return self.vocabulary.encode(captions_of(data)).astype(np.int64)

    def blank(self, count: int) -> np.ndarray:
        """-1 for every word."""
        return np.full((count, self.vocabulary.width), NO_TEXT, np.int64)

    @property
    def size(self) -> int:
        """The number of words."""
        return len(self.vocabulary)

    def unknown_words_of(self, text: str) -> list[str]:
        """The words of a sentence that no training sentence has."""
        return [word for word in self.vocabulary.words_of(text) if self.vocabulary.ids.get(word, UNKNOWN) == UNKNOWN]

    def unused_options(self, asked: Mapping[str, Any], data: Source) -> Iterator[Unused]:
        """None of its own."""
        yield from ()

    def state(self) -> dict[str, Any]:
        """The words."""
        return {"sentences": self.vocabulary.state()}

    def load_state(self, state: dict[str, Any]) -> None:
        self.vocabulary = WordVocabulary.from_state(read(state, "sentences", Any))
