"""Text as an input: words become numbers by a vocabulary that is learnt from the training texts, or a published one.

text ── split into words ── ids (B, T) int64, 0 is padding
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.core.word_forms import NONE
from deepglass.core.wording import counted, numbered
from deepglass.data import fingerprints, statistics
from deepglass.data.augment.text import word_dropout
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table, Text, require_table
from deepglass.data.examples import Batch, Examples, InMemory
from deepglass.data.fields import AnswerField, InputField, Part
from deepglass.data.fields.columns import groups_of
from deepglass.data.preprocess.published_vocabulary import (
    PublishedVocabulary,
    require_same_padding,
    vocabulary_from_state,
)
from deepglass.data.preprocess.text import PADDING, WordVocabulary
from deepglass.data.reading.file_table import as_files
from deepglass.data.reading.new_tables import read_new
from deepglass.data.reading.roles import guess_text_column
from deepglass.data.reading.sequences import are_sequences
from deepglass.data.reading.source import names_source
from deepglass.data.reading.table import keep_rows, require_column
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.reading.text import texts_handed_over
from deepglass.data.splits import Splits

SHORT = 8  # tokens of a text that a network is tried with


@dataclass(frozen=True)
class Options:
    """Settings of texts as inputs."""

    max_length: int | None = None  # words kept of a text; by default what 99.5 % of the texts fit into, at most 512
    tokens: Literal["words", "characters"] | None = None  # what counts as one; guessed: characters of DNA and the like
    min_count: int = 1  # rarer words are unknown; on SST-2 leaving out words seen once changed nothing
    max_words: int = 50_000  # size of the vocabulary; what lies beyond is very rare
    normalise: Literal["none", "stem", "lemma"] = "none"  # count the forms of an English word as one; for few texts
    tokenizer: str | None = None  # file or folder of a published one, BERT's or GPT-2's; its vocabulary stays whole
    word_dropout: float = 0.1  # share of words hidden in training, so that no single word decides


class Field(InputField):
    """A column of running text."""

    name = "text"
    SETTINGS = Options
    sizes_of_answer = ("num_classes",)
    options: Options
    column: str
    vocabulary: WordVocabulary | PublishedVocabulary

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """A table that has running text in a column."""
        return isinstance(data, Table) and guess_text_column(data, config) is not None

    # -- learning from the training data ------------------------------------------------------------------------

    def as_source(self, data: Data) -> Table:
        """A table, one text per row."""
        return table_of(data)

    def take(self, data: Table) -> list[Guess]:
        """Choose the column.

        Raises:
            DataError: If no column holds running text.
        """
        found = guess_text_column(data, self.data_config)
        if found is None:
            raise DataError(
                f"{data.name} has no column of running text: name one with --text-column, or pass --task "
                "tabular-classification"
            )
        self.column, guess = found
        return [guess]

    def keep_usable(self, data: Table, answer: AnswerField) -> list[Guess]:
        """Leave out rows without text.

        Raises:
            DataError: If no row has any, or the column is the target.
        """
        if self.column in answer.columns:
            raise DataError(f"column {self.column!r} is both text and target: name another with --target COLUMN")
        texts = data.frame[self.column]
        is_empty = (texts.isna() | (texts.astype("str").str.strip() == "")).to_numpy()
        if is_empty.all():
            raise DataError(f"column {self.column!r} of {data.name} is empty in every row: expected text in it")
        if not is_empty.any():
            return []
        rows = numbered("row", (np.flatnonzero(is_empty) + 1).tolist())
        keep_rows(data, ~is_empty)
        why = f"{self.column} is empty in {rows}"
        return [Guess("rows left out", counted(int(is_empty.sum()), "row"), why, "a text in every row")]

    def count(self, data: Table) -> int:
        return len(data.frame)

    def groups(self, data: Table) -> np.ndarray | None:
        """By the column of `--group-column`."""
        return groups_of(data, self.data_config)

    def may_bag(self, data: Table, answer: AnswerField) -> bool:
        """With the usual model; the networks of others take minutes each."""
        return self.beginning.is_usual_model

    def fit(self, data: Table, splits: Splits, answer: AnswerField) -> list[Guess]:
        """The vocabulary of the training texts; none is longer than the positions of the weights to begin with."""
        target = answer.columns[0] if len(answer.columns) == 1 else None
        self.reading = data.format.used_by([self.column], target) if data.format else None
        texts = self._texts(data)
        self.vocabulary = self._fitted([texts[i] for i in splits["train"]])
        length = f"{self.vocabulary.max_length} {self.vocabulary.unit}"
        why = "as asked" if self.options.max_length else "99.5 % fit"
        guesses = [Guess("text length", length, why, "--max-length")]
        if self.vocabulary.unit == "letters" and self.options.tokens is None:
            why = f"every cell of {self.column} is one long word of few different letters"
            guesses.append(Guess("tokens", "characters", why, "--tokens words"))
        return guesses

    def examples(self, data: Table, parts: Mapping[str, Part], answer: AnswerField) -> dict[str, Examples]:
        """Ids of all texts, held in memory; what is padding in a whole batch is cut off."""
        tokens = torch.from_numpy(self.vocabulary.encode(self._texts(data)))
        return {
            name: InMemory(tokens[part.rows], *part.targets, transform=self._hidden if part.is_training else trimmed)
            for name, part in parts.items()
        }

    def observe(self, data: Table, splits: Splits, examples: Mapping[str, Examples], is_bag: bool) -> None:
        """Lengths of the texts, and how many words are unknown in those that were not learnt from."""
        tokens = {name: examples[name].tensors[0].numpy() for name in ("train", "val")}  # type: ignore[attr-defined]
        words = {name: ids * (ids < len(self.vocabulary)) for name, ids in tokens.items()}
        unseen = None if is_bag else words["val"]
        self.statistics = {self.column: statistics.of_tokens(words["train"], unseen, self.vocabulary.unknown)}

    # -- what a network must know -------------------------------------------------------------------------------

    @property
    def dims(self) -> dict[str, Any]:
        """Size of the vocabulary, and the longest text."""
        return {"vocab_size": len(self.vocabulary), "max_length": self.vocabulary.max_length}

    def extremes(self) -> tuple[Tensor, ...]:
        """Two short texts."""
        largest = len(self.vocabulary) + len(getattr(self.vocabulary, "pieces", ())) - 1
        return (torch.tensor([[0], [largest]]).expand(2, min(SHORT, self.vocabulary.width)),)

    @property
    def augments(self) -> bool:
        """Whether words are hidden."""
        return self.options.word_dropout > 0

    def disable_augmentation(self, train: Examples) -> None:
        """Show every training text as it is."""
        self.options = replace(self.options, word_dropout=0.0)

    def _hidden(self, batch: Batch) -> Batch:
        tokens, *rest = trimmed(batch)
        tokens = word_dropout(tokens, self.options.word_dropout, self.vocabulary.unknown, self.vocabulary.marks)
        return tokens, *rest

    # -- data that come later -----------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """The column, its vocabulary, how the table was read, and what the training texts looked like."""
        return {
            "text_column": self.column,
            "vocabulary": self.vocabulary.state(),
            "statistics": self.statistics,
            "reading": self.reading.state() if self.reading else None,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.column = read(state, "text_column", str)
        self.vocabulary = vocabulary_from_state(read(state, "vocabulary", Any))
        self.statistics = statistics.read_back(state)
        self.reading = TableFormat.from_state(state.get("reading"))

    def open(self, inputs: Any, *, with_target: bool) -> Table:
        """Texts from a file, a folder, a frame, a list of texts, or a text itself, as a table."""
        if isinstance(inputs, str) and not names_source(inputs, with_target):
            inputs = [inputs]  # a text itself
        if isinstance(inputs, list | tuple | np.ndarray | pd.Series) and not _are_records(inputs):
            return Table(pd.DataFrame({self.column: texts_handed_over(inputs)}), "texts", format=self.reading)
        data = read_new(inputs, self.reading, self.data_config, with_target=with_target)
        if isinstance(data, Text):
            return Table(pd.DataFrame({self.column: [data.text]}), data.name, format=self.reading)
        path = Path(inputs).expanduser() if isinstance(inputs, str | Path) else None
        return table_of(as_files(table_of(data), path, self.data_config, ("text",)))

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Table, np.ndarray, dict[str, Any]]:
        """The column must be there; empty texts are allowed."""
        table = self.open(inputs, with_target=with_target)
        require_column(table.frame, self.column, "--text-column")
        return table, np.arange(len(table.frame)), {self.column: self._texts(table)}

    def fingerprints(self, data: Table) -> np.ndarray | None:
        """Of every row, all of its columns together."""
        return fingerprints.of_rows(data.frame, self.reading)

    def unused_options(self, asked: Mapping[str, Any], data: Table, answer: AnswerField) -> Iterator[Unused]:
        """What a vocabulary that comes as it is, and splits that do, leave no room for."""
        if "vocabulary" in self.beginning.state:
            for name in {"tokenizer", "tokens", "min_count", "max_words", "normalise"} & asked.keys():
                yield Unused(name, "the vocabulary comes with the weights of --pretrained")
        elif self.options.tokenizer is not None:
            for name in {"tokens", "min_count", "max_words", "normalise"} & asked.keys():
                yield Unused(name, "a published vocabulary stays whole", "leave it out, or leave --tokenizer out")
        elif self.vocabulary.unit == "letters" and "normalise" in asked:
            yield Unused("normalise", "single characters have no other forms", "leave it out, or pass --tokens words")
        if "group_column" in asked and {"train", "val", "test"} <= data.splits.keys() and "folds" not in asked:
            yield Unused("group_column", "the data are divided already")

    def shown(self, data: Table, row: int, answer: AnswerField) -> dict[str, Any]:
        """The text."""
        return {"row": row, "text": str(data.frame[self.column].iloc[row])}

    # -- helpers ------------------------------------------------------------------------------------------------

    def _texts(self, table: Table) -> list[str]:
        return table.frame[self.column].astype("object").fillna("").astype("str").tolist()

    def _fitted(self, texts: list[str]) -> WordVocabulary | PublishedVocabulary:
        beginning = self.beginning
        vocabulary = self._chosen(texts)
        is_own = "vocabulary" not in beginning.state
        has_parts = vocabulary.unit == "words"
        if isinstance(vocabulary, WordVocabulary) and has_parts and beginning.is_usual_model and is_own:
            vocabulary.learn_pieces(texts, self.options.max_words)
        if beginning.positions and self.options.max_length is None:
            vocabulary.max_length = min(vocabulary.max_length, beginning.positions)
        if isinstance(vocabulary, PublishedVocabulary) and beginning.has_weights:
            require_same_padding(vocabulary, beginning.token_shift, beginning.source)
        return vocabulary

    def _chosen(self, texts: list[str]) -> WordVocabulary | PublishedVocabulary:
        options = self.options
        if "vocabulary" in self.beginning.state:  # of the run whose weights the model begins with
            return vocabulary_from_state(self.beginning.state["vocabulary"])
        if options.tokenizer is not None:
            return PublishedVocabulary.fit(options.tokenizer, texts, options.max_length)
        limits = {"min_count": options.min_count, "max_words": options.max_words, "max_length": options.max_length}
        letters = are_sequences(texts) if options.tokens is None else options.tokens == "characters"
        return WordVocabulary.fit(
            texts, **limits, normalise=options.normalise if not letters else NONE, letters=letters
        )


def trimmed(batch: Batch) -> Batch:
    """Cut off the columns that are padding in every row of the batch.

    A GPU keeps them: to look would be to wait for it, and steps of one shape can be recorded.
    """
    tokens, *rest = batch
    if tokens.is_cuda:
        return tokens.long(), *rest
    longest = int((tokens != PADDING).sum(dim=1).max()) if len(tokens) else 0
    return tokens[:, : max(1, longest)].long(), *rest


def table_of(data: Data) -> Table:
    """The table that texts lie in.

    Raises:
        DataError: If the data are something else.
    """
    return require_table(data, "a table with a text column, or a folder of text files per class")


def _are_records(inputs: Any) -> bool:
    return isinstance(inputs, list) and bool(inputs) and all(isinstance(record, dict) for record in inputs)
