"""Language modelling: which token comes next? Trained on one long text, it can then write.

The first nine tenths of the text train; the last tenth is held out, its first half to choose the best epoch by and
its second half as the test. Tokens are characters, byte pairs for larger texts, or those of a published model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require, require_between
from deepglass.core.wording import counted, listing
from deepglass.data import statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Text
from deepglass.data.examples import Batch, in_order
from deepglass.data.preprocess.text import MOST_LENGTH, Published, Tokens, fit_tokens, tokens_from_state
from deepglass.data.reading import source
from deepglass.data.splits import fraction_of
from deepglass.data.token_windows import IGNORED, TokenWindows
from deepglass.evaluate.metrics import language
from deepglass.rivals import Time
from deepglass.rivals.ngrams import NGrams
from deepglass.tasks import BaseTask, Outputs, Prepared, _sampling
from deepglass.tasks._odds import log_odds

HELD_OUT = 0.05  # share of the text for validation, and again for the test: together the usual last tenth
LOGITS_AT_ONCE = 2**24  # numbers in the logits of an evaluation batch: 64 MiB


@dataclass(frozen=True)
class Config:
    """Options of the task."""

    tokens: Literal["characters", "byte-pairs"] = "characters"  # byte pairs see further, and want more text
    vocab_size: int = 1024  # of byte pairs, 256 single bytes included; small texts have few frequent ones
    tokenizer: str | None = None  # file or folder of a published one, GPT-2's or BERT's, in the place of --tokens
    context: int = 128  # tokens that are seen at once; attention costs time and memory with its square


class Task(BaseTask):
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
        "class_weights": "every token of a text is a target; leave it out",
        "mixup": "tokens cannot be blended; leave it out, or try --label-smoothing 0.1",
        "cutmix": "tokens cannot be cut and pasted as pictures are; leave it out",
    }
    GENERATES = ("prompt", "max_tokens", "temperature", "top_k", "top_p", "seed")
    config: Config
    tokens: Tokens
    start: int  # the first token of the training text: where writing begins without a prompt

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Cut the text in order of position, learn the tokens from the training part, encode.

        Raises:
            DataError: If the data are not text, or it is too short for the context.
        """
        self.config = self.config or Config()
        text = _text_of(data)
        texts = split_text(text, self.data_config)
        self.tokens = self._tokens_for(texts["train"])
        ids = {name: torch.from_numpy(self.tokens.encode(part)) for name, part in texts.items()}
        self._require_long_enough(ids, text.name)
        self.start = int(ids["train"][0])
        self.train_counts = np.bincount(ids["train"].numpy(), minlength=len(self.tokens))
        self.statistics = {"text": statistics.of_ids(self.train_counts)}
        context = self.config.context
        return Prepared(
            train=TokenWindows(ids["train"], context, is_shifted=True),
            val=TokenWindows(ids["val"], context),
            test=TokenWindows(ids["test"], context),
            dims=self.dims,
            guesses=self._guesses(ids),
        )

    @property
    def dims(self) -> dict[str, Any]:
        """What the data determine of a model."""
        return {"vocab_size": len(self.tokens), "context": self.config.context}

    def extremes(self) -> tuple[Tensor, ...]:
        """Two texts of one token."""
        return (torch.tensor([[0], [len(self.tokens) - 1]]),)

    def state(self) -> dict[str, Any]:
        """What a token is and how often each came, how many are seen, where writing begins."""
        learnt = {"tokens": self.tokens.state(), "statistics": self.statistics}
        return learnt | {"context": self.config.context, "start": self.start}

    def load_state(self, state: dict[str, Any]) -> None:
        self.config = Config(context=read(state, "context", int))
        self.tokens, self.start = tokens_from_state(state["tokens"]), read(state, "start", int)
        self.statistics = statistics.read_back(state)
        require_between(self.config.context, 1, MOST_LENGTH, "context")
        require(self.start < len(self.tokens), "one of the tokens to begin with", self.start)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[TokenWindows, dict[str, Any]]:
        """A file, a folder of texts, or a text itself, as windows; a text is its own target.

        Raises:
            DataError: If it is shorter than two tokens.
        """
        if isinstance(inputs, str) and not Path(inputs).expanduser().exists():
            inputs = Text(inputs, "text")
        text = _text_of(source.read(inputs, self.config_of_new_data))
        ids = torch.from_numpy(self.tokens.encode(text.text))
        if len(ids) < 2:
            found = counted(len(ids), "token")
            raise DataError(f"{text.name} has {found}: expected at least 2, one to see and one to guess")
        windows = TokenWindows(ids, self.config.context)
        parts = [ids[i : i + self.config.context + 1] for i in range(0, len(ids) - 1, self.config.context)]
        return windows, {"text": [self.tokens.decode(part.tolist()) for part in parts]}

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Enough passes for about a hundred thousand windows, more for a small text, fewer for a large one."""
        epochs = float(np.clip(WINDOWS_WANTED / num_examples, 1, 100))
        return {"epochs": round(epochs), **TRAIN_DEFAULTS}

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also what tokens that come as they are leave no room for."""
        yield from super().unused_options(asked, data, model)
        if "tokens" in self.inherited:
            for name in {"tokens", "tokenizer", "vocab_size"} & asked.keys():
                yield Unused(name, "the tokens come with the weights of --pretrained")
        elif self.config.tokenizer is not None:
            for name in {"tokens", "vocab_size"} & asked.keys():
                yield Unused(name, "the tokens are those of --tokenizer", "leave one of the two out")
        elif "vocab_size" in asked and self.config.tokens == "characters":
            why = "every character of the text is a token"
            yield Unused("vocab_size", why, "leave it out, or add --tokens byte-pairs")

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Mean cross entropy per token, in nats."""
        tokens, targets = batch
        smoothing = self.train_config.label_smoothing if model.training else 0.0
        logits = model(tokens).float()  # (B, T, V)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, label_smoothing=smoothing)

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: TokenWindows, batch_size: int = 512) -> Outputs:
        """The likeliest next token at every place (N, T), the true ones, and the mean loss of each window."""
        model.eval()
        batch_size = max(1, min(batch_size, LOGITS_AT_ONCE // (len(self.tokens) * examples.context)))
        answers, truths, losses = [], [], []
        for tokens, targets in in_order(examples, batch_size, device_of(model)):
            logits = model(tokens).float()  # (B, T, V)
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
        nats = -np.log((self.train_counts + 1) / (self.train_counts + 1).sum())  # (V,)
        _, targets = _tokens_of(prepared.test)
        outputs = _outputs_of(nats[np.maximum(targets, 0)], targets)
        return {"name": "frequency of each token", **self.evaluate(outputs)}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Counts of what followed the last few tokens, of as many as the validation part is foretold best with."""
        model = NGrams(_array(prepared.train.tokens), len(self.tokens), time)  # type: ignore[attr-defined]
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
        if isinstance(prompt, str) and not Path(prompt).expanduser().exists():
            prompt = Text(prompt, "prompt")
        ids = self.tokens.encode(_text_of(source.read(prompt, self.config_of_new_data)).text)[-self.config.context :]
        if not len(ids):
            raise DataError("the prompt is empty: expected at least one token before the one that is explained")
        return TokenWindows(torch.from_numpy(np.append(ids, ids[-1])), len(ids))

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
        ids = self.tokens.encode(prompt).tolist() or [self.start]
        if odd := self.tokens.odd_parts(prompt):
            is_published = isinstance(self.tokens, Published)
            what, where = "word" if is_published else "character", "tokenizer" if is_published else "training text"
            raise DataError(
                f"the prompt has {counted(len(odd), what)} that the {where} does not have "
                f"({listing(map(repr, odd))}): leave them out, or train with --tokens byte-pairs"
            )
        return _sampling.generate(model, self.tokens, ids, self.config.context, **options)

    # -- helpers ------------------------------------------------------------------------------------------------

    def _tokens_for(self, text: str) -> Tokens:
        options = self.config
        if "tokens" in self.inherited:  # of the run whose weights the model begins with
            return tokens_from_state(self.inherited["tokens"])
        if options.tokenizer is not None:
            return Published.read(options.tokenizer)
        return fit_tokens(options.tokens, text, options.vocab_size)

    def _require_long_enough(self, ids: dict[str, Tensor], name: str) -> None:
        train, context = len(ids["train"]), self.config.context
        if train <= context:
            fits = f", or pass --context {train // 2}" if train >= 4 else ""
            raise DataError(
                f"{name}: {counted(train, 'token')} left to train on, too few for a context of {context}: expected at "
                f"least {context + 1}; give a longer text{fits}"
            )
        for part in ("val", "test"):
            if len(ids[part]) < 2:
                found = counted(len(ids[part]), "token")
                raise DataError(
                    f"{name}: {found} left for {part}, expected at least 2: give a longer text, or raise "
                    f"--{part}-fraction"
                )

    def _guesses(self, ids: dict[str, Tensor]) -> list[Guess]:
        kinds = f"{len(self.tokens):,} {self.tokens.kind}"
        sizes = ", ".join(f"{name} {len(part):,}" for name, part in ids.items())
        why = self.config.tokenizer or "learnt from the training part"
        return [
            Guess("tokens", kinds, why, "--tokenizer" if self.config.tokenizer else "--tokens and --vocab-size"),
            Guess("splits", f"{sizes} tokens", "in order of position", "--val-fraction and --test-fraction"),
        ]

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


