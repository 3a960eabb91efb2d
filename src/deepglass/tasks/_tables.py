"""What learning from tables has in common, whatever the target: columns, splits, preprocessing, mixed rows.

    table ── target off, rows without it out ── split ── fit on the training rows ── (numeric, categories, target)

A task of this kind adds its target: `fit_target` learns what it must know of it, `encode_target` turns cells into
what the loss wants.
"""

from abc import abstractmethod
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.data import statistics
from deepglass.data.containers import Data, Images, Table
from deepglass.data.examples import InMemory
from deepglass.data.folds import folds
from deepglass.data.preprocess.tabular import TabularPreprocessor
from deepglass.data.reading import source
from deepglass.data.reading.learnable import drop_rows_without_target, keep_classes, require_learnable
from deepglass.data.reading.roles import guess_target
from deepglass.data.reading.series import Layout, layout_of
from deepglass.data.reading.table import require_column
from deepglass.data.splits import Splits, split, split_rows_by_time
from deepglass.tasks import _table_defaults
from deepglass.tasks._contract import BaseTask, Outputs, Prepared
from deepglass.training.mixing import draw_partner, draw_share


class TableTask(BaseTask):
    """Rows of a table → something; the target is the subclass's affair."""

    is_classification: bool
    target: str
    preprocessor: TabularPreprocessor
    num_outputs: int

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
        splits = self._split(table, guesses)
        self.fit_target(values, splits["train"])
        self.preprocessor = self._fit_preprocessor(features.iloc[splits["train"]], guesses)
        self.statistics = statistics.of_table(features.iloc[splits["train"]], self.preprocessor)
        tensors = self._tensors(features, self.encode_target(values, len(values)))
        parts = {name: [t[torch.from_numpy(rows)] for t in tensors] for name, rows in splits.items()}
        return Prepared(
            train=InMemory(*parts["train"]),
            val=InMemory(*parts["val"]),
            test=InMemory(*parts["test"]),
            dims=self.dims,
            ids=splits,
            guesses=guesses,
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

    def state(self) -> dict[str, Any]:
        """The target's name, the fitted preprocessing, and what the training rows looked like."""
        preprocessing = self.preprocessor.state()
        return {"target": self.target, "preprocessing": preprocessing, "statistics": self.statistics}

    def load_state(self, state: dict[str, Any]) -> None:
        self.target = state["target"]
        self.preprocessor = TabularPreprocessor.from_state(state["preprocessing"])
        self.statistics = state.get("statistics", {})

    def read(self, inputs: Any, *, with_target: bool) -> tuple[InMemory, dict[str, Any]]:
        """Rows from a file, a frame, an array, one record or a list of records.

        Columns may come in any order and others beside them; new categories count as unknown.

        Raises:
            DataError: If columns are missing or hold cells of the wrong type; with `with_target` also if the target
                is absent, empty or unknown somewhere.
        """
        frame = self._frame_of(inputs)
        if with_target:
            require_column(frame, self.target, "--target")
        target = self.encode_target(frame[self.target] if with_target else None, len(frame))
        names = {"row": list(range(1, len(frame) + 1))}
        return InMemory(*self._tensors(frame, target)), names

    def folds(self, data: Data, number: int) -> list[Splits]:
        """The splits of a cross-validation; validation is drawn from what each leaves for training."""
        table = table_of(data)
        return folds(len(table.frame), number, self.seed, self._strata(table), self._groups(table))

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """By the number of rows."""
        return _table_defaults.train_defaults(model_name, num_examples)

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """By the number of rows."""
        return _table_defaults.model_defaults(model_name, num_examples)

    def mixed(self, numeric: Tensor, categories: Tensor) -> tuple[Tensor, Tensor, Tensor, float]:
        """Rows mixed with partners, the order of the partners (B,), and the share of a row's own in the mixture.

        Mixup blends numbers and tosses for each category; cutmix tosses for every cell (Somepalli et al. 2021,
        SAINT, https://arxiv.org/abs/2106.01342).
        """
        config = self.train_config
        partner = draw_partner(numeric)
        use_cutmix = bool(config.cutmix) and (not config.mixup or float(torch.rand(())) < 0.5)
        share = draw_share(config.cutmix if use_cutmix else config.mixup)
        blend = torch.rand_like(numeric) < share if use_cutmix else torch.full_like(numeric, share)
        own = torch.rand(categories.shape, device=categories.device) < share
        numeric = torch.lerp(numeric[partner], numeric, blend.to(numeric.dtype))
        return numeric, torch.where(own, categories, categories[partner]), partner, share

    # -- judging ------------------------------------------------------------------------------------------------

    def mistake(self, outputs: Outputs, prepared: Prepared, data: Data, place: int) -> dict[str, Any]:
        """What the report shows of the test example at `place`: its row and its loss."""
        row = int(prepared.ids["test"][place])
        cells = table_of(data).frame.iloc[row].drop(self.target)
        record = {str(name): None if pd.isna(cell) else _plain(cell) for name, cell in cells.items()}
        return {"id": row, "loss": float(outputs.losses[place]), "record": record}  # type: ignore[index]

    # -- helpers ------------------------------------------------------------------------------------------------

    def _keep_usable_rows(self, table: Table) -> list[Guess]:
        self.target, guess = guess_target(table, self.data_config)
        keep_classes(table, self.data_config, self.target)
        guesses = [guess, *drop_rows_without_target(table, self.target)]
        require_learnable(table, self.target, is_classification=self.is_classification)
        return guesses

    def _fit_preprocessor(self, features: pd.DataFrame, guesses: list[Guess]) -> TabularPreprocessor:
        """Learnt from the training rows, or taken over with the weights of an earlier run."""
        if "preprocessing" in self.inherited:
            return TabularPreprocessor.from_state(self.inherited["preprocessing"])
        return TabularPreprocessor.fit(
            features, scaling=self.config.scaling, keep=listed(self.config.keep), guesses=guesses
        )

    def _features(self, frame: pd.DataFrame) -> pd.DataFrame:
        """All columns but the target and the group."""
        return frame.drop(columns=[self.target, *filter(None, [self.data_config.group_column])])

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

    def _order_in_time(self, table: Table) -> Layout | None:
        """How rows follow each other in time, where they do and neither groups nor the data decide on the split."""
        if self.data_config.group_column is not None or "test" in table.splits:
            return None
        layout = layout_of(table, self.data_config)
        return layout if layout is not None and layout.time not in (None, self.target) else None

    def _strata(self, table: Table) -> np.ndarray | None:
        """The classes, of which every split shall have its share."""
        return pd.factorize(table.frame[self.target])[0] if self.is_classification else None

    def _groups(self, table: Table) -> np.ndarray | None:
        if self.data_config.group_column is None:
            return None
        require_column(table.frame, self.data_config.group_column, "--group-column")
        return pd.factorize(table.frame[self.data_config.group_column])[0]

    def _tensors(self, frame: pd.DataFrame, target: np.ndarray) -> list[Tensor]:
        numeric, categories = self.preprocessor.transform(frame)
        return [torch.from_numpy(numeric), torch.from_numpy(categories), torch.from_numpy(target)]

    def _frame_of(self, inputs: Any) -> pd.DataFrame:
        """New data as the training data were read; what concerns training alone is set aside."""
        if isinstance(inputs, dict):
            inputs = [inputs]
        if isinstance(inputs, list) and inputs and isinstance(inputs[0], dict):
            inputs = pd.DataFrame(inputs)
        config = replace(
            self.data_config, target=None, ignore=None, split_column=None, val=None, test=None, max_rows=None
        )
        return table_of(source.read(inputs, config)).frame


def table_of(data: Data) -> Table:
    """The table that a table task needs.

    Raises:
        DataError: If the data are something else.
    """
    if isinstance(data, Table):
        return data
    kind = "pictures" if isinstance(data, Images) else "one long text"
    raise DataError(f"{data.name} holds {kind}: expected a table with rows and columns; choose another --task")


def listed(names: str | None) -> tuple[str, ...]:
    """`"age, sex"` → `("age", "sex")`."""
    return tuple(name.strip() for name in (names or "").split(",") if name.strip())


def _plain(cell: Any) -> Any:
    """A cell as JSON can hold it."""
    return cell.item() if isinstance(cell, np.generic) else cell if isinstance(cell, int | float) else str(cell)
