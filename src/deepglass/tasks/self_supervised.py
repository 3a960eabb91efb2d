"""Self-supervised learning: features of pictures or rows, learnt without labels; where there are labels, they judge.

    picture or row ── network ── features (C numbers) ── what the method needs, and nobody else

A method (`tasks/pretexts/`) makes up a question whose answer the examples themselves know. What is kept are the
features, for `embed`, and the weights, for `--pretrained RUN` with few labels. They are judged by a linear probe, which
is fitted on training features afterwards and changes nothing of them, beside the same probe on the features of the
network before it learnt, and on the inputs as they are.

References:
    Chen et al. (2020), A Simple Framework for Contrastive Learning, https://arxiv.org/abs/2002.05709 (the judging by a
    linear probe, and by few labels)
    Chen & He (2021), Exploring Simple Siamese Representation Learning, https://arxiv.org/abs/2011.10566 (collapse)
"""

import copy
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.core.device import device_of
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read
from deepglass.data.augment.image import parse
from deepglass.data.augment.views import Pictures, usual_augmentations
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import InputField, columns, image, itself
from deepglass.evaluate.metrics import representation
from deepglass.models.autoencoder import rows_of
from deepglass.rivals import Time, linear_probe
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._supervised import SupervisedTask
from deepglass.tasks.pretexts import FOLDER, Method, judged_fairly, method_of
from deepglass.training.update import StepHook

PICTURES_WANTED = 40_000  # looked at in a training: 37 epochs of the 1,078 digits
FEWEST_EPOCHS, MOST_EPOCHS = 1, 200
STEPS = 2_000  # of rows, which take seconds
FEWEST_BATCH, MOST_BATCH = 16, 256
LEARNING_RATE = 2e-3
FEWEST = 8  # training examples: who is to be told from others needs others
MOST_CLASSES = 200  # that judge: more of them are no classes, but numbers


@dataclass(frozen=True)
class Config(columns.Options, image.Options):
    """Options of the task."""

    augment: str | None = None  # how two views of a picture differ: zoom, erase, rotate, colour, … by commas; chosen
    method: Literal["simclr", "byol", "mae", "masked-columns"] | None = None  # simclr of pictures, masked-columns else
    temperature: float = 0.2  # simclr: smaller pushes the nearest others away most; Chen et al. have 0.1 to 0.5
    projection_dim: int = 64  # simclr, byol: numbers in which views are compared; the features are as wide as they are
    teacher_decay: float = 0.99  # byol: share of its old weights that the teacher keeps at each step; 0 follows at once
    predictor: bool = True  # byol: without it nothing keeps all pictures from getting one code
    mask_share: float | None = None  # mae, masked-columns: what is hidden; 0.6 of a picture, 0.3 of a row


