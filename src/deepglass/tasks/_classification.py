"""What every classification has in common once data are examples: loss, probabilities, metrics, baseline, answers.

A task of this kind adds its data: it sets `classes` and `class_counts` (of the training split) in `prepare`.
"""

from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import constant, device_of
from deepglass.core.state import read, require
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.evaluate import thresholds
from deepglass.evaluate.metrics import classification
from deepglass.tasks import BaseTask, Outputs, Prepared
from deepglass.training.classification import classification_loss


class ClassificationTask(BaseTask):
    """A task whose model answers logits (B, K), or (B, members, K) for an ensemble."""

    monitor: ClassVar[str] = "loss"
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    classes: list[str]
    class_counts: np.ndarray  # (K,) of the training split

    def load_classes(self, state: dict[str, Any]) -> None:
        """The classes of a state, and how many training examples each had.

        Raises:
            ValueError: If they do not fit.
        """
        self.classes = read(state, "classes", list[str])
        self.class_counts = np.array(read(state, "class_counts", list[int]), np.int64)
        require(0 < len(set(self.classes)) == len(self.classes) == len(self.class_counts), "different classes, counted")

    def class_weights(self, device: torch.device) -> Tensor | None:
        """(K,) what a mistake on each class costs, where `--class-weights balanced` asks for it."""
        return self.balance(device) if self.train_config.class_weights == "balanced" else None

    def sample_weights(self, prepared: Prepared) -> Tensor:
        """(N,) so that every class is drawn equally often."""
        labels = _labels(prepared.train)
        return self.balance(labels.device)[labels].double()

    def balance(self, device: torch.device) -> Tensor:
        """(K,) N / (K · count) of each class in training: all classes together then weigh alike."""
        weights = self.class_counts.sum() / (len(self.class_counts) * np.maximum(self.class_counts, 1))
        return constant(tuple(weights.tolist()), device)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy of the logits."""
        *inputs, targets = batch
        logits = model(*inputs)
        weights = self.class_weights(logits.device)
        smoothing = self.train_config.label_smoothing if model.training else 0.0
        return classification_loss(logits.float(), targets, weights=weights, smoothing=smoothing)

    def loss_weight(self, batch: Batch) -> Tensor | None:
        """What the mean in `loss` divides by where classes count differently: the sum of their weights."""
        weights = self.class_weights(batch[-1].device)
        return None if weights is None else weights[batch[-1]].sum()

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """Probabilities (N, K); the mean over the members of an ensemble."""
        model.eval()
        probs, targets = [], []
        for *inputs, target in in_order(examples, batch_size, device_of(model)):
            prob = model(*inputs).float().softmax(dim=-1)
            probs.append((prob.mean(dim=1) if prob.dim() == 3 else prob).cpu())
            targets.append(target.cpu())
        predicted, truth = torch.cat(probs).numpy(), torch.cat(targets).numpy()
        if (truth < 0).any():  # read without a target
            return Outputs(predicted, None)
        return Outputs(predicted, truth, classification.log_losses(predicted, truth))

    def outputs_of(self, answers: np.ndarray, targets: np.ndarray) -> Outputs:
        """Probabilities (N, K) as outputs."""
        return Outputs(answers, targets, classification.log_losses(answers, targets))

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss and accuracy."""
        hits = outputs.predictions.argmax(axis=1) == outputs.targets
        return {"loss": float(np.mean(outputs.losses)), "accuracy": float(hits.mean())}  # type: ignore[arg-type]

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score of a classifier."""
        return classification.evaluate(outputs.predictions, outputs.targets, self.classes, seed=self.seed)  # type: ignore[arg-type]

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Always the most frequent class, with the frequencies of training as probabilities."""
        targets = _labels(prepared.test).numpy()
        share = (self.class_counts / self.class_counts.sum()).astype(np.float32)
        result = classification.evaluate(np.tile(share, (len(targets), 1)), targets, self.classes, seed=self.seed)
        return {"name": f"most frequent class ({self.classes[int(share.argmax())]})", **result}

    def thresholds(self, val: Outputs, test: Outputs) -> dict[str, Any]:
        """For several ratios of costs, chosen on the validation examples."""
        sides = [(outputs.predictions, outputs.targets) for outputs in (val, test)]
        return thresholds.table(*sides, self.classes)  # type: ignore[arg-type]

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The class and its probability, then the probability of every class."""
        records = []
        for i, row in enumerate(outputs.predictions):
            best = int(row.argmax())
            record = {name: column[i] for name, column in names.items()}
            record |= {"prediction": self.classes[best], "probability": float(row[best])}
            records.append(record | {f"p({name})": float(p) for name, p in zip(self.classes, row)})
        return records


def worst(outputs: Outputs, count: int) -> np.ndarray:
    """Positions of the `count` wrong answers with the largest loss, the worst first."""
    assert outputs.losses is not None
    wrong = np.flatnonzero(outputs.predictions.argmax(axis=1) != outputs.targets)
    return wrong[np.argsort(-outputs.losses[wrong], kind="stable")][:count]


def _labels(examples: Any) -> Tensor:
    """The targets of examples that are held in memory: their last tensor."""
    return examples.tensors[-1].cpu()
