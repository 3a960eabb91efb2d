"""What every regression has in common once data are examples: loss, values, metrics, baseline, answers.

The network learns the target standardised by the mean and deviation of the training rows; everything that a user
sees is in the target's own unit.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import number
from deepglass.evaluate import conformal
from deepglass.evaluate.metrics import regression
from deepglass.rivals import Rival, Time
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._supervised import SupervisedTask


class RegressionTask(SupervisedTask):
    """A task whose model answers a value (B, 1), or (B, members, 1) for an ensemble."""

    ANSWER = number.Field
    answer: number.Field

    @property
    def mean(self) -> float:
        """Of the training targets."""
        return self.answer.mean

    @property
    def deviation(self) -> float:
        """Of the training targets."""
        return self.answer.deviation

    # -- learning -----------------------------------------------------------------------------------------------

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Mean squared error of the standardised target, for every member of an ensemble."""
        *inputs, targets = batch
        if model.training and self.mixes:
            inputs, partner, share = self.learning.mixed(tuple(inputs), self.train_config)
            targets = share * targets + (1 - share) * targets[partner]
        said = model(*inputs).flatten(1)  # (B, 1) or (B, M)
        return (said - targets.unsqueeze(1)).square().mean()

    def rivals(self, prepared: Prepared, data: Data, time: Time) -> list[Rival]:
        """Those of the inputs."""
        return self.learning.rivals(prepared, None, time)

    # -- answers ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 4096) -> Outputs:
        """Predictions (N,) in the target's unit; the mean over the members of an ensemble."""
        was_training = model.training
        model.eval()
        said, true = [], []
        for *inputs, targets in in_order(examples, batch_size, device_of(model)):
            said.append(model(*inputs).float().flatten(1).mean(dim=1).cpu())
            true.append(targets.cpu())
        model.train(was_training)
        predictions, targets = (self.answer.in_unit(torch.cat(parts).numpy()) for parts in (said, true))
        if np.isnan(targets).any():  # read without a target
            return Outputs(predictions, None)
        return Outputs(predictions, targets, (predictions - targets) ** 2)

    def as_learnt(self, predictions: np.ndarray) -> np.ndarray:
        """Standardised."""
        return self.answer.standardized(predictions)

    def outputs_of(self, answers: np.ndarray, targets: np.ndarray) -> Outputs:
        """Standardised values (N,) as outputs."""
        predictions = self.answer.in_unit(answers)
        return Outputs(predictions, targets, (predictions - targets) ** 2)

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The number."""
        rows = [dict(zip(names, cells)) for cells in zip(*names.values())]
        return [row | {"prediction": float(value)} for row, value in zip(rows, outputs.predictions)]

    attacks_spoil = "values"
    answers_with_coverage = True

    def conformity(self, outputs: Outputs) -> np.ndarray:
        """How far off, in the unit of the target."""
        return conformal.value_scores(outputs.predictions, outputs.targets)  # type: ignore[arg-type]

    def covered(self, outputs: Outputs, limit: float) -> list[dict[str, Any]]:
        """The ends of the interval around each value."""
        return [{"lower": float(value) - limit, "upper": float(value) + limit} for value in outputs.predictions]

    @property
    def score_names(self) -> list[str]:
        """The value."""
        return [self.target or "value"]

    @property
    def score_unit(self) -> str:
        """That of the data."""
        return self.target or "value"

    def scores(self, said: Tensor) -> Tensor:
        """(B, 1) the value in the unit of the data; the mean over the members of an ensemble."""
        return said.flatten(1).mean(dim=1, keepdim=True) * self.deviation + self.mean

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss of the standardised target, and the root mean squared error in the target's unit."""
        error = float(np.mean(outputs.losses))  # type: ignore[arg-type]
        return {"loss": error / self.deviation**2, "rmse": error**0.5}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score of a regression."""
        return regression.evaluate(outputs.predictions, outputs.targets, seed=self.seed)  # type: ignore[arg-type]

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Always the mean of the training rows."""
        targets = self.answer.in_unit(prepared.test.tensors[-1].cpu().numpy())  # type: ignore[attr-defined]
        return {"name": "always the mean", **regression.evaluate(np.full_like(targets, self.mean), targets)}

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """True value and answer."""
        return {"target": float(outputs.targets[place]), "predicted": float(outputs.predictions[place])}  # type: ignore[index]
