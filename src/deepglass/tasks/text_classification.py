"""Text classification: which class is a text of? Sentiment, topic, language, spam.

Reads a table with a text column or a folder of text files per class. Words become numbers by a vocabulary that is
learnt from the training split, or by a published one; models are bags of n-grams, recurrent networks and Transformers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import torch

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.core.wording import counted, numbered
from deepglass.data import fingerprints, statistics
from deepglass.data.augment.text import word_dropout
from deepglass.data.containers import Data, Layout, Table, Text
from deepglass.data.examples import Batch, InMemory
from deepglass.data.folds import folds
from deepglass.data.preprocess.labels import class_names, encode_labels
from deepglass.data.preprocess.published_vocabulary import (
    PublishedVocabulary,
    require_same_padding,
    vocabulary_from_state,
)
from deepglass.data.preprocess.text import PADDING, WordVocabulary
from deepglass.data.reading.file_table import as_files
from deepglass.data.reading.layout_tasks import require_reader
from deepglass.data.reading.learnable import (
    ClassChoice,
    drop_rows_without_target,
    keep_classes,
    keep_rows,
    require_learnable,
)
from deepglass.data.reading.roles import guess_target, guess_text_column
from deepglass.data.reading.table import require_column
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.reading.text import texts_handed_over
from deepglass.data.splits import Splits, split
from deepglass.rivals import Rival, Rows, Time, tfidf
from deepglass.tasks import Outputs, Prepared, _bagging
from deepglass.tasks._classification import ClassificationTask, worst
from deepglass.tasks._new_tables import read_new
from deepglass.tasks._score_by import groups_of

NO_TARGET = -1
SHORT = 8  # tokens of a text that a network is tried with


@dataclass(frozen=True)
class Config:
    """Options of the task."""

    max_length: int | None = None  # words kept of a text; by default what 99.5 % of the texts fit into, at most 512
    min_count: int = 1  # rarer words are unknown; on SST-2 leaving out words seen once changed nothing
    max_words: int = 50_000  # size of the vocabulary; what lies beyond is very rare
    tokenizer: str | None = None  # file or folder of a published one, BERT's or GPT-2's; its vocabulary stays whole
    word_dropout: float = 0.1  # share of words hidden in training, so that no single word decides
    blend: bool | None = None  # mix in TF-IDF where held-out texts ask for it; usual beside the default model
    bags: int | None = None  # networks that share the texts, each judged by those that it leaves out; 5 for few texts


class Task(ClassificationTask):
    """Words → classes."""

    name = "text-classification"
    plain_text = ".txt"
    default_model = "bag-of-ngrams"
    CHECKS = ("target", "texts", "balance", "repeated")
    FINE_TUNING: ClassVar[dict[str, Any]] = {"learning_rate": 5e-5, "epochs": 4}  # Devlin et al. (2019) take 2 to 4
    HONOURS = (
        "target", "text_column", "group_column", "score_by", "classes", "rare_classes", "val_fraction", "test_fraction",
        "label_smoothing", "class_weights",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "mixup": "words cannot be blended; try --word-dropout 0.3",
        "cutmix": "words cannot be cut and pasted as pictures are; try --word-dropout 0.3",
    }
    FOLLOWS_PATHS = ("text",)
    AUGMENTING = ("word_dropout",)
    config: Config
    target: str
    text_column: str
    vocabulary: WordVocabulary | PublishedVocabulary
    class_choice: ClassChoice = ClassChoice()

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Split, learn the vocabulary from the training split, turn texts into ids.

        Raises:
            DataError: If there is no text, or nothing to learn from it.
        """
        self.config = self.config or Config()
        table = _table_of(data)
        guesses = self._choose_columns(table)
        self.reading = table.format.used_by([self.text_column], self.target) if table.format else None
        guesses += self._keep_usable_rows(table)
        texts, labels = table.frame[self.text_column].astype("str").tolist(), _column(table.frame, self.target)
        self.classes = class_names(labels)
        codes = encode_labels(labels, self.classes)
        splits, fold = self._bagged(self._split(table, codes), table, codes, guesses)
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
        if fold is not None:
            for name in ("train", "val"):
                parts[name] = parts[name][0], torch.from_numpy(fold), parts[name][1]
        words = tokens.numpy() * (tokens.numpy() < len(self.vocabulary))
        seen, unseen = words[splits["train"]], words[splits["val"]] if fold is None else None
        self.statistics = {self.text_column: statistics.of_tokens(seen, unseen, self.vocabulary.unknown)}
        return Prepared(
            train=InMemory(*parts["train"], transform=self._training_batch),
            val=InMemory(*parts["val"], transform=trimmed),
            test=InMemory(*parts["test"], transform=trimmed),
            dims=self.dims | ({"bags": int(fold.max()) + 1} if fold is not None else {}),
            ids=splits,
            guesses=guesses,
            fold=fold,
            groups=groups_of(table, self.data_config, splits["test"]),
        )

    def folds(self, data: Data, number: int) -> list[Splits]:
        """The splits of a cross-validation: in each, another part of the texts is the test.

        Raises:
            DataError: If the data are not a table with texts.
        """
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

    def extremes(self) -> tuple[torch.Tensor, ...]:
        """Two short texts."""
        largest = len(self.vocabulary) + len(getattr(self.vocabulary, "pieces", ())) - 1
        return (torch.tensor([[0], [largest]]).expand(2, min(SHORT, self.vocabulary.width)),)

    def state(self) -> dict[str, Any]:
        """Columns, classes and vocabulary."""
        return {
            "text_column": self.text_column,
            "target": self.target,
            "classes": self.classes,
            "class_counts": self.class_counts.tolist(),
            "vocabulary": self.vocabulary.state(),
            "statistics": self.statistics,
            "reading": self.reading.state() if self.reading else None,
            "class_choice": self.class_choice.state(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.text_column, self.target = read(state, "text_column", str), read(state, "target", str)
        self.load_classes(state)
        self.vocabulary = vocabulary_from_state(state["vocabulary"])
        self.statistics = statistics.read_back(state)
        self.reading = TableFormat.from_state(state.get("reading"))
        self.class_choice = ClassChoice.from_state(state.get("class_choice"))

    def open(self, inputs: Any, *, with_target: bool = False) -> Table:
        """Texts from a file, a folder, a frame, a list of texts, or a text itself, as a table.

        Raises:
            DataError: If they do not fit; names file, column and line.
        """
        table = self._opened(inputs, with_target=with_target)
        if with_target:
            require_column(table.frame, self.target, "--target")
            table.guesses += self.class_choice.apply(table, self.target)
            table.guesses += drop_rows_without_target(table, self.target)
        return table

    def _opened(self, inputs: Any, *, with_target: bool) -> Table:
        if isinstance(inputs, str) and not Path(inputs).expanduser().exists():
            inputs = [inputs]  # a text itself
        if isinstance(inputs, list | tuple | np.ndarray | pd.Series) and not _are_records(inputs):
            return Table(pd.DataFrame({self.text_column: texts_handed_over(inputs)}), "texts", format=self.reading)
        data = read_new(inputs, self.reading, self.data_config, with_target=with_target)
        if isinstance(data, Text):
            return Table(pd.DataFrame({self.text_column: [data.text]}), data.name, format=self.reading)
        path = Path(inputs).expanduser() if isinstance(inputs, str | Path) else None
        return _table_of(as_files(_table_of(data), path, self.data_config, self.FOLLOWS_PATHS))

    def fingerprints(self, data: Table) -> np.ndarray | None:
        """Of every row, all of its columns together."""
        return fingerprints.of_rows(data.frame, self.reading)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[InMemory, dict[str, Any]]:
        """Texts from a file, a folder, a frame, a list of texts, or a text itself; empty ones are allowed.

        Raises:
            DataError: If the text column, or with `with_target` the target, is absent.
        """
        table = self._opened(inputs, with_target=with_target)
        for column in (self.text_column, self.target) if with_target else (self.text_column,):
            require_column(table.frame, column, "--target" if column == self.target else "--text-column")
        frame = table.frame
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

    def disable_augmentation(self, prepared: Prepared) -> None:
        """Show every training text as it is."""
        self.config = replace(self.config, word_dropout=0.0)

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """By model, and for the bag of n-grams by the number of texts."""
        defaults = TRAIN_DEFAULTS.get(model_name, TRAIN_DEFAULTS["transformer-encoder"])
        is_small = model_name == "bag-of-ngrams" and num_examples < FEW_TEXTS
        return defaults | FOR_FEW_TEXTS if is_small else defaults

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Few texts do not repeat pairs of words often enough to learn from them."""
        return {"ngrams": 1} if model_name == "bag-of-ngrams" and num_examples < FEW_TEXTS else {}

    def rivals(self, prepared: Prepared, data: Data, time: Time) -> list[Rival]:
        """TF-IDF, where texts are split into words."""
        if not isinstance(self.vocabulary, WordVocabulary) or not self.vocabulary.pieces:
            return []
        examples, fold = [prepared.train], prepared.fold
        if fold is None:
            examples.append(prepared.val)
            fold = np.repeat([-1, 0], [len(prepared.train), len(prepared.val)])
        tokens, targets = (np.concatenate([e.tensors[i].cpu().numpy() for e in examples]) for i in (0, -1))  # type: ignore[attr-defined]
        rows = Rows((tokens,), targets, fold, len(self.classes))
        found = tfidf.fit(rows, self.vocabulary, time) if rows.are_enough else None
        return [found] if found else []

    @property
    def may_blend(self) -> bool:
        """Unless classes are to count otherwise than they occur; beside another model than usual only when asked."""
        if self.train_config.class_weights != "none":
            return False
        return self.model == self.default_model if self.config.blend is None else self.config.blend

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also what a vocabulary that comes as it is, and splits that do, leave no room for."""
        yield from super().unused_options(asked, data, model)
        yield from self.class_choice.unused_options(asked)
        if "vocabulary" in self.inherited:
            for name in {"tokenizer", "min_count", "max_words"} & asked.keys():
                yield Unused(name, "the vocabulary comes with the weights of --pretrained")
        elif self.config.tokenizer is not None:
            for name in {"min_count", "max_words"} & asked.keys():
                yield Unused(name, "a published vocabulary stays whole", "leave it out, or leave --tokenizer out")
        if "group_column" in asked and {"train", "val", "test"} <= data.splits.keys() and "folds" not in asked:
            yield Unused("group_column", "the data are divided already")

    def _training_batch(self, batch: Batch) -> Batch:
        tokens, *rest = trimmed(batch)
        tokens = word_dropout(tokens, self.config.word_dropout, self.vocabulary.unknown, self.vocabulary.marks)
        return tokens, *rest

    # -- judging ------------------------------------------------------------------------------------------------

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The texts that surprised the model most.

        Raises:
            DataError: If the data are not a table with texts.
        """
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
        self.class_choice = keep_classes(table, self.data_config, self.target)
        guesses += self.class_choice.guesses
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
        if (
            isinstance(vocabulary, WordVocabulary)
            and self.model == self.default_model
            and "vocabulary" not in self.inherited
        ):
            vocabulary.learn_pieces(texts, self.config.max_words)
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

    def _bagged(
        self, splits: Splits, table: Table, codes: np.ndarray, guesses: list[Guess]
    ) -> tuple[Splits, np.ndarray | None]:
        """The splits, and which network of a bag leaves out each text; None for a single network."""
        suits = self.can_bag and self.model == self.default_model  # others take minutes each
        networks = _bagging.number_of_networks(self.config.bags, suits, splits, self.data_config)
        if networks == 1:
            return splits, None
        if self.config.bags is None:
            guesses.append(_bagging.guess(networks, len(splits["train"]) + len(splits["val"])))
        return _bagging.left_out_by(networks, splits, self.seed, codes, self._groups(table))

    def _groups(self, table: Table) -> np.ndarray | None:
        column = self.data_config.group_column
        if column is None:
            return None
        require_column(table.frame, column, "--group-column")
        return table.frame[column].factorize()[0]


FEW_TEXTS = 4_000  # below, ten epochs are too few steps
FOR_FEW_TEXTS = {"epochs": 60, "learning_rate": 0.01, "patience": 8}

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
    tokens, *rest = batch
    if tokens.is_cuda:
        return tokens.long(), *rest
    longest = int((tokens != PADDING).sum(dim=1).max()) if len(tokens) else 0
    return tokens[:, : max(1, longest)].long(), *rest


def _are_records(inputs: Any) -> bool:
    return isinstance(inputs, list) and bool(inputs) and all(isinstance(record, dict) for record in inputs)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name]  # type: ignore[return-value]


def _table_of(data: Data) -> Table:
    if isinstance(data, Table):
        return data
    if isinstance(data, Layout):
        require_reader(data, Task.name)
    kind = "one long text" if isinstance(data, Text) else "pictures"
    raise DataError(
        f"{data.name} holds {kind}: expected a table with a text column, or a folder of text files per class; choose "
        "another --task"
    )
