"""A running text as tokens: windows of it, and the same windows one token later.

text ── cut in order of position ── tokens (characters, byte pairs, those of a published model) ── ids (B, T) int64
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require, require_between
from deepglass.core.wording import counted
from deepglass.data import statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Text
from deepglass.data.fields._sequence import TokenSequence, Windowed
from deepglass.data.preprocess.text import MOST_LENGTH, Published, Tokens, fit_tokens, tokens_from_state
from deepglass.data.reading import source
from deepglass.data.splits import fraction_of
from deepglass.data.token_windows import TokenWindows

HELD_OUT = 0.05  # share of the text for validation, and again for the test: together the usual last tenth


@dataclass(frozen=True)
class Options:
    """Settings of a text as tokens."""

    tokens: Literal["characters", "byte-pairs"] = "characters"  # byte pairs see further, and want more text
    vocab_size: int = 1024  # of byte pairs, 256 single bytes included; small texts have few frequent ones
    tokenizer: str | None = None  # file or folder of a published one, GPT-2's or BERT's, in the place of --tokens
    context: int = 128  # tokens that are seen at once; attention costs time and memory with its square


class Field(TokenSequence):
    """One long text.

    Attributes:
        tokens: What a token is.
        context: How many are seen at once.
        start: The first token of the training text: where writing begins without a prompt.
        counts: (V,) how often each occurs in training; known after `fit` alone.
    """

    name = "tokens"
    SETTINGS = Options
    options: Options
    tokens: Tokens
    context: int
    start: int
    counts: np.ndarray

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """A running text."""
        return isinstance(data, Text)

    def as_source(self, data: Data) -> Text:
        """The text.

        Raises:
            DataError: If the data are something else.
        """
        if isinstance(data, Text):
            return data
        raise DataError(
            f"{data.name} is no running text: language-modelling expects a text file; choose another --task"
        )

    def fit(self, data: Text) -> Windowed:
        """The tokens of the training part; its windows begin elsewhere every time."""
        self.context = self.options.context
        texts = split_text(data, self.data_config)
        self.tokens = self._tokens_for(texts["train"])
        ids = {name: torch.from_numpy(self.tokens.encode(part)) for name, part in texts.items()}
        self._require_long_enough(ids, data.name)
        self.start = int(ids["train"][0])
        self.counts = np.bincount(ids["train"].numpy(), minlength=len(self.tokens))
        self.statistics = {"text": statistics.of_ids(self.counts)}
        examples = {n: TokenWindows(part, self.context, is_shifted=n == "train") for n, part in ids.items()}
        return Windowed(examples, self._guesses(ids))  # type: ignore[arg-type]

    @property
    def size(self) -> int:
        """Tokens that there are."""
        return len(self.tokens)

    def state(self) -> dict[str, Any]:
        """What a token is and how often each came, how many are seen, where writing begins."""
        learnt = {"tokens": self.tokens.state(), "statistics": self.statistics}
        return learnt | {"context": self.context, "start": self.start}

    def load_state(self, state: dict[str, Any]) -> None:
        self.context = read(state, "context", int)
        self.tokens, self.start = tokens_from_state(state["tokens"]), read(state, "start", int)
        self.statistics = statistics.read_back(state)
        require_between(self.context, 1, MOST_LENGTH, "context")
        require(self.start < len(self.tokens), "one of the tokens to begin with", self.start)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[TokenWindows, dict[str, Any]]:
        """A file, a folder of texts, or a text itself, as windows; a text is its own target.

        Raises:
            DataError: If it is shorter than two tokens.
        """
        text = self._text_of(inputs, "text")
        ids = torch.from_numpy(self.tokens.encode(text.text))
        if len(ids) < 2:
            found = counted(len(ids), "token")
            raise DataError(f"{text.name} has {found}: expected at least 2, one to see and one to guess")
        windows = TokenWindows(ids, self.context)
        parts = [ids[i : i + self.context + 1] for i in range(0, len(ids) - 1, self.context)]
        return windows, {"text": [self.tokens.decode(part.tolist()) for part in parts]}

    def read_prompt(self, prompt: Any) -> TokenWindows:
        """A prompt, given or in a file, as one window that ends with it, as far back as the context reaches.

        Raises:
            DataError: If it is empty.
        """
        ids = self.tokens.encode(self._text_of(prompt, "prompt").text)[-self.context :]
        if not len(ids):
            raise DataError("the prompt is empty: expected at least one token before the one that is explained")
        return TokenWindows(torch.from_numpy(np.append(ids, ids[-1])), len(ids))

    def unused_options(self, asked: Mapping[str, Any]) -> Iterator[Unused]:
        """What tokens that come as they are leave no room for."""
        if "tokens" in self.beginning.state:
            for name in {"tokens", "tokenizer", "vocab_size"} & asked.keys():
                yield Unused(name, "the tokens come with the weights of --pretrained")
        elif self.options.tokenizer is not None:
            for name in {"tokens", "vocab_size"} & asked.keys():
                yield Unused(name, "the tokens are those of --tokenizer", "leave one of the two out")
        elif "vocab_size" in asked and self.options.tokens == "characters":
            why = "every character of the text is a token"
            yield Unused("vocab_size", why, "leave it out, or add --tokens byte-pairs")

    # -- helpers ------------------------------------------------------------------------------------------------

    def _text_of(self, inputs: Any, name: str) -> Text:
        """What is in a file or a folder, or the words themselves."""
        if isinstance(inputs, str) and not source.names_source(inputs):
            inputs = Text(inputs, name)
        return self.as_source(source.read(inputs, self.data_config.for_new_data()))

    def _tokens_for(self, text: str) -> Tokens:
        if "tokens" in self.beginning.state:  # of the run whose weights the model begins with
            return tokens_from_state(self.beginning.state["tokens"])
        if self.options.tokenizer is not None:
            return Published.read(self.options.tokenizer)
        return fit_tokens(self.options.tokens, text, self.options.vocab_size)

    def _require_long_enough(self, ids: dict[str, Tensor], name: str) -> None:
        train, context = len(ids["train"]), self.context
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
        why = self.options.tokenizer or "learnt from the training part"
        return [
            Guess("tokens", kinds, why, "--tokenizer" if self.options.tokenizer else "--tokens and --vocab-size"),
            Guess("splits", f"{sizes} tokens", "in order of position", "--val-fraction and --test-fraction"),
        ]


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
