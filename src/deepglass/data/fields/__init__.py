"""The contract of a field: one kind of thing that goes into a network or comes out of it, on the side of training.

A field is one file of this folder: an input (`class Field(InputField)`, with its settings in `SETTINGS`), an answer
(`class Field(AnswerField)`), or a sequence that is both (`class Field(SequenceField)`, `_sequence.py`). The folder is
the list. A field knows data and tensors; it knows nothing of models, losses or tasks. A task binds an input and an
answer, and any two go together:

    inputs.as_source            data → what this field works with: a table, pictures, …
    inputs.take, answer.take    which columns; examples without an answer are left out
    inputs.split                who is learnt from, who chooses, who tests
    answer.fit, inputs.fit      from the training rows alone                           → state (JSON)
    answer.encode               (N, …) targets
    inputs.examples             batches: the inputs of the model, what follows them, the target last
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
from torch import Tensor

from deepglass.core.effects import Unused
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.examples import Batch, Examples
from deepglass.data.folds import folds
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.splits import Splits, split

Source = Any  # the container that an input works with: a `Table`, `Images`, or one of its own


@dataclass(frozen=True)
class Part:
    """Some examples.

    Attributes:
        rows: (n,) their positions in the data.
        targets: Each (n, …): in a bag which network leaves a row out, then the target.
        is_training: Whether they may be augmented.
    """

    rows: np.ndarray
    targets: tuple[Tensor, ...]
    is_training: bool = False


class Scaling(Protocol):
    """How pictures were scaled for published weights, in units of a byte."""

    mean: list[float]
    std: list[float]
    size: int | None


@dataclass(frozen=True)
class Beginning:
    """What a field may have to know of the training that it is fitted for.

    Attributes:
        is_usual_model: Whether the model is the usual one of the task, beside which simple models are mixed in.
        has_weights: Whether it begins with weights that somebody has trained.
        state: Of the run whose weights these are; empty where they come from elsewhere.
        positions: The longest text that these weights can take; None where they set no limit.
        token_shift: By how much their numbers of tokens are moved up, so that 0 is padding; None where not said.
        scaling: Of the pictures that they were trained on.
        source: Where they come from, for messages.
    """

    is_usual_model: bool = True
    has_weights: bool = False
    state: Mapping[str, Any] = field(default_factory=dict)
    positions: int | None = None
    token_shift: int | None = None
    scaling: Scaling | None = None
    source: str = ""


class AnswerField(ABC):
    """What comes out: after `take`, `require` and `fit`, or after `load_state`, it turns answers into targets.

    Args:
        data_config: How the source is read.
    """

    name: ClassVar[str]  # of its file
    follows: ClassVar[tuple[str, ...] | None] = None  # what `augment` can do; None: nothing moves it
    suits: ClassVar[tuple[str, ...] | None] = None  # how pictures are augmented for it; None: chosen from the data
    largest_side: ClassVar[int | None] = None  # of pictures, in pixels, where nobody asks for another; None: any
    uncut_side: ClassVar[int | None] = None  # longer side of pictures of one shape, which keep it; None: squares
    teaches_all: ClassVar[bool] = True  # whether training has to see every class
    may_be_absent: ClassVar[bool] = False  # whether new tables can be judged without its column
    target: str = ""  # the column of a table; empty where the data name the answers otherwise

    def __init__(self, data_config: DataConfig):
        self.data_config = data_config

    @abstractmethod
    def take(self, data: Source) -> list[Guess]:
        """Find the answers in the data, and leave out examples that have none.

        Raises:
            DataError: If there are none.
            OptionError: If the column that was asked for is absent.
        """

    @abstractmethod
    def require(self, data: Source) -> list[Guess]:
        """Check that what is left can be learnt, after doing what the options say about it.

        Raises:
            DataError: If it cannot.
        """

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a table that hold answers: none of them is an input."""
        return (self.target,) if self.target else ()

    def strata(self, data: Source) -> np.ndarray | None:
        """(N,) int64 classes, or (N, L) labels, of which every split has its share; None without any. Before `fit`."""
        return None

    def together(self, data: Source) -> np.ndarray | None:
        """(N,) groups that no split may part, since the answer would be given away; None where it is not. Before `fit`.

        Raises:
            DataError: If splits that the data declare part one.
        """
        return None

    @abstractmethod
    def fit(self, data: Source, rows: np.ndarray) -> None:
        """Learn what must be known of the answers; of their scale and frequency from the training `rows` alone."""

    @abstractmethod
    def encode(self, data: Source) -> np.ndarray:
        """(N, …) the targets of all examples, as the loss wants them.

        Raises:
            DataError: If an answer is missing or unknown; names rows.
        """

    @abstractmethod
    def blank(self, count: int) -> np.ndarray:
        """(count, …) what stands in the place of targets that nobody knows: -1 or NaN."""

    def unknown(self, data: Source, rows: np.ndarray) -> np.ndarray:
        """(n, …) the same for these examples, where their shape matters."""
        return self.blank(len(rows))

    @property
    @abstractmethod
    def size(self) -> int:
        """How many numbers a network answers per example: classes, labels, 1 for a value."""

    @property
    def labels(self) -> list[str] | None:
        """Names of the classes; None where the answer is not one of some classes."""
        return None

    @property
    def num_classes(self) -> int | None:
        """How many classes exclude each other, for models that tell these apart; None for values."""
        return len(self.labels) if self.labels is not None else None

    def select(self, data: Source) -> list[Guess]:
        """Leave out of new labelled data what cannot be judged, as training left it out.

        Raises:
            OptionError: If there are no answers in them.
            DataError: If nothing would be left.
        """
        return []

    def augment(self, batch: Batch, names: list[str]) -> Batch:
        """Augment a training batch of pictures and targets together; asked only of answers that say what `follows`.

        An answer that lies in the picture, such as a box, moves with it.

        Args:
            batch: Pictures (B, C, H, W) as floats from 0 to 255, and what follows them.
            names: Of the augmentations that are on, in their order.
        """
        raise NotImplementedError(f"{self.name} follows augmentations: it has to say how")

    def unused_options(self, asked: Mapping[str, Any], data: Source) -> Iterator[Unused]:
        """Options that have nothing to act upon."""
        yield from ()

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """What `fit` learnt, as JSON can hold it; its names differ from those of every input's state."""

    @abstractmethod
    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave, from the state of the whole task.

        Raises:
            ValueError: If it does not fit.
        """


class Input(ABC):
    """What goes in, whatever one example of it is: a row (`InputField`), or a window into a sequence (`_sequence.py`).

    Args:
        options: An instance of the file's `Options`, or of a task's `Config` that inherits from it.
        data_config: How the source is read.
        seed: Of what is drawn.
    """

    name: ClassVar[str]  # of its file
    SETTINGS: ClassVar[type]  # settings of this field; the `Config` of a task inherits from it

    def __init__(self, options: Any, data_config: DataConfig, seed: int = 0):
        self.options = options if isinstance(options, self.SETTINGS) else self.SETTINGS()
        self.data_config, self.seed = data_config, seed
        self.statistics: dict[str, Any] = {}  # of the training inputs, by name; a server watches for drift from them
        self.reading: TableFormat | None = None  # how the training table was read
        self.beginning = Beginning()  # set before anything is learnt

    @classmethod
    @abstractmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Whether data hold such inputs: a task that takes several kinds asks each of them in turn."""

    @abstractmethod
    def as_source(self, data: Any) -> Source:
        """The data as this field works with them.

        Raises:
            DataError: If they are something else.
        """

    @property
    @abstractmethod
    def dims(self) -> dict[str, Any]:
        """Sizes of the inputs: in_channels, vocab_size, num_features, …"""

    @abstractmethod
    def extremes(self) -> tuple[Tensor, ...]:
        """Inputs as small as can be, with the smallest and the largest code that there is."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """What `fit` learnt, as JSON can hold it."""

    @abstractmethod
    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave, from the state of the whole task.

        Raises:
            ValueError: If it does not fit.
        """


