"""Preferences: which of two answers is better? A language model that learns to answer as people preferred.

    what is my name?     chosen: your name is ada, dear friend.     rejected: your name is leo, dear friend.

With `--pretrained RUN`, of a dialogue or of a language model, that model is where it begins and the reference that it
may not leave for nothing: direct preference optimisation (`training/dpo.py`). Without, it learns the language of the
chosen answers too. It then answers, chats and is exported as a dialogue is. No reward model has to be trained, since
the model itself stands for one; a linear one is fitted to the same comparisons as a rival.

With `--reward-model` a reward model is what is trained: the language model gives each answer a number s, by the row
of its output layer that belongs to the end of a turn, read where the answer ends, and the loss is Bradley and Terry's,
− log σ(s(chosen) − s(rejected)). It judges answers and writes none.

References:
    Rafailov et al. (2023), Direct Preference Optimization, https://arxiv.org/abs/2305.18290
    Grattafiori et al. (2024), The Llama 3 Herd of Models, https://arxiv.org/abs/2407.21783 (4.1.4)
    Pang et al. (2024), Iterative Reasoning Preference Optimization, https://arxiv.org/abs/2404.19733 (`--imitation`)
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, in_order
from deepglass.data.fields import Beginning, preferences
from deepglass.data.preference_windows import PreferenceWindows, WithStart
from deepglass.data.token_windows import IGNORED
from deepglass.evaluate.metrics import preferences as metrics
from deepglass.evaluate.scores import score
from deepglass.rivals import Time
from deepglass.rivals.preferences import PENALTIES, WordWorths
from deepglass.tasks import Outputs, Prepared, dialogue
from deepglass.tasks._whole_text import WholeTextTask
from deepglass.training import dpo
from deepglass.zoo import architectures
from deepglass.zoo.pretrained import Weights, fill

IMITATION = 0.2  # as for Llama 3; with comparisons alone both answers of a small model fall, and it begins to stammer
NO_ANSWERS = "a run with --reward-model judges pairs of answers and writes none"
AT_ONCE = 64  # comparisons of an evaluation batch


@dataclass(frozen=True)
class Config(preferences.Options):
    """Options of the task."""

    reward_model: bool = False  # learn a reward for each answer instead of how to answer
    beta: float = 0.1  # what a nat of divergence from the reference costs, above 0; the paper's usual one
    imitation: float | None = None  # weight of the chosen answers' own likelihood; 0.2 with --pretrained, 1 without


class Task(dialogue.Task):
    """A prompt → an answer as it would be preferred."""

    name = "preferences"
    EXPORTS = ("turns", "next_probabilities")
    plain_text = ".jsonl"
    default_model = "llama"
    LEARNS_LIKE = ("language-modelling",)
    READS = ("pairs of answers",)
    CHECKS = ()
    FINE_TUNING: ClassVar[dict[str, Any]] = {"learning_rate": 1e-4, "epochs": 3}  # the paper has 1e-6 for 6·10⁹ weights
    HONOURS = ("val_fraction", "test_fraction", "label_smoothing")
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "of two answers the chosen one is the target; name the columns prompt, chosen and rejected",
        "private": "a bound per comparison is none per person; leave it out",
        "class_weights": "a comparison has no class; leave it out",
        "mixup": "tokens cannot be blended; leave it out, or try --label-smoothing 0.1",
        "cutmix": "tokens cannot be cut and pasted as pictures are; leave it out",
    }
    GENERATES = (
        "prompt", "max_tokens", "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "seed", "draft",
    )  # fmt: skip
    inputs: preferences.Field  # type: ignore[assignment]
    config: Config

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        config = config or Config()
        WholeTextTask.__init__(self, data_config, config, seed, preferences.Field)  # type: ignore[arg-type]
        _require_positive("beta", config.beta, least=1e-6)
        _require_positive("imitation", 0.0 if config.imitation is None else config.imitation)
        if config.reward_model:
            self.EXPORTS, self.NOT_EXPORTED = None, NO_ANSWERS  # type: ignore[misc]
            for name, usual in (("beta", Config.beta), ("imitation", Config.imitation)):
                if getattr(config, name) != usual:
                    raise OptionError(f"--{name} has no effect with --reward-model, which compares rewards alone")

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Comparisons as examples, each with what the model that the training begins with says of it.

        Raises:
            DataError: If the data hold no comparisons.
        """
        source = self.pretrained.source if self.pretrained else ""
        self.inputs.beginning = Beginning(state=self.inherited, source=source)
        prepared = WholeTextTask.prepare(self, data)
        if self.pretrained and not self.config.reward_model:
            reference = self._reference(self.pretrained)
            parts: list[Any] = [prepared.train, prepared.val, prepared.test]
            for part in parts:
                part.started = log_probs(reference, part, AT_ONCE)
        return prepared

    def _reference(self, weights: Weights) -> nn.Module:
        """The model that the training begins with, as it was."""
        found = weights.belongings
        network = architectures.load(self.model, task=self.name, **{**self.dims, **found.dims, **found.settings})
        fill(network, weights)
        return network

    def training_examples(self, examples: Any) -> Any:
        """Comparisons with what the reference says of them, where there is one."""
        return examples if examples.started is None else WithStart(examples)

    # -- learning -----------------------------------------------------------------------------------------------

    @property
    def imitation(self) -> float:
        """The weight of the chosen answers' own likelihood."""
        if self.config.imitation is None:
            return IMITATION if self.pretrained else 1.0
        return self.config.imitation

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The mean loss of comparisons, and of each token of the chosen answers as far as they are imitated."""
        if self.config.reward_model:
            return self._compared(scores_of(model, batch, self.inputs.template.end), model.training).mean()
        said, lengths = _answers_of(model, batch)
        reference = batch[1] if len(batch) == 3 else torch.zeros_like(said)
        flipped = self.train_config.label_smoothing if model.training else 0.0
        return self._losses(said, reference, lengths, flipped).mean()

    def _losses(self, said: Tensor, reference: Tensor, lengths: Tensor, flipped: float = 0.0) -> Tensor:
        """(B,) of comparisons."""
        per_token = said[:, 0] / lengths
        return dpo.losses(said, reference, self.config.beta, flipped) - self.imitation * per_token

    def _compared(self, scores: Tensor, is_training: bool = False) -> Tensor:
        """(B,) of comparisons of scores (B, 2): DPO's loss is Bradley and Terry's of rewards, and these are rewards."""
        flipped = self.train_config.label_smoothing if is_training else 0.0
        return dpo.losses(scores, torch.zeros_like(scores), beta=1.0, flipped=flipped)

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Any, batch_size: int = 512) -> Outputs:
        """Of comparisons the log-probabilities (N, 2) of both answers, beside those of the reference; of prompts, what
        is answered."""
        if not isinstance(examples, PreferenceWindows):
            self._require_answers()
            return super().outputs(model, examples, batch_size)
        if self.config.reward_model:
            model.eval()
            end, batches = self.inputs.template.end, in_order(examples, min(batch_size, AT_ONCE), device_of(model))
            found = torch.cat([scores_of(model, batch, end) for batch in batches]).cpu().double()
            extra = {"has_start": np.full(len(found), False)}
            return Outputs(found.numpy(), torch.zeros_like(found).numpy(), self._compared(found).numpy(), extra)
        said = log_probs(model, examples, min(batch_size, AT_ONCE)).cpu()
        has_start = examples.started is not None
        reference = torch.zeros_like(said) if examples.started is None else examples.started.cpu()
        lengths = examples.is_answer[:, 0, 1:].sum(dim=1).cpu()
        losses = self._losses(said, reference, lengths)
        extra = {"has_start": np.full(len(said), has_start)}
        return Outputs(said.double().numpy(), reference.double().numpy(), losses.double().numpy(), extra)

    def reply(self, model: nn.Module, ids: list[int], **options: Any) -> Iterator[str]:
        """The answer to a prompt, piece by piece, as a dialogue gives it.

        Raises:
            OptionError: If an option is out of its range, or it has learnt to judge and not to answer.
        """
        self._require_answers()
        return super().reply(model, ids, **options)

    def _require_answers(self) -> None:
        if self.config.reward_model:
            raise OptionError(f"{NO_ANSWERS}: expected pairs, as in `deepglass evaluate RUN PAIRS.csv`, or another run")

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The loss, and how often the chosen answer is the likelier one."""
        assert outputs.losses is not None
        return {"loss": float(outputs.losses.mean()), "preferred": self.evaluate(outputs)["preferred"]["value"]}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """How often the chosen answer is the likelier one, and whether the training moved it there."""
        has_start = bool(outputs.extra["has_start"].all()) if "has_start" in outputs.extra else False
        found = metrics.evaluate(outputs.predictions, outputs.targets if has_start else None, seed=self.seed)
        return {**found, "kind": "rewards"} if self.config.reward_model else found

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The model that the training began with; without one, a coin."""
        started = prepared.test.started  # type: ignore[attr-defined]
        if started is not None:
            return {"name": "the model that it began with", **metrics.evaluate(started.double().cpu().numpy())}
        return {"name": "a coin", "kind": "preferences", "headline": ["preferred"], "preferred": score(0.5)}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """A linear reward model of words and length; the validation part chooses its penalty."""
        answers = {part: _ids_of(getattr(prepared, part)) for part in ("train", "val", "test")}
        models = [WordWorths(*answers["train"], len(self.tokens), penalty) for penalty in PENALTIES]
        right = [np.mean(model.scores(answers["val"][0]) > model.scores(answers["val"][1])) for model in models]
        best = models[int(np.argmax(right))]
        found = np.stack([best.scores(part) for part in answers["test"]], axis=1)
        started = prepared.test.started  # type: ignore[attr-defined]
        truth = np.zeros_like(found) if started is None else started.double().cpu().numpy()
        return "words and length (Bradley-Terry)", Outputs(found, truth, np.logaddexp(0, found[:, 1] - found[:, 0]))

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The comparisons in which the rejected answer is the likeliest beside the chosen one."""
        gap = outputs.predictions[:, 0] - outputs.predictions[:, 1]
        found, rows = [], self.inputs.rows["test"]
        for i in np.argsort(gap, kind="stable")[:count]:
            one = self.inputs.content[rows[i]]
            found.append({"row": int(rows[i]), "target": one.chosen, "predicted": one.rejected,
                          "loss": float(-gap[i])})  # fmt: skip
        return [item for item in found if item["loss"] > 0]


