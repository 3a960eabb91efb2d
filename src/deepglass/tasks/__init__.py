"""The contract of a task: it binds data, model, loss, metrics and prediction, and knows nothing of the loop.

A task is one file in this folder with a module docstring, a `Config` (its own options, may be absent), and one
class named `Task` that fills in what is declared here. The folder is the list.

    data ── fit_preprocessing ──> state (JSON) ── examples ──> Examples ── model ──> outputs ── evaluate ──> metrics
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from torch import Tensor, nn

from deepglass.attacks.ball import Room
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.splits import Splits
from deepglass.data.word_vectors import WordVectors
from deepglass.rivals import Rival, Time
from deepglass.training.config import TrainConfig
from deepglass.training.learner import Learner
from deepglass.zoo.pretrained import Weights


@dataclass
class Prepared:
    """Data ready for training: the examples of each split, and what the model must be told about their shape."""

    train: Examples
    val: Examples
    test: Examples
    dims: dict[str, Any]  # what data determine of a model: num_classes, in_channels, vocab_size, ...
    ids: dict[str, np.ndarray] = field(default_factory=dict)  # for each split, which row of the source an example is
    guesses: list[Guess] = field(default_factory=list)
    fold: np.ndarray | None = None  # of a bag: for each training row, which network leaves it out and is judged by it
    groups: np.ndarray | None = None  # (n,) of `--score-by`: the group of each test example, in words
    remarks: list[str] = field(default_factory=list)  # findings about the data that a user should know, a sentence each


@dataclass
class Outputs:
    """What a model said of a split, as NumPy arrays, one row per example.

    predictions: probabilities (N, K) of classes, or values (N,) or (N, horizon, series), as the metrics want them.
    targets: the truth in the same units; None for prediction without truth.
    losses: (N,) what each example costs; compared pairwise between two runs and sorted for the worst mistakes.
    extra: further arrays (N, ...) that belong to a kind of task, such as the ends of intervals; kept with the run.
    """

    predictions: np.ndarray
    targets: np.ndarray | None
    losses: np.ndarray | None = None
    extra: dict[str, np.ndarray] = field(default_factory=dict)

    def of_rows(self, rows: np.ndarray) -> "Outputs":
        """Those of some examples."""
        targets, losses = (None if part is None else part[rows] for part in (self.targets, self.losses))
        return Outputs(self.predictions[rows], targets, losses, {name: part[rows] for name, part in self.extra.items()})


class BaseTask(Learner, ABC):
    """One kind of problem. After `prepare` (training) or `load_state` (prediction) it can turn data into examples.

    Args:
        data_config: How the source was read.
        config: The task's own options (an instance of the file's `Config`).
    """

    name: ClassVar[str]  # as on the command line, such as "image-classification"
    default_model: ClassVar[str]
    LEARNS_LIKE: ClassVar[tuple[str, ...]] = ()  # other tasks whose models it may take, a literal: models name tasks
    monitor: str = "loss"  # the validation metric that chooses the best epoch
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    PREDICTS: ClassVar[bool] = True  # whether it answers inputs; where not, there is no target and samples are drawn
    ANSWERS_IN_ONE_CALL: ClassVar[bool] = True  # of the network; where it takes several, nothing looks inside a call
    HONOURS: ClassVar[tuple[str, ...]] = ()  # of reading and training, what the task itself acts upon; a literal
    INSTEAD: ClassVar[dict[str, str]] = {}  # why it does not act upon another one, and what to do; a literal too
    steps_repeat: ClassVar[bool] = True  # `loss` decides nothing in Python that differs from step to step
    plain_text: ClassVar[str] = ".csv"  # the ending of a file for text on standard input whose form nothing tells
    FOLLOWS_PATHS: ClassVar[tuple[str, ...]] = ()  # kinds of files that a table's column of paths stands for
    GENERATES: ClassVar[tuple[str, ...]] = ()  # options of `generate`, of a task that makes something new; a literal
    # The files of deploy/graphs/ that its runs are exported with, a literal: inputs (None: that of the name of
    # `self.inputs`) and answer; None where they cannot be.
    EXPORTS: ClassVar[tuple[str | None, str] | None] = None
    NOT_EXPORTED: ClassVar[str] = ""  # why they cannot be, and what to do instead; a literal
    FINE_TUNING: ClassVar[dict[str, Any]] = {"learning_rate": 1e-3, "epochs": 20}  # of all weights, where nobody asks;
    # AdamW left pictures at 48 % with 1e-4 where 1e-3 gave 85
    TRAINS_HEAD_BELOW: ClassVar[int] = 0  # so many examples a fine-tuning trains the head alone
    FIRST_INPUT: ClassVar[str | None] = None  # what `forward` of any of its models is given first, such as "images";
    # None: each model's own name for it says. A literal
    READS: ClassVar[tuple[str, ...]] = ()  # kinds of `Layout` that it opens, its main one first; a literal
    OPENS_WITH: ClassVar[tuple[str, ...]] = ()  # options of reading upon which it acts when it opens a layout, as
    # readers do where they open the data; a literal
    CHECKS: ClassVar[tuple[str, ...]] = ("target", "span", "balance", "repeated")  # files of `data/checks/`: what
    # `deepglass check` looks at beside columns, pictures and characters; a literal
    AUGMENTING: ClassVar[tuple[str, ...]] = ()  # the options that make an example look different every time

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        self.data_config, self.config, self.seed = data_config, config, seed
        self.train_config = TrainConfig()  # replaced by the resolved one before training
        self.statistics: dict[str, Any] = {}  # of the training inputs, by name; a server watches for drift from them
        self.pretrained: Weights | None = None  # what the model begins with; set before `prepare`
        self.model = ""  # its name; set before `prepare`
        self.can_bag = False  # whether several networks may share the rows (zoo/bag.py); set before `prepare`
        self.reading: TableFormat | None = None  # how the training table was read; of tasks that learn from tables

    # -- data ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def prepare(self, data: Data) -> Prepared:
        """Split, fit the preprocessing on the training split alone, and make the examples."""

    def folds(self, data: Data, number: int) -> list[Splits]:
        """The splits of a cross-validation: in each, another part of the data is the test.

        Raises:
            OptionError: If the task's data cannot be cut in folds.
        """
        raise OptionError(f"--folds: {self.name} has an order that folds would break; use --test-fraction instead")

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Options that cannot act on these data or beside the others, although the task honours them in general.

        Args:
            asked: What is not as by default, of all groups.
            data: As it was prepared.
            model: Its name.
        """
        for part in ("val", "test"):
            if f"{part}_fraction" in asked and part in data.splits and "folds" not in asked:
                yield Unused(f"{part}_fraction", f"the data bring a {part} part of their own")
        if asked.get("blend") and asked.get("class_weights", "none") != "none":
            why = "classes count otherwise than they occur, which the simple models know nothing of"
            yield Unused("blend", why, "leave it out, or leave --class-weights out")
        if asked.get("blend") and asked.get("adversarial"):
            why = "the simple models have met no attack and would answer for the network"
            yield Unused("blend", why, "leave it out, or leave --adversarial out")

    @property
    def inherited(self) -> dict[str, Any]:
        """The state of the run whose weights the model begins with; empty where it begins with none."""
        return self.pretrained.belongings.state if self.pretrained else {}

    @property
    def has_new_tokens(self) -> bool:
        """Whether inputs hold tokens of which the weights that the model begins with know nothing."""
        return False

    @property
    def augments(self) -> bool:
        """Whether a training example may look different every time; a task that never does says so."""
        return True

    def disable_augmentation(self, prepared: "Prepared") -> None:
        """Stop augmenting; asked only of tasks that name `AUGMENTING` options."""
        raise NotImplementedError(f"{self.name} names AUGMENTING options: it has to say how to stop them")

    @property
    @abstractmethod
    def dims(self) -> dict[str, Any]:
        """What the data determine of a model: num_classes, in_channels, vocab_size, …; known after `load_state` too."""

    def extremes(self) -> tuple[Tensor, ...]:
        """Inputs of a network as small as can be, with the smallest and the largest code that there is; known after
        `load_state`. A network that was read back is tried with them. Empty where its sizes say all.
        """
        return ()

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """The fitted preprocessing and the schema of the inputs, as JSON can hold them."""

    @abstractmethod
    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave: the task can now read new data as it read the training data."""

    def open(self, inputs: Any, *, with_target: bool = False) -> Any:
        """New data as `read` takes them, read from where they are; what was noticed on the way is in their `guesses`.

        Args:
            with_target: For judging: examples without a target, and of classes that training left out, are left out.
        """
        return inputs

    def fingerprints(self, data: Any) -> np.ndarray | None:
        """(N,) a number for every example of opened data, by which it is known again; None where there is none."""
        return None

    @abstractmethod
    def read(self, inputs: Any, *, with_target: bool) -> tuple[Examples, dict[str, Any]]:
        """Check new data against the schema and turn it into examples; also returns what names each row."""

    def unknown_words(self, examples: Examples) -> dict[str, list[int]]:
        """For each column of categories, the rows of new data (from 1) whose word training has not learnt."""
        return {}

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Values for the fields of `TrainConfig` that the user left open."""
        return {}

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Values for the model's settings that suit the data better than the model's own defaults."""
        return {}

    def training_examples(self, examples: Examples) -> Examples:
        """Training examples as `loss` wants them, with what it needs of each beside inputs and target."""
        return examples

    def sample_weights(self, prepared: "Prepared") -> Tensor | None:
        """(N,) how often each training example is drawn, for `--class-weights sampler`; None draws each once."""
        return None

    def rivals(self, prepared: "Prepared", data: Data, time: Time) -> list[Rival]:
        """Strong simple models, fitted on the same rows: the report holds the network against the best of them."""
        return []

    def simple_answers(self, prepared: "Prepared", time: Time) -> tuple[str, "Outputs"] | None:
        """The name of a strong simple model that is never blended, and what it says of the test; None without one."""
        return None

    @property
    def may_blend(self) -> bool:
        """Whether the answers may be mixed with those of the rivals, if the held-out examples ask for it."""
        return False

    def as_learnt(self, predictions: np.ndarray) -> np.ndarray:
        """Predictions, or targets, as the rivals make them: of a number, in the scale that the network learns."""
        return predictions

    def outputs_of(self, answers: np.ndarray, targets: np.ndarray) -> "Outputs":
        """Answers in that scale as outputs; asked only of tasks that have rivals."""
        raise NotImplementedError(f"{self.name} has rivals: it has to say what their answers mean")

    def begin(self, model: nn.Module, prepared: "Prepared") -> None:
        """Give a fresh model better weights to begin with than random ones, where the task knows some."""

    def calibrate(self, model: nn.Module, prepared: "Prepared") -> bool:
        """Learn from the validation part how sure a trained model may be; whether it, or `state`, changed."""
        return False

    def refit(self, model: nn.Module) -> bool:
        """Learn from the validation part too, once nothing is chosen or measured by it any longer; whether it did."""
        return False

    @abstractmethod
    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The mean loss of a batch: a scalar with a gradient."""

    @abstractmethod
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """Run the model in evaluation mode over all examples."""

    # -- judging ------------------------------------------------------------------------------------------------

    @abstractmethod
    def validate(self, outputs: Outputs) -> dict[str, float]:
        """A few quick numbers after each epoch; `monitor` is one of them."""

    @abstractmethod
    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every metric of the task, with intervals, in plain data."""

    @abstractmethod
    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The same metrics for the trivial answer, and its `name` (most frequent class, mean, seasonal naive, ...)."""

    @abstractmethod
    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The worst test examples, for the report: target, predicted, loss, and the example itself."""

    def thresholds(self, val: Outputs, test: Outputs) -> dict[str, Any]:
        """Where to cut the probability of two classes (`evaluate/thresholds.py`); empty where there are no two."""
        return {}

    def risks(self, model: nn.Module, prepared: Prepared, data: Data, val: Outputs, test: Outputs) -> dict[str, Any]:
        """What a card of medical use says of the test, by group and empty cell; empty where nobody asked."""
        return {}

    def has_one_loss(self, network: nn.Module) -> bool:
        """Whether validation measures the loss that training makes small: only then can the two be compared."""
        return True

    def importance(self, model: nn.Module, prepared: Prepared, seconds: float) -> list[dict[str, Any]]:
        """How much each column matters on the test examples (`evaluate/importance.py`); empty where there are none."""
        return []

    # -- explaining (explain/) ----------------------------------------------------------------------------------

    @property
    def explained_as(self) -> str | None:
        """The file of `explain/inputs/` that knows the parts of its inputs; None where answers cannot be explained."""
        return None

    @property
    def score_names(self) -> list[str]:
        """What an explanation may be about: each class or label, the column of a value, each step ahead."""
        return []

    @property
    def scores_are_odds(self) -> bool:
        """Whether `scores` are the log-odds of probabilities, and not values."""
        return False

    @property
    def score_unit(self) -> str:
        """Of `scores`, where they are values."""
        return ""

    def scores(self, said: Tensor) -> Tensor:
        """(B, S) what an explanation explains, of what a network said: differentiable, one for each of `score_names`.

        Asked only of tasks that say how they are `explained_as`.
        """
        raise NotImplementedError(f"{self.name} is explained: it has to say what its answers score")

    def room(self, inputs: tuple[Tensor, ...]) -> Room | None:
        """What of the inputs of a network an attack may change by little; None where little has no meaning."""
        return None

    def generate(self, model: nn.Module, **options: Any) -> Iterator[Any]:
        """Something new, piece by piece: text as it grows, or a record each; asked only of tasks that name `GENERATES`.

        Raises:
            OptionError: If an option is out of its range.
        """
        raise NotImplementedError(f"{self.name} names GENERATES options: it has to say how to generate")

    def word_vectors(self, model: nn.Module) -> WordVectors | None:
        """The vectors that it has learnt for words; None where it learns none."""
        return None

    # -- answering with a promise (runs/conformity.py) ------------------------------------------------------------

    attacks_spoil: ClassVar[str | None] = None  # what an attack on its inputs turns wrong: "classes" or "values"
    answers_with_coverage: ClassVar[bool] = False  # whether `conformity` and `covered` are there

    @property
    def own_coverage(self) -> float | None:
        """The coverage that its intervals were trained for, where the answers have some anyway."""
        return None

    def conformity(self, outputs: Outputs) -> np.ndarray | None:
        """(N,) how little the truth of each example fits what was said of it (`evaluate/conformal.py`)."""
        return None

    def covered(self, outputs: Outputs, limit: float) -> list[dict[str, Any]]:
        """What is added to each answer: all that fits as well as `limit`; asked only where there is `conformity`."""
        raise NotImplementedError(f"{self.name} has scores of conformity: it has to say what fits")

    @abstractmethod
    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """Predictions as a user reads them: one flat record per row."""
