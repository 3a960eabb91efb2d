"""What the training loop asks of an estimator: loss and score on batches.

A batch is (numbers, categories[, fold], target[, weight]); the fold is that of a bag of networks (`zoo/bag.py`).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.training.classification import classification_loss
from deepglass.training.config import TrainConfig
from deepglass.training.learner import Learner
from deepglass.training.mixing import mixed_rows

JUDGED_AT_ONCE = 1024  # rows


@dataclass
class TableLearner(Learner):
    """Rows of a table towards classes or values, each row by its weight, mixed where that is asked for.

    is_classification: Whether targets are codes of classes.
    has_weights: Whether a batch ends in weights (B,).
    has_folds: Whether folds (B,) stand behind the categories.
    config: Its label_smoothing, mixup and cutmix are used.
    """

    is_classification: bool
    has_weights: bool
    config: TrainConfig
    has_folds: bool = False
    monitor: str = "loss"
    better: str = "lower"

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The mean over the batch; each member of an ensemble learns by itself."""
        num_inputs = 3 if self.has_folds else 2
        inputs, (targets, *weights) = batch[:num_inputs], batch[num_inputs:]
        if not model.training or not (self.config.mixup or self.config.cutmix):
            return self._compared(model, model(*inputs), targets, *weights)
        numeric, categories = inputs
        mixed = mixed_rows(numeric, categories, self.config.mixup, self.config.cutmix)
        said = model(mixed.numeric, mixed.categories)
        own = self._compared(model, said, targets, *weights)
        others = self._compared(model, said, *(part[mixed.partner] for part in (targets, *weights)))
        return mixed.share * own + (1 - mixed.share) * others

    def loss_weight(self, batch: Batch) -> Tensor | None:
        """What the mean in `loss` divides by where rows count differently."""
        return batch[-1].sum() if self.has_weights else None

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples) -> float:
        """The mean loss over all rows."""
        model.eval()
        total, count = 0.0, 0.0
        for batch in in_order(examples, JUDGED_AT_ONCE, device_of(model)):
            weight = float(batch[-1].sum()) if self.has_weights else len(batch[0])
            total, count = total + float(self.loss(model, batch)) * weight, count + weight
        return total / max(count, 1e-300)

    def validate(self, outputs: float) -> dict[str, float]:
        return {"loss": outputs}

    def _compared(self, model: nn.Module, said: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        if self.is_classification and hasattr(model, "criterion"):
            return model.criterion(said, targets)  # type: ignore[operator]
        if self.is_classification:
            smoothing = self.config.label_smoothing if model.training else 0.0
            return classification_loss(said, targets, smoothing=smoothing, example_weights=weights)
        values = said.squeeze(-1)  # (B,) or (B, members)
        truth = targets if values.dim() == 1 else targets.unsqueeze(1).expand_as(values)
        if weights is None:
            return F.mse_loss(values, truth)
        errors = (values - truth).square().reshape(len(values), -1).mean(dim=1)  # (B,)
        return (errors * weights).sum() / weights.sum()