@torch.no_grad()
def log_probs(model: nn.Module, examples: PreferenceWindows, batch_size: int) -> Tensor:
    """(N, 2) of the chosen and of the rejected answer."""
    model.eval()
    return torch.cat([_answers_of(model, batch)[0] for batch in in_order(examples, batch_size, device_of(model))])


def _answers_of(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
    """Log-probabilities (B, 2) of both answers, and how many tokens the chosen one has (B,)."""
    tokens, target = batch[0], batch[-1]  # (B, T), (B, 3, T)
    targets = torch.cat([target[:, 0], target[:, 2]])  # (2B, T)
    said = dpo.answer_log_probs(model(torch.cat([tokens, target[:, 1]])), targets)
    return torch.stack(said.chunk(2), dim=1), (target[:, 0] != IGNORED).sum(dim=1)


def scores_of(model: nn.Module, batch: Batch, end: int) -> Tensor:
    """(B, 2) of the chosen and of the rejected answer: what the row of the mark `end` says where each ends."""
    tokens, target = batch[0], batch[-1]  # (B, T), (B, 3, T)
    logits = model(torch.cat([tokens, target[:, 1]]))  # (2B, T, V)
    is_answer = torch.cat([target[:, 0], target[:, 2]]) != IGNORED  # (2B, T)
    last = (is_answer * torch.arange(tokens.shape[1], device=tokens.device)).argmax(dim=1)  # (2B,)
    scores = logits[torch.arange(len(last), device=tokens.device), last, end].float()
    return torch.stack(scores.chunk(2), dim=1)


def _ids_of(examples: Any) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The tokens of all chosen and of all rejected answers."""
    ids, is_answer = examples.ids.cpu().numpy(), examples.is_answer.cpu().numpy()
    return tuple([row[kept] for row, kept in zip(ids[:, i], is_answer[:, i], strict=True)] for i in (0, 1))  # type: ignore[return-value]


def _require_positive(name: str, value: float, least: float = 0.0) -> None:
    if not math.isfinite(value) or value < least:
        expected = "a number above 0" if least else "0 or more"
        raise OptionError(f"--{name}: expected {expected}, got {value:g}")
