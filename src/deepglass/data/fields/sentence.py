"""Sentence: words that are to be written, one after the other, as the answer to anything.

sentence ── byte pairs, words or characters ── ids (N, T) int64 from begin to end, 0 is padding
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.core.wording import counted, numbered
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table
from deepglass.data.fields import AnswerField, Source
from deepglass.data.preprocess.sentences import BEGIN, LONGEST_SENTENCE, SentenceVocabulary, padded
from deepglass.data.reading.sentence_columns import guess_target_sentences
from deepglass.data.reading.table import keep_rows, require_column

LEAST_TOKENS = 300  # of byte pairs: 256 bytes, and some pairs
FEWEST_SENTENCES = 10


@dataclass(frozen=True)
class Options:
    """Settings of sentences that are written."""

    tokens: Literal["byte-pairs", "words", "characters"] = "byte-pairs"  # any word can be written
    vocab_size: int = 8000  # most tokens, of byte pairs and words; few sentences have fewer
    max_length: int | None = None  # tokens of a sentence; the longest one of the training by default, at most 512


class Field(AnswerField):
    """A column of sentences.

    Attributes:
        vocabulary: Their tokens.
        options: Settings; a task that has them hands them over before `fit`.
        others: Columns whose sentences learn the same tokens, as those of the other language.
    """

    name = "sentence"
    vocabulary: SentenceVocabulary
    options: Options

    def __init__(self, data_config: DataConfig):
        super().__init__(data_config)
        self.options, self.others = Options(), ()

    def take(self, data: Source) -> list[Guess]:
        """Choose the column, and leave out rows in which it is empty.

        Raises:
            DataError: If no column holds sentences, or all of them are empty.
        """
        self.target, guess = guess_target_sentences(data, self.data_config)
        return [guess, *leave_out_empty(data, self.target)]

    def require(self, data: Source) -> list[Guess]:
        """Enough sentences, and not one alone.

        Raises:
            DataError: If there are too few, or all are the same.
        """
        sentences = self.sentences(data)
        if len(sentences) < FEWEST_SENTENCES:
            raise DataError(
                f"{data.name} has {counted(len(sentences), 'sentence')} in column {self.target!r}: expected at least "
                f"{FEWEST_SENTENCES} to learn from"
            )
        if len(set(sentences)) == 1:
            raise DataError(f"column {self.target!r} of {data.name} says the same in every row: nothing can be learnt")
        return []

    def fit(self, data: Source, rows: np.ndarray) -> None:
        """The tokens of the training sentences.

        Raises:
            OptionError: If a setting is out of its range.
        """
        options = self.options
        if options.tokens == "byte-pairs" and options.vocab_size < LEAST_TOKENS:
            raise OptionError(f"--vocab-size {options.vocab_size}: expected {LEAST_TOKENS} or more, 256 of them bytes")
        if options.vocab_size < 2:
            raise OptionError(f"--vocab-size {options.vocab_size}: expected 2 or more")
        if options.max_length is not None and not 2 <= options.max_length <= LONGEST_SENTENCE:
            raise OptionError(f"--max-length {options.max_length}: expected 2 to {LONGEST_SENTENCE}, the end included")
        texts = [text for name in (self.target, *self.others) for text in cells_of(data, name, rows)]
        self.vocabulary = SentenceVocabulary.fit(
            texts, kind=options.tokens, vocab_size=options.vocab_size, max_length=options.max_length
        )

    def sentences(self, data: Table) -> list[str]:
        """Those of every row.

        Raises:
            OptionError: If the column is absent.
        """
        require_column(data.frame, self.target, "--target")
        return cells_of(data, self.target)

    def encode(self, data: Source) -> np.ndarray:
        """(N, width) ids from begin to end.

        Raises:
            DataError: If a sentence is empty; names rows.
        """
        sentences = self.sentences(data)
        if empty := [row for row, text in enumerate(sentences, 1) if not text.strip()]:
            raise DataError(f"column {self.target!r} is empty in {numbered('row', empty)}: expected a sentence in it")
        return self.vocabulary.encode_targets(sentences)

    def blank(self, count: int) -> np.ndarray:
        """(count, width): begun, and nothing known of what follows."""
        return np.tile(padded([[BEGIN]], self.vocabulary.width), (count, 1))

    @property
    def size(self) -> int:
        """One logit per token, and per mark."""
        return len(self.vocabulary)

    def select(self, data: Source) -> list[Guess]:
        """Leave out rows without a sentence.

        Raises:
            OptionError: If the column is absent.
            DataError: If every row is empty.
        """
        require_column(data.frame, self.target, "--target")
        return leave_out_empty(data, self.target)

    def state(self) -> dict[str, Any]:
        """The column and its tokens."""
        return {"target": self.target, "sentences": self.vocabulary.state()}

    def load_state(self, state: dict[str, Any]) -> None:
        self.target = read(state, "target", str)
        self.vocabulary = SentenceVocabulary.from_state(read(state, "sentences", dict[str, Any]))


def cells_of(table: Table, column: str, rows: np.ndarray | None = None) -> list[str]:
    """The sentences of a column, those of some rows or all; an empty cell is an empty sentence."""
    cells = table.frame[column] if rows is None else table.frame[column].iloc[rows]
    return cells.astype("object").fillna("").astype("str").tolist()


def leave_out_empty(table: Table, column: str) -> list[Guess]:
    """Leave out rows whose sentence is empty, and say so.

    Raises:
        DataError: If no row would be left.
    """
    is_empty = np.array([not text.strip() for text in cells_of(table, column)], bool)
    if not is_empty.any():
        return []
    if is_empty.all():
        raise DataError(f"column {column!r} of {table.name} is empty in every row: expected sentences in it")
    rows = numbered("row", (np.flatnonzero(is_empty) + 1).tolist())
    keep_rows(table, ~is_empty)
    return [Guess("rows left out", f"{is_empty.sum():,}", f"{column} is empty in {rows}", "a sentence in every row")]
