"""Fairness while a network learns: what each example counts, so that groups are treated alike (`--fair COLUMN`).

    reweighing   w = P(group) · P(class) / P(group, class): in the weighted data group and class are independent
    reductions   the constraint as a game: λ raises the price of a "yes" in the group that gets too many, the network
                 learns under these prices
    thresholds   nothing while learning; a threshold for each group afterwards (`zoo/group_shift.py`)

Every training example carries two numbers into the loss, its weight w and the price c of a "yes":

    mean of w · cross entropy  +  mean of c · p(yes)

The prices follow the network: now and then the hard answers on training rows say how far each group is from all, and

    θ ← θ + STEP · gap        λ = θ + DAMPING · gap

A price is paid per row of its group, however few these are, and has a part that falls as soon as the gap does. Without
either, network and prices swing around each other: the guarantee of the reduction is one of the mean of all classifiers
on the way, of which a single one may have any gap, and what is kept here is a single network.

References:
    Kamiran & Calders (2012), Data Preprocessing Techniques for Classification without Discrimination,
    https://doi.org/10.1007/s10115-011-0463-8 (reweighing)
    Agarwal et al. (2018), A Reductions Approach to Fair Classification, https://arxiv.org/abs/1803.02453
    Cotter et al. (2019), Optimization with Non-Differentiable Constraints, https://arxiv.org/abs/1809.04198 (prices on
    probabilities, the gap on answers)
    Sohrabi et al. (2024), On PI Controllers for Updating Lagrange Multipliers, https://arxiv.org/abs/2406.04558 (why
    multipliers swing, and the part that damps them)
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core import seeds
from deepglass.core.catalogue import unknown
from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.reading.table import column_to_be_fair_to
from deepglass.data.reweighing import reweighing
from deepglass.evaluate import fairness, groups

BOUND = 8.0  # of a price, in nats: about the log-odds by which it can move an answer
STEP = 3.0  # nats per look and gap
DAMPING = 8.0  # nats per gap
SLACK = 0.006  # of each group from all; two groups may be twice as far apart
MOST_ROWS = 8192  # training rows that say how far the groups are apart
LOOKS = 4  # per epoch
PENALTY = 5.0  # of a gap, in nats, where the best epoch is chosen


@dataclass(frozen=True)
class Options:
    """How a fair training is fair; the column is an option of reading, `--fair`."""

    constraint: Literal["demographic-parity", "equal-opportunity", "equalized-odds"] | None = None  # of --fair
    mitigation: Literal["reductions", "reweighing", "thresholds"] | None = None  # of --fair; reductions by default
    positive: str | None = None  # of --fair: the class that is the good outcome; the rarer by default


@dataclass
class Fair:
    """What a fair training knows.

    Attributes:
        column, constraint, mitigation: As asked.
        positive: Position of the good outcome among the classes.
        groups: By split, (N,) names.
        labels: By split, (N,) whether it is the good outcome.
        is_off: Whether the network learns without, to be compared with.
        gap: Of the training rows, when it was last looked.
    """

    column: str
    constraint: str
    mitigation: str
    positive: int
    groups: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    is_off: bool = False
    gap: float = 0.0
    numbers: Tensor = field(init=False)  # (N, 2) of the training rows
    num_parts: int = field(default=-1, init=False)  # tensors of an example without its two numbers

    def __post_init__(self):
        count = len(self.labels["train"])
        self.numbers = torch.stack([torch.ones(count), torch.zeros(count)], dim=1)
        if self.mitigation == "reweighing":
            self.numbers[:, 0] = torch.from_numpy(reweighing(self.groups["train"], self.labels["train"]))
        self.conditions = _conditions(self.constraint, self.groups["train"], self.labels["train"])

    @property
    def is_in_loss(self) -> bool:
        """Whether examples carry their numbers into the loss."""
        return self.mitigation != "thresholds" and not self.is_off

    @contextmanager
    def put_off(self) -> Iterator[None]:
        """Inside, the network learns as if nobody had asked."""
        self.is_off = True
        try:
            yield
        finally:
            self.is_off = False

    def examples(self, train: Examples) -> Examples:
        """Training examples with their numbers before the target."""
        if not self.is_in_loss:
            return train
        random = seeds.rng_state()
        self.num_parts = len(train.batch(torch.tensor([0])))
        seeds.set_rng_state(random)
        return WithNumbers(train, self.numbers)

    def taken_off(self, batch: Batch) -> tuple[Batch, Tensor | None]:
        """The batch without the numbers, and these (B, 2) where there are any."""
        if len(batch) == self.num_parts + 1:
            return (*batch[:-2], batch[-1]), batch[-2]
        return batch, None

    def price(self, prices: Tensor, logits: Tensor) -> Tensor:
        """() the mean of c · p(yes), over members too; prices (B,), logits (B, K) or (B, M, K)."""
        probs = logits.float().softmax(dim=-1)[..., self.positive]  # (B,) or (B, M)
        return (prices * (probs if probs.dim() == 1 else probs.mean(dim=1))).mean()

    def counts(self, split: str, answers: np.ndarray) -> fairness.Counts:
        """What happened in each group of a split; answers (N,) are positions of classes."""
        return fairness.Counts.of(self.groups[split], self.labels[split], answers == self.positive)


def fair_of(task: Any, table: Any, prepared: Any) -> Fair | None:
    """What `--fair` asks of a classification; None where it asks nothing.

    Raises:
        OptionError: If there are not two classes, or no such column or class; if thresholds by group would need a
            column that the model does not read as a category.
    """
    config, options = task.data_config, task.config
    if config.fair is None:
        return None
    if config.fair in task.answer.columns:
        raise OptionError(f"--fair {config.fair}: it is the target: name a column of groups")
    values = column_to_be_fair_to(table, config)
    if len(task.classes) != 2:
        raise OptionError(f"--fair {config.fair}: a constraint needs two classes, here are {len(task.classes)}")
    assert values is not None
    mitigation, classes = options.mitigation or "reductions", task.classes
    if mitigation == "thresholds" and category_of(task, config.fair) is None:
        raise OptionError(
            f"--mitigation thresholds asks for {config.fair!r} at every prediction, and the model does not read it as "
            "a category: leave it out of --ignore and name it in --categories, or choose reductions or reweighing"
        )
    names = groups.names_of(values)
    labels = {split: task.answer.encode(table)[rows] for split, rows in prepared.ids.items()}
    if options.positive is not None and options.positive not in classes:
        raise OptionError("--positive: " + unknown("class", options.positive, classes))
    rarer = int(np.argmin(np.bincount(labels["train"], minlength=2)))
    positive = rarer if options.positive is None else classes.index(options.positive)
    prepared.guesses += _guesses(options, classes[positive])
    return Fair(
        config.fair,
        options.constraint or "demographic-parity",
        mitigation,
        positive,
        {split: names[rows] for split, rows in prepared.ids.items()},
        {split: codes == positive for split, codes in labels.items()},
    )


def _guesses(options: Any, positive: str) -> Iterator[Guess]:
    if options.constraint is None:
        yield Guess("constraint", "demographic-parity", "equal shares of the good outcome", "--constraint")
    if options.mitigation is None:
        yield Guess("mitigation", "reductions", "it needs no group at prediction", "--mitigation")
    if options.positive is None:
        yield Guess("positive", positive, "the rarer class is taken for the good outcome", "--positive")


def category_of(task: Any, column: str) -> int | None:
    """The place of a column among the categories that a model of columns reads; None where it is not there."""
    names = (
        [category.name for category in getattr(task.preprocessor, "categories", ())]
        if hasattr(task.inputs, "preprocessor")
        else []
    )
    return names.index(column) if column in names else None


def _conditions(constraint: str, groups: np.ndarray, labels: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of masks (N,): the answers of the first, a group, are to be "yes" as often as those of the second, all."""
    every = np.ones(len(labels), bool)
    among = {"demographic-parity": [every], "equal-opportunity": [labels], "equalized-odds": [labels, ~labels]}
    pairs = [((groups == name) & rows, rows) for rows in among[constraint] for name in np.unique(groups)]
    return [(group, rows) for group, rows in pairs if group.any() and group.sum() < rows.sum()]


