"""What making rows has in common, whatever network makes them: data, scale, judging, new rows.

    table ── its numbers, scaled ── examples (B, F) without a target ── noise → samples (N, F) in the units of the table

A task of this kind adds how its network learns. Samples are judged beside rows that nothing has learnt from.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import nn

from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.core.state import read, require, require_between
from deepglass.data import fingerprints
from deepglass.data.containers import Data, Table
from deepglass.data.examples import InMemory, in_order
from deepglass.data.fields.columns import table_of
from deepglass.data.folds import folds
from deepglass.data.preprocess.number import Number
from deepglass.data.reading.new_tables import read_new
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.splits import Splits, split
from deepglass.evaluate.metrics import samples
from deepglass.rivals import Time
from deepglass.tasks import BaseTask, Outputs, Prepared
from deepglass.tasks._number_rows import from_rows, keep_number_rows, to_rows

MOST_COUNT = 10_000_000  # rows of one call
MOST_LATENT = 1 << 14
JUDGED = 4096  # rows made at once


class RowMakingTask(BaseTask):
    """Nothing → rows; the network takes noise (B, latent_dim), standard normal."""

    monitor = "sample_score"
    latent_dim: int
    numbers: list[Number]
    modes: samples.Modes | None = None

    @property
    def augments(self) -> bool:
        """Real rows look the same every time."""
        return False

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Keep the numbers, split, learn their scale, and look whether the rows lie in clumps.

        Raises:
            DataError: If there is no table, no column of numbers, or too few rows.
            OptionError: If there would be no noise.
        """
        if not 1 <= self.latent_dim <= MOST_LATENT:
            raise OptionError(f"--latent-dim: expected 1 to {MOST_LATENT:,}, got {self.latent_dim:,}")
        table = table_of(data)
        columns, guesses = keep_number_rows(table)
        fractions = {"val_fraction": self.data_config.val_fraction, "test_fraction": self.data_config.test_fraction}
        splits = split(len(table.frame), **fractions, seed=self.seed, declared=table.splits)
        train = table.frame.iloc[splits["train"]]
        self.numbers = [Number.fit(train[name], name, self.config.scaling) for name in columns]
        self.reading = table.format.used_by(columns) if table.format else None
        rows = to_rows(table.frame, self.numbers)
        self.modes = samples.find_modes(from_rows(rows[splits["train"]], self.numbers), self.seed)
        parts = {name: InMemory(torch.from_numpy(rows[places])) for name, places in splits.items()}
        return Prepared(**parts, dims=self.dims, ids=splits, guesses=guesses)

    @property
    def dims(self) -> dict[str, Any]:
        """What the data determine of a model."""
        return {"num_features": len(self.numbers), "latent_dim": self.latent_dim}

    def extremes(self) -> tuple[torch.Tensor, ...]:
        """Noise of two rows."""
        return (torch.zeros(2, self.latent_dim),)

    def state(self) -> dict[str, Any]:
        """Columns with their scale, and the clumps of the rows."""
        modes = self.modes.state() if self.modes else None
        reading = self.reading.state() if self.reading else None
        numbers = [asdict(number) for number in self.numbers]
        return {"numbers": numbers, "latent_dim": self.latent_dim, "modes": modes, "reading": reading}

    def load_state(self, state: dict[str, Any]) -> None:
        self.numbers = read(state, "numbers", list[Number])
        require(0 < len(self.numbers) == len({number.name for number in self.numbers}), "columns, each of them once")
        for number in self.numbers:
            number.require_fit()
        self.latent_dim = read(state, "latent_dim", int)
        require_between(self.latent_dim, 1, MOST_LATENT, "latent_dim")
        self.modes = samples.Modes.from_state(state["modes"], len(self.numbers)) if state.get("modes") else None
        self.reading = TableFormat.from_state(state.get("reading"))

    def open(self, inputs: Any, *, with_target: bool = False) -> Table:
        """Real rows to hold samples against, read as the training table was.

        Raises:
            DataError: If they do not fit; names file, column and line.
            OptionError: If they are to be answered.
        """
        _require_judging(with_target)
        table = table_of(read_new(inputs, self.reading, self.data_config))
        table.guesses += keep_number_rows(table, [number.name for number in self.numbers])[1]
        return table

    def fingerprints(self, data: Table) -> np.ndarray | None:
        """Of every row, all of its columns together."""
        return fingerprints.of_rows(data.frame, self.reading)

    def folds(self, data: Data, number: int) -> list[Splits]:
        """The splits of a cross-validation."""
        return folds(len(table_of(data).frame), number, self.seed)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[InMemory, dict[str, Any]]:
        """Real rows as examples.

        Raises:
            OptionError: If they are to be answered.
        """
        _require_judging(with_target)
        table = inputs if isinstance(inputs, Table) else self.open(inputs, with_target=with_target)
        return InMemory(torch.from_numpy(to_rows(table.frame, self.numbers))), {
            "row": list(range(1, len(table.frame) + 1))
        }

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: InMemory, batch_size: int = JUDGED) -> Outputs:
        """As many samples (N, F) as there are real rows (N, F), in the units of the table; always of the same noise."""
        real = torch.cat([batch[0].cpu() for batch in in_order(examples, batch_size, device_of(model))]).numpy()
        return self.outputs_of(self._made(model, len(real), self.seed), from_rows(real, self.numbers))

    def outputs_of(self, answers: np.ndarray, targets: np.ndarray) -> Outputs:
        """Samples (N, F) beside real rows."""
        return Outputs(answers, targets, samples.energy_scores(answers, targets, self.seed))

    @torch.no_grad()
    def _made(self, model: nn.Module, count: int, seed: int) -> np.ndarray:
        """(count, F) samples in the units of the table."""
        model.eval()
        generator = torch.Generator().manual_seed(seed)
        sizes = [min(JUDGED, count - begun) for begun in range(0, count, JUDGED)]
        noises = (torch.randn(size, self.latent_dim, generator=generator) for size in sizes)
        return from_rows(np.concatenate([model(z.to(device_of(model))).float().cpu() for z in noises]), self.numbers)

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """What chooses the epoch: the energy score, and how far the shares of clumps are from those of real rows;
        also the energy score alone, how many clumps are covered and how many samples are near one.
        """
        energy = float(np.mean(outputs.losses))  # type: ignore[arg-type]
        apart = samples.distance_of_shares(outputs.predictions, self.modes)
        shares = samples.mode_shares(outputs.predictions, self.modes)
        return {"sample_score": energy + apart, "energy_score": energy, **shares}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score of samples."""
        columns = [number.name for number in self.numbers]
        return samples.evaluate(outputs.predictions, outputs.targets, modes=self.modes, columns=columns, seed=self.seed)

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """One Gaussian with the mean and covariance of the training rows."""
        train, test = self._real(prepared.train), self._real(prepared.test)
        covariance = np.atleast_2d(np.cov(train, rowvar=False))
        drawn = np.random.default_rng(self.seed).multivariate_normal(train.mean(axis=0), covariance, len(test))
        return {"name": "one Gaussian", **self.evaluate(self.outputs_of(drawn, test))}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """A mixture of Gaussians, as many as the training rows ask for."""
        test = self._real(prepared.test)
        mixture = samples.best_mixture(self._real(prepared.train), self.seed)
        if mixture is None:
            return None
        return f"mixture of {mixture.n_components} Gaussians", self.outputs_of(mixture.sample(len(test))[0], test)

    def _real(self, examples: InMemory) -> np.ndarray:
        return from_rows(examples.tensors[0].cpu().numpy(), self.numbers)

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The samples that are farthest from every real row, in deviations of the columns."""
        far = samples.distance_to_nearest(outputs.predictions, outputs.targets)  # type: ignore[arg-type]
        worst = np.argsort(-far, kind="stable")[:count]
        rows = self.answers(outputs, {})
        return [{"id": f"sample {i + 1}", "loss": float(far[i]), "record": rows[i]} for i in worst.tolist()]

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The samples, a record each."""
        columns = [number.name for number in self.numbers]
        return [dict(zip(columns, row)) for row in outputs.predictions.tolist()]

    # -- making -------------------------------------------------------------------------------------------------

    def generate(self, model: nn.Module, count: int = 100, seed: int = 0) -> Iterator[dict[str, Any]]:
        """New rows, a record each.

        Args:
            model: Of this task.
            count: How many.
            seed: The same seed makes the same rows.

        Raises:
            OptionError: If a number is out of its range.
        """
        for option, value, low, high in (("count", count, 1, MOST_COUNT), ("seed", seed, 0, 2**63 - 1)):
            if not low <= value <= high:
                raise OptionError(f"--{option}: expected {low:,} to {high:,}, got {value:,}")
        return iter(self.answers(Outputs(self._made(model, count, seed), None), {}))


def _require_judging(with_target: bool) -> None:
    """Raises OptionError where rows are to be answered, and not to be held against samples."""
    if not with_target:
        raise OptionError("a generator answers no rows, it makes new ones: `deepglass generate RUN --count 100`")
