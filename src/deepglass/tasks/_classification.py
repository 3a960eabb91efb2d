"""What every classification has in common once data are examples: loss, probabilities, metrics, baseline, answers."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import constant, device_of
from deepglass.core.effects import Unused
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import label
from deepglass.evaluate import conformal, thresholds
from deepglass.evaluate.metrics import classification
from deepglass.rivals import Rival, Time
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._fair import PENALTY, SLACK, Fair, Prices, fair_of
from deepglass.tasks._odds import log_odds
from deepglass.tasks._supervised import SupervisedTask
from deepglass.training.classification import classification_loss
from deepglass.training.update import StepHook
from deepglass.zoo import architectures


class ClassificationTask(SupervisedTask):
    """A task whose model answers logits (B, K), or (B, members, K) for an ensemble."""

    ANSWER = label.Field
    answer: label.Field
    fair: Fair | None = None  # of `--fair`, once data are prepared
    examples: Examples | None = None  # of the training, then

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of the outputs."""
        return self.answer.classes

    def prepare(self, data: Data) -> Prepared:
        """Also, of `--fair`, who is in which group.

        Raises:
            OptionError: If there are not two classes, or no such column or class.
        """
        prepared = super().prepare(data)
        self.examples, self.fair = prepared.train, fair_of(self, self.source_of(data), prepared)
        if self.fair is not None and self.fair.is_in_loss:
            self.monitor = "fair_loss"
        return prepared

    # -- learning -----------------------------------------------------------------------------------------------

    def training_examples(self, examples: Examples) -> Examples:
        """With two numbers each, where groups are to be treated alike."""
        return examples if self.fair is None else self.fair.examples(examples)

    def hooks(self, model: nn.Module) -> Mapping[str, StepHook]:
        """Of a constraint in the loss: its prices follow the network."""
        if self.fair is None or self.fair.mitigation != "reductions" or self.fair.is_off:
            return {}
        assert self.examples is not None
        count = len(self.examples)
        steps = -(-count // min(self.train_config.batch_size or count, count))
        return {"prices": Prices(model, self.fair, self.examples, steps, self.seed)}

    def class_weights(self, device: torch.device) -> Tensor | None:
        """(K,) what a mistake on each class costs, where `--class-weights balanced` asks for it."""
        return self.balance(device) if self.train_config.class_weights == "balanced" else None

    def sample_weights(self, prepared: Prepared) -> Tensor:
        """(N,) so that every class is drawn equally often."""
        labels = _labels(prepared.train)
        return self.balance(labels.device)[labels].double()

    def balance(self, device: torch.device) -> Tensor:
        """(K,) N / (K · count) of each class in training: all classes together then weigh alike."""
        counts = self.answer.class_counts
        weights = counts.sum() / (len(counts) * np.maximum(counts, 1))
        return constant(tuple(weights.tolist()), device)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy of the logits, of mixed examples where mixup or cutmix is on."""
        batch, numbers = self.fair.taken_off(batch) if self.fair is not None else (batch, None)
        *inputs, targets = batch
        if numbers is not None and self.fair is not None:
            logits = model(*inputs)
            smoothing = self.train_config.label_smoothing if model.training else 0.0
            weighed = classification_loss(logits.float(), targets, smoothing=smoothing, example_weights=numbers[:, 0])
            return weighed + self.fair.price(numbers[:, 1], logits)
        if not model.training or not self.mixes:
            return self._loss(model, model(*inputs), targets)
        mixed, partner, share = self.learning.mixed(tuple(inputs), self.train_config)
        logits = model(*mixed)  # (B, K)
        own, others = self._loss(model, logits, targets), self._loss(model, logits, targets[partner])
        return share * own + (1 - share) * others

    def _loss(self, model: nn.Module, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross entropy, or the criterion that a model brings along as the perceptron does."""
        if hasattr(model, "criterion"):
            return model.criterion(logits, targets)  # type: ignore[operator]
        weights = self.class_weights(logits.device)
        smoothing = self.train_config.label_smoothing if model.training else 0.0
        return classification_loss(logits.float(), targets, weights=weights, smoothing=smoothing)

    def loss_weight(self, batch: Batch) -> Tensor | None:
        """What the mean in `loss` divides by where classes count differently: the sum of their weights."""
        weights = self.class_weights(batch[-1].device)
        return None if weights is None else weights[batch[-1]].sum()

    def rivals(self, prepared: Prepared, data: Data, time: Time) -> list[Rival]:
        """Those of the inputs."""
        return self.learning.rivals(prepared, len(self.classes), time)

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Those of the inputs."""
        found = self.learning.simple_answers(prepared, len(self.classes), time)
        return (found[0], self.outputs(found[1], prepared.test)) if found else None

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also what a criterion that a model brings along takes the place of."""
        yield from super().unused_options(asked, data, model)
        yield from self._unused_beside_fairness(asked, model)
        if not {"label_smoothing", "class_weights"} & asked.keys():
            return
        if hasattr(architectures.module_of(architectures.entry(model, self.name), "torch").Model, "criterion"):
            for name in {"label_smoothing"} & asked.keys():
                yield Unused(name, f"the {model} has a criterion of its own", "leave it out, or choose another --model")
            if asked.get("class_weights") == "balanced":
                why = f"the {model} has a criterion of its own, which knows no weights"
                yield Unused("class_weights", why, "pass --class-weights sampler, which draws rare classes more often")

    def _unused_beside_fairness(self, asked: Mapping[str, Any], model: str) -> Iterator[Unused]:
        if "fair" not in asked:
            for name in {"constraint", "mitigation", "positive"} & asked.keys():
                yield Unused(name, "it says how --fair is fair", "leave it out, or name the groups with --fair COLUMN")
            return
        if hasattr(architectures.module_of(architectures.entry(model, self.name), "torch").Model, "criterion"):
            yield Unused("fair", f"the {model} has a criterion of its own", "leave it out, or choose another --model")
        if "private" in asked:
            yield Unused("fair", "a private training bounds each example alike", "leave it or --private out")
        for name in ("mixup", "cutmix", "class_weights", "bags"):
            if name in asked and (name, asked[name]) != ("bags", 1):
                yield Unused(name, "--fair says what each example counts", "leave it out, or leave --fair out")
        if asked.get("blend") and asked.get("mitigation") != "thresholds":
            yield Unused(
                "blend", "the simple models know nothing of --fair", "leave it out, or --mitigation thresholds"
            )
        if str(asked.get("freeze")) == "all" and asked.get("mitigation", "reductions") == "reductions":
            yield Unused("freeze", "--fair follows the whole network", "leave it out, or --mitigation thresholds")

    @property
    def may_blend(self) -> bool:
        """Not where a constraint was learnt, which the simple models know nothing of."""
        return super().may_blend and (self.fair is None or self.fair.mitigation == "thresholds")

    # -- answers ------------------------------------------------------------------------------------------------

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

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The class and its probability, then the probability of every class."""
        records = []
        for i, row in enumerate(outputs.predictions):
            best = int(row.argmax())
            record = {name: column[i] for name, column in names.items()}
            record |= {"prediction": self.classes[best], "probability": float(row[best])}
            records.append(record | {f"p({name})": float(p) for name, p in zip(self.classes, row)})
        return records

    attacks_spoil = "classes"
    answers_with_coverage = True

    def conformity(self, outputs: Outputs) -> np.ndarray:
        """Of the true classes."""
        return conformal.true_scores(outputs.predictions, outputs.targets)  # type: ignore[arg-type]

    def covered(self, outputs: Outputs, limit: float) -> list[dict[str, Any]]:
        """The classes that may be true, the likeliest first."""
        sets, order = conformal.class_sets(outputs.predictions, limit), np.argsort(-outputs.predictions, axis=1)
        return [{"set": [self.classes[k] for k in row if own[k]]} for own, row in zip(sets, order, strict=True)]

    @property
    def score_names(self) -> list[str]:
        """The classes."""
        return self.classes

    @property
    def scores_are_odds(self) -> bool:
        """Of the probability of each class."""
        return True

    def scores(self, said: Tensor) -> Tensor:
        """(B, K) log-odds log p / (1 − p) of each class; p is the mean over the members of an ensemble."""
        return log_odds(said)

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss and accuracy."""
        hits = outputs.predictions.argmax(axis=1) == outputs.targets
        found = {"loss": float(np.mean(outputs.losses)), "accuracy": float(hits.mean())}  # type: ignore[arg-type]
        if self.monitor != "fair_loss" or self.fair is None:
            return found
        gap = self.fair.gap if self.fair.is_in_loss else 0.0
        return found | {"fair_loss": found["loss"] + PENALTY * max(0.0, gap - SLACK), "gap": gap}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score of a classifier."""
        return classification.evaluate(outputs.predictions, outputs.targets, self.classes, seed=self.seed)  # type: ignore[arg-type]

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Always the most frequent class, with the frequencies of training as probabilities."""
        targets = _labels(prepared.test).numpy()
        share = (self.answer.class_counts / self.answer.class_counts.sum()).astype(np.float32)
        result = classification.evaluate(np.tile(share, (len(targets), 1)), targets, self.classes, seed=self.seed)
        return {"name": f"most frequent class ({self.classes[int(share.argmax())]})", **result}

    def thresholds(self, val: Outputs, test: Outputs) -> dict[str, Any]:
        """For several ratios of costs, chosen on the validation examples."""
        sides = [(outputs.predictions, outputs.targets) for outputs in (val, test)]
        return thresholds.table(*sides, self.classes)  # type: ignore[arg-type]

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """Positions of the `count` wrong answers with the largest loss, the worst first."""
        assert outputs.losses is not None
        wrong = np.flatnonzero(outputs.predictions.argmax(axis=1) != outputs.targets)
        return wrong[np.argsort(-outputs.losses[wrong], kind="stable")][:count]

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """True class, answer, and how sure it was."""
        truth, answer = int(outputs.targets[place]), int(outputs.predictions[place].argmax())  # type: ignore[index]
        probability = float(outputs.predictions[place, answer])
        return {"target": self.classes[truth], "predicted": self.classes[answer], "probability": probability}


def _labels(examples: Any) -> Tensor:
    """The targets of examples that are held in memory: their last tensor."""
    return examples.tensors[-1].cpu()