class Task(SupervisedTask):
    """Columns or pictures → features."""

    name = "self-supervised"
    default_model = "cnn"
    DEFAULT_MODELS: ClassVar[dict[str, str]] = {"columns": "mlp", "image": "cnn"}
    LEARNS_LIKE = ("image-classification", "tabular-classification")
    EXPORTS = (None, "features")
    CHECKS = ("repeated",)
    HONOURS = (
        "target", "group_column", "score_by", "time_column", "series_column", "val_fraction", "test_fraction",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "mixup": "what lies between two examples is none of their views; leave it out",
        "cutmix": "what is pieced together is no view of one picture; try --augment zoom,erase",
        "label_smoothing": "no labels are learnt; leave it out",
        "class_weights": "no labels are learnt; leave it out",
        "classes": "no labels are learnt; leave it out",
        "private": "an example is learnt beside all others of its batch, and its part is not bounded; leave it out",
        "text_column": "pictures, or rows of numbers and categories, are learnt from; leave it out",
    }
    FOLLOWS_PATHS = ("picture",)
    INPUTS = (image.Field, columns.Field)
    ANSWER = itself.Judging
    steps_repeat = False  # views and masks are drawn inside the loss
    config: Config
    answer: itself.Judging
    code_dim: int = 0  # C; known once a network was trained
    probe: linear_probe.Probe | None = None
    untrained: nn.Module | None = None  # the network as it began, of a training that runs

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)
        self.augmentations: list[str] = []
        self._method: tuple[Any, Method] | None = None  # beside the preprocessor for which it was made

    def _bind(self, kind: type[InputField]) -> None:
        """Examples come as they are: what changes them is the method's own."""
        own = self.config
        self.config = replace(own, augment="none")
        super()._bind(kind)
        self.config = own

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """As for any inputs.

        Raises:
            DataError: If there are too few examples.
            OptionError: If the method does not learn from such inputs, or an option is out of its range.
        """
        kind = self.kind_of(data, self.data_config).name
        method_of(self.config.method, kind)(self.config).require_options()
        prepared = super().prepare(data)
        if len(prepared.train) < FEWEST:
            raise DataError(
                f"{data.name}: expected {FEWEST} training examples or more, which are told from each other, got "
                f"{len(prepared.train)}"
            )
        prepared.guesses += self._guessed()
        return prepared

    def _guessed(self) -> list[Guess]:
        """The method and the views, where nobody asked."""
        name = self.method.name
        found = []
        if self.config.method is None:
            found.append(Guess("method", name, f"the usual one of {self.inputs.name}", "--method"))
        if self.config.augment is None and isinstance(self.inputs, image.Field):
            views = ", ".join(self.augmentations)
            found.append(Guess("views", views, "change a picture and leave what is in it", "--augment"))
        return found

    def _chosen_augmentations(self) -> list[str]:
        """How views differ.

        Raises:
            OptionError: If they would not.
        """
        fitted = self.inputs.preprocessor
        if self.config.augment is None:
            return usual_augmentations(fitted.height, fitted.width)
        chosen = parse(self.config.augment)
        if not chosen and method_of(self.config.method, self.inputs.name).needs_views:
            raise OptionError(
                "--augment none: two views of a picture would be the same, and nothing could be learnt from that they "
                "agree; leave it out, or take --method mae"
            )
        return chosen

    @property
    def method(self) -> Method:
        """The way to learn, once the inputs are fitted; the same object as long as these are."""
        if self._method is None or self._method[0] is not self.inputs.preprocessor:
            self._method = self.inputs.preprocessor, self._made_method()
        return self._method[1]

    def _made_method(self) -> Method:
        pictures, dims = None, self.inputs.dims
        if isinstance(self.inputs, image.Field):
            fitted = self.inputs.preprocessor
            augmentations = self.augmentations = self._chosen_augmentations()
            pictures = Pictures(augmentations, tuple(fitted.mean), tuple(fitted.std))
        cardinalities = tuple(dims.get("cardinalities", ()))
        Way = method_of(self.config.method, self.inputs.name)
        return Way(self.config, dims["num_features"] + sum(cardinalities), cardinalities, pictures)

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also what only other methods act upon."""
        yield from super().unused_options(asked, data, model)
        if isinstance(self.inputs, image.Field):
            for option in {"score_by", "time_column", "series_column"} & asked.keys():
                yield Unused(option, "pictures have no columns")
        own, name = self.method.OPTIONS, self.method.name
        by_option: dict[str, list[str]] = {}
        for way in catalogue.entries(FOLDER):
            for option in catalogue.class_constant(FOLDER, way, "Way", "OPTIONS") or ():
                by_option.setdefault(option, []).append(way.replace("_", "-"))
        for option, ways in by_option.items():
            if option in asked and option not in own:
                yield Unused(option, f"{name} learns without it, it is for --method {' or '.join(ways)}")

    @property
    def dims(self) -> dict[str, Any]:
        """Those of the inputs, and what stands in the place of the last layer."""
        return self.inputs.dims | dict.fromkeys(self.inputs.sizes_of_answer, 2) | {"pretext": self.method.stages}

    def state(self) -> dict[str, Any]:
        """Also how wide the features are, and the probe."""
        known = {"code_dim": self.code_dim, "probe": self.probe.state() if self.probe else None}
        return super().state() | {"learnt": known}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        known = read(state, "learnt", dict[str, Any])
        self.code_dim = read(known, "code_dim", int)
        probe = read(known, "probe", Any)
        self.probe = None if probe is None else linear_probe.Probe.from_state(probe)

    def open(self, inputs: Any, *, with_target: bool = False) -> Any:
        """New data; a column that only judges may be missing from a table.

        Raises:
            DataError: If they do not fit; names file, column and line.
        """
        return super().open(inputs, with_target=with_target and not isinstance(self.inputs, columns.Field))

    # -- learning -----------------------------------------------------------------------------------------------

    @property
    def augments(self) -> bool:
        """An example is never seen twice alike."""
        return True

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Large batches, for the others in them are what an example is told from."""
        batch_size = min(MOST_BATCH, max(FEWEST_BATCH, num_examples // 8))
        if isinstance(self.inputs, columns.Field):
            epochs = math.ceil(STEPS / math.ceil(num_examples / batch_size))
        else:
            epochs = round(PICTURES_WANTED / max(1, num_examples))
        return {
            "epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
            "batch_size": batch_size,
            "learning_rate": LEARNING_RATE,
            "weight_decay": 1e-4,
            "precision": "float32",  # similar codes differ by less than bfloat16 can tell
        }

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """As the inputs know it; what the network says before it learns anything is kept to be judged beside it."""
        super().begin(model, prepared)
        self.untrained = copy.deepcopy(model)

    def hooks(self, model: nn.Module) -> Mapping[str, StepHook]:
        """Those of the method."""
        return self.method.hooks(model)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """What the method asks, the mean over the examples."""
        return self.method.losses(model, batch[:-1]).mean()

    def has_one_loss(self, network: nn.Module) -> bool:
        """Where the method is validated by what it learns; views of training and validation are drawn alike."""
        return self.method.VALIDATES

    def calibrate(self, model: nn.Module, prepared: Prepared) -> bool:
        """How wide the features are; and the probe, where there are classes to read off."""
        train = self._codes(model, prepared.train)[0]
        self.code_dim, self.probe = train.shape[1], self._probe_of(train, self._codes(model, prepared.val)[0], prepared)
        return True

    def _probe_of(self, train: np.ndarray, val: np.ndarray, prepared: Prepared) -> linear_probe.Probe | None:
        num_classes = len(self.answer.groups)
        if not 2 <= num_classes <= MOST_CLASSES:
            return None
        truths = (_truth_of(part) for part in (prepared.train, prepared.val))
        return linear_probe.fit(*zip((train, val), truths), num_classes)  # type: ignore[arg-type]

    # -- answers ------------------------------------------------------------------------------------------------

    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """What the probe says (N, K), or without one the features (N, C), which are kept as codes; and the losses."""
        return self._outputs(*self._codes(model, examples, batch_size), self.probe)

    def _outputs(
        self,
        codes: np.ndarray,
        compared: np.ndarray,
        losses: np.ndarray,
        truth: np.ndarray,
        probe: linear_probe.Probe | None,
    ) -> Outputs:
        chances = codes if probe is None else probe(codes).astype(np.float32)
        return Outputs(chances, truth, losses, {"codes": codes, "compared": compared})

    @torch.no_grad()
    def _codes(
        self, model: nn.Module, examples: Examples, batch_size: int = 512
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Features (N, C), what the method compares (N, P), validation losses (N,), classes (N,) or -1."""
        model.eval()
        parts: list[list[np.ndarray]] = []
        for *inputs, truth in in_order(examples, batch_size, device_of(model)):
            said = model(*inputs).float()
            if said.shape[1] == self.code_dim:  # an exported model has nothing left but its features
                code, compared, losses = said, said, torch.zeros(len(said))
            else:
                code, compared = self.method.parts(said)[0], self.method.compared(said)
                losses = judged_fairly(self.method, model, tuple(inputs), self.seed)
            parts.append([part.cpu().numpy() for part in (code, compared, losses.float(), truth)])
        codes, compared, losses, truth = (np.concatenate(part) for part in zip(*parts))
        return codes, compared, losses, truth

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The features, a number each."""
        rows = [dict(zip(names, cells)) for cells in zip(*names.values())]
        codes = outputs.extra["codes"].astype(float)
        named = [f"feature_{place + 1}" for place in range(codes.shape[1])]
        return [row | dict(zip(named, code)) for row, code in zip(rows, codes.tolist())]

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The loss, and how far the codes are spread, by which a collapse is seen; no label chooses an epoch."""
        return {"loss": float(np.mean(outputs.losses)), "spread": representation.spread(outputs.extra["compared"])}  # type: ignore[arg-type]

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """The probe where there are classes, the spread of the codes, the loss."""
        codes, truth = outputs.extra["codes"], outputs.targets
        chances = outputs.predictions if 2 <= len(self.answer.groups) <= MOST_CLASSES and self.probe else None
        compared = outputs.extra["compared"]
        found = representation.evaluate(codes, compared, outputs.losses, chances, truth)  # type: ignore[arg-type]
        found["details"]["groups"] = self.answer.groups
        return found

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The same network before it learnt anything; of one that began with weights, features that say nothing."""
        name, network = "the network before it learnt", self.untrained
        if network is None:
            codes, _, _, truth = self._given(prepared.test)
            silent = self._probe_of(*(self._given(part)[0] * 0 for part in (prepared.train, prepared.val)), prepared)  # type: ignore[misc]
            found = self._outputs(codes * 0, codes * 0, np.zeros(len(codes)), truth, silent)
            return {"name": "features that say nothing", **self.evaluate(found)}
        train, val = (self._codes(network, part)[0] for part in (prepared.train, prepared.val))
        found = self._outputs(*self._codes(network, prepared.test), self._probe_of(train, val, prepared))
        return {"name": name, **self.evaluate(found)}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """The same probe on the inputs as they are; none where no classes tell which of the two says more."""
        if time.is_up() or self.probe is None:
            return None
        train, val, test = (self._given(part) for part in (prepared.train, prepared.val, prepared.test))
        probe = self._probe_of(train[0], val[0], prepared)
        return f"a probe on the {'pixels' if isinstance(self.inputs, image.Field) else 'columns'}", self._outputs(
            *test, probe
        )

    def _given(self, examples: Examples) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Rows (N, D) of examples as the network is given them, twice; no losses (N,), classes (N,)."""
        cardinalities = self.inputs.dims.get("cardinalities", ())
        found = [
            (rows_of(inputs[0], inputs[1] if len(inputs) > 1 else None, cardinalities).numpy(), truth.numpy())
            for *inputs, truth in in_order(examples, 512, torch.device("cpu"))
        ]
        rows, truth = (np.concatenate(part) for part in zip(*found))
        return rows, rows, np.zeros(len(rows), np.float32), truth

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """The examples whose class the probe finds least likely; without classes those with the largest loss."""
        known = np.flatnonzero(outputs.targets >= 0)  # type: ignore[operator]
        if self.probe is None or not len(known):
            return super().worst(outputs, count)
        doubt = linear_probe.surprise(outputs.predictions[known], outputs.targets[known])  # type: ignore[index]
        wrong = outputs.predictions[known].argmax(axis=1) != outputs.targets[known]  # type: ignore[index]
        order = np.argsort(-doubt, kind="stable")
        return known[order[wrong[order]]][:count]

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """Its class and what the probe reads; without classes the loss."""
        label, groups = int(outputs.targets[place]), self.answer.groups  # type: ignore[index]
        if self.probe is None or label < 0:
            return {"target": "the example", "predicted": f"loss {outputs.losses[place]:.3g}"}  # type: ignore[index]
        chances = outputs.predictions[place]
        said = int(chances.argmax())
        return {"target": groups[label], "predicted": f"a probe reads {groups[said]}, {chances[said]:.0%} sure"}

    def importance(self, model: nn.Module, prepared: Prepared, seconds: float) -> list[dict[str, Any]]:
        """Nothing: features have no single truth that a shuffled column would spoil."""
        return []

    # -- explaining ---------------------------------------------------------------------------------------------

    @property
    def explained_as(self) -> str | None:
        """Nothing: no number of the features means anything by itself."""
        return None


def _truth_of(examples: Any) -> np.ndarray:
    """(N,) the classes of examples that only judge."""
    return examples.batch(torch.arange(len(examples)))[-1].cpu().numpy()
