"""Transcript: what is said in a sound, as a sequence of words or of characters.

    "Three, one" ── lower case, no punctuation ── words, or characters ── (N, S) positions, 0 behind the end

Position 0 is the blank of CTC and no token. Tokens that training has not heard get a number of their own beyond all
others: they can be neither learnt nor said, and count as errors.
"""

import re
from typing import Any, Literal

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.core.wording import counted
from deepglass.data.config import DataConfig
from deepglass.data.fields import AnswerField
from deepglass.data.reading.columns import describe
from deepglass.data.reading.learnable import drop_rows_without_target
from deepglass.data.reading.table import keep_rows, require_column
from deepglass.data.sound_table import SoundTable

PADDING, UNHEARD = 0, -1  # in targets: behind the end, and where nobody knows what is said
STRANGE = "�"  # is written for a token that training has not heard
FEW_WORDS, OFTEN = 200, 5  # so few words, each so often on average, are learnt whole
Tokens = Literal["words", "characters"]


class Field(AnswerField):
    """A column of transcripts.

    Attributes:
        tokens: What counts as one.
        vocabulary: Those of training, in order; the first has position 1.
        asked: The tokens that the options ask for; None guesses.
    """

    name = "transcript"
    tokens: Tokens = "characters"
    vocabulary: list[str]
    asked: Tokens | None = None

    def __init__(self, data_config: DataConfig):
        super().__init__(data_config)
        self.vocabulary = []

    def take(self, data: SoundTable) -> list[Guess]:
        """Choose the column; leave out sounds of which nobody says what is said.

        Raises:
            DataError: If no column could be one.
            OptionError: If the one that was asked for is absent.
        """
        self.target, why = self._column(data)
        guesses = [Guess("target", self.target, why, "--target"), *drop_rows_without_target(data, self.target)]
        is_empty = np.array([not normalised(str(cell)) for cell in data.frame[self.target]])
        if is_empty.all():
            raise DataError(f"column {self.target!r} of {data.name} has no letters in any row: expected what is said")
        if is_empty.any():
            keep_rows(data, ~is_empty)
            why = f"{self.target} has no letters there"
            guesses.append(Guess("sounds left out", f"{is_empty.sum():,}", why, "what is said in every row"))
        return guesses

    def _column(self, data: SoundTable) -> tuple[str, str]:
        if self.data_config.target:
            return require_column(data.frame, self.data_config.target, "--target"), "as asked"
        if data.target is not None:
            return data.target, "it says what is said"
        rest = data.frame.drop(columns=[data.column])
        words = {column.name: column for column in describe(rest) if column.kind in ("text", "category", "id")}
        if not words:
            raise DataError(
                f"{data.name} does not say what is said in its sounds: expected a column of transcripts, named with "
                "--target COLUMN, or a text of the same name beside each sound"
            )
        return max(words, key=lambda name: words[name].mean_words), "the column with the most words"

    def require(self, data: SoundTable) -> list[Guess]:
        """Anything that is said can be learnt."""
        return []

    def fit(self, data: SoundTable, rows: np.ndarray) -> None:
        """The tokens of the training transcripts."""
        texts = [self._texts(data)[row] for row in rows]
        self.tokens = self.asked or usual_tokens(texts)
        self.vocabulary = sorted({token for text in texts for token in split(text, self.tokens)})

    def guess(self) -> Guess:
        """What counts as a token, in words."""
        few = f"{counted(len(self.vocabulary), 'word')}, each often enough"
        why = few if self.tokens == "words" else "many words: they are spelled"
        return Guess("tokens", self.tokens, why, "--tokens")

    def encode(self, data: SoundTable) -> np.ndarray:
        """(N, S) positions from 1 on, `PADDING` behind the end.

        Raises:
            OptionError: If the column is absent.
            DataError: If a row has none.
        """
        require_column(data.frame, self.target, "--target")
        place = {token: i + 1 for i, token in enumerate(self.vocabulary)}
        strange = len(self.vocabulary) + 1
        rows = [[place.get(token, strange) for token in split(text, self.tokens)] for text in self._texts(data)]
        targets = np.full((len(rows), max(map(len, rows), default=1)), PADDING, np.int64)
        for target, row in zip(targets, rows):
            target[: len(row)] = row
        return targets

    def blank(self, count: int) -> np.ndarray:
        """-1."""
        return np.full((count, 1), UNHEARD)

    def select(self, data: SoundTable) -> list[Guess]:
        """Leave out sounds of which nobody says what is said.

        Raises:
            OptionError: If there is no such column.
        """
        require_column(data.frame, self.target, "--target")
        return drop_rows_without_target(data, self.target)

    def spelled(self, places: Any) -> str:
        """The text of positions; those of `PADDING` and `UNHEARD` say nothing."""
        words = [self.vocabulary[i - 1] if i <= len(self.vocabulary) else STRANGE for i in places if i > 0]
        return (" " if self.tokens == "words" else "").join(words)

    @property
    def size(self) -> int:
        """The tokens and the blank."""
        return len(self.vocabulary) + 1

    def state(self) -> dict[str, Any]:
        """The column and the tokens."""
        return {"target": self.target, "tokens": self.tokens, "transcript_vocabulary": self.vocabulary}

    def load_state(self, state: dict[str, Any]) -> None:
        self.target = read(state, "target", str)
        self.tokens = read(state, "tokens", Tokens)
        self.vocabulary = read(state, "transcript_vocabulary", list[str])
        require(0 < len(set(self.vocabulary)) == len(self.vocabulary), "different tokens")

    def _texts(self, data: SoundTable) -> list[str]:
        return [normalised(str(cell)) for cell in data.frame[self.target]]


def normalised(text: str) -> str:
    """Lower case, without punctuation but the apostrophe: what can be heard."""
    return " ".join(re.sub(r"[^\w']|_", " ", text.lower()).split())


def split(text: str, tokens: Tokens) -> list[str]:
    """The words or the characters of a normalised text."""
    return text.split() if tokens == "words" else list(text)


def usual_tokens(texts: list[str]) -> Tokens:
    """Words where there are few and each is heard often; else characters, of which new words can be put together."""
    words = [word for text in texts for word in text.split()]
    different = len(set(words))
    return "words" if different <= FEW_WORDS and len(words) >= OFTEN * different else "characters"


def require_tokens(asked: Any) -> None:
    """Check an option.

    Raises:
        OptionError: If it is neither.
    """
    if asked not in (None, "words", "characters"):
        raise OptionError(f"--tokens: expected words or characters, got {asked!r}")
