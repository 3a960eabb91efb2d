"""Rows of a table: its columns of numbers, scaled, and brought back to their units.

Samples are judged beside rows that nothing has learnt from: by their distribution, and by the clumps of the data.
"""

from dataclasses import asdict
from typing import Any

import numpy as np

from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.data import fingerprints
from deepglass.data.containers import Table
from deepglass.data.fields.columns import table_of
from deepglass.data.folds import folds
from deepglass.data.preprocess.number import Number
from deepglass.data.reading.new_tables import read_new
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.splits import Splits, split
from deepglass.evaluate.metrics import bound, samples
from deepglass.evaluate.metrics.samples import energy_scores
from deepglass.rivals import Time
from deepglass.tasks import Outputs
from deepglass.tasks.made import Made as Base
from deepglass.tasks.made import Nats, Rows
from deepglass.tasks.made._numbers import from_rows, keep_number_rows, to_rows


class Made(Base):
    """Columns of numbers."""

    name = "rows"
    OPTIONS = ("scaling",)
    modes: samples.Modes | None = None

    @classmethod
    def accepts(cls, data: Any) -> bool:
        """Tables."""
        return isinstance(data, Table)

    # -- data ---------------------------------------------------------------------------------------------------

    def fit(self, data: Any) -> tuple[Rows, Splits, list[Guess]]:
        """Keep the numbers, split, learn their scale, and look whether the rows lie in clumps.

        Raises:
            DataError: If there is no table, no column of numbers, or too few rows.
        """
        table = table_of(data)
        columns, guesses = keep_number_rows(table)
        fractions = {"val_fraction": self.data_config.val_fraction, "test_fraction": self.data_config.test_fraction}
        splits = split(len(table.frame), **fractions, seed=self.seed, declared=table.splits)
        train = table.frame.iloc[splits["train"]]
        self.numbers = [Number.fit(train[name], name, self.config.scaling) for name in columns]
        self.reading = table.format.used_by(columns) if table.format else None
        rows = to_rows(table.frame, self.numbers)
        self.modes = samples.find_modes(self.in_units(rows[splits["train"]]), self.seed)
        return rows, splits, guesses

    def state(self) -> dict[str, Any]:
        """Columns with their scale, and the clumps of the rows."""
        modes = self.modes.state() if self.modes else None
        reading = self.reading.state() if self.reading else None
        return {"numbers": [asdict(number) for number in self.numbers], "modes": modes, "reading": reading}

    def load_state(self, state: dict[str, Any]) -> None:
        self.numbers = read(state, "numbers", list[Number])
        require(0 < len(self.numbers) == len({number.name for number in self.numbers}), "columns, each of them once")
        for number in self.numbers:
            number.require_fit()
        self.modes = samples.Modes.from_state(state["modes"], len(self.numbers)) if state.get("modes") else None
        self.reading = TableFormat.from_state(state.get("reading"))

    def open(self, inputs: Any) -> Table:
        """Real rows, read as the training table was."""
        table = table_of(read_new(inputs, self.reading, self.data_config))
        table.guesses += keep_number_rows(table, [number.name for number in self.numbers])[1]
        return table

    def read(self, inputs: Any) -> tuple[Rows, dict[str, Any]]:
        table = inputs if isinstance(inputs, Table) else self.open(inputs)
        return to_rows(table.frame, self.numbers), {"row": list(range(1, len(table.frame) + 1))}

    def fingerprints(self, data: Table) -> np.ndarray | None:
        """Of every row, all of its columns together."""
        return fingerprints.of_rows(data.frame, self.reading)

    def folds(self, data: Any, number: int) -> list[Splits]:
        return folds(len(table_of(data).frame), number, self.seed)

    # -- what is made -------------------------------------------------------------------------------------------

    def in_units(self, rows: Rows) -> np.ndarray:
        """What lies beyond the ends of a scale ends there."""
        return from_rows(rows, self.numbers)

    def records(self, samples: np.ndarray) -> list[dict[str, Any]]:
        """Cells by the names of their columns."""
        columns = [number.name for number in self.numbers]
        return [dict(zip(columns, row)) for row in samples.tolist()]

    # -- judging ------------------------------------------------------------------------------------------------

    def outputs(self, samples: np.ndarray, real: np.ndarray, nats: Nats, learnt: np.ndarray | None = None) -> Outputs:
        """With the energy score of every real row."""
        return Outputs(samples, real, energy_scores(samples, real, self.seed), dict(nats))

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The energy score, and how far the shares of clumps are from those of real rows; also the energy score alone,
        how many clumps are covered and how many samples are near one.
        """
        energy = float(np.mean(outputs.losses))  # type: ignore[arg-type]
        apart = samples.distance_of_shares(outputs.predictions, self.modes)
        shares = samples.mode_shares(outputs.predictions, self.modes)
        return {"sample_score": energy + apart, "energy_score": energy, **shares}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score of samples; what the rows cost where a bound tells it."""
        columns = [number.name for number in self.numbers]
        options = {"modes": self.modes, "columns": columns, "seed": self.seed}
        found = samples.evaluate(outputs.predictions, outputs.targets, **options)  # type: ignore[arg-type]
        return found | (bound.scores(outputs.extra, self.seed) if "kl" in outputs.extra else {})

    def baseline(self, train: np.ndarray, test: np.ndarray, with_nats: bool) -> tuple[str, Outputs]:
        """One Gaussian with the mean and covariance of the training rows."""
        covariance = np.atleast_2d(np.cov(train, rowvar=False))
        drawn = np.random.default_rng(self.seed).multivariate_normal(train.mean(axis=0), covariance, len(test))
        return "one Gaussian", self.outputs(drawn, test, {})

    def rival(self, parts: dict[str, np.ndarray], with_nats: bool, time: Time) -> tuple[str, Outputs] | None:
        """A mixture of Gaussians, as many as the training rows ask for."""
        mixture = samples.best_mixture(parts["train"], self.seed)
        if mixture is None:
            return None
        drawn = mixture.sample(len(parts["test"]))[0]
        return f"mixture of {mixture.n_components} Gaussians", self.outputs(drawn, parts["test"], {})
