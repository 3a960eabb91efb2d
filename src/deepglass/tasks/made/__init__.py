"""What a generator makes: rows of a table, or pictures as rows of pixels. A file here is one kind.

    data ── fit ── rows (N, F) as a network takes them ── made (N, F) ── in_units ── what a user reads

A kind knows its data, their scale, and how samples are judged beside real rows; it knows nothing of networks.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from deepglass.core.effects import Unused
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.preprocess.number import Number
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.splits import Splits
from deepglass.rivals import Time
from deepglass.tasks import Outputs

Rows = np.ndarray  # (N, F) float32, as networks take them
Nats = dict[str, np.ndarray]  # what real rows cost by a bound: (N,) of each part; empty without one


class Made(ABC):
    """One kind of thing that is made.

    Args:
        config: Of the task.
        data_config: How the source is read.
        seed: Of what is drawn.

    Attributes:
        numbers: Of a row, with their units: after `fit` or `load_state`.
        reading: How the training table was read; None where it was none.
    """

    name: ClassVar[str]  # of its file
    OPTIONS: ClassVar[tuple[str, ...]] = ()  # of the task, upon which this kind alone acts; a literal
    IS_BINARY: ClassVar[bool] = False  # whether rows hold zeros and ones
    ONE_UNIT: ClassVar[bool] = False  # whether all numbers of a row are measured in one
    numbers: list[Number]
    reading: TableFormat | None = None

    def __init__(self, config: Any, data_config: DataConfig, seed: int):
        self.config, self.data_config, self.seed = config, data_config, seed

    @classmethod
    @abstractmethod
    def accepts(cls, data: Any) -> bool:
        """Whether data hold such things."""

    # -- data ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def fit(self, data: Any) -> tuple[Rows, Splits, list[Guess]]:
        """Choose what is made, divide it, and learn its scale from the training part alone.

        Raises:
            DataError: If there is nothing to learn from.
        """

    def unused_options(self, asked: Mapping[str, Any], data: Any) -> Iterator[Unused]:
        """Options of its own that have nothing to act upon."""
        yield from ()

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """What `fit` learnt, as JSON can hold it."""

    @abstractmethod
    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave.

        Raises:
            ValueError: If it does not fit.
        """

    @abstractmethod
    def open(self, inputs: Any) -> Any:
        """Real ones to hold samples against, read as those of the training.

        Raises:
            DataError: If they do not fit.
        """

    @abstractmethod
    def read(self, inputs: Any) -> tuple[Rows, dict[str, Any]]:
        """The same as rows, and what names each of them."""

    @abstractmethod
    def fingerprints(self, data: Any) -> np.ndarray | None:
        """Of every example of opened data."""

    @abstractmethod
    def folds(self, data: Any, number: int) -> list[Splits]:
        """The splits of a cross-validation."""

    # -- what is made -------------------------------------------------------------------------------------------

    @abstractmethod
    def in_units(self, rows: Rows) -> np.ndarray:
        """(N, F) in the units of the data."""

    @abstractmethod
    def records(self, samples: np.ndarray) -> list[dict[str, Any]]:
        """Samples (N, F) in the units of the data, a record each."""

    def shown(self, samples: np.ndarray) -> list[dict[str, Any]]:
        """The same as a report shows them: "record" or "image" of each."""
        return [{"record": record} for record in self.records(samples)]

    # -- judging ------------------------------------------------------------------------------------------------

    @abstractmethod
    def outputs(self, samples: np.ndarray, real: np.ndarray, nats: Nats, learnt: np.ndarray | None = None) -> Outputs:
        """Samples (N, F) beside real ones (N, F), with what these cost; `learnt` (n, F) are those of the training."""

    @abstractmethod
    def validate(self, outputs: Outputs) -> dict[str, float]:
        """A few quick numbers."""

    @abstractmethod
    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score."""

    @abstractmethod
    def baseline(self, train: np.ndarray, test: np.ndarray, with_nats: bool) -> tuple[str, Outputs]:
        """The trivial answer: its name, and its samples beside the test."""

    @abstractmethod
    def rival(self, parts: dict[str, np.ndarray], with_nats: bool, time: Time) -> tuple[str, Outputs] | None:
        """A strong simple model of the training part, beside the test; "val" may choose how large it is."""
