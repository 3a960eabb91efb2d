"""Text classification: which class is a text of? Sentiment, topic, language, spam.

Reads a table with a text column or a folder of text files a class. Words become numbers by a vocabulary that is
learnt from the training split, or by a published one; models are bags of n-grams, recurrent networks and Transformers.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, numbered
from deepglass.data import statistics
from deepglass.data.augment.text import word_dropout
from deepglass.data.containers import Data, Table, Text
from deepglass.data.examples import Batch, InMemory
from deepglass.data.folds import folds
from deepglass.data.preprocess.labels import class_names, encode_labels
from deepglass.data.preprocess.published_vocabulary import (
    PublishedVocabulary,
    require_same_padding,
    vocabulary_from_state,
)
from deepglass.data.preprocess.text import PADDING, WordVocabulary
from deepglass.data.reading import source
from deepglass.data.reading.learnable import drop_rows_without_target, keep_classes, keep_rows, require_learnable
from deepglass.data.reading.roles import guess_target, guess_text_column
from deepglass.data.reading.table import require_column
from deepglass.data.splits import Splits, split
from deepglass.tasks._classification import ClassificationTask, worst
from deepglass.tasks._contract import Outputs, Prepared

NO_TARGET = -1


@dataclass(frozen=True)
class Config:
    """Options of the task."""

    max_length: int | None = None  # words kept of a text; by default what 99.5 % of the texts fit into, at most 512
    min_count: int = 1  # rarer words are unknown; on SST-2 leaving out words seen once changed nothing
    max_words: int = 50_000  # size of the vocabulary; what lies beyond is very rare
    tokenizer: str | None = None  # file or folder of a published one, BERT's or GPT-2's; its vocabulary stays whole
    word_dropout: float = 0.1  # share of words hidden in training, so that no single word decides


class Task(ClassificationTask):
    """Words → classes."""

    name = "text-classification"
    default_model = "bag-of-ngrams"
    AUGMENTING = ("word_dropout",)
    config: Config
    target: str
    text_column: str
    vocabulary: WordVocabulary | PublishedVocabulary

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Split, learn the vocabulary from the training split, turn texts into ids.

        Raises:
            DataError: If there is no text, or nothing to learn from it.
        """
        self.config = self.config or Config()
        table = _table_of(data)
        guesses = self._choose_columns(table)
        guesses += self._keep_usable_rows(table)
        texts, labels = table.frame[self.text_column].astype("str").tolist(), _column(table.frame, self.target)
        self.classes = class_names(labels)
        codes = encode_labels(labels, self.classes)
        splits = self._split(table, codes)
        self.class_counts = np.bincount(codes[splits["train"]], minlength=len(self.classes))
        self.vocabulary = self._fit_vocabulary([texts[i] for i in splits["train"]])
        guesses.append(
            Guess(
                "text length",
                f"{self.vocabulary.max_length} {self.vocabulary.unit}",
                "as asked" if self.config.max_length else "99.5 % fit",
                "--max-length",
            )
        )
        tokens, targets = torch.from_numpy(self.vocabulary.encode(texts)), torch.from_numpy(codes)
        parts = {name: (tokens[rows], targets[rows]) for name, rows in splits.items()}
        seen, unseen = parts["train"][0].numpy(), parts["val"][0].numpy()
        self.statistics = {self.text_column: statistics.of_tokens(seen, unseen, self.vocabulary.unknown)}
        return Prepared(
            train=InMemory(*parts["train"], transform=self._training_batch),
            val=InMemory(*parts["val"], transform=trimmed),
            test=InMemory(*parts["test"], transform=trimmed),
            dims=self.dims,
            ids=splits,
            guesses=guesses,
        )

    def folds(self, data: Data, number: int) -> list[Splits]:
        """The splits of a cross-validation: in each, another part of the texts is the test."""
        table = _table_of(data)
        labels = _column(table.frame, self.target)
        codes = encode_labels(labels, class_names(labels))
        return folds(len(codes), number, self.seed, codes, self._groups(table))

    @property
    def dims(self) -> dict[str, Any]:
        """What the data determine of a model."""
        return {
            "vocab_size": len(self.vocabulary),
            "num_classes": len(self.classes),
            "max_length": self.vocabulary.max_length,
        }

    def state(self) -> dict[str, Any]:
        """Columns, classes and vocabulary."""
        return {
            "text_column": self.text_column,
            "target": self.target,
            "classes": self.classes,
            "class_counts": self.class_counts.tolist(),
            "vocabulary": self.vocabulary.state(),
            "statistics": self.statistics,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.text_column, self.target, self.classes = state["text_column"], state["target"], state["classes"]
        self.class_counts = np.array(state["class_counts"])
        self.vocabulary = vocabulary_from_state(state["vocabulary"])
        self.statistics = state.get("statistics", {})

    def read(self, inputs: Any, *, with_target: bool) -> tuple[InMemory, dict[str, Any]]:
        """Texts from a file, a folder, a frame, a list of texts, or a text itself; empty ones are allowed.

        Raises:
            DataError: If the text column, or with `with_target` the target, is absent.
        """
        frame = self._frame_of(inputs)
        for column in (self.text_column, self.target) if with_target else (self.text_column,):
            require_column(frame, column, "--target" if column == self.target else "--text-column")
        texts = frame[self.text_column].astype("object").fillna("").astype("str").tolist()
        codes = (
            encode_labels(_column(frame, self.target), self.classes) if with_target else np.full(len(texts), NO_TARGET)
        )
        tokens = torch.from_numpy(self.vocabulary.encode(texts))
        return InMemory(tokens, torch.from_numpy(codes), transform=trimmed), {self.text_column: texts}

    # -- learning -----------------------------------------------------------------------------------------------

    @property
    def augments(self) -> bool:
        """Whether words are hidden."""
        return self.config.word_dropout > 0

    def hold_still(self, prepared: Prepared) -> None:
        """Show every training text as it is."""
        self.config = replace(self.config, word_dropout=0.0)

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """By model; the bag of n-grams was chosen by cross-validation on the training sentences of SST-2."""
        return TRAIN_DEFAULTS.get(model_name, TRAIN_DEFAULTS["transformer-encoder"])

    def loss(self, model: torch.nn.Module, batch: Batch) -> torch.Tensor:
        """Cross entropy.

        Raises:
            OptionError: If mixup or cutmix is asked for: words cannot be blended.
        """
        if self.train_config.mixup or self.train_config.cutmix:
            raise OptionError("--mixup and --cutmix blend pictures, words cannot be blended: try --word-dropout 0.3")
        return super().loss(model, batch)

    def _training_batch(self, batch: Batch) -> Batch:
        tokens, targets = trimmed(batch)
        return word_dropout(tokens, self.config.word_dropout, self.vocabulary.unknown, self.vocabulary.marks), targets

    # -- judging ------------------------------------------------------------------------------------------------

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The texts that surprised the model most."""
        texts = _table_of(data).frame[self.text_column]
        records = []
        for i in worst(outputs, count):
            truth, answer = int(outputs.targets[i]), int(outputs.predictions[i].argmax())  # type: ignore[index]
            records.append(
                {
                    "row": int(prepared.ids["test"][i]),
                    "target": self.classes[truth],
                    "predicted": self.classes[answer],
                    "probability": float(outputs.predictions[i, answer]),
                    "loss": float(outputs.losses[i]),  # type: ignore[index]
                    "text": str(texts.iloc[prepared.ids["test"][i]]),
                }
            )
        return records

    # -- helpers ------------------------------------------------------------------------------------------------

    def _choose_columns(self, table: Table) -> list[Guess]:
        found = guess_text_column(table, self.data_config)
        if found is None:
            raise DataError(
                f"{table.name} has no column of running text: name one with --text-column, or pass --task "
                "tabular-classification"
            )
        self.text_column, text_guess = found
        self.target, target_guess = guess_target(table, self.data_config)
        if self.target == self.text_column:
            raise DataError(f"column {self.target!r} is both text and target: name another with --target COLUMN")
        return [text_guess, target_guess]

    def _keep_usable_rows(self, table: Table) -> list[Guess]:
        """Leave out rows without target or text; raise where too little is left."""
        guesses = drop_rows_without_target(table, self.target)
        texts = table.frame[self.text_column]
        is_empty = (texts.isna() | (texts.astype("str").str.strip() == "")).to_numpy()
        if is_empty.all():
            raise DataError(f"column {self.text_column!r} of {table.name} is empty in every row: expected text in it")
        if is_empty.any():
            rows = numbered("row", (np.flatnonzero(is_empty) + 1).tolist())
            why = f"{self.text_column} is empty in {rows}"
            guesses.append(Guess("rows left out", counted(int(is_empty.sum()), "row"), why, "a text in every row"))
            keep_rows(table, ~is_empty)
        keep_classes(table, self.data_config, self.target)
        require_learnable(table, self.target, is_classification=True)
        return guesses

    def _split(self, table: Table, codes: np.ndarray) -> Splits:
        return split(
            len(codes),
            val_fraction=self.data_config.val_fraction,
            test_fraction=self.data_config.test_fraction,
            seed=self.seed,
            labels=codes,
            groups=self._groups(table),
            declared=table.splits,
        )

    def _fit_vocabulary(self, texts: list[str]) -> WordVocabulary | PublishedVocabulary:
        """The vocabulary; no text is longer than the positions of the weights that the model begins with."""
        vocabulary = self._choose_vocabulary(texts)
        positions = self.pretrained.belongings.dims.get("max_length") if self.pretrained else None
        if positions and self.config.max_length is None:
            vocabulary.max_length = min(vocabulary.max_length, positions)
        if isinstance(vocabulary, PublishedVocabulary) and self.pretrained:
            require_same_padding(vocabulary, self.pretrained.belongings.token_shift, self.pretrained.source)
        return vocabulary

    def _choose_vocabulary(self, texts: list[str]) -> WordVocabulary | PublishedVocabulary:
        options = self.config
        if "vocabulary" in self.inherited:  # of the run whose weights the model begins with
            return vocabulary_from_state(self.inherited["vocabulary"])
        if options.tokenizer is not None:
            return PublishedVocabulary.fit(options.tokenizer, texts, options.max_length)
        return WordVocabulary.fit(
            texts, min_count=options.min_count, max_words=options.max_words, max_length=options.max_length
        )

    def _groups(self, table: Table) -> np.ndarray | None:
        column = self.data_config.group_column
        if column is None:
            return None
        require_column(table.frame, column, "--group-column")
        return table.frame[column].factorize()[0]

    def _frame_of(self, inputs: Any) -> pd.DataFrame:
        if isinstance(inputs, str) and not Path(inputs).expanduser().exists():
            inputs = [inputs]  # a text itself
        if isinstance(inputs, list | tuple | np.ndarray | pd.Series):
            return pd.DataFrame({self.text_column: list(inputs)})
        data = source.read(inputs, self.data_config)
        if isinstance(data, Text):
            return pd.DataFrame({self.text_column: [data.text]})
        return _table_of(data).frame


TRAIN_DEFAULTS = {
    "bag-of-ngrams": {"epochs": 10, "batch_size": 64, "learning_rate": 3e-3, "weight_decay": 0.1},
    "lstm": {"epochs": 15, "batch_size": 64, "learning_rate": 2e-3, "clip_gradient": 1.0, "patience": 5},
    "gru": {"epochs": 15, "batch_size": 64, "learning_rate": 2e-3, "clip_gradient": 1.0, "patience": 5},
    "rnn": {"epochs": 15, "batch_size": 64, "learning_rate": 1e-3, "clip_gradient": 1.0, "patience": 5},
    "transformer-encoder": {"epochs": 15, "batch_size": 64, "learning_rate": 1e-3, "clip_gradient": 1.0, "patience": 5},
}


def trimmed(batch: Batch) -> Batch:
    """Cut off the columns that are padding in every row of the batch.

    A GPU keeps them: to look would be to wait for it, and steps of one shape can be recorded.
    """
    tokens, targets = batch
    if tokens.is_cuda:
        return tokens.long(), targets
    longest = int((tokens != PADDING).sum(dim=1).max()) if len(tokens) else 0
    return tokens[:, : max(1, longest)].long(), targets


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name]  # type: ignore[return-value]


def _table_of(data: Data) -> Table:
    if isinstance(data, Table):
        return data
    kind = "one long text" if isinstance(data, Text) else "pictures"
    raise DataError(
        f"{data.name} holds {kind}: expected a table with a text column, or a folder of text files a class; choose "
        "another --task"
    )
