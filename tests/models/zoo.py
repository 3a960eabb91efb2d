"""The zoo in small: every kind of model in the folder, with sizes and settings that a test can afford.

`CASES` has one entry for each file, form of data and set of layers: resnet18 and resnet50 are built of different blocks
and are two cases, vgg11 and vgg19 differ in number alone and are one. A new file is a case the day it lies there.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.zoo import architectures
from deepglass.zoo.architectures import ModelEntry
from deepglass.zoo.example_inputs import Example, example_for, kind_of
from deepglass.zoo.without_memory import without_memory

B, CLASSES = 4, 4  # each example of the batch can have a class of its own
SIZES = {
    "in_channels": 1, "num_classes": CLASSES, "num_features": 5, "cardinalities": (4, 3),
    "num_frames": 5, "vocab_size": 50, "length": 12, "max_length": 16, "context": 40,
    "horizon": 6, "num_nodes": 6, "num_series": 2, "num_covariates": 1,
}  # fmt: skip
SIDE = 16  # of a picture, where the model is content with so little
LARGEST = {  # of a setting, by its name
    "width": 8, "hidden": 32, "hidden_dim": 24, "hidden_size": 24, "embed_dim": 48, "mlp_dim": 48,
    "num_heads": 4, "num_kv_heads": 2, "num_layers": 2, "members": 3, "buckets": 997, "num_scales": 2,
    "text_layers": 1, "num_blocks": 2,
}  # fmt: skip
LARGEST_OF = {("unet", "depth"): 2}  # of a file, where a name means various things


class Case(NamedTuple):
    """A model and the task for which it is asked; None where it has no task."""

    entry: ModelEntry
    task: str | None

    def __str__(self) -> str:
        return f"{self.entry.file}-{self.entry.name}-{self.task or 'no-task'}"


def example(case: Case) -> Example:
    """A batch of B examples, always the same; a text for classification ends in padding."""
    side = max(SIDE, catalogue.constant("models", case.entry.file, "MIN_SIDE", 0))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        made = example_for(case.entry, case.task, B, **SIZES, image_size=side)
    if case.task == "text-classification":
        made.inputs[0][1, 7:] = 0
    return made


def build(case: Case, engine: str = "torch", **settings: Any) -> Any:
    """The model, small, seeded and without dropout."""
    torch.manual_seed(0)
    values = small(case.entry) | settings
    return architectures.load(case.entry.name, engine, case.task, **example(case).dims, **values)


def small(entry: ModelEntry) -> dict[str, Any]:
    """Its settings where they are too large for a test, and no dropout."""
    values = {}
    for setting in entry.settings:
        value = entry.overrides.get(setting.name, setting.default)
        largest = LARGEST_OF.get((entry.file, setting.name), LARGEST.get(setting.name))
        if setting.name.endswith("dropout"):
            values[setting.name] = 0.0
        elif largest is not None and value is not None and value > largest:
            values[setting.name] = largest
    return values


def fill_zeros(model: nn.Module) -> None:
    """Draw the weights that begin at zero: they would hide what lies behind them."""
    with torch.no_grad():
        for parameter in model.parameters():
            if not parameter.any():
                parameter.normal_(std=0.1)


def loss_of(case: Case, output: Tensor) -> Tensor:
    """How far the answers are from targets that can be learnt by heart.

    A forecast has a random future, an enlarged picture every pixel four times, a painted one is the negative.
    Else example i has class i at every place: of a picture, of a text, of an ensemble.
    """
    if case.task == "super-resolution":
        return F.mse_loss(output, F.interpolate(example(case).inputs[0], scale_factor=2.0))
    if case.task in ("style-transfer", "text-to-image"):
        return F.mse_loss(output, -example(case).inputs[0])
    if case.task == "forecasting":
        return F.mse_loss(output, torch.randn(output.shape, generator=torch.Generator().manual_seed(2)))
    logits = output if example(case).inputs[0].dim() == 4 else output.movedim(-1, 1)  # (B, K, …)
    targets = torch.arange(B).reshape(B, *[1] * (logits.dim() - 2)).expand(B, *logits.shape[2:])
    return F.cross_entropy(logits, targets)


def answering(case: Case, named: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Parameters through which an answer goes: those of parts that only teach (`TEACHES`) get no gradient from it."""
    teaching = catalogue.constant("models", case.entry.file, "TEACHES", ())
    return [(name, parameter) for name, parameter in named if name.partition(".")[0] not in teaching]


def all_cases() -> Iterator[Case]:
    """The first variant of each kind."""
    seen = set()
    for entry in architectures.all_models():
        for task in entry.tasks or (None,):
            case = Case(entry, task)
            dims = example(case).dims
            with without_memory():
                model = architectures.load(entry.name, task=task, **dims, **small(entry))
            layers = frozenset(type(layer).__name__ for layer in model.modules())
            kind = (entry.file, id(kind_of(entry, task)), layers)
            if kind not in seen:
                seen.add(kind)
                yield case


CASES = list(all_cases())
each_case = pytest.mark.parametrize("case", CASES, ids=str)


def case(name: str, task: str | None = None) -> Case:
    """One model by name."""
    entry = architectures.entry(name, task)
    return Case(entry, task or next(iter(entry.tasks), None))
