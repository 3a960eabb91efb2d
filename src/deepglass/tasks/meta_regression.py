"""Meta-regression: learn from many small groups how to learn a new one from a few of its rows.

    rows of a group ── support ── a few steps of gradient from weights that were learnt ── query ── numbers

An example is a group, with rows to adapt to (the support) and rows to be judged by (the query). Groups of validation
and test are never seen in training. How the weights are found that adapting begins with is a file of `learners/`
(`--learner`); all of them adapt by the same steps, and the report holds them against a net that was pre-trained on all
rows of all groups and adapts by as many.

References:
    Finn, Abbeel & Levine (2017), Model-Agnostic Meta-Learning, https://arxiv.org/abs/1703.03400
    Nichol, Achiam & Schulman (2018), On First-Order Meta-Learning Algorithms, https://arxiv.org/abs/1803.02999
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.state import read, require
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table
from deepglass.data.episodes import PADDING, QUERY, SUPPORT, EpisodeReader
from deepglass.data.examples import Batch, InMemory, in_order
from deepglass.data.folds import folds
from deepglass.data.splits import Splits, split
from deepglass.evaluate.metrics import adaptation
from deepglass.rivals import Time
from deepglass.tasks import BaseTask, Outputs, Prepared, _pretrained_rival
from deepglass.tasks.learners import way_of
from deepglass.training.adapting import Episodes, courses
from deepglass.zoo import architectures

STEPS_WANTED = 2000  # of sines; after 600 the error is a tenth of that of a pre-trained net
FEWEST_BATCH, MOST_BATCH = 4, 25  # groups of a step; Finn et al. have 25
MOST_STEPS = 100
GRID, CURVE_ENDS = 60, 1.8  # places of a curve in the report, and where it ends, in deviations


@dataclass(frozen=True)
class Config:
    """Options of the task."""

    learner: Literal["maml", "reptile", "pretraining"] = "maml"  # how the weights are found that adapting begins with
    support: int | None = None  # rows of a group to adapt to; half of the smallest group, at most 10
    inner_steps: int = 1  # steps of adapting through which training looks; more cost as many times the seconds
    inner_rate: float = 0.1  # of a step of adapting, of standardised numbers; larger forgets more of what was learnt
    adapt_steps: int = 5  # steps of adapting to a new group


class Task(BaseTask):
    """Rows of a group, some with an answer → the answers of the others."""

    name = "meta-regression"
    default_model = "mlp"
    HONOURS = ("target", "group_column", "val_fraction", "test_fraction")
    INSTEAD: ClassVar[dict[str, str]] = {
        "private": "a group is learnt from whole, and no row's part in a step is bounded; leave it out",
        "mixup": "what lies between two groups is a group of its own; leave it out",
        "cutmix": "there are no pictures to cut; leave it out",
        "label_smoothing": "numbers are learnt, and no labels; leave it out",
        "class_weights": "numbers are learnt, and no classes; leave it out",
    }
    ANSWERS_IN_ONE_CALL = False  # a gradient is taken before every answer
    CHECKS = ("target",)
    FIRST_INPUT = "numeric"
    steps_repeat = False  # a gradient is taken inside the loss
    config: Config

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)
        self.reader = EpisodeReader(data_config, self.config.support)
        self._source: tuple[Any, Table] | None = None  # data, and what was taken of them

    @property
    def target(self) -> str:
        """The column of the answers."""
        return self.reader.target

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Groups as examples, split by group; scales from the training rows alone.

        Raises:
            DataError: If the data are no table of groups, or there are too few.
            OptionError: If an option is out of its range.
        """
        self._require_options()
        table, guesses = self.reader.take(data)
        self._source = data, table
        codes, names = self.reader.groups_of(table)
        splits = self._split(table, codes, names)
        self.reader.fit(table, np.flatnonzero(np.isin(codes, splits["train"])))
        self.reading = self.reader.reading
        whole = torch.from_numpy(self.reader.examples(table, is_known=True))
        parts = {name: InMemory(whole[torch.from_numpy(rows)]) for name, rows in splits.items()}
        parts["train"].transform = self._drawn_anew
        return Prepared(**parts, dims=self.dims, ids=splits, guesses=guesses)

    def _split(self, table: Table, codes: np.ndarray, names: list[str]) -> Splits:
        """Of groups; a group that the data declare for a part lies there with all of its rows."""
        declared = {name: np.unique(codes[rows]) for name, rows in table.splits.items()}
        groups, parts = np.unique(np.concatenate([*declared.values(), []]).astype(int), return_counts=True)
        if len(shared := groups[parts > 1]):
            raise DataError(
                f"{table.name}: {counted(len(shared), 'group')} in more than one part "
                f"({listing([names[group] for group in shared], 3)}): expected each group whole in one of them"
            )
        fractions = {"val_fraction": self.data_config.val_fraction, "test_fraction": self.data_config.test_fraction}
        return split(len(names), **fractions, seed=self.seed, declared=declared)

    def _require_options(self) -> None:
        for name in ("inner_steps", "adapt_steps"):
            if not 1 <= (value := getattr(self.config, name)) <= MOST_STEPS:
                raise OptionError(f"--{name.replace('_', '-')}: expected 1 to {MOST_STEPS}, got {value}")
        if not 0 < self.config.inner_rate < math.inf:
            raise OptionError(f"--inner-rate: expected more than 0, got {self.config.inner_rate:g}")

    def _drawn_anew(self, batch: Batch) -> Batch:
        """Other rows of each group to adapt to, as many as before."""
        (packed,) = batch
        part = packed[..., -1]  # (B, n)
        chance = torch.rand(part.shape, device=part.device).masked_fill(part == PADDING, math.inf)
        is_support = chance.argsort(dim=1).argsort(dim=1) < self.reader.support
        drawn = torch.where(is_support, SUPPORT, QUERY).masked_fill(part == PADDING, PADDING)
        return (torch.cat([packed[..., :-1], drawn.unsqueeze(-1)], dim=-1),)

    def folds(self, data: Data, number: int) -> list[Splits]:
        """The splits of a cross-validation, of groups."""
        table, _ = self.reader.take(data)
        return folds(len(self.reader.groups_of(table)[1]), number, self.seed)

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also steps of learning that nothing learns by."""
        yield from super().unused_options(asked, data, model)
        if "inner_steps" in asked and self.config.learner == "pretraining":
            yield Unused(
                "inner_steps", "pre-training looks at no step of adapting", "leave it out, or try --learner maml"
            )

    @property
    def dims(self) -> dict[str, Any]:
        """What the data determine of a model."""
        return {"num_features": len(self.reader.columns), "num_outputs": 1, "cardinalities": ()}

    def extremes(self) -> tuple[Tensor, ...]:
        """Two rows."""
        return (torch.zeros(2, len(self.reader.columns)),)

    def state(self) -> dict[str, Any]:
        """How tables are read, and how a group is adapted to."""
        adapting = {"inner_rate": self.config.inner_rate, "adapt_steps": self.config.adapt_steps}
        return self.reader.state() | adapting

    def load_state(self, state: dict[str, Any]) -> None:
        self.reader.load_state(state)
        self.reading = self.reader.reading
        require(0 < read(state, "adapt_steps", int) <= MOST_STEPS, "steps of adapting")
        require(read(state, "inner_rate", float) > 0, "a rate above 0")

    def open(self, inputs: Any, *, with_target: bool = False) -> Any:
        """New groups, read as those of the training.

        Raises:
            DataError: If they do not fit; names file and column.
        """
        return self.reader.open(inputs, with_target=with_target)

    def fingerprints(self, data: Any) -> np.ndarray | None:
        """Of every group, all of its rows together."""
        table = self._source[1] if self._source is not None and self._source[0] is data else data
        return self.reader.fingerprints(table)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[InMemory, dict[str, Any]]:
        """Groups as examples; of each its name, and which rows of the table it has."""
        table = inputs if isinstance(inputs, Table) else self.open(inputs, with_target=with_target)
        whole = self.reader.examples(table, is_known=with_target)
        codes, names = self.reader.groups_of(table)
        return InMemory(torch.from_numpy(whole)), {"group": names, "rows": self.reader.places(codes, len(names))}

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """So many steps, whatever the number of groups; in float32, for a step of adapting is a small difference."""
        batch_size = min(MOST_BATCH, max(FEWEST_BATCH, num_examples // 8), num_examples)
        epochs = math.ceil(STEPS_WANTED / math.ceil(num_examples / batch_size))
        rate = {"learning_rate": 1e-2, "optimizer": "adam", "weight_decay": 0.0, "schedule": "cosine"}
        return {"epochs": epochs, "batch_size": batch_size, "precision": "float32", **rate}

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Two layers of 40, as Finn et al. have them; noise in the net would be noise in every step of adapting."""
        return {"hidden_dim": 40, "dropout": 0.0, "activation": "tanh"}

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """Nothing is changed.

        Raises:
            OptionError: If the net keeps statistics of its batches: while adapting, every group is a batch of its own.
        """
        if any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in model.modules()):
            raise OptionError("--normalization batch: a group adapts alone and has no batch; try --normalization layer")

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """That of the learner."""
        return way_of(self.config.learner).loss(
            model, self._episodes(batch), self.config.inner_steps, self.config.inner_rate
        )

    def has_one_loss(self, network: nn.Module) -> bool:
        """Where the learner says so, and looks through as many steps as are taken later."""
        return way_of(self.config.learner).VALIDATES and self.config.inner_steps == self.config.adapt_steps

    def _episodes(self, batch: Batch) -> Episodes:
        (packed,) = batch
        return Episodes(packed[..., :-2], packed[..., -2], packed[..., -1])

    # -- answers ------------------------------------------------------------------------------------------------

    def outputs(self, model: nn.Module, examples: InMemory, batch_size: int = 256) -> Outputs:
        """(G, n) answers after all steps in the unit of the target, NaN in rows that were adapted to."""
        return self._adapted(model, examples, self.config.inner_rate, batch_size)

    def _adapted(self, model: nn.Module, examples: InMemory, rate: float, batch_size: int = 256) -> Outputs:
        was_training = model.training
        model.eval()
        batches = in_order(examples, batch_size, device_of(model))
        parts = [self._of(model, self._episodes(batch), rate) for batch in batches]
        model.train(was_training)
        extra = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        predictions, targets = extra.pop("predictions"), extra.pop("targets")
        if not np.isfinite(targets).any():  # read to be answered
            return Outputs(predictions, None, None, extra)
        return Outputs(predictions, targets, extra["by_step"][:, -1], extra)

    def _of(self, model: nn.Module, episodes: Episodes, rate: float) -> dict[str, np.ndarray]:
        steps, in_unit = self.config.adapt_steps, self.reader.in_unit
        part, y = episodes.part.cpu().numpy(), in_unit(episodes.y.cpu().numpy())
        is_query, is_support = part == QUERY, part == SUPPORT
        episodes = episodes._replace(y=episodes.y.nan_to_num())
        said = in_unit(courses(model, episodes, steps, rate).float().cpu().numpy())  # (S + 1, B, n)
        off = np.where(is_query & np.isfinite(y), said - y, 0.0) ** 2
        found = {
            "predictions": np.where(is_query, said[-1], np.nan),
            "targets": np.where(is_query, y, np.nan),
            "by_step": (off.sum(axis=2) / np.maximum(is_query.sum(axis=1), 1)).T,  # (B, S + 1)
            "known": np.where(is_support, y, np.nan),
        }
        return found | (self._curves(model, episodes, rate) if episodes.x.shape[2] == 1 else {})

    def _curves(self, model: nn.Module, episodes: Episodes, rate: float) -> dict[str, np.ndarray]:
        """What is said between the ends of the training, before and after, for the report."""
        in_unit, (scale,) = self.reader.in_unit, self.reader.numbers
        places = torch.linspace(-CURVE_ENDS, CURVE_ENDS, GRID, device=episodes.x.device)
        places = places.expand(len(episodes.x), GRID).unsqueeze(2)  # (B, GRID, 1)
        said = courses(model, episodes, self.config.adapt_steps, rate, places).float().cpu().numpy()
        grid = np.interp(places[..., 0].cpu().numpy(), scale.scores, scale.knots)
        x = np.interp(episodes.x[..., 0].cpu().numpy(), scale.scores, scale.knots)
        return {"x": x, "grid_x": grid, "grid_before": in_unit(said[0]), "grid_after": in_unit(said[-1])}

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """A record for every row that has no target, in the order of the table: its group, its row, the answer."""
        found = []
        for said, group, rows in zip(outputs.predictions, names["group"], names["rows"], strict=True):
            asked = np.flatnonzero(np.isfinite(said))
            found += [
                {"row": int(rows[place]) + 1, self.reader.group: group, "prediction": float(said[place])}
                for place in asked
            ]
        return sorted(found, key=lambda record: record["row"])

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The error after adapting, of the standardised target."""
        return {"loss": float(np.mean(outputs.losses)) / self.reader.deviation**2}  # type: ignore[arg-type]

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Errors by step, with intervals over groups."""
        by_step = outputs.extra["by_step"]
        return adaptation.evaluate(outputs.predictions, outputs.targets, by_step, self.reader.support, seed=self.seed)  # type: ignore[arg-type]

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Of every group the mean of the rows that the others adapt to."""
        episodes = self._episodes(prepared.test.batch(torch.arange(len(prepared.test))))
        part, y = episodes.part.numpy(), self.reader.in_unit(episodes.y.numpy())
        mean = np.nanmean(np.where(part == SUPPORT, y, np.nan), axis=1, keepdims=True)
        predictions, truth = (np.where(part == QUERY, values, np.nan) for values in (mean, y))
        no_steps = {"by_step": np.empty((len(y), 0))}
        return {"name": "the mean of the support", **self.evaluate(Outputs(predictions, truth, None, no_steps))}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """A net of the usual size, pre-trained on all rows, adapting by as many steps at the rate that suits it."""
        if self.config.learner == "pretraining":
            return None
        train = prepared.train.to(torch.device("cpu"))  # type: ignore[union-attr]
        sizes = self.dims | self.model_defaults(self.default_model, len(train))

        def build() -> nn.Module:
            return architectures.load(self.default_model, task=self.name, **sizes)

        net = _pretrained_rival.pretrained(
            build, lambda rows: self._episodes(train.batch(rows)), len(train), time, self.seed
        )
        if net is None:
            return None
        rates = [factor * self.config.inner_rate for factor in _pretrained_rival.FACTORS]
        errors = [np.mean(self._adapted(net, prepared.val, rate).losses) for rate in rates]  # type: ignore[arg-type]
        best = rates[int(np.nanargmin(errors))]
        return f"a pre-trained net, adapting at rate {best:g}", self._adapted(net, prepared.test, best)  # type: ignore[arg-type]

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The groups that were answered worst."""
        assert outputs.losses is not None
        _, names = self.reader.groups_of(self._source[1] if self._source else self.reader.take(data)[0])
        found = []
        for place in np.argsort(-outputs.losses, kind="stable")[:count].tolist():
            row, (before, after) = int(prepared.ids["test"][place]), outputs.extra["by_step"][place, [0, -1]]
            said = {
                "text": f"{self.reader.group} {names[row]}",
                "predicted": f"error {before:.3g} before, {after:.3g} after",
            }
            found.append({"id": row, "loss": float(after), **said})
        return found