class WithNumbers:
    """Examples with two numbers of their own before the target.

    Args:
        examples: As they were; numbers: (N, 2), looked at when a batch is made.
    """

    def __init__(self, examples: Examples, numbers: Tensor):
        self.of, self.numbers = examples, numbers
        if hasattr(examples, "announce"):
            self.announce = examples.announce  # type: ignore[attr-defined]

    def __len__(self) -> int:
        return len(self.of)

    def batch(self, indices: Tensor) -> Batch:
        *inputs, target = self.of.batch(indices)
        return (*inputs, self.numbers[indices.to(self.numbers.device)].to(target.device), target)

    def to(self, device: torch.device) -> "WithNumbers":
        """The numbers stay where they are changed."""
        return WithNumbers(self.of.to(device), self.numbers)


class Prices:
    """λ, moved now and then by how far the groups are apart (a `StepHook`).

    Args:
        model: That learns.
        fair: Whose prices are set.
        train: Examples without numbers.
        epoch: Steps of an epoch, in which it looks `LOOKS` times, the last time at its end: what is measured there
            decides whether the epoch is kept.
        seed: Of the rows that are looked at.
    """

    def __init__(self, model: nn.Module, fair: Fair, train: Examples, epoch: int, seed: int):
        self.model, self.fair, self.train, self.epoch, self.steps = model, fair, train, epoch, 0
        self.theta = self.prices = np.zeros(len(fair.conditions))  # of a "yes" in the group, more than in all
        count = len(fair.labels["train"])
        self.rows = np.sort(np.random.default_rng(seed).permutation(count)[:MOST_ROWS])

    def update(self) -> None:
        """A step was taken: look, where it is time, and set the prices."""
        self.steps += 1
        if self.steps * LOOKS // self.epoch == (self.steps - 1) * LOOKS // self.epoch:
            return
        said = self._answers()
        apart = np.array([self._excess(said, *pair) for pair in self.fair.conditions])
        self.theta = np.clip(self.theta + STEP * apart, -BOUND, BOUND)
        self.prices = np.clip(self.theta + DAMPING * apart, -BOUND, BOUND)
        names, labels = self.fair.groups["train"][self.rows], self.fair.labels["train"][self.rows]
        gap = fairness.gap(fairness.Counts.of(names, labels, said).cells, self.fair.constraint)
        self.fair.gap = float(np.nan_to_num(gap))
        self._set_prices()

    def _excess(self, said: np.ndarray, group: np.ndarray, rows: np.ndarray) -> float:
        """How much more often a group is answered with "yes" than all are, beyond what is let pass."""
        group, rows = group[self.rows], rows[self.rows]
        apart = float(said[group].mean() - said[rows].mean()) if group.any() else 0.0
        return float(np.sign(apart)) * max(0.0, abs(apart) - SLACK)

    def _set_prices(self) -> None:
        """c = Σ λ · (1 in the group − its share in all): each price costs nothing if both answer "yes" alike.

        Divided by the share of the group instead, as the constraint has it, a price of few rows would be many times as
        steep: of women who earn much, every 27th row of adult, 27 times.
        """
        prices = np.zeros(len(self.fair.numbers))
        for (group, rows), price in zip(self.fair.conditions, self.prices, strict=True):
            prices += price * (group - rows * (group.sum() / rows.sum()))
        self.fair.numbers[:, 1] = torch.from_numpy(prices)

    @torch.no_grad()
    def _answers(self) -> np.ndarray:
        """(n,) whether the rows that are looked at are answered with "yes"; leaves no trace."""
        random, was_training, said = seeds.rng_state(), self.model.training, []
        self.model.eval()
        for *inputs, _ in in_order(_Rows(self.train, torch.from_numpy(self.rows)), 4096, device_of(self.model)):
            probs = self.model(*inputs).float().softmax(dim=-1)
            probs = probs.mean(dim=1) if probs.dim() == 3 else probs
            said.append((probs.argmax(dim=1) == self.fair.positive).cpu())
        self.model.train(was_training)
        seeds.set_rng_state(random)
        return torch.cat(said).numpy()

    def state_dict(self) -> dict[str, Any]:
        """What a resumed training needs."""
        moved = {"theta": torch.from_numpy(self.theta), "prices": torch.from_numpy(self.prices)}
        return {"steps": self.steps, "gap": self.fair.gap} | moved

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with the same prices."""
        self.steps, self.fair.gap = state["steps"], state["gap"]
        self.theta, self.prices = (state[name].cpu().numpy() for name in ("theta", "prices"))
        self._set_prices()


class _Rows:
    """Some of the examples."""

    def __init__(self, examples: Examples, rows: Tensor):
        self.of, self.rows = examples, rows

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, indices: Tensor) -> Batch:
        return self.of.batch(self.rows[indices.cpu()])

    def to(self, device: torch.device) -> "_Rows":
        return _Rows(self.of.to(device), self.rows)
