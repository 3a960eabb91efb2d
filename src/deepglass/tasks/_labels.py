"""What every task has in common whose answer is several labels: loss, probabilities, thresholds, scores, baseline.

    logits of the labels ── sigmoid ── a label is answered from its threshold on

Each threshold is where F1 is best on the validation examples (`evaluate/label_thresholds.py`); they belong to the run.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import constant, device_of
from deepglass.core.state import read, require
from deepglass.core.wording import listing
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import labels
from deepglass.evaluate import label_thresholds
from deepglass.evaluate.metrics import labels as scores
from deepglass.rivals import Time, one_vs_rest
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._supervised import SupervisedTask
from deepglass.training.labels import label_loss

# Few of so many decisions are a yes. On goemotions (10,000 texts, 28 labels) a rate of 0.003 was at a ranking precision
# of 45 % after ten epochs, which is that of the labels' shares, and 0.03 at 59 % after three.
STEPS = {"bag-of-ngrams": {"learning_rate": 0.03, "weight_decay": 0.1}}
# Many labels need many directions: F1 (macro) is 26 % there with these, 23 % with 32 directions and pairs of words.
SIZES = {"bag-of-ngrams": {"embed_dim": 128, "ngrams": 1}}
BETWEEN = ";"  # of the labels in one word of an answer


class LabelsTask(SupervisedTask):
    """A task whose model answers logits (B, L), or (B, members, L) for an ensemble."""

    ANSWER = labels.Field
    answer: labels.Field
    chosen: np.ndarray | None = None  # (L,) thresholds: from which probability on a label is answered

    @property
    def classes(self) -> list[str]:
        """Names of the labels, in the order of the outputs."""
        return self.answer.classes

    @property
    def cuts(self) -> np.ndarray:
        """(L,) the thresholds; a half before they are known."""
        return np.full(len(self.classes), label_thresholds.HALF) if self.chosen is None else self.chosen

    def prepare(self, data: Data) -> Prepared:
        """As every task does; also says what is odd about the labels."""
        prepared = super().prepare(data)
        prepared.remarks += self.answer.remarks
        return prepared

    def state(self) -> dict[str, Any]:
        """Also the thresholds, once they are known."""
        return super().state() | {"thresholds": None if self.chosen is None else self.chosen.tolist()}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        found = read(state, "thresholds", list[float] | None, None)
        require(found is None or len(found) == len(self.classes), "a threshold of every label")
        self.chosen = None if found is None else np.array(found)

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Those of the inputs, but for the steps of a bag of n-grams."""
        return super().train_defaults(model_name, num_examples) | STEPS.get(model_name, {})

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Those of the inputs, but for the width of a bag of n-grams."""
        return super().model_defaults(model_name, num_examples) | SIZES.get(model_name, {})

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Binary cross-entropy of every label, of mixed examples where mixup or cutmix is on."""
        *inputs, targets = batch
        if not model.training or not self.mixes:
            return self._loss(model, model(*inputs), targets)
        mixed, partner, share = self.learning.mixed(tuple(inputs), self.train_config)
        logits = model(*mixed)  # (B, L)
        own, others = self._loss(model, logits, targets), self._loss(model, logits, targets[partner])
        return share * own + (1 - share) * others

    def _loss(self, model: nn.Module, logits: Tensor, targets: Tensor) -> Tensor:
        weights = self.balance(logits.device) if self.train_config.class_weights == "balanced" else None
        smoothing = self.train_config.label_smoothing if model.training else 0.0
        return label_loss(logits.float(), targets, weights=weights, smoothing=smoothing)

    def balance(self, device: torch.device) -> Tensor:
        """(L,) how many examples lack a label for each that has it: missing one then costs as all false alarms do."""
        counts = self.answer.counts
        weights = (self.answer.num_train - counts) / np.maximum(counts, 1)
        return constant(tuple(np.maximum(weights, 1 / self.answer.num_train).tolist()), device)

    def sample_weights(self, prepared: Prepared) -> Tensor:
        """(N,) one over the share of the rarest label of each example, of the most frequent where it has none."""
        rarity = 1 / np.maximum(self.answer.shares, 1 / self.answer.num_train)  # (L,)
        return torch.from_numpy(np.where(_targets(prepared.train) > 0, rarity, rarity.min()).max(axis=1))

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Logistic regression of each label, on the inputs as linear models see them; with thresholds of its own."""
        train, val, test = (_targets(part) for part in (prepared.train, prepared.val, prepared.test))
        found = one_vs_rest.fit(self.learning.linear_views(prepared), train, val, time)
        if found is None:
            return None
        return found.name, self.outputs_of(found.of_test, test, label_thresholds.choose(found.of_val, val > 0))

    def calibrate(self, model: nn.Module, prepared: Prepared) -> bool:
        """Thresholds that are best on the validation examples."""
        outputs = self.outputs(model, prepared.val)
        self.chosen = label_thresholds.choose(outputs.predictions, outputs.targets > 0)  # type: ignore[operator]
        return True

    @property
    def score_names(self) -> list[str]:
        """The labels."""
        return self.classes

    @property
    def scores_are_odds(self) -> bool:
        """Of the probability of each label."""
        return True

    def scores(self, said: Tensor) -> Tensor:
        """(B, L) log-odds of each label; the probability is the mean over the members of an ensemble."""
        if said.dim() == 2:
            return said
        M = float(np.log(said.shape[1]))
        yes, no = (F.logsigmoid(sign * said).logsumexp(dim=1) - M for sign in (1, -1))  # (B, L)
        return yes - no

    # -- answers ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """Probabilities (N, L), the mean over the members of an ensemble; `extra` has the thresholds."""
        model.eval()
        probs, targets = [], []
        for *inputs, target in in_order(examples, batch_size, device_of(model)):
            prob = model(*inputs).float().sigmoid()
            probs.append((prob.mean(dim=1) if prob.dim() == 3 else prob).cpu())
            targets.append(target.cpu())
        predicted, truth = torch.cat(probs).numpy(), torch.cat(targets).numpy()
        return self.outputs_of(predicted, None if (truth < 0).any() else truth, self.cuts)

    def outputs_of(self, answers: np.ndarray, targets: np.ndarray | None, cuts: np.ndarray) -> Outputs:  # type: ignore[override]
        """Probabilities (N, L) as outputs, with the thresholds (L,) for them."""
        losses = None if targets is None else scores.log_losses(answers, targets)
        return Outputs(answers, targets, losses, {"thresholds": np.tile(cuts, (len(answers), 1))})

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The labels in one word, the likeliest first, then the probability of every label."""
        records = []
        for i, row in enumerate(outputs.predictions):
            record = {name: column[i] for name, column in names.items()}
            record["prediction"] = BETWEEN.join(self.named(row))
            records.append(record | {f"p({name})": float(p) for name, p in zip(self.classes, row, strict=True)})
        return records

    def named(self, probabilities: np.ndarray) -> list[str]:
        """The labels whose probability reaches their threshold, the likeliest first."""
        order = np.argsort(-probabilities, kind="stable")
        return [self.classes[k] for k in order if probabilities[k] >= self.cuts[k]]

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss, and how well labels are ranked, for which no threshold is needed."""
        ranked = scores.ranking_precisions(outputs.predictions, outputs.targets > 0)  # type: ignore[operator]
        ranked = ranked[~np.isnan(ranked)]
        ranking = float(ranked.mean()) if len(ranked) else 0.0
        return {"loss": float(np.mean(outputs.losses)), "ranking_average_precision": ranking}  # type: ignore[arg-type]

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score of several labels, with the thresholds that belong to the outputs."""
        cuts = outputs.extra["thresholds"][0] if len(outputs.predictions) else self.cuts
        return scores.evaluate(outputs.predictions, outputs.targets, self.classes, cuts, seed=self.seed)  # type: ignore[arg-type]

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Always the same labels, those of which F1 is then best in training; their shares are the probabilities."""
        targets, shares = _targets(prepared.test), self.answer.shares.astype(np.float32)
        cut = label_thresholds.always_the_same(shares)
        always = [name for name, share in zip(self.classes, shares, strict=True) if share >= cut]
        outputs = self.outputs_of(np.tile(shares, (len(targets), 1)), targets, np.full(len(shares), cut))
        return {"name": f"always {listing(always, 3)}", **self.evaluate(outputs)}

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """The labels that hold, and those that were answered."""
        truth = [name for name, holds in zip(self.classes, outputs.targets[place], strict=True) if holds]  # type: ignore[index]
        said = {"target": truth, "predicted": self.named(outputs.predictions[place])}
        return {part: ", ".join(names) or "no label" for part, names in said.items()}


def _targets(examples: Any) -> np.ndarray:
    """(N, L) the targets of examples: of those that are decoded when asked for they are in memory, too."""
    found = examples.tensors[-1] if hasattr(examples, "tensors") else examples.targets
    return found.cpu().numpy()