def split_text(text: Text, config: DataConfig) -> dict[str, str]:
    """The parts "train", "val", "test": as declared, or the end of the text in order of position.

    Each is a twentieth of the text where nothing else is asked for: a text is learnt from as a whole.
    """
    parts = dict(text.splits)
    train = parts.get("train", text.text)
    for name in ("test", "val"):  # the test is the very end
        if name not in parts:
            asked = getattr(config, f"{name}_fraction")
            share = HELD_OUT if asked is None else fraction_of(name, asked)
            cut = len(train) - round(share * len(text.text))
            train, parts[name] = train[:cut], train[cut:]
    return {"train": train, "val": parts["val"], "test": parts["test"]}


def _tokens_of(examples: Any) -> tuple[np.ndarray, np.ndarray]:
    """Tokens and targets (N, T) of all windows."""
    tokens, targets = examples.batch(torch.arange(len(examples)))
    return _array(tokens), _array(targets)


def _ngram_outputs(model: NGrams, examples: Any, order: int) -> Outputs:
    tokens, targets = _tokens_of(examples)
    return _outputs_of(model.losses(tokens, np.maximum(targets, 0), order), targets)


def _outputs_of(nats: np.ndarray, targets: np.ndarray) -> Outputs:
    """Of losses (N, T) for each token; nothing is said of the likeliest ones."""
    is_token = targets != IGNORED
    return Outputs(targets, targets, np.where(is_token, nats, 0).sum(axis=1) / is_token.sum(axis=1))


def _array(tokens: Tensor) -> np.ndarray:
    return tokens.cpu().numpy()


def _counts(outputs: Outputs) -> np.ndarray:
    """Tokens that were guessed in each window."""
    return (outputs.targets != IGNORED).sum(axis=1)  # type: ignore[union-attr]


def _text_of(data: Data) -> Text:
    if isinstance(data, Text):
        return data
    raise DataError(f"{data.name} is no running text: language-modelling expects a text file; choose another --task")
