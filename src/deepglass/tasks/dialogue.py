"""Dialogue: what does one answer? A language model that has learnt the answers of conversations, and nothing else.

    [user] my name is Ada [end] [assistant] hello, Ada! [end] [user] what is my name? [end] [assistant] → ada [end]

Turns become one row of tokens (`core/chat_template.py`), and a language model of any kind learns to go on with it where
the assistant speaks: the loss of everything else is masked. It remembers what is in its context and forgets the rest.
With `--pretrained RUN` it begins with a model that has read running text in byte pairs.

References:
    Vinyals & Le (2015), A Neural Conversational Model, https://arxiv.org/abs/1506.05869
    Ouyang et al. (2022), Training language models to follow instructions with human feedback,
    https://arxiv.org/abs/2203.02155 (their first step: demonstrations, supervised)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from deepglass.core.sampling import Sampling
from deepglass.core.sampling import shares as next_shares
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.fields import Beginning, turns
from deepglass.data.token_windows import IGNORED, TokenWindows
from deepglass.models.decoding.reader import Reader
from deepglass.rivals import Time
from deepglass.rivals.ngrams import NGrams
from deepglass.tasks import Outputs, Prepared, _sampling, language_modelling
from deepglass.tasks._whole_text import WholeTextTask

MOST_OF_ANSWER = 400  # tokens; a quarter of the context where that is less
STEPS_WANTED = 1000  # of 32 windows


@dataclass(frozen=True)
class Config(turns.Options):
    """Options of the task."""


class Task(language_modelling.Task):
    """A conversation → what is answered."""

    name = "dialogue"
    EXPORTS = ("turns", "next_probabilities")
    plain_text = ".jsonl"
    default_model = "llama"  # rotary positions: how far back a thing was said is a distance, wherever it was said
    LEARNS_LIKE = ("language-modelling",)
    READS = ("dialogues",)
    CHECKS = ()
    FINE_TUNING: ClassVar[dict[str, Any]] = {
        "learning_rate": 3e-4,
        "epochs": 4,
    }  # Ouyang et al.: few epochs, or it parrots
    HONOURS = ("val_fraction", "test_fraction", "label_smoothing")
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "the answers of a conversation are its targets; leave it out",
        "private": "a bound per window of a conversation is none per speaker; leave it out",
        "class_weights": "every token of an answer is a target; leave it out",
        "mixup": "tokens cannot be blended; leave it out, or try --label-smoothing 0.1",
        "cutmix": "tokens cannot be cut and pasted as pictures are; leave it out",
    }
    GENERATES = (
        "prompt", "max_tokens", "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "seed", "draft",
    )  # fmt: skip
    draws: ClassVar[bool] = True  # whether the same conversation may be answered in several ways
    inputs: turns.Field  # type: ignore[assignment]

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        WholeTextTask.__init__(self, data_config, config, seed, turns.Field)  # type: ignore[arg-type]

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Conversations as examples; they begin with the tokens that a run before had, where there was one.

        Raises:
            DataError: If the data hold no conversations.
        """
        source = self.pretrained.source if self.pretrained else ""
        self.inputs.beginning = Beginning(state=self.inherited, source=source)
        return WholeTextTask.prepare(self, data)

    @property
    def has_new_tokens(self) -> bool:
        """The marks of speakers, of a model that has read running text alone."""
        return self.pretrained is not None and "messages" not in self.inherited.get("statistics", {})

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Enough epochs for about a thousand steps."""
        batch_size = language_modelling.TRAIN_DEFAULTS["batch_size"]
        epochs = float(np.clip(STEPS_WANTED * batch_size / num_examples, 1, 30))
        return {**language_modelling.TRAIN_DEFAULTS, "epochs": round(epochs)}

    # -- answers ------------------------------------------------------------------------------------------------

    def outputs(self, model: nn.Module, examples: Any, batch_size: int = 512) -> Outputs:
        """Of conversations with answers as a language model; of prompts, what is answered and how sure it is."""
        if not examples.is_asked:
            return super().outputs(model, examples, batch_size)
        replies = [self._reply(model, row[row >= 0].tolist()) for row in examples.ids.cpu()]
        longest = max(1, *(len(ids) for ids, _ in replies))
        ids = np.full((len(replies), longest), IGNORED, np.int32)
        for row, (reply, _) in zip(ids, replies, strict=True):
            row[: len(reply)] = reply
        return Outputs(ids, None, None, {"probability": np.array([p for _, p in replies])})

    def _reply(self, model: nn.Module, prompt: list[int]) -> tuple[list[int], float]:
        """The likeliest tokens up to the end of the turn, and the mean of their probabilities, as a product."""
        reader, seen, nats = Reader(model.eval(), self.inputs.context), list(prompt), []
        for _ in range(self.room_for(prompt)):
            logits = reader.read(seen).numpy()
            logits[self.never] = -np.inf
            chosen = int(logits.argmax())
            nats.append(np.log(next_shares(logits, Sampling(temperature=1.0))[chosen]))
            if chosen == self.inputs.template.end:
                break
            seen.append(chosen)
        return seen[len(prompt) :], float(np.exp(np.mean(nats)))

    @property
    def never(self) -> list[int]:
        """Tokens that an assistant does not write: marks of speakers, and what stands for the unknown."""
        marks = [i for name, i in self.inputs.template.marks.items() if i != self.inputs.template.end]
        return [*marks, *([] if self.tokens.unknown is None else [self.tokens.unknown])]

    def room_for(self, prompt: list[int], wanted: int = MOST_OF_ANSWER) -> int:
        """Tokens that may be answered within the context."""
        return max(1, min(wanted, self.inputs.context - len(prompt)))

    def generate(self, model: nn.Module, prompt: str = "", **options: Any) -> Iterator[str]:
        """The answer to a message, piece by piece.

        Raises:
            DataError: If the message is empty.
            OptionError: If an option is out of its range.
        """
        return self.reply(model, self.inputs.read_prompt(prompt)[0], **options)

    def reply(self, model: nn.Module, ids: list[int], **options: Any) -> Iterator[str]:
        """The answer to a prompt of the template, piece by piece; see `deepglass.tasks._sampling.generate`.

        Raises:
            OptionError: If an option is out of its range.
        """
        inputs, most = self.inputs, options.pop("max_tokens", MOST_OF_ANSWER)
        ends = {"end": inputs.template.end, "never": tuple(self.never)}
        room = self.room_for(ids, most) if most > 0 else most
        return _sampling.generate(model, self.tokens, ids, inputs.context, max_tokens=room, **ends, **options)

    def answer_turns(self, model: nn.Module, turns: list[tuple[str, str]], **options: Any) -> tuple[int, Iterator[str]]:
        """How many of the first turns are out of sight, and the answer to the last one, piece by piece.

        Raises:
            DataError: If a turn holds half of a character.
            OptionError: If an option is out of its range.
        """
        ids, forgotten = self.inputs.template.prompt([(role, self.inputs.ids_of(said)) for role, said in turns])
        return forgotten, self.reply(model, ids, **options)

    @property
    def sight(self) -> str:
        """How much of a conversation is read, in words."""
        return f"{self.inputs.context:,} tokens"

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """What is answered to the last question of each conversation."""
        replies = [self.tokens.decode(row[row != IGNORED].tolist()) for row in outputs.predictions]
        return [
            {"asked": asked, "prediction": reply, "probability": float(p)}
            for asked, reply, p in zip(names["asked"], replies, outputs.extra["probability"], strict=True)
        ]

    # -- judging ------------------------------------------------------------------------------------------------

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Loss and perplexity of the answers alone."""
        return {**super().evaluate(outputs), "kind": "conversation"}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Counts of what followed the last few tokens, questions included."""
        train: Any = prepared.train
        return self._by_counts(NGrams(train.running, len(self.tokens), time), prepared)

    def _spelled(self, ids: Any, targets: Any = None) -> list[str]:
        """What was said in each window, without marks."""
        marks = [*self.inputs.template.marks.values()]
        is_said = (ids if targets is None else targets) != IGNORED
        is_said &= ~np.isin(ids, marks)
        return [self.tokens.decode(row[kept].tolist()) for row, kept in zip(ids, is_said, strict=True)]

    # -- explaining ---------------------------------------------------------------------------------------------

    def prompt_examples(self, prompt: Any) -> TokenWindows:
        """A message as one window that ends where the answer begins.

        Raises:
            DataError: If it is empty.
        """
        ids = np.array(self.inputs.read_prompt(prompt)[0], np.int64)
        return TokenWindows(torch.from_numpy(np.append(ids, ids[-1])), len(ids))
