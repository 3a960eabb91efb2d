"""What was asked of `dg.fit`, and which of it could change nothing for this module, loss and data."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from deepglass.api.fitting.given import Given, GivenArrays, GivenBatches, GivenDataset
from deepglass.api.fitting.setup import Settled
from deepglass.api.fitting.stream import Stream
from deepglass.api.fitting.weights import sample_weights
from deepglass.api.options import TRAIN_SETTINGS
from deepglass.core import effects
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.core.settings import changed
from deepglass.training.config import TrainConfig
from deepglass.training.effects import Circumstances, unused_options


class Wish:
    """The options of a fit.

    Attributes:
        options: Fields of `TrainConfig` as they were given.
        class_weights: "balanced", "sampler" or a dict; None where classes count alike.
        weights: (N,) of the examples, once the data are known.
    """

    def __init__(
        self, options: dict[str, Any], sample_weight: Any, steps_per_epoch: int | None, run: Any, resume: bool, loss: Any
    ):
        self.options = {name: value for name, value in options.items() if value is not None}
        given = self.options.get("class_weights")
        self.class_weights = None if given in (None, "none") else given
        if isinstance(given, Mapping):
            del self.options["class_weights"]
        self.sample_weight, self.steps_per_epoch = sample_weight, steps_per_epoch
        self.run, self.resume, self.loss = run, resume, loss
        self.weights: Tensor | None = None
        if self.options.get("pretrained"):
            raise OptionError("pretrained: the module is your own, so load its weights into it before you call fit")

    @property
    def has_weights(self) -> bool:
        """Whether examples count differently in the loss."""
        return self.sample_weight is not None or self.class_weights not in (None, "sampler")

    def refuse_unused(self, config: TrainConfig, data: Given, settled: Settled, processes: int) -> None:
        """Refuse what could change nothing, and what cannot be done.

        Raises:
            OptionError: If an option has no effect here.
        """
        asked = changed({n: v for n, v in self.options.items() if n != "class_weights"}, TRAIN_SETTINGS)
        around = Circumstances(is_trained=True, has_folder=self.run is not None, processes=processes)
        unused = [*unused_options(asked, config, around), *self._of_loss(asked, settled), *self._of_data(asked, data)]
        effects.refuse(unused)
        if isinstance(data, GivenBatches) and processes > 1:
            raise OptionError("train: several processes cannot divide the batches of a loader or generator among them: give "
                              "arrays or a Dataset, or train without torchrun")  # fmt: skip
        if self.sample_weight is not None:
            self.weights = sample_weights(self.sample_weight, len(data))  # type: ignore[arg-type]

    def fitted_to(self, examples: Any, config: TrainConfig) -> TrainConfig:
        """The configuration with the batch size that a stream has."""
        return replace(config, batch_size=examples.batch_size) if isinstance(examples, Stream) else config

    def _of_loss(self, asked: Mapping[str, Any], settled: Settled) -> Iterator[Unused]:
        objective = settled.objective
        functions = [getattr(plan.loss.mean, "func", plan.loss.mean) for plan in objective.terms.values()]
        if "label_smoothing" in asked and (not functions or any(function is not F.cross_entropy for function in functions)):
            yield Unused("label_smoothing", f"the loss is {objective.words}", "put it into the loss: nn.CrossEntropyLoss(label_smoothing=…)")
        if self.has_weights and not objective.can_weigh:
            name = "sample_weight" if self.sample_weight is not None else "class_weights"
            why = f"the loss {objective.words} gives one number for all examples of a batch"
            yield Unused(name, why, "give it a third argument, (outputs, target, weights), or choose a loss by name")
        plan = objective.only
        if self.class_weights is not None and (plan is None or not (plan.num_classes or _is_one_label(plan))):
            yield Unused("class_weights", f"the loss {objective.words} knows no single class of an example")
        for name in {"mixup", "cutmix"} & asked.keys():
            if objective.is_of_module:
                yield Unused(name, "the module computes its loss itself, from targets that cannot be mixed")

    def _of_data(self, asked: Mapping[str, Any], data: Given) -> Iterator[Unused]:
        is_stream = isinstance(data, GivenBatches)
        if is_stream and "batch_size" in asked and not data.source.is_gathered:
            yield Unused("batch_size", "the batches come as they are", "leave it out, or set it where they are made")
        if not is_stream and self.steps_per_epoch is not None:
            yield Unused("steps_per_epoch", "an epoch passes over the data once", "leave it out, or lower epochs=, which may be a fraction")
        if self.sample_weight is not None and is_stream:
            yield Unused("sample_weight", "batches of a stream have no numbers that weights could belong to", "give arrays or a Dataset")
        if self.class_weights is not None and not isinstance(data, GivenArrays):
            why = "how often a class occurs is not known before a Dataset is read"
            yield Unused("class_weights", why, "give arrays, or loss=nn.CrossEntropyLoss(weight=…)")
        if asked.get("learning_rate") == "auto" and is_stream:
            raise OptionError("--learning-rate auto tries rates on batches by number, and a stream gives its next one: name a rate")
        if self.resume and is_stream and data.source.is_once:
            raise OptionError("resume: a generator cannot be asked again for what was learnt from: give a function that makes one, "
                              "a DataLoader or arrays")  # fmt: skip
        yield from _mixing(asked, data)


def _is_one_label(plan: Any) -> bool:
    """Whether an example has one yes or no."""
    return plan.loss.kind == "binary"


def _mixing(asked: Mapping[str, Any], data: Given) -> Iterator[Unused]:
    layout, casts = data.batcher.layout, data.batcher.casts
    assert layout is not None
    tensors = data.first()[1][: layout.num_inputs] if {"mixup", "cutmix"} & asked.keys() else ()
    if any(not (t.is_floating_point() or kind is not None and kind != _long()) for t, kind in zip(tensors, casts)):
        for name in {"mixup", "cutmix"} & asked.keys():
            yield Unused(name, "an input holds whole numbers that stand for something, which cannot be blended")
    elif "cutmix" in asked and not (len(tensors) == 1 and tensors[0].dim() == 4):
        shapes = ", ".join(str(tuple(t.shape[1:])) for t in tensors)
        yield Unused("cutmix", f"it pastes boxes of pictures (N, C, H, W), here an example is {shapes}", "leave it out, or try mixup")


def _long() -> Any:
    import torch

    return torch.int64


__all__ = ["GivenDataset", "Wish"]
