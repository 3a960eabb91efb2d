"""Language modelling: which token comes next? Trained on one long text, it can then write.

The first nine tenths of the text train; the last tenth is held out, its first half to choose the best epoch by and
its second half as the test. Tokens are characters, byte pairs for larger texts, or those of a published model.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import DataError
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, in_order
from deepglass.data.fields import Beginning, tokens
from deepglass.data.preprocess.text import Published, Tokens
from deepglass.data.token_windows import IGNORED, TokenWindows
from deepglass.evaluate.metrics import language
from deepglass.rivals import Time
from deepglass.rivals.ngrams import NGrams
from deepglass.tasks import Outputs, Prepared, _sampling
from deepglass.tasks._odds import log_odds
from deepglass.tasks._whole_text import WholeTextTask

LOGITS_AT_ONCE = 2**24  # numbers in the logits of an evaluation batch: 64 MiB


@dataclass(frozen=True)
class Config(tokens.Options):
    """Options of the task."""


class Task(WholeTextTask):
    """A text → what comes next at every place of it."""

    name = "language-modelling"
    EXPORTS = ("prompt", "next_probabilities")
    plain_text = ".txt"
    default_model = "gpt"
    CHECKS = ()
    FINE_TUNING: ClassVar[dict[str, Any]] = {"learning_rate": 5e-5, "epochs": 4}  # Devlin et al. (2019) take 2 to 4
    HONOURS = ("val_fraction", "test_fraction", "label_smoothing")
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "the target of a text is its own next token; leave it out",
        "private": "a bound per window of a text is none per author; leave it out",
        "class_weights": "every token of a text is a target; leave it out",
        "mixup": "tokens cannot be blended; leave it out, or try --label-smoothing 0.1",
        "cutmix": "tokens cannot be cut and pasted as pictures are; leave it out",
    }
    GENERATES = (
        "prompt", "max_tokens", "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "seed", "draft",
    )  # fmt: skip
    inputs: tokens.Field

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config, seed, tokens.Field)

    @property
    def tokens(self) -> Tokens:
        """What a token is."""
        return self.inputs.tokens

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Also begin with the tokens that a run before had, where there was one.

        Raises:
            DataError: If the data are not text, or it is too short for the context.
        """
        self.inputs.beginning = Beginning(state=self.inherited)
        return super().prepare(data)

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Enough passes for about a hundred thousand windows, more for a small text, fewer for a large one."""
        epochs = float(np.clip(WINDOWS_WANTED / num_examples, 1, 100))
        return {"epochs": round(epochs), **TRAIN_DEFAULTS}

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Mean cross entropy per token, in nats."""
        ids, targets = batch
        smoothing = self.train_config.label_smoothing if model.training else 0.0
        logits = model(ids).float()  # (B, T, V)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, label_smoothing=smoothing)

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: TokenWindows, batch_size: int = 512) -> Outputs:
        """The likeliest next token at every place (N, T), the true ones, and the mean loss of each window."""
        model.eval()
        batch_size = max(1, min(batch_size, LOGITS_AT_ONCE // (len(self.tokens) * examples.context)))
        answers, truths, losses = [], [], []
        for ids, targets in in_order(examples, batch_size, device_of(model)):
            logits = model(ids).float()  # (B, T, V)
            nats = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none", ignore_index=IGNORED)  # (B, T)
            losses.append(nats.sum(dim=1) / (targets != IGNORED).sum(dim=1))
            answers.append(logits.argmax(dim=2))
            truths.append(targets)
        predictions, targets, losses = (torch.cat(part).cpu().numpy() for part in (answers, truths, losses))
        return Outputs(predictions.astype(np.int32), targets.astype(np.int32), losses.astype(np.float64))

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss in nats per token, and its perplexity."""
        counts = _counts(outputs)
        loss = float((outputs.losses * counts).sum() / counts.sum())
        return {"loss": loss, "perplexity": float(np.exp(loss))}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Loss, perplexity and bits per character."""
        assert outputs.losses is not None
        characters = np.array([len(text) for text in self._spelled(outputs.targets)])
        return language.evaluate(outputs.losses, _counts(outputs), characters, seed=self.seed)

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Each token by its frequency in training, whatever stands before it; one is added to every count."""
        nats = -np.log((self.inputs.counts + 1) / (self.inputs.counts + 1).sum())  # (V,)
        _, targets = _tokens_of(prepared.test)
        outputs = _outputs_of(nats[np.maximum(targets, 0)], targets)
        return {"name": "frequency of each token", **self.evaluate(outputs)}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Counts of what followed the last few tokens, of as many as the validation part is foretold best with."""
        model = NGrams(_array(prepared.train.tokens), len(self.tokens), time)  # type: ignore[attr-defined]
        return self._by_counts(model, prepared)

    def _by_counts(self, model: NGrams, prepared: Prepared) -> tuple[str, Outputs]:
        losses = {order: _ngram_outputs(model, prepared.val, order) for order in model.orders}
        order = min(losses, key=lambda order: self.validate(losses[order])["loss"])
        return f"{order}-grams (Kneser-Ney)", _ngram_outputs(model, prepared.test, order)

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The passages of the test text that surprised the model most."""
        assert outputs.losses is not None
        texts, guessed = self._spelled(outputs.targets), self._spelled(outputs.predictions, outputs.targets)
        worst = np.argsort(-outputs.losses, kind="stable")[:count]
        return [
            {"row": int(i), "target": texts[i], "predicted": guessed[i], "loss": float(outputs.losses[i])}
            for i in worst
        ]

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """For every window of the text how well it was foreseen, and what the model would have said in its place."""
        assert outputs.losses is not None
        guessed = self._spelled(outputs.predictions, outputs.targets)
        return [
            {**{name: column[i] for name, column in names.items()}, "prediction": guessed[i], "loss": float(loss)}
            | {"perplexity": float(np.exp(loss))}
            for i, loss in enumerate(outputs.losses)
        ]

    # -- explaining ---------------------------------------------------------------------------------------------

    @property
    def explained_as(self) -> str | None:
        """As a prompt whose next token is explained."""
        return "prompt"

    def prompt_examples(self, prompt: Any) -> TokenWindows:
        """A prompt, given or in a file, as one window that ends with it, as far back as the context reaches.

        Raises:
            DataError: If it is empty.
        """
        return self.inputs.read_prompt(prompt)

    @property
    def score_names(self) -> list[str]:
        """What each token spells."""
        return [self.tokens.decode([i]) for i in range(len(self.tokens))]

    @property
    def scores_are_odds(self) -> bool:
        """Of the probability of each token."""
        return True

    def scores(self, said: Tensor) -> Tensor:
        """(B, V) log-odds log p / (1 − p) of each token behind the last one."""
        return log_odds(said[:, -1, :])

    # -- writing ------------------------------------------------------------------------------------------------

    def generate(self, model: nn.Module, prompt: str = "", **options: Any) -> Iterator[str]:
        """Continue a prompt, piece by piece; see `deepglass.tasks._sampling.generate` for the options.

        Raises:
            DataError: If the prompt has characters, or words, that the tokens cannot write.
            OptionError: If an option is out of its range.
        """
        ids = self.tokens.encode(prompt).tolist() or [self.inputs.start]
        if odd := self.tokens.odd_parts(prompt):
            is_published = isinstance(self.tokens, Published)
            what, where = "word" if is_published else "character", "tokenizer" if is_published else "training text"
            raise DataError(
                f"the prompt has {counted(len(odd), what)} that the {where} does not have "
                f"({listing(map(repr, odd))}): leave them out, or train with --tokens byte-pairs"
            )
        return _sampling.generate(model, self.tokens, ids, self.inputs.context, **options)

    # -- helpers ------------------------------------------------------------------------------------------------

    def _spelled(self, ids: Any, targets: Any = None) -> list[str]:
        """The text of each window, what lies behind its end left out."""
        is_token = (ids if targets is None else targets) != IGNORED
        return [self.tokens.decode(row[kept].tolist()) for row, kept in zip(ids, is_token, strict=True)]


WINDOWS_WANTED = 100_000  # of 128 tokens
TRAIN_DEFAULTS = {
    "batch_size": 32,
    "learning_rate": 3e-3,
    "weight_decay": 0.1,
    "clip_gradient": 1.0,
    "schedule": "cosine",
    "warmup": 0.05,
}


def _tokens_of(examples: Any) -> tuple[np.ndarray, np.ndarray]:
    """Tokens and targets (N, T) of all windows."""
    ids, targets = examples.batch(torch.arange(len(examples)))
    return _array(ids), _array(targets)


def _ngram_outputs(model: NGrams, examples: Any, order: int) -> Outputs:
    ids, targets = _tokens_of(examples)
    return _outputs_of(model.losses(ids, np.maximum(targets, 0), order), targets)


def _outputs_of(nats: np.ndarray, targets: np.ndarray) -> Outputs:
    """Of losses (N, T) for each token; nothing is said of the likeliest ones."""
    is_token = targets != IGNORED
    return Outputs(targets, targets, np.where(is_token, nats, 0).sum(axis=1) / is_token.sum(axis=1))


def _array(ids: Tensor) -> np.ndarray:
    return ids.cpu().numpy()


def _counts(outputs: Outputs) -> np.ndarray:
    """Tokens that were guessed in each window."""
    return (outputs.targets != IGNORED).sum(axis=1)  # type: ignore[union-attr]
