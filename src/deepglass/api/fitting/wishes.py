"""What was asked of `dg.fit`, and which of it could change nothing for this module, loss and data."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.api.fitting.given import Given, GivenArrays
from deepglass.api.fitting.given_batches import GivenBatches
from deepglass.api.fitting.objective import Objective
from deepglass.api.fitting.weights import sample_weights
from deepglass.core import effects
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.core.settings import changed
from deepglass.runs.options import TRAIN_SETTINGS, train_config
from deepglass.training.effects import Circumstances, unused_options

MIXTURES = ("mixup", "cutmix")


class Wishes:
    """The arguments of a fit beside its data.

    Attributes:
        given: Fields of `TrainConfig` as they were given; config: with every field resolved.
        class_weights: "balanced", "sampler" or a dict; None where classes count alike.

    Raises:
        OptionError: If an option is unknown or does not fit.
    """

    def __init__(
        self,
        options: dict[str, Any],
        loss: Any = None,
        sample_weight: Any = None,
        metrics: Any = None,
        monitor: str = "loss",
        better: str | None = None,
        steps_per_epoch: int | None = None,
        run: Any = None,
        resume: bool = False,
    ):
        self.given = {name: value for name, value in options.items() if value is not None}
        asked = self.given.get("class_weights")
        self.class_weights = None if asked in (None, "none") else asked
        if isinstance(asked, Mapping):
            del self.given["class_weights"]
        self.loss, self.sample_weight, self.metrics = loss, sample_weight, metrics
        self.monitor, self.better = monitor, better
        self.steps_per_epoch, self.run, self.resume = steps_per_epoch, run, resume
        self.config = train_config(self.given, {})
        if self.config.pretrained:
            raise OptionError("pretrained: the module is your own, so load its weights into it before you call fit")
        if steps_per_epoch is not None and (not isinstance(steps_per_epoch, int) or steps_per_epoch < 1):
            raise OptionError(f"steps_per_epoch: expected a whole number of 1 or more, got {steps_per_epoch!r}")
        if resume and run is None:
            raise OptionError("resume: name the folder to go on from with run=")

    @property
    def has_weights(self) -> bool:
        """Whether examples count differently in the loss."""
        return self.sample_weight is not None or self.class_weights not in (None, "sampler")

    def weights_of(self, data: Given) -> Tensor | None:
        """(N,) what each example was said to count.

        Raises:
            DataError: If the weights do not fit the data.
        """
        if self.sample_weight is None or isinstance(data, GivenBatches):
            return None
        return sample_weights(self.sample_weight, len(data))

    def refuse_unused(self, data: Given, objective: Objective, processes: int) -> None:
        """Refuse what could change nothing, and what cannot be done.

        Raises:
            OptionError: If an option has no effect here.
        """
        asked = changed({n: v for n, v in self.given.items() if n != "class_weights"}, TRAIN_SETTINGS)
        around = Circumstances(is_trained=True, has_folder=self.run is not None, processes=processes)
        unused = [*unused_options(asked, self.config, around), *self._of_loss(asked, objective)]
        if "private" in asked:
            unused += self._of_privacy(data)
        if "lora" in asked:
            advice = "leave it out, or use dg.train(source, pretrained=RUN, lora=RANK)"
            unused.append(Unused("lora", "a module of your own keeps its layers as you made them", advice))
        if isinstance(data, GivenBatches):
            self._require_repeatable(asked, data, processes)
            unused += self._of_stream(asked, data)
        elif self.steps_per_epoch is not None:
            advice = "leave it out, or lower epochs=, which may be a fraction"
            unused.append(Unused("steps_per_epoch", "an epoch passes over these data once", advice))
        if self.class_weights is not None and not isinstance(data, GivenArrays):
            why = "how often a class occurs is not known before the data are read"
            unused.append(Unused("class_weights", why, "give arrays, or loss=nn.CrossEntropyLoss(weight=…)"))
        effects.refuse([*unused, *_of_mixtures(asked, data, objective)], in_python=True)

    def _of_loss(self, asked: Mapping[str, Any], objective: Objective) -> Iterator[Unused]:
        plans, only = objective.terms.values(), objective.only
        if "label_smoothing" in asked and not (plans and all(plan.loss.mean is F.cross_entropy for plan in plans)):
            advice = "put it into the loss, nn.CrossEntropyLoss(label_smoothing=…), or leave it out"
            yield Unused("label_smoothing", f"the loss is {objective.words}", advice)
        if self.has_weights and not objective.can_weigh:
            name = "sample_weight" if self.sample_weight is not None else "class_weights"
            why = f"the loss, {objective.words}, gives one number for a whole batch"
            yield Unused(name, why, "let it take (outputs, target, weights), or choose a loss by name")
        if self.class_weights is not None and (only is None or not _has_classes(only)):
            yield Unused("class_weights", f"the loss, {objective.words}, knows no single class of an example")

    def _of_privacy(self, data: Given) -> Iterator[Unused]:
        """What leaves no example a bounded part in a step."""
        if isinstance(data, GivenBatches):
            why = "how many examples there are, and so how likely each is drawn, is not known of a stream"
            yield Unused("private", why, "give arrays or a Dataset")
        if self.has_weights or self.class_weights == "sampler":
            name = "sample_weight" if self.sample_weight is not None else "class_weights"
            yield Unused(name, "in a private training each example is drawn and bounded alike")

    def _of_stream(self, asked: Mapping[str, Any], data: GivenBatches) -> Iterator[Unused]:
        if "batch_size" in asked and not data.source.is_gathered:
            yield Unused("batch_size", "the batches come as they are", "leave it out, or set it where they are made")
        if self.sample_weight is not None:
            why = "the examples of a stream have no numbers that weights could belong to"
            yield Unused("sample_weight", why, "give arrays or a Dataset")

    def _require_repeatable(self, asked: Mapping[str, Any], data: GivenBatches, processes: int) -> None:
        if processes > 1:
            raise OptionError(
                "train: several processes cannot divide the batches of a loader or generator among them: give arrays "
                "or a Dataset, or train without torchrun"
            )
        if asked.get("learning_rate") == "auto":
            raise OptionError(
                "learning_rate: 'auto' tries rates on batches of its own choice, and a stream gives its next one: "
                "name a rate"
            )
        if self.resume and data.source.is_once:
            raise OptionError(
                "resume: a generator cannot be asked again for what was learnt from: give a function that makes one, "
                "a DataLoader or arrays"
            )


def _has_classes(plan: Any) -> bool:
    """Whether each example has one class."""
    is_yes_or_no = plan.loss.kind == "binary" and plan.loss.each is not None
    return plan.loss.kind == "classes" or is_yes_or_no


def _of_mixtures(asked: Mapping[str, Any], data: Given, objective: Objective) -> Iterator[Unused]:
    wanted = [name for name in MIXTURES if name in asked]
    layout, casts = data.batcher.layout, data.batcher.casts
    if not wanted or layout is None:
        return
    tensors = data.first()[1][: layout.num_inputs]
    is_number = [t.is_floating_point() or c not in (None, torch.int64) for t, c in zip(tensors, casts, strict=True)]
    for name in wanted:
        if objective.is_of_module:
            yield Unused(name, "the module computes its loss itself, from targets that cannot be mixed")
        elif not all(is_number):
            yield Unused(name, "an input holds whole numbers that stand for something, which cannot be blended")
        elif name == "cutmix" and not (len(tensors) == 1 and tensors[0].dim() == 4):
            shapes = ", ".join(str(tuple(tensor.shape[1:])) for tensor in tensors)
            why = f"it pastes boxes of pictures (N, C, H, W), here an example is {shapes}"
            yield Unused(name, why, "leave it out, or try mixup")
