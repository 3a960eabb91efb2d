"""The little that the training loop asks of a task, for a bare module and a loss."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.api.fitting.layout import Layout
from deepglass.api.fitting.metrics import Metric
from deepglass.api.fitting.objective import Objective, described
from deepglass.api.fitting.structure import flattened, mapped
from deepglass.api.fitting.trial import watching
from deepglass.core.device import device_of
from deepglass.core.errors import DataError, OptionError
from deepglass.data.examples import Batch, Examples, InMemory, in_order
from deepglass.training.learner import Learner
from deepglass.training.mixing import Mixture

JUDGED_AT_ONCE = 1024  # examples


@dataclass
class ModuleLearner(Learner):
    """A module with its inputs in order, one target behind them, and a loss of (outputs, target)."""

    loss_function: Callable[[Tensor, Tensor], Tensor]
    at_once: int = JUDGED_AT_ONCE  # examples that are judged together
    monitor: str = "loss"
    better: str = "lower"

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        return self.loss_function(model(*batch[:-1]), batch[-1])

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples) -> Any:
        """The mean loss over all examples."""
        return mean_loss(self, model, examples, self.at_once)

    def validate(self, outputs: Any) -> dict[str, float]:
        return {"loss": outputs}


@dataclass
class FitLearner(Learner):
    """A module with inputs by order or name, any target, weights of the examples, mixtures and metrics."""

    objective: Objective
    layout: Layout
    metrics: list[Metric] = field(default_factory=list)
    mixture: Mixture | None = None
    at_once: int = JUDGED_AT_ONCE
    monitor: str = "loss"
    better: str = "lower"
    is_first_look: bool = True

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The loss of a batch; in training of mixed examples where mixup or cutmix is on."""
        if self.mixture is not None and model.training:
            return self._mixed_loss(model, batch, self.mixture)
        outputs = self.layout.call(model, batch)
        return self._compared(outputs, batch, model.training)

    def loss_weight(self, batch: Batch) -> Tensor | None:
        """What the mean in `loss` divides by where examples count differently."""
        weights = self.layout.weights_of(batch)
        return None if weights is None else weights.sum()

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples) -> dict[str, float]:
        """The mean loss over all examples, and every metric.

        Raises:
            OptionError: If a metric would compare outputs and targets of different shapes.
        """
        model.eval()
        total, count, said, true = 0.0, 0.0, [], []
        for batch in batches_of(examples, self.at_once, device_of(model)):
            outputs = self.layout.call(model, batch)
            weight = self.loss_weight(batch)
            weight = float(len(batch[0]) if weight is None else weight)
            total, count = total + float(self._compared(outputs, batch, False)) * weight, count + weight
            if self.metrics:
                said.append(on_cpu(outputs))
                true.append(on_cpu(self.layout.target_of(batch)))
        scores = {"loss": total / max(count, 1e-300)}
        if self.metrics:
            joined = joined_batches(said), joined_batches(true)
            with watching(len(examples) if self.is_first_look else 0) as broadcast:
                scores |= {metric.name: metric(*joined) for metric in self.metrics}
            self._require_alike(broadcast, joined)
        return scores

    def validate(self, outputs: dict[str, float]) -> dict[str, float]:
        return outputs

    def _require_alike(self, broadcast: list[str], joined: tuple[Any, Any]) -> None:
        """Raises OptionError where a metric compares each answer with the targets of all examples."""
        self.is_first_look = False
        if broadcast:
            raise OptionError(
                f"metrics: {broadcast[0]} are spread against each other: outputs come as {described(joined[0])}, the "
                f"target as {described(joined[1])}; bring both to one shape"
            )

    def _compared(self, outputs: Any, batch: Batch, is_training: bool) -> Tensor:
        return self.objective(outputs, self.layout.target_of(batch), self.layout.weights_of(batch), is_training)

    def _mixed_loss(self, model: nn.Module, batch: Batch, mixture: Mixture) -> Tensor:
        inputs, partner, share = mixture.mixed(batch[: self.layout.num_inputs])
        outputs = self.layout.call(model, (*inputs, *batch[self.layout.num_inputs :]))
        other = (*inputs, *(part[partner] for part in batch[self.layout.num_inputs :]))
        own, others = self._compared(outputs, batch, True), self._compared(outputs, other, True)
        return share * own + (1 - share) * others


def batches_of(examples: Examples, at_once: int, device: torch.device) -> Iterator[Batch]:
    """All examples in their order: of a stream as it gives them, else so many at a time."""
    if hasattr(examples, "in_order"):
        return examples.in_order(device)  # type: ignore[attr-defined]
    return in_order(examples, at_once, device)


def mean_loss(learner: Any, model: nn.Module, examples: Examples, batch_size: int = JUDGED_AT_ONCE) -> float:
    """The loss of a model in evaluation mode over all examples."""
    model.eval()
    batches = in_order(examples, batch_size, device_of(model))
    return sum(float(learner.loss(model, batch)) * len(batch[-1]) for batch in batches) / len(examples)


def as_examples(arrays: tuple[Any, ...]) -> InMemory:
    """Arrays as tensors: floats become float32, integer targets int64.

    Raises:
        DataError: If their lengths differ.
    """
    tensors = [torch.as_tensor(np.asarray(array) if not isinstance(array, Tensor) else array) for array in arrays]
    lengths = {len(tensor) for tensor in tensors}
    if len(lengths) != 1:
        raise DataError(f"expected arrays of one length, got {', '.join(str(len(t)) for t in tensors)} rows")
    tensors = [t.float() if t.dtype == torch.float64 else t for t in tensors]
    if not tensors[-1].is_floating_point():
        tensors[-1] = tensors[-1].long()
    return InMemory(*tensors)


# -- outputs --------------------------------------------------------------------------------------------------------


def on_cpu(structure: Any) -> Any:
    """Outputs or targets where metrics and people want them."""
    return mapped(lambda part: part.detach().float().cpu() if _is_low(part) else _cpu(part), plain(structure))


def plain(structure: Any) -> Any:
    """Outputs without the class that a module may wrap them in."""
    if isinstance(structure, Tensor | list | tuple | dict) or structure is None:
        return structure
    return dict(structure.items()) if hasattr(structure, "items") else structure


def joined_batches(batches: list[Any]) -> Any:
    """The structures of all batches under each other; what is not a tensor (N, ...) is taken from the first."""
    if batches[0] is None:
        return None
    leaves = [flattened(batch)[0] for batch in batches]
    template = flattened(batches[0])[2]
    columns = list(zip(*leaves, strict=True))
    return mapped(lambda i: torch.cat(columns[i]) if _is_column(columns[i][0]) else columns[i][0], template)


def _is_column(leaf: Any) -> bool:
    return isinstance(leaf, Tensor) and leaf.dim() > 0


def _is_low(leaf: Any) -> bool:
    return isinstance(leaf, Tensor) and leaf.dtype in (torch.bfloat16, torch.float16)


def _cpu(leaf: Any) -> Any:
    return leaf.detach().cpu() if isinstance(leaf, Tensor) else leaf