class InputField(Input):
    """Inputs of which each row is an example, with any answer beside it.

    After `take` and `fit`, or after `load_state`, it turns data into the inputs of a network.
    """

    sizes_of_answer: ClassVar[tuple[str, ...]]  # what models of these inputs call the size of their answer

    # -- learning from the training data ------------------------------------------------------------------------

    def take(self, data: Source) -> list[Guess]:
        """Find the inputs in the data: choose columns.

        Raises:
            DataError: If there are none.
        """
        return []

    def keep_usable(self, data: Source, answer: AnswerField) -> list[Guess]:
        """Leave out examples without inputs.

        Raises:
            DataError: If nothing is left.
        """
        return []

    def groups(self, data: Source) -> np.ndarray | None:
        """(N,) what no split may part; None where every example stands for itself."""
        return None

    def strata(self, data: Source, answer: AnswerField) -> np.ndarray | None:
        """(N,) classes, or (N, L) labels, of which every split has its share."""
        return answer.strata(data)

    def split(self, data: Source, answer: AnswerField) -> tuple[Splits, list[Guess]]:
        """Training, validation and test: as the data declare, by group, by time, or drawn with fair shares.

        Raises:
            DataError: If one of them would be empty.
        """
        options = {"val_fraction": self.data_config.val_fraction, "test_fraction": self.data_config.test_fraction}
        options |= {"seed": self.seed, "declared": data.splits}
        strata = self.strata(data, answer)
        return split(self.count(data), labels=strata, groups=self.groups(data), **options), []

    def folds(self, data: Source, number: int, answer: AnswerField) -> list[Splits]:
        """The splits of a cross-validation; validation is drawn from what each leaves for training.

        Raises:
            OptionError: If there are fewer examples or groups than folds.
        """
        return folds(self.count(data), number, self.seed, self.strata(data, answer), self.groups(data))

    def may_bag(self, data: Source, answer: AnswerField) -> bool:
        """Whether several networks may share the rows, each leaving out others."""
        return False

    @abstractmethod
    def count(self, data: Source) -> int:
        """How many examples there are."""

    @abstractmethod
    def fit(self, data: Source, splits: Splits, answer: AnswerField) -> list[Guess]:
        """Learn from the training rows alone; set `statistics`, and of a table `reading`.

        Args:
            data: All examples.
            splits: The rows of each split; in a bag "train" and "val" are the same.
            answer: Fitted; its columns are not inputs.
        """

    @abstractmethod
    def examples(self, data: Source, parts: Mapping[str, Part], answer: AnswerField) -> dict[str, Examples]:
        """Examples as the network takes them, its inputs in the order of `forward`, then the targets.

        Args:
            data: As for `fit`, or as `read` gave them.
            parts: Which rows, by any name.
            answer: Augments along where its targets lie in the input.

        Raises:
            DataError: If an input is broken; names row or file.
        """

    def observe(self, data: Source, splits: Splits, examples: Mapping[str, Examples], is_bag: bool) -> None:
        """See the examples of a training once they were made: what is told best from them is added to `statistics`.

        Args:
            data: As for `fit`.
            splits: The rows of each split.
            examples: The examples of each.
            is_bag: Whether validation and training are the same rows.
        """

    def remarks(self, data: Source, rows: np.ndarray) -> list[str]:
        """What a user should know of the data before training, a sentence each."""
        return []

    # -- what a network must know -------------------------------------------------------------------------------

    @property
    def augments(self) -> bool:
        """Whether a training example may look different every time."""
        return False

    def disable_augmentation(self, train: Examples) -> None:
        """Show every training example as it is."""

    def on_epochs_known(self, epochs: float) -> None:
        """How many epochs the training will have."""

    # -- data that come later -----------------------------------------------------------------------------------

    @abstractmethod
    def open(self, inputs: Any, *, with_target: bool) -> Any:
        """New data from a path, records, arrays, …, read as those of the training.

        Raises:
            DataError: If they do not fit; names file, column and line.
        """

    @abstractmethod
    def read(self, inputs: Any, *, with_target: bool) -> tuple[Source, np.ndarray, dict[str, Any]]:
        """The same checked: data for `examples` and `answer.encode`, the rows to take, and what names each of these.

        Raises:
            DataError: If inputs are missing or broken.
        """

    def fingerprints(self, data: Any) -> np.ndarray | None:
        """(N,) a number for every example of opened data, by which it is known again; None where there is none."""
        return None

    def warn(self) -> None:
        """Say what of new examples does not fit the training; called once they were made."""

    def unknown_words(self, examples: Examples) -> dict[str, list[int]]:
        """For each column of categories, the rows of new data (from 1) whose word training has not learnt."""
        return {}

    def unused_options(self, asked: Mapping[str, Any], data: Source, answer: AnswerField) -> Iterator[Unused]:
        """Options that cannot act on these data or beside the others."""
        yield from ()

    @abstractmethod
    def shown(self, data: Source, row: int, answer: AnswerField) -> dict[str, Any]:
        """What the report shows of one example: its row, and the cells, the text, the picture as a data URI."""
