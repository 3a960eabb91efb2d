"""Generation: new rows like those of a table, or new pictures like those of a folder, made from noise.

    table or pictures ── rows of numbers ── a network that is taught in its own way ── noise → rows → their units

What is made is a file of `made/`: it knows data, scale and judging. How a network learns is a file of `makers/`, which
its model names: two that play against each other (`gan`), or one that pays for a code and what it leaves out (`vae`).
Samples are judged beside rows that nothing has learnt from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.core.device import device_of
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.core.state import read, require_between
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, InMemory, in_order
from deepglass.data.preprocess.number import Number
from deepglass.data.splits import Splits
from deepglass.evaluate.metrics.samples import distance_to_nearest
from deepglass.rivals import Time
from deepglass.tasks import BaseTask, Outputs, Prepared
from deepglass.tasks.made import Made, pictures, rows
from deepglass.tasks.makers import FOLDER, MOST_LATENT, Maker, maker_of, way_of
from deepglass.training.update import StepHook, Update

MOST_COUNT = 10_000_000  # rows of one call
JUDGED = 4096  # rows made at once
KINDS: dict[str, type[Made]] = {"rows": rows.Made, "pictures": pictures.Made}


@dataclass(frozen=True)
class Config:
    """Options of the task."""

    scaling: Literal["standard", "quantile"] = "standard"  # of columns; quantile for skewed ones with outliers
    image_size: int | None = None  # side to scale pictures to; pictures of one size up to 64 stay as they are
    near_copies: Literal["together", "apart"] = "together"  # pictures: on one side of a random split, or left to chance
    latent_dim: int | None = None  # numbers of noise behind a row; by default as many as it has, 2 to 16
    gan_loss: Literal["non-saturating", "minimax", "hinge", "wasserstein"] = "non-saturating"  # of both sides of a game
    gradient_penalty: float = 0.02  # of R1 in a game, in the end; larger is steadier, smaller gives sharper samples
    discriminator_rate: float = 1.0  # factor of the learning rate: its opponent in a game learns at 1
    discriminator_steps: int = 1  # of the discriminator for each of the generator, which then takes fewer


class Task(BaseTask):
    """Nothing → rows or pictures."""

    name = "generation"
    default_model = "gan"
    DEFAULT_MODELS: ClassVar[dict[str, str]] = {"rows": "gan", "pictures": "vae"}
    HONOURS = ("val_fraction", "test_fraction")
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "every column is made, none is predicted; leave it out",
        "private": "samples are learnt from whole batches, and no row's part in a step is bounded; leave it out",
        "mixup": "rows between rows would be learnt as real; leave it out",
        "cutmix": "rows pieced together would be learnt as real; leave it out",
        "label_smoothing": "there are no labels; leave it out",
        "class_weights": "there are no classes; leave it out",
    }
    PREDICTS = False
    EXPORTS = ("noise", "samples")
    CHECKS = ("repeated",)
    GENERATES = ("count", "seed")
    config: Config

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)
        self._learnt: np.ndarray | None = None  # the training rows in their units, of a training that runs
        self._bind("rows")

    def _bind(self, kind: str, way: str | None = None) -> None:
        """Take a kind of what is made, and a way to learn; without one that of the model."""
        self.made = KINDS[kind](self.config, self.data_config, self.seed)
        self.way = way or way_of(self.model, self.name)
        self.maker: Maker = maker_of(self.way, self.config)
        self.monitor = self.maker.MONITOR

    @classmethod
    def kind_of(cls, data: Any, config: DataConfig) -> type[Made]:
        """What is made of data."""
        return next((kind for kind in KINDS.values() if kind.accepts(data)), rows.Made)

    @classmethod
    def usual_model(cls, made: str) -> str:
        """The default model for what is made."""
        return cls.DEFAULT_MODELS[made]

    @property
    def augments(self) -> bool:
        """Real rows look the same every time."""
        return False

    @property
    def numbers(self) -> list[Number]:
        """Of a row, with their units."""
        return self.made.numbers

    @property
    def noise_dim(self) -> int:
        """Numbers of noise behind a row, those around its mean included."""
        return self.maker.noise_dim(len(self.numbers), self.made.IS_BINARY)

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Split, learn the scale, make examples.

        Raises:
            DataError: If there is nothing to learn from.
            OptionError: If a number is out of its range: there would be no noise, or a negative penalty.
        """
        self._bind(self.kind_of(data, self.data_config).name)
        self.maker.require_options()
        found, splits, guesses = self.made.fit(data)
        if self.config.latent_dim is None:
            self.maker.latent_dim = self.maker.usual_latent_dim(found.shape[1])
        self.reading = self.made.reading
        self._learnt = self.made.in_units(found[splits["train"]])
        parts = {name: InMemory(torch.from_numpy(found[places])) for name, places in splits.items()}
        return Prepared(**parts, dims=self.dims, ids=splits, guesses=guesses)

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also what another kind, or another way to learn, would act upon."""
        yield from super().unused_options(asked, data, model)
        yield from self.made.unused_options(asked, data)
        for kind in KINDS.values():
            for name in kind.OPTIONS:
                if name in asked and name not in self.made.OPTIONS:
                    yield Unused(name, f"{self.made.name} are made, it is for {kind.name}")
        for way in catalogue.entries(FOLDER):
            for name in catalogue.class_constant(FOLDER, way, "Way", "OPTIONS") or ():
                if name in asked and name not in self.maker.OPTIONS:
                    yield Unused(name, f"{model} learns by a {self.way}, it is for a {way}")

    @property
    def dims(self) -> dict[str, Any]:
        """What the data determine of a model."""
        sizes = {"num_features": len(self.numbers), "latent_dim": self.maker.latent_dim}
        return sizes | {"is_binary": self.made.IS_BINARY}

    def extremes(self) -> tuple[Tensor, ...]:
        """Noise of two rows."""
        return (torch.zeros(2, self.noise_dim),)

    def state(self) -> dict[str, Any]:
        """What is made, with its scale, and how it was learnt."""
        return {"made": self.made.name, "way": self.way, "latent_dim": self.maker.latent_dim, **self.made.state()}

    def load_state(self, state: dict[str, Any]) -> None:
        kind, way = read(state, "made", str, "rows"), read(state, "way", str, "game")
        self._bind(kind if kind in KINDS else "rows", way)
        self.made.load_state(state)
        self.reading = self.made.reading
        self.maker.latent_dim = read(state, "latent_dim", int)
        require_between(self.maker.latent_dim, 1, MOST_LATENT, "latent_dim")

    def open(self, inputs: Any, *, with_target: bool = False) -> Any:
        """Real ones to hold samples against, read as those of the training.

        Raises:
            DataError: If they do not fit; names file, column and line.
            OptionError: If they are to be answered.
        """
        _require_judging(with_target)
        return self.made.open(inputs)

    def fingerprints(self, data: Any) -> np.ndarray | None:
        """Of every row, all of its columns together; of every picture."""
        return self.made.fingerprints(data)

    def folds(self, data: Data, number: int) -> list[Splits]:
        """The splits of a cross-validation."""
        self._bind(self.kind_of(data, self.data_config).name)
        return self.made.folds(data, number)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[InMemory, dict[str, Any]]:
        """Real ones as examples.

        Raises:
            OptionError: If they are to be answered.
        """
        _require_judging(with_target)
        found, names = self.made.read(inputs)
        return InMemory(torch.from_numpy(found)), names

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Those of the way to learn."""
        return self.maker.train_defaults(num_examples)

    def updates(self, model: nn.Module) -> list[Update]:
        """Those of the way to learn."""
        return self.maker.updates(model)

    def hooks(self, model: nn.Module) -> Mapping[str, StepHook]:
        """Those of the way to learn."""
        return self.maker.hooks(model)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """That of the way to learn."""
        return self.maker.loss(model, batch)

    def has_one_loss(self, network: nn.Module) -> bool:
        """As the way to learn has it."""
        return self.maker.has_one_loss(network)

    # -- judging ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: InMemory, batch_size: int = JUDGED) -> Outputs:
        """As many samples (N, F) as there are real rows (N, F), in their units; always of the same noise."""
        found = torch.cat([batch[0].cpu() for batch in in_order(examples, batch_size, device_of(model))])
        made, nats = self._made(model, len(found), self.seed), self.maker.nats(model, found, self.seed)
        return self.made.outputs(made, self.made.in_units(found.numpy()), nats, self._learnt)

    @torch.no_grad()
    def _made(self, model: nn.Module, count: int, seed: int) -> np.ndarray:
        """(count, F) samples in the units of the data."""
        model.eval()
        generator = torch.Generator().manual_seed(seed)
        sizes = [min(JUDGED, count - begun) for begun in range(0, count, JUDGED)]
        noises = (torch.randn(size, self.noise_dim, generator=generator) for size in sizes)
        return self.made.in_units(np.concatenate([model(z.to(device_of(model))).float().cpu() for z in noises]))

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Where there is a bound, its two parts and their sum; and what the kind of samples asks for."""
        parts = {
            name: float(np.mean(outputs.extra[name])) for name in ("reconstruction", "kl") if name in outputs.extra
        }
        return ({"loss": sum(parts.values()), **parts} if parts else {}) | self.made.validate(outputs)

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score."""
        return self.made.evaluate(outputs)

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The trivial answer."""
        name, outputs = self.made.baseline(self._real(prepared.train), self._real(prepared.test), self._has_nats)
        return {"name": name, **self.evaluate(outputs)}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """A mixture."""
        parts = {name: self._real(getattr(prepared, name)) for name in ("train", "val", "test")}
        return self.made.rival(parts, self._has_nats, time)

    @property
    def _has_nats(self) -> bool:
        return type(self.maker).nats is not Maker.nats

    def _real(self, examples: Any) -> np.ndarray:
        return self.made.in_units(examples.tensors[0].cpu().numpy())

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The samples that are farthest from every real one, in deviations of the columns."""
        far = distance_to_nearest(outputs.predictions, outputs.targets, self.made.ONE_UNIT)  # type: ignore[arg-type]
        worst = np.argsort(-far, kind="stable")[:count]
        shown = self.made.shown(outputs.predictions[worst])
        return [
            {"id": f"sample {place + 1}", "loss": float(far[place]), **one} for place, one in zip(worst.tolist(), shown)
        ]

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The samples, a record each."""
        return self.made.records(outputs.predictions)

    # -- making -------------------------------------------------------------------------------------------------

    def generate(self, model: nn.Module, count: int = 100, seed: int = 0) -> Iterator[dict[str, Any]]:
        """New ones, a record each: a row, or a picture as a PNG inside its own address.

        Args:
            model: Of this task.
            count: How many.
            seed: The same seed makes the same.

        Raises:
            OptionError: If a number is out of its range.
        """
        for option, value, low, high in (("count", count, 1, MOST_COUNT), ("seed", seed, 0, 2**63 - 1)):
            if not low <= value <= high:
                raise OptionError(f"--{option}: expected {low:,} to {high:,}, got {value:,}")
        return iter(self.made.records(self._made(model, count, seed)))


def _require_judging(with_target: bool) -> None:
    """Raises OptionError where rows are to be answered, and not to be held against samples."""
    if not with_target:
        raise OptionError("a generator answers no rows, it makes new ones: `deepglass generate RUN --count 100`")
