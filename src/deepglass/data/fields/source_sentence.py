"""A sentence that is read, to be written in another language.

sentence ── byte pairs, words or characters ── ids (N, S) int64, an end behind the last, 0 is padding
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.core.wording import numbered
from deepglass.data import statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout, Table, Text
from deepglass.data.examples import Examples, InMemory
from deepglass.data.fields import AnswerField, Part, sentence, text
from deepglass.data.fields.sentence import cells_of, leave_out_empty
from deepglass.data.preprocess.sentences import END, SentenceVocabulary
from deepglass.data.reading import source, table
from deepglass.data.reading.opening import suffix
from deepglass.data.reading.sentence_columns import (
    columns_of_words,
    guess_source_sentences,
    guess_target_sentences,
)
from deepglass.data.reading.sentence_files import read_pairs
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.splits import Splits

SHORT = 3  # tokens of a sentence that a network is tried with


@dataclass(frozen=True)
class Options(sentence.Options):
    """Settings of sentences that are read: those of the sentences that are written."""


class Field(text.Field):
    """A column of sentences in one language, of which another column holds the translations."""

    name = "source_sentence"
    SETTINGS = Options
    sizes_of_answer = ("vocab_size",)
    options: Options  # type: ignore[assignment]
    vocabulary: SentenceVocabulary  # type: ignore[assignment]

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """A table with two columns of words, or files whose lines belong together."""
        is_layout = isinstance(data, Layout) and data.kind == "sentence pairs"
        return is_layout or (isinstance(data, Table) and len(columns_of_words(data.frame)) >= 2)

    def as_source(self, data: Data) -> Table:
        """A table, one pair per row."""
        if isinstance(data, Layout) and data.kind == "sentence pairs":
            return read_pairs(data)
        return text.table_of(data)

    def take(self, data: Table) -> list[Guess]:
        """Choose the column that is not the target.

        Raises:
            DataError: If there is none.
        """
        target, _ = guess_target_sentences(data, self.data_config)
        self.column, guess = guess_source_sentences(data, self.data_config, target)
        return [guess]

    def keep_usable(self, data: Table, answer: AnswerField) -> list[Guess]:
        """Leave out rows without a sentence.

        Raises:
            DataError: If no row has any, or the column is the target.
        """
        if self.column in answer.columns:
            raise DataError(f"column {self.column!r} is both languages: name another with --target COLUMN")
        return leave_out_empty(data, self.column)

    def groups(self, data: Table) -> np.ndarray | None:
        """By the column of `--group-column`; else a sentence that comes several times never crosses a split."""
        if (named := super().groups(data)) is not None:
            return named
        sentences = [" ".join(cell.casefold().split()) for cell in cells_of(data, self.column)]
        return pd.factorize(np.array(sentences, object))[0] if len(set(sentences)) < len(sentences) else None

    def may_bag(self, data: Table, answer: AnswerField) -> bool:
        """One network alone writes."""
        return False

    def fit(self, data: Table, splits: Splits, answer: AnswerField) -> list[Guess]:
        """The tokens of both languages, where the answer has learnt them; else those of this one."""
        target = answer.columns[0] if len(answer.columns) == 1 else None
        self.reading = data.format.used_by([self.column], target) if data.format else None
        shared = getattr(answer, "vocabulary", None)
        if isinstance(shared, SentenceVocabulary) and self.column in getattr(answer, "others", ()):
            self.vocabulary = shared
        else:
            options = self.options
            self.vocabulary = SentenceVocabulary.fit(
                cells_of(data, self.column, splits["train"]),
                kind=options.tokens,
                vocab_size=options.vocab_size,
                max_length=options.max_length,
            )
        why = "as asked" if self.options.max_length else "the longest sentence of the training"
        kind = self.vocabulary.tokens.kind.replace("spaced-", "")
        return [
            Guess("tokens", f"{len(self.vocabulary):,} {kind}", "of both languages", "--tokens and --vocab-size"),
            Guess("sentence length", f"{self.vocabulary.max_length} tokens", why, "--max-length"),
        ]

    def examples(self, data: Table, parts: Mapping[str, Part], answer: AnswerField) -> dict[str, Examples]:
        """Ids of all sentences, held in memory; what is padding in a whole batch is cut off."""
        ids = torch.from_numpy(self.vocabulary.encode_sources(cells_of(data, self.column)))
        return {name: InMemory(ids[part.rows], *part.targets, transform=text.trimmed) for name, part in parts.items()}

    def observe(self, data: Table, splits: Splits, examples: Mapping[str, Examples], is_bag: bool) -> None:
        """Lengths of the sentences, and how many tokens are unknown in those that were not learnt from."""
        ids = {name: examples[name].tensors[0].numpy() for name in ("train", "val")}  # type: ignore[attr-defined]
        unknown = -1 if self.vocabulary.unknown is None else self.vocabulary.unknown
        self.statistics = {self.column: statistics.of_tokens(ids["train"], ids["val"], unknown)}

    @property
    def dims(self) -> dict[str, Any]:
        """How many ids are read, and the longest sentence."""
        return {"source_vocab_size": len(self.vocabulary), "max_length": self.vocabulary.max_length}

    def extremes(self) -> tuple[Tensor, ...]:
        """Two short sentences."""
        short = min(SHORT, self.vocabulary.max_length)
        return (torch.tensor([[END], [len(self.vocabulary) - 1]]).expand(2, short),)

    @property
    def augments(self) -> bool:
        """Sentences are read as they are."""
        return False

    def disable_augmentation(self, train: Examples) -> None:
        """Nothing is to be stopped."""

    def state(self) -> dict[str, Any]:
        """The column, its tokens, how the table was read, and what the training sentences looked like."""
        return {
            "text_column": self.column,
            "source_sentences": self.vocabulary.state(),
            "statistics": self.statistics,
            "reading": self.reading.state() if self.reading else None,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.column = read(state, "text_column", str)
        self.vocabulary = SentenceVocabulary.from_state(read(state, "source_sentences", dict[str, Any]))
        self.statistics = statistics.read_back(state)
        self.reading = TableFormat.from_state(state.get("reading"))

    def open(self, inputs: Any, *, with_target: bool) -> Table:
        """Sentences from a file, a folder of pairs, a frame, a list, or a sentence itself, as a table; of a text file
        every line is a sentence.

        Raises:
            DataError: If they do not fit.
        """
        if isinstance(inputs, str) and not source.names_source(inputs, with_target):
            inputs = [inputs]
        if isinstance(inputs, str | Path):
            path = Path(inputs).expanduser()
            if path.is_dir() or not is_table(path):
                inputs = source.read(inputs, self.data_config.for_new_data())
            if isinstance(inputs, Text):
                frame = pd.DataFrame({self.column: inputs.text.strip().split("\n")})
                return Table(frame, path.name, format=self.reading)
        if isinstance(inputs, Layout):
            return self.as_source(inputs)
        return super().open(inputs, with_target=with_target)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Table, np.ndarray, dict[str, Any]]:
        """The column must be there, with a sentence in every row.

        Raises:
            DataError: If one is empty; names the rows.
        """
        table, rows, names = super().read(inputs, with_target=with_target)
        sentences = names[self.column]
        if not sentences:
            raise DataError(f"{table.name} has no sentences: expected at least one")
        if empty := [row for row, one in enumerate(sentences, 1) if not one.strip()]:
            where = numbered("row", empty) if len(sentences) > 1 else table.name
            raise DataError(f"{where} has no sentence in it: expected words in {self.column!r}")
        return table, rows, names

    def unused_options(self, asked: Mapping[str, Any], data: Table, answer: AnswerField) -> Iterator[Unused]:
        """What tokens that are no choice leave no room for."""
        if "vocab_size" in asked and self.options.tokens == "characters":
            why = "every character of the sentences is a token"
            yield Unused("vocab_size", why, "leave it out, or pass --tokens byte-pairs")
        if "group_column" in asked and {"train", "val", "test"} <= data.splits.keys() and "folds" not in asked:
            yield Unused("group_column", "the data are divided already")


def is_table(path: Path) -> bool:
    """Whether the name is that of a table, and not of sentences line by line."""
    return suffix(path) in (*table.SUFFIXES,)
