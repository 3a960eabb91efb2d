"""What learning from tables has in common, whatever the target: columns, splits, preprocessing, mixed rows.

    table ── target off, rows without it out ── split ── fit on the training rows ── (numeric, categories, target)

Few rows are shared by a bag of networks; then the fold of a row comes before its target.

A task of this kind adds its target: `fit_target` learns what it must know of it, `encode_target` turns cells into
what the loss wants.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.data import fingerprints, statistics
from deepglass.data.containers import Data, Images, Table
from deepglass.data.examples import Examples, InMemory
from deepglass.data.folds import folds
from deepglass.data.preprocess.category import UNKNOWN
from deepglass.data.preprocess.tabular import TabularPreprocessor
from deepglass.data.reading.asked import listed
from deepglass.data.reading.learnable import ClassChoice, drop_rows_without_target, keep_classes, require_learnable
from deepglass.data.reading.roles import guess_target
from deepglass.data.reading.series import TimeLayout, layout_of
from deepglass.data.reading.table import require_column
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.splits import Splits, split, split_rows_by_time
from deepglass.evaluate import importance
from deepglass.rivals import Rival, Rows, Time, tables
from deepglass.tasks import BaseTask, Outputs, Prepared, _bagging
from deepglass.tasks._new_tables import read_new
from deepglass.tasks._score_by import groups_of
from deepglass.training import table_defaults
from deepglass.training.mixing import MixedRows, mixed_rows

NO_ORDER = "the rows do not follow each other in it"


class TableTask(BaseTask):
    """Rows of a table → something; the target is the subclass's affair."""

    is_classification: bool
    target: str
    preprocessor: TabularPreprocessor
    num_outputs: int
    class_choice: ClassChoice = ClassChoice()

    @abstractmethod
    def fit_target(self, values: pd.Series, train: np.ndarray) -> None:
        """Learn what must be known of the target; of its scale from the rows `train` alone."""

    @abstractmethod
    def encode_target(self, values: pd.Series | None, count: int) -> np.ndarray:
        """(count,) targets as the loss wants them; None stands for rows without a target."""

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Split, fit the preprocessing on the training rows alone, make the examples.

        Raises:
            DataError: If there is no table, or nothing to learn from it.
        """
        table = table_of(data)
        guesses = self._keep_usable_rows(table)
        features, values = self._features(table.frame), table.frame[self.target]
        splits, fold = self._bagged(self._split(table, guesses), table, guesses)
        self.fit_target(values, splits["train"])
        self.preprocessor = self._fit_preprocessor(features.iloc[splits["train"]], guesses)
        self.reading = table.format.used_by(self.preprocessor.columns, self.target) if table.format else None
        self.statistics = statistics.of_table(features.iloc[splits["train"]], self.preprocessor)
        tensors = self._tensors(features, self.encode_target(values, len(values)))
        parts = {name: [t[torch.from_numpy(rows)] for t in tensors] for name, rows in splits.items()}
        if fold is not None:
            for name in ("train", "val"):
                parts[name].insert(-1, torch.from_numpy(fold))
        return Prepared(
            train=InMemory(*parts["train"]),
            val=InMemory(*parts["val"]),
            test=InMemory(*parts["test"]),
            dims=self.dims | ({"bags": int(fold.max()) + 1} if fold is not None else {}),
            ids=splits,
            guesses=guesses,
            fold=fold,
            groups=groups_of(table, self.data_config, splits["test"]),
        )

    @property
    def dims(self) -> dict[str, Any]:
        """What the data determine of a model."""
        return {
            "num_features": self.preprocessor.num_features,
            "cardinalities": self.preprocessor.cardinalities,
            "bin_edges": self.preprocessor.bin_edges,
            "num_outputs": self.num_outputs,
        }

    def extremes(self) -> tuple[Tensor, ...]:
        """Two rows."""
        largest = torch.tensor(self.preprocessor.cardinalities, dtype=torch.int64) - 1  # (n,)
        return torch.zeros(2, self.preprocessor.num_features), torch.stack([torch.zeros_like(largest), largest])

    def state(self) -> dict[str, Any]:
        """The target's name, the fitted preprocessing, and what the training rows looked like."""
        preprocessing = self.preprocessor.state()
        return {
            "target": self.target,
            "preprocessing": preprocessing,
            "statistics": self.statistics,
            "reading": self.reading.state() if self.reading else None,
            "class_choice": self.class_choice.state(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.target = read(state, "target", str)
        self.preprocessor = TabularPreprocessor.from_state(state["preprocessing"])
        self.statistics = statistics.read_back(state)
        self.reading = TableFormat.from_state(state.get("reading"))
        self.class_choice = ClassChoice.from_state(state.get("class_choice"))

    def open(self, inputs: Any, *, with_target: bool = False) -> Table:
        """Rows from a file, a frame, an array, one record or a list of records, read as the training table was.

        Raises:
            DataError: If they do not fit; names file, column and line.
        """
        table = table_of(read_new(inputs, self.reading, self.data_config, with_target=with_target))
        if with_target:
            require_column(table.frame, self.target, "--target")
            table.guesses += self.class_choice.apply(table, self.target)
            table.guesses += drop_rows_without_target(table, self.target)
        return table

    def fingerprints(self, data: Table) -> np.ndarray | None:
        """Of every row, all of its columns together."""
        return fingerprints.of_rows(data.frame, self.reading)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[InMemory, dict[str, Any]]:
        """Rows from a file, a frame, an array, one record or a list of records.

        Columns may come in any order and others beside them; new categories count as unknown.

        Raises:
            DataError: If columns are missing or hold cells of the wrong type; with `with_target` also if the target
                is absent, empty or unknown somewhere.
        """
        table = table_of(read_new(inputs, self.reading, self.data_config, with_target=with_target))
        if with_target:
            require_column(table.frame, self.target, "--target")
        frame = table.frame
        table.guesses += self.preprocessor.unknown(frame)
        target = self.encode_target(frame[self.target] if with_target else None, len(frame))
        names = {"row": list(range(1, len(frame) + 1))}
        return InMemory(*self._tensors(frame, target)), names

    def unknown_words(self, examples: Examples) -> dict[str, list[int]]:
        """They have a code of their own, which training learns from words that occur once."""
        codes = examples.batch(torch.arange(len(examples)))[1]  # (N, categories)
        found = {}
        for place, category in enumerate(self.preprocessor.categories):
            rows = (torch.nonzero(codes[:, place] == UNKNOWN)[:, 0] + 1).tolist()
            found |= {category.name: rows} if rows else {}
        return found

    def folds(self, data: Data, number: int) -> list[Splits]:
        """The splits of a cross-validation; validation is drawn from what each leaves for training."""
        table = table_of(data)
        return folds(len(table.frame), number, self.seed, self._strata(table), self._groups(table))

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """By the number of rows."""
        return table_defaults.train_defaults(model_name, num_examples)

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """By the number of rows."""
        return table_defaults.model_defaults(model_name, num_examples)

    def rivals(self, prepared: Prepared, data: Data, time: Time) -> list[Rival]:
        """A linear model, boosted trees and a forest."""
        return tables.fit(self._rows(prepared), self.preprocessor, time)

    @property
    def may_blend(self) -> bool:
        """Unless classes are to count otherwise than they occur; beside another model than usual only when asked."""
        if self.train_config.class_weights != "none":
            return False
        return self.model == self.default_model if self.config.blend is None else self.config.blend

    def _rows(self, prepared: Prepared) -> Rows:
        """The rows outside the test; of one network the validation rows are held out, of a bag all of them in turn."""
        parts, fold = [prepared.train], prepared.fold
        if fold is None:
            parts.append(prepared.val)
            fold = np.repeat([-1, 0], [len(prepared.train), len(prepared.val)])
        numeric, categories, target = (
            np.concatenate([part.tensors[place].cpu().numpy() for part in parts])
            for place in (0, 1, -1)  # type: ignore[attr-defined]
        )
        return Rows((numeric, categories), target, fold, self.num_outputs if self.is_classification else None)

    def mixed(self, numeric: Tensor, categories: Tensor) -> MixedRows:
        """Rows mixed with partners, as `--mixup` and `--cutmix` ask for it."""
        return mixed_rows(numeric, categories, self.train_config.mixup, self.train_config.cutmix)

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also how columns are prepared, where that comes with the weights."""
        yield from super().unused_options(asked, data, model)
        if "preprocessing" in self.inherited:
            for name in {"scaling", "keep"} & asked.keys():
                yield Unused(name, "the columns are prepared as for the weights of --pretrained")
        if self.data_config.time_column != "none" and self._order_in_time(table_of(data)) is None:
            for name in {"time_column", "series_column"} & asked.keys():
                why = "groups, or the data themselves, decide on the split" if self._is_divided(data) else NO_ORDER
                yield Unused(name, why)

    # -- judging ------------------------------------------------------------------------------------------------

    def mistake(self, outputs: Outputs, prepared: Prepared, data: Data, place: int) -> dict[str, Any]:
        """What the report shows of the test example at `place`: its row and its loss."""
        row = int(prepared.ids["test"][place])
        cells = table_of(data).frame.iloc[row].drop(self.target)
        record = {str(name): None if pd.isna(cell) else _plain(cell) for name, cell in cells.items()}
        truths = {category.name for category in self.preprocessor.categories if category.is_boolean}
        found = {
            name: statistics.unusual(record[name], known, name in truths)
            for name, known in self.statistics.items()
            if name in record
        }
        unusual = {name: words for name, words in found.items() if words}
        return {"id": row, "loss": float(outputs.losses[place]), "record": record, "unusual": unusual}  # type: ignore[index]

    def importance(self, model: torch.nn.Module, prepared: Prepared, seconds: float) -> list[dict[str, Any]]:
        """By shuffling the inputs of a column among the test rows, or among so many of them."""
        tensors = [part[: importance.MOST_ROWS] for part in prepared.test.tensors]  # type: ignore[attr-defined]
        usual = self.outputs(model, InMemory(*tensors)).losses
        if usual is None or len(usual) < importance.FEWEST_ROWS:
            return []
        shuffled = {
            name: lambda generator, places=places: self._losses_without(model, tensors, places, generator)
            for name, places in self.preprocessor.inputs.items()
        }
        return importance.of_columns(usual, shuffled, seconds, self.seed)

    def _losses_without(
        self, model: torch.nn.Module, tensors: list[Tensor], places: tuple[list[int], list[int]], generator: Any
    ) -> np.ndarray:
        """Losses (N,) where the inputs at the places are those of other rows."""
        changed, order = [part.clone() for part in tensors], torch.from_numpy(generator.permutation(len(tensors[0])))
        for part, own in zip(changed, places):  # numbers, then codes
            part[:, own] = part[order][:, own]
        return self.outputs(model, InMemory(*changed)).losses  # type: ignore[return-value]

    # -- helpers ------------------------------------------------------------------------------------------------

    def _keep_usable_rows(self, table: Table) -> list[Guess]:
        self.target, guess = guess_target(table, self.data_config)
        guesses = [guess, *drop_rows_without_target(table, self.target)]
        if self.is_classification:
            self.class_choice = keep_classes(table, self.data_config, self.target)
            guesses += self.class_choice.guesses
        require_learnable(table, self.target, is_classification=self.is_classification)
        return guesses

    def _fit_preprocessor(self, features: pd.DataFrame, guesses: list[Guess]) -> TabularPreprocessor:
        """Learnt from the training rows, or taken over with the weights of an earlier run."""
        if "preprocessing" in self.inherited:
            return TabularPreprocessor.from_state(self.inherited["preprocessing"])
        return TabularPreprocessor.fit(features, scaling=self.config.scaling, keep=self._kept, guesses=guesses)

    @property
    def _kept(self) -> tuple[str, ...]:
        """Columns to use whatever they look like: those that were named as numbers or categories, too."""
        options = (self.config.keep, self.data_config.numbers, self.data_config.categories)
        return tuple(name for names in options for name in listed(names))

    def _features(self, frame: pd.DataFrame) -> pd.DataFrame:
        """All columns but the target and the group.

        Raises:
            OptionError: If the group, or a column to keep, is absent; suggests the nearest name.
        """
        left_out = [self.target]
        if self.data_config.group_column is not None:
            left_out.append(require_column(frame, self.data_config.group_column, "--group-column"))
        features = frame.drop(columns=left_out)
        for name in listed(self.config.keep):
            require_column(features, name, "--keep")
        return features

    def _split(self, table: Table, guesses: list[Guess]) -> Splits:
        fractions = {"val_fraction": self.data_config.val_fraction, "test_fraction": self.data_config.test_fraction}
        if (layout := self._order_in_time(table)) is not None:
            of = f" of one {' and '.join(layout.keys)}" if layout.keys else ""
            why = f"rows{of} follow each other in {layout.time}: a random test would lie between them"
            guesses.append(Guess("split", "the latest rows test", why, "--time-column none"))
            times = pd.factorize(table.frame[layout.time], sort=True)[0]
            return split_rows_by_time(times, declared=table.splits, **fractions)
        return split(
            len(table.frame),
            seed=self.seed,
            labels=self._strata(table),
            groups=self._groups(table),
            declared=table.splits,
            **fractions,
        )

    def _bagged(self, splits: Splits, table: Table, guesses: list[Guess]) -> tuple[Splits, np.ndarray | None]:
        """The splits, and which network of a bag leaves out each row; None for a single network."""
        suits = self.can_bag and self._order_in_time(table) is None  # rows left out would lie between the others
        networks = _bagging.number_of_networks(self.config.bags, suits, splits, self.data_config)
        if networks == 1:
            return splits, None
        if self.config.bags is None:
            guesses.append(_bagging.guess(networks, len(splits["train"]) + len(splits["val"])))
        return _bagging.left_out_by(networks, splits, self.seed, self._strata(table), self._groups(table))

    def _is_divided(self, data: Data) -> bool:
        return self.data_config.group_column is not None or "test" in data.splits

    def _order_in_time(self, table: Table) -> TimeLayout | None:
        """How rows follow each other in time, where they do and neither groups nor the data decide on the split."""
        if self._is_divided(table):
            return None
        layout = layout_of(table, self.data_config)
        return layout if layout is not None and layout.time not in (None, self.target) else None

    def _strata(self, table: Table) -> np.ndarray | None:
        """The classes, of which every split shall have its share."""
        return pd.factorize(table.frame[self.target])[0] if self.is_classification else None

    def _groups(self, table: Table) -> np.ndarray | None:
        if self.data_config.group_column is None:
            return None
        return pd.factorize(table.frame[self.data_config.group_column])[0]

    def _tensors(self, frame: pd.DataFrame, target: np.ndarray) -> list[Tensor]:
        numeric, categories = self.preprocessor.transform(frame)
        return [torch.from_numpy(numeric), torch.from_numpy(categories), torch.from_numpy(target)]


def table_of(data: Data) -> Table:
    """The table that a table task needs.

    Raises:
        DataError: If the data are something else.
    """
    if isinstance(data, Table):
        return data
    kind = "pictures" if isinstance(data, Images) else "one long text"
    raise DataError(f"{data.name} holds {kind}: expected a table with rows and columns; choose another --task")


def _plain(cell: Any) -> Any:
    """A cell as JSON can hold it."""
    return cell.item() if isinstance(cell, np.generic) else cell if isinstance(cell, int | float) else str(cell)
