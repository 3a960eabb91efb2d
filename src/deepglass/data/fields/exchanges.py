"""Exchanges as words: what was said, turn by turn, and the reply.

dialogues ── split ── words of the training part, buckets for all others ── turns one behind the other, and replies
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require, require_between
from deepglass.data import statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout
from deepglass.data.dialogues import Dialogue
from deepglass.data.exchanges import Exchange, Exchanges, exchanges_of
from deepglass.data.fields import turns
from deepglass.data.fields._sequence import TokenSequence, Windowed
from deepglass.data.preprocess.hashed_words import FIRST, MOST_BUCKETS, TURN, HashedWords
from deepglass.data.reading import dialogues

MOST_TURNS, LONGEST_TURN = 64, 512
MOST_REPLIES = 50_000  # that a run keeps to choose from


@dataclass(frozen=True)
class Options:
    """Settings of exchanges as words."""

    turns: int = 6  # of what was said, the last ones; what is older seldom decides an answer
    max_length: int = 32  # words of a turn; few are longer, and they repeat themselves
    min_count: int = 1  # rarer words share buckets; names are rare, and tell most
    max_words: int = 50_000  # size of the vocabulary; what lies beyond is very rare
    buckets: int = 4096  # for words that training has not met; so few collide
    normalise: Literal["none", "stem", "lemma"] = "none"  # count the forms of an English word as one


class Field(TokenSequence):
    """Conversations, of which replies are looked for.

    Attributes:
        vocabulary: The words.
        replies: The different ones of the training, among which a new one is found.
        content: The exchanges of each part; known after `fit` alone.
    """

    name = "exchanges"
    SETTINGS = Options
    options: Options
    vocabulary: HashedWords
    replies: list[str]
    content: dict[str, list[Exchange]]
    turns: int

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """Conversations that a reader knew as such."""
        return turns.Field.accepts(data, config)

    def as_source(self, data: Data) -> Layout:
        """The conversations.

        Raises:
            DataError: If there are none.
        """
        return dialogues.as_dialogues(data)

    def fit(self, data: Layout) -> Windowed:
        """The words of the training part, and exchanges of every part; a dialogue is in one part alone.

        Raises:
            DataError: If nothing is answered, or all answers are the same.
            OptionError: If an option is out of its range.
        """
        self._require_options()
        found, guesses = dialogues.answered(data)
        rows = turns.divided(found, self.data_config, self.seed)
        self.content = {part: [one for i in places for one in exchanges_of(found[i])] for part, places in rows.items()}
        train = self.content["train"]
        self.replies = list(dict.fromkeys(one.reply for one in train))[:MOST_REPLIES]
        if len(self.replies) < 2:
            raise DataError(f"{data.name}: all answers to learn from are the same: expected several to choose from")
        limits = {name: getattr(self.options, name) for name in ("min_count", "max_words", "buckets", "max_length")}
        texts = (text for i in rows["train"] for _, text in found[i].turns)
        self.vocabulary = HashedWords.fit(texts, normalise=self.options.normalise, **limits)
        self.turns = self.options.turns
        sizes = ", ".join(f"{name} {len(part):,}" for name, part in rows.items())
        guesses += [
            Guess("replies", f"{len(self.replies):,} to choose from", "the different ones of training", "--min-count"),
            Guess("splits", f"{sizes} dialogues", "drawn whole", "--val-fraction and --test-fraction"),
        ]
        examples: Any = {part: self.coded(content) for part, content in self.content.items()}
        said = examples["train"].source.numpy().ravel()
        self.statistics = {"messages": statistics.of_ids(np.bincount(said[said > TURN], minlength=self.size))}
        return Windowed(examples, [*data.guesses, *guesses])

    def coded(self, exchanges: Sequence[Exchange]) -> Exchanges:
        """Exchanges as tokens."""
        topics = np.unique([one.topic for one in exchanges], return_inverse=True)[1].ravel()
        source = padded([self.said_ids(one.said) for one in exchanges])
        return Exchanges(source, self.reply_ids([one.reply for one in exchanges]), topics)

    def said_ids(self, said: Sequence[str]) -> list[int]:
        """The last turns, the newest first, with a border between them."""
        rows = [self.vocabulary.ids_of(text) for text in said[: -self.turns - 1 : -1]]
        return [token for i, row in enumerate(rows) for token in ([TURN, *row] if i else row)]

    def reply_ids(self, replies: Sequence[str]) -> Tensor:
        """(N, L) int32."""
        return padded([self.vocabulary.ids_of(text) for text in replies])

    @property
    def size(self) -> int:
        """Words, buckets and marks that there are."""
        return len(self.vocabulary)

    @property
    def dims(self) -> dict[str, Any]:
        """Ids that there are, and turns that are told apart."""
        return {"vocab_size": self.size, "num_turns": self.turns}

    def extremes(self) -> tuple[Tensor, ...]:
        """Two messages of one word: the first and the last that there is."""
        return (torch.tensor([[FIRST], [self.size - 1]]),)

    def state(self) -> dict[str, Any]:
        """The words, how many turns are read, and the replies to choose from."""
        learnt = {"vocabulary": self.vocabulary.state(), "turns": self.turns, "replies": self.replies}
        return learnt | {"statistics": self.statistics}

    def load_state(self, state: dict[str, Any]) -> None:
        self.vocabulary = HashedWords.from_state(read(state, "vocabulary", Any))
        self.turns, self.replies = read(state, "turns", int), read(state, "replies", list[str])
        self.statistics = statistics.read_back(state)
        require_between(self.turns, 1, MOST_TURNS, "turns")
        require_between(self.vocabulary.max_length, 1, LONGEST_TURN, "the length of turns")
        require(0 < len(self.replies) <= MOST_REPLIES, "replies to choose from", len(self.replies))

    # -- conversations that come later --------------------------------------------------------------------------

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Exchanges, dict[str, Any]]:
        """To be judged, every exchange; else the last question of each conversation, to be answered.

        Raises:
            DataError: If they are no conversations, or nobody asks anything.
        """
        found = turns.opened(inputs, self.data_config, self.as_source)
        if with_target:
            found = dialogues.answered(dialogues.layout(found, "the data"))[0]
            return self.coded([one for dialogue in found for one in exchanges_of(dialogue)]), {}
        asked = [turns.asking(one) for one in found]
        return self.asked([_said(one) for one in asked]), {"asked": [one.turns[-1][1] for one in asked]}

    def asked(self, said: Sequence[Sequence[str]]) -> Exchanges:
        """What was said, as tokens, with replies that are looked for.

        Raises:
            DataError: If the last turn has no word.
        """
        for one in said:
            if not self.vocabulary.ids_of(one[-1]):
                raise DataError(f"{one[-1]!r} has no word in it: say something that a reply can be found for")
        exchanges = self.coded([Exchange(tuple(one), "") for one in said])
        exchanges.is_asked = True
        return exchanges

    def unused_options(self, asked: Mapping[str, Any]) -> Iterator[Unused]:
        """Buckets act wherever words are strange."""
        yield from ()

    # -- helpers ------------------------------------------------------------------------------------------------

    def _require_options(self) -> None:
        ranges = {
            "turns": (1, MOST_TURNS), "max_length": (1, LONGEST_TURN), "min_count": (1, 1_000_000),
            "max_words": (1, 10_000_000), "buckets": (1, MOST_BUCKETS),
        }  # fmt: skip
        for name, (low, high) in ranges.items():
            if not low <= (value := getattr(self.options, name)) <= high:
                raise OptionError(f"--{name.replace('_', '-')}: expected {low} to {high:,}, got {value}")


def padded(rows: Sequence[list[int]]) -> Tensor:
    """(N, T) int32, as long as the longest row, 0 behind the others."""
    found = np.zeros((len(rows), max([1, *map(len, rows)])), np.int32)
    for row, ids in zip(found, rows, strict=True):
        row[: len(ids)] = ids
    return torch.from_numpy(found)


def _said(dialogue: Dialogue) -> list[str]:
    return [text for role, text in dialogue.turns if role != "system"]
