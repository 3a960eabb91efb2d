"""What every task has in common that learns an answer from inputs, example by example: it binds two fields.

    data ── inputs, answer: take ── split ── fit on the training rows ── encode ── Examples

A task of this kind says which inputs it takes (`INPUTS`) and which answer comes out (`ANSWER`), a default model and
its `Config`, which inherits the settings of its inputs. What is done with the answer (loss, scores) comes from
`_classification.py` or `_regression.py`, or is the task's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.attacks.ball import Room
from deepglass.core.effects import Unused
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table
from deepglass.data.examples import Examples, InMemory
from deepglass.data.fields import AnswerField, Beginning, InputField, Part, Source
from deepglass.data.splits import Splits
from deepglass.tasks import BaseTask, Prepared, _bagging
from deepglass.tasks._score_by import groups_of
from deepglass.tasks.inputs import Learning, learning_from


class SupervisedTask(BaseTask):
    """Inputs → an answer.

    Attributes:
        inputs: Of the kind that the data hold, the first of `INPUTS` that accepts them.
        answer: What comes out.
    """

    INPUTS: ClassVar[tuple[type[InputField], ...]]
    ANSWER: ClassVar[type[AnswerField]]
    DEFAULT_MODELS: ClassVar[dict[str, str]] = {}  # by input, where it takes several; a literal
    inputs: Any  # an InputField; each kind has attributes of its own
    answer: Any  # an AnswerField

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config, seed)
        self.answer = self.ANSWER(data_config)
        self._bind(self.INPUTS[0])
        self._source: tuple[Any, Source] | None = None  # data, and what the inputs made of them

    def _bind(self, kind: type[InputField]) -> None:
        self.inputs = kind(self.config, self.data_config, self.seed)
        self.__dict__.pop("learning", None)

    @cached_property
    def learning(self) -> Learning:
        """How networks learn from the inputs."""
        return learning_from(self.inputs)

    @classmethod
    def kind_of(cls, data: Any, config: DataConfig) -> type[InputField]:
        """The inputs that data hold: the first kind that accepts them, or the first, which says what it lacks."""
        return next((kind for kind in cls.INPUTS if kind.accepts(data, config)), cls.INPUTS[0])

    @classmethod
    def usual_model(cls, inputs: str) -> str:
        """The default model for inputs of this name."""
        return cls.DEFAULT_MODELS.get(inputs, cls.default_model)

    @property
    def target(self) -> str:
        """The column of the answer, of a table."""
        return self.answer.target

    @property
    def is_classification(self) -> bool:
        """Whether the answer is one of several classes."""
        return self.answer.num_classes is not None

    @property
    def preprocessor(self) -> Any:
        """Of columns or pictures."""
        return self.inputs.preprocessor

    @property
    def vocabulary(self) -> Any:
        """Of texts."""
        return self.inputs.vocabulary

    @property
    def text_column(self) -> str:
        """Of texts."""
        return self.inputs.column

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Split, fit both fields on the training rows alone, make the examples.

        Raises:
            DataError: If the data are of another kind, or there is nothing to learn from them.
        """
        self._bind(self.kind_of(data, self.data_config))
        inputs, answer = self.inputs, self.answer
        inputs.beginning = self._beginning()
        source = self.source_of(data)
        guesses = [] if source is data else [*source.guesses]
        guesses += [*inputs.take(source), *answer.take(source)]
        guesses += [*inputs.keep_usable(source, answer), *answer.require(source)]
        splits, more = inputs.split(source, answer)
        guesses += more
        splits = self.learnt_from(splits, source, guesses)
        splits, fold = self._bagged(splits, source, guesses)
        answer.fit(source, splits["train"])
        guesses += inputs.fit(source, splits, answer)
        examples = inputs.examples(source, self._parts(source, splits, fold), answer)
        inputs.observe(source, splits, examples, is_bag=fold is not None)
        self.statistics, self.reading = inputs.statistics, inputs.reading
        is_table = isinstance(source, Table)
        return Prepared(
            **examples,
            dims=self.dims | ({"bags": int(fold.max()) + 1} if fold is not None else {}),
            ids=splits,
            guesses=guesses,
            fold=fold,
            groups=groups_of(source, self.data_config, splits["test"]) if is_table else None,
            remarks=inputs.remarks(source, splits["train"]),
        )

    def learnt_from(self, splits: Splits, source: Source, guesses: list[Guess]) -> Splits:
        """The splits without what the task leaves out of training or validation; says so in `guesses`."""
        return splits

    def folds(self, data: Data, number: int) -> list[Splits]:
        """The splits of a cross-validation; validation is drawn from what each leaves for training."""
        return self.inputs.folds(self.source_of(data), number, self.answer)

    @property
    def dims(self) -> dict[str, Any]:
        """What the data determine of a model."""
        return self.inputs.dims | dict.fromkeys(self.inputs.sizes_of_answer, self.answer.size)

    def extremes(self) -> tuple[Tensor, ...]:
        """As the inputs have them."""
        return self.inputs.extremes()

    def state(self) -> dict[str, Any]:
        """Of both fields; where there are several kinds of inputs, also which these are."""
        kind = {"inputs": self.inputs.name} if len(self.INPUTS) > 1 else {}
        return kind | self.inputs.state() | self.answer.state()

    def load_state(self, state: dict[str, Any]) -> None:
        name = state.get("inputs")
        self._bind(next((kind for kind in self.INPUTS if kind.name == name), self.INPUTS[0]))
        self.inputs.load_state(state)
        self.answer.load_state(state)
        self.statistics, self.reading = self.inputs.statistics, self.inputs.reading

    def open(self, inputs: Any, *, with_target: bool = False) -> Any:
        """New data as `read` takes them, read as those of the training.

        Raises:
            DataError: If they do not fit; names file, column and line.
        """
        data = self.inputs.open(inputs, with_target=with_target)
        if with_target:
            data.guesses += self.answer.select(data)
        return data

    def fingerprints(self, data: Any) -> np.ndarray | None:
        """Of every example, all that was given of it; None of pictures that are still but a path or an array."""
        return self.inputs.fingerprints(self.source_of(data)) if isinstance(data, Data) else None

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Examples, dict[str, Any]]:
        """New data as examples, whatever form they are given in.

        Raises:
            DataError: If inputs are missing or broken; with `with_target` also if an answer is missing or unknown.
        """
        source, rows, names = self.inputs.read(inputs, with_target=with_target)
        targets = self.answer.encode(source)[rows] if with_target else self.answer.unknown(source, rows)
        examples = self.inputs.examples(source, {"new": Part(rows, (torch.from_numpy(targets),))}, self.answer)["new"]
        self.inputs.warn()
        return examples, names

    def unknown_words(self, examples: Examples) -> dict[str, list[int]]:
        """As the inputs know them."""
        return self.inputs.unknown_words(examples)

    # -- learning -----------------------------------------------------------------------------------------------

    @property
    def augments(self) -> bool:
        """Whether the inputs do."""
        return self.inputs.augments

    def disable_augmentation(self, prepared: Prepared) -> None:
        """Show every training example as it is."""
        self.inputs.disable_augmentation(prepared.train)

    def on_epochs_known(self, epochs: float) -> None:
        """Told to the inputs."""
        self.inputs.on_epochs_known(epochs)

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """By the kind of inputs."""
        return self.learning.train_defaults(model_name, num_examples)

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """By the kind of inputs."""
        return self.learning.model_defaults(model_name, num_examples)

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """As the inputs know it."""
        self.learning.begin(model, prepared)

    @property
    def mixes(self) -> bool:
        """Whether `--mixup` or `--cutmix` is on."""
        return bool(self.train_config.mixup or self.train_config.cutmix)

    @property
    def may_blend(self) -> bool:
        """Where `blend` is an option, unless classes are to count otherwise than they occur, rows are private, or the
        network is to stand firm; beside another model than usual only when asked.
        """
        config = self.train_config
        if config.class_weights != "none" or config.private or config.adversarial:
            return False
        asked = getattr(self.config, "blend", False)
        return self.model == self.usual_model(self.inputs.name) if asked is None else asked

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also what inputs, answer and the other kinds of inputs say."""
        yield from super().unused_options(asked, data, model)
        yield from self.inputs.unused_options(asked, data, self.answer)
        yield from self.answer.unused_options(asked, data)
        if asked.get("adversarial") and not self.learning.has_room:
            yield Unused("adversarial", "none of its columns is a number that could change by a little")
        own = {setting.name for setting in fields(self.inputs.SETTINGS)}
        for kind in self.INPUTS:
            for name in ({setting.name for setting in fields(kind.SETTINGS)} - own) & asked.keys():  # type: ignore[arg-type]
                yield Unused(name, f"these data are read as {self.inputs.name}, it is for {kind.name}")

    def has_one_loss(self, network: nn.Module) -> bool:
        """Not where a model brings a criterion along, or mistakes on some classes cost more; validation has neither."""
        return not hasattr(network, "criterion") and self.train_config.class_weights != "balanced"

    # -- judging ------------------------------------------------------------------------------------------------

    def mistakes(self, outputs: Any, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The examples that surprised the model most."""
        source = self.source_of(data)
        return [
            {
                **self.said_of(outputs, place),
                "loss": float(outputs.losses[place]),
                **self.inputs.shown(source, int(prepared.ids["test"][place]), self.answer),
            }
            for place in self.worst(outputs, count)
        ]

    def worst(self, outputs: Any, count: int) -> np.ndarray:
        """Positions of the `count` examples with the largest loss, the worst first."""
        return np.argsort(-outputs.losses, kind="stable")[:count]

    def said_of(self, outputs: Any, place: int) -> dict[str, Any]:
        """What the report says of the answer at a position: "target", "predicted", and what belongs to them."""
        return {"target": str(outputs.targets[place]), "predicted": str(outputs.predictions[place])}

    def importance(self, model: nn.Module, prepared: Prepared, seconds: float) -> list[dict[str, Any]]:
        """How much each part of the inputs matters on the test examples."""

        def losses(tensors: Sequence[Tensor]) -> np.ndarray | None:
            return self.outputs(model, InMemory(*tensors)).losses

        return self.learning.importance(losses, prepared, seconds, self.seed)

    @property
    def explained_as(self) -> str | None:
        """By the kind of its inputs."""
        return self.inputs.name

    def room(self, inputs: tuple[Tensor, ...]) -> Room | None:
        """As the inputs know it."""
        return self.learning.room(inputs)

    # -- helpers ------------------------------------------------------------------------------------------------

    def source_of(self, data: Data) -> Source:
        """What the inputs make of the data, made once."""
        if self._source is None or self._source[0] is not data:
            self._source = data, self.inputs.as_source(data)
        return self._source[1]

    def _beginning(self) -> Beginning:
        """What the inputs may know of the training."""
        is_usual = self.model == self.usual_model(self.inputs.name)
        if self.pretrained is None:
            return Beginning(is_usual)
        of = self.pretrained.belongings
        positions = of.dims.get("max_length")
        return Beginning(is_usual, True, of.state, positions, of.token_shift, of.scaling, self.pretrained.source)

    def _bagged(self, splits: Splits, source: Source, guesses: list[Guess]) -> tuple[Splits, np.ndarray | None]:
        """The splits, and which network of a bag leaves out each row; None for a single network."""
        if not hasattr(self.config, "bags") or self.data_config.fair is not None:
            return splits, None
        asked = self.config.bags
        suits = self.can_bag and self.inputs.may_bag(source, self.answer)
        networks = _bagging.number_of_networks(asked, suits, splits, self.data_config)
        if networks == 1:
            return splits, None
        if asked is None:
            guesses.append(_bagging.guess(networks, len(splits["train"]) + len(splits["val"])))
        strata, groups = self.inputs.strata(source, self.answer), self.inputs.groups(source)
        return _bagging.left_out_by(networks, splits, self.seed, strata, groups)

    def _parts(self, source: Source, splits: Splits, fold: np.ndarray | None) -> dict[str, Part]:
        """The rows of each split with their targets; in a bag after the network that leaves a row out."""
        targets, parts = torch.from_numpy(self.answer.encode(source)), {}
        for name, rows in splits.items():
            of_bag = (torch.from_numpy(fold),) if fold is not None and name != "test" else ()
            parts[name] = Part(rows, (*of_bag, targets[torch.from_numpy(rows)]), is_training=name == "train")
        return parts
