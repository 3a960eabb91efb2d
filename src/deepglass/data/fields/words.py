"""A running text as words, each among those around it.

text ── words in lower case, without marks ── rare ones left out ── ids (n,) ── windows, counted pairs, pairs held out
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require, require_between
from deepglass.core.word_forms import form_of
from deepglass.core.wording import counted
from deepglass.data import statistics
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table, Text
from deepglass.data.examples import InMemory
from deepglass.data.fields._sequence import SequenceField, Windowed
from deepglass.data.fields.tokens import split_text
from deepglass.data.preprocess.cooccurrence import count_pairs
from deepglass.data.preprocess.text import WORD, WordVocabulary, split_words
from deepglass.data.reading import source, word_pairs
from deepglass.data.reading.roles import guess_text_column
from deepglass.data.word_windows import WordWindows, keep_probability, pairs_to_tell_apart

PARAGRAPH = "\n\n"  # ends a text: no window reaches over it
MOST_HELD_OUT = 20_000  # pairs that are judged
MOST_WINDOW = 1_000
FEWEST_WORDS = 3  # different ones, of which vectors could say anything


@dataclass(frozen=True)
class Options:
    """Settings of a text as words."""

    window: int = 5  # words on either side; more tell what a word is about, fewer what kind of word it is
    min_count: int = 5  # rarer words get no vector: it would say what chance put beside them
    max_words: int = 50_000  # size of the vocabulary, the most frequent first
    normalise: Literal["none", "stem", "lemma"] = "none"  # count the forms of an English word as one
    subsample: float = 1e-4  # words with a larger share of the text are thinned out; 0 keeps all
    objective: Literal["skip-gram", "cbow"] = "skip-gram"  # from a word to those around it, or the other way round


class Field(SequenceField):
    """One long text, or a column of texts.

    Attributes:
        vocabulary: The words that have a vector.
        counts: (V,) how often each occurs in training.
        learns_from_counts: Whether training is told how often pairs occur, and not shown the text; set before `fit`.
    """

    name = "words"
    SETTINGS = Options
    options: Options
    vocabulary: WordVocabulary
    counts: np.ndarray
    learns_from_counts = False

    @classmethod
    def accepts(cls, data: Any, config: DataConfig) -> bool:
        """A running text, or a table that has one in a column."""
        return isinstance(data, Text) or (isinstance(data, Table) and guess_text_column(data, config) is not None)

    def as_source(self, data: Data) -> Text:
        """The text; of a table those of its column, one after the other.

        Raises:
            DataError: If there is none.
        """
        if isinstance(data, Text):
            return data
        found = guess_text_column(data, self.data_config) if isinstance(data, Table) else None
        if found is None:
            raise DataError(f"{data.name} holds no text: expected a text file, or a table with a column of texts")
        column, guess = found
        texts = data.frame[column].dropna().astype(str)  # type: ignore[union-attr]
        return Text(PARAGRAPH.join(texts), data.name, guesses=[guess])

    def fit(self, data: Text) -> Windowed:
        """The words of the training part; pairs of the other parts."""
        self._require_options()
        parts = split_text(data, self.data_config)
        words = {name: self._words(text) for name, text in parts.items()}
        self.vocabulary = self._fitted(words["train"], data.name)
        ids = {name: self._ids(part) for name, part in words.items()}
        self.counts = np.bincount(ids["train"], minlength=len(self.vocabulary))
        self.counts[0] = 0
        self.statistics = {"text": statistics.of_ids(self.counts)}
        examples: dict[str, Any] = {name: self.held_out(ids[name], name, data.name) for name in ("val", "test")}
        examples["train"] = self._counted(ids["train"]) if self.learns_from_counts else self._windows(ids["train"])
        return Windowed(examples, [*data.guesses, *self._guesses(ids, words)])

    @property
    def dims(self) -> dict[str, Any]:
        """Words that there are, and the letters of the longest."""
        return {"vocab_size": len(self.vocabulary), "longest_word": max(map(len, self.vocabulary.words), default=1)}

    def extremes(self) -> tuple[Tensor, ...]:
        """Two words."""
        return (torch.tensor([[0], [len(self.vocabulary) - 1]]),)

    def state(self) -> dict[str, Any]:
        """The words and how often each came."""
        learnt = {"vocabulary": self.vocabulary.state(), "counts": self.counts.tolist(), "statistics": self.statistics}
        return learnt | {"window": self.options.window, "subsample": self.options.subsample}

    def load_state(self, state: dict[str, Any]) -> None:
        self.vocabulary = WordVocabulary.from_state(read(state, "vocabulary", Any))
        self.counts = np.array(read(state, "counts", list[int]))
        require(len(self.counts) == len(self.vocabulary), "a count for every word")
        self.statistics = statistics.read_back(state)
        window, subsample = read(state, "window", int), read(state, "subsample", float)
        require_between(window, 1, MOST_WINDOW, "window")
        require_between(subsample, 0, 1, "subsample")
        self.options = replace(self.options, window=window, subsample=subsample)

    @property
    def keep(self) -> np.ndarray:
        """(V,) how often an occurrence of each word is kept."""
        return keep_probability(self.counts, self.options.subsample)

    # -- data that come later -----------------------------------------------------------------------------------

    def read(self, inputs: Any, *, with_target: bool) -> tuple[InMemory, dict[str, Any]]:
        """Words to be answered; or, to judge, pairs that people have rated, or another text.

        Raises:
            DataError: If there are none.
        """
        if with_target:
            rated = word_pairs.read_pairs(inputs)
            if rated is not None:
                return self._rated(rated)
            text = self.as_source(source.read(inputs, self.data_config.for_new_data()))
            return self.held_out(self._ids(self._words(text.text)), "new data", text.name), {}
        words = self._asked(inputs)
        forms = [self.vocabulary.form(word.lower()) for word in words]
        ids = torch.tensor([[self.vocabulary.ids.get(form, 0)] for form in forms])
        return InMemory(ids, torch.zeros(len(ids), 0, dtype=torch.int64), torch.arange(len(ids))), {"word": words}

    def held_out(self, ids: np.ndarray, part: str, name: str) -> InMemory:
        """Pairs of a text that was not learnt from: (m, 1) words, (m, 2) the near one and one by chance, (m,) zeros.

        Raises:
            DataError: If there are no two words that are known.
        """
        drawn = (self.options.window, self.keep, self.counts, MOST_HELD_OUT, self.seed + len(part))
        words, others = pairs_to_tell_apart(ids, *drawn)
        if not len(words):
            raise DataError(
                f"{name}: no two known words stand near each other in the part for {part}: give a longer text, or "
                f"lower --min-count"
            )
        return InMemory(torch.from_numpy(words).unsqueeze(1), torch.from_numpy(others), torch.zeros(len(words)).long())

    def unused_options(self, asked: Mapping[str, Any]) -> Iterator[Unused]:
        """What counted pairs leave no room for."""
        if self.learns_from_counts and "objective" in asked:
            yield Unused("objective", "the model learns from counted pairs, which have no direction")

    # -- helpers ------------------------------------------------------------------------------------------------

    def _require_options(self) -> None:
        options = self.options
        for name, value, least in (("window", options.window, 1), ("min_count", options.min_count, 1)):
            if value < least:
                raise OptionError(f"--{name.replace('_', '-')}: expected {least} or more, got {value}")
        if options.window > MOST_WINDOW:
            raise OptionError(f"--window: expected 1 to {MOST_WINDOW:,}, got {options.window:,}")
        if not 0 <= options.subsample <= 1:
            raise OptionError(f"--subsample: expected 0 to 1, got {options.subsample:g}")
        if options.max_words < FEWEST_WORDS:
            raise OptionError(f"--max-words: expected {FEWEST_WORDS} or more, got {options.max_words}")

    def _words(self, text: str) -> list[list[str]]:
        """The words of each paragraph, in the form in which they are counted, without marks."""
        form = form_of(self.options.normalise)
        paragraphs = text.replace("\r\n", "\n").split(PARAGRAPH)
        return [[form(word) for word in split_words(part) if any(c.isalnum() for c in word)] for part in paragraphs]

    def _fitted(self, paragraphs: list[list[str]], name: str) -> WordVocabulary:
        counts: Counter[str] = Counter()
        for words in paragraphs:
            counts.update(words)
        options = self.options
        kept = [word for word, count in counts.most_common(options.max_words) if count >= options.min_count]
        if len(kept) < FEWEST_WORDS:
            raise DataError(
                f"{name}: {counted(len(kept), 'word')} of the training part occur at least {options.min_count} times, "
                f"expected {FEWEST_WORDS}: give a longer text, or lower --min-count"
            )
        return WordVocabulary(kept, 1, normalise=options.normalise)

    def _ids(self, paragraphs: list[list[str]]) -> np.ndarray:
        """(n,) of the known words; unknown ones are left out, so that those around them move together."""
        known, between = self.vocabulary.ids, [0] * self.options.window
        found: list[int] = []
        for words in paragraphs:
            found += [known[word] for word in words if word in known] + between
        return np.array(found[: -len(between)], np.int64)

    def _windows(self, ids: np.ndarray) -> WordWindows:
        keep = torch.from_numpy(self.keep).float()
        is_cbow = self.options.objective == "cbow"
        return WordWindows(torch.from_numpy(ids), self.options.window, keep, is_cbow)

    def _counted(self, ids: np.ndarray) -> InMemory:
        """Every pair that occurs: (m, 1) words, (m, 1) beside them, (m, 1) how often."""
        pairs = count_pairs(ids, self.options.window, len(self.vocabulary)).tocoo()
        words, others = (torch.from_numpy(part.astype(np.int64)).unsqueeze(1) for part in (pairs.row, pairs.col))
        return InMemory(words, others, torch.from_numpy(pairs.data.astype(np.float32)).unsqueeze(1))

    def _asked(self, inputs: Any) -> list[str]:
        """Words from a list, a file, or a text.

        Raises:
            DataError: If there are none.
        """
        if isinstance(inputs, (str, Path)):
            is_text = isinstance(inputs, str) and not source.names_source(inputs)
            text = inputs if is_text else source.read(inputs, self.data_config.for_new_data())
            name = "the text" if is_text else Path(inputs).name
            if not isinstance(text, str):
                text = self.as_source(text).text
            words = [word for word in WORD.findall(str(text)) if any(c.isalnum() for c in word)]
        elif isinstance(inputs, (list, tuple)) and inputs and all(isinstance(word, str) for word in inputs):
            words, name = [word.strip() for word in inputs], "the list"
        else:
            raise DataError(f"expected a word, a list of words or a text file, got {type(inputs).__name__}")
        if not words or not all(words):
            raise DataError(f"{name} has {'an empty word' if words else 'no words'}: expected at least one letter")
        return words

    def _rated(self, rated: list[tuple[str, str, float]]) -> tuple[InMemory, dict[str, Any]]:
        """(n, 1) and (n, 1) words, 0 where one is unknown, and (n,) what people said of them."""
        form, ids = self.vocabulary.form, self.vocabulary.ids
        both = [[ids.get(form(word.lower()), 0) for word in pair[:2]] for pair in rated]
        places, said = torch.tensor(both), torch.tensor([pair[2] for pair in rated], dtype=torch.float64)
        names = {"word": [pair[0] for pair in rated], "other": [pair[1] for pair in rated]}
        return InMemory(places[:, :1], places[:, 1:], said), names

    def _guesses(self, ids: dict[str, np.ndarray], words: dict[str, Any]) -> list[Guess]:
        known, total = int((ids["train"] != 0).sum()), sum(map(len, words["train"]))
        sizes = ", ".join(f"{name} {int((part != 0).sum()):,}" for name, part in ids.items())
        why = f"those that occur {self.options.min_count} times: {known / max(1, total):.0%} of the training part"
        return [
            Guess("words", f"{len(self.vocabulary.words):,}", why, "--min-count and --max-words"),
            Guess("splits", f"{sizes} words", "in order of position", "--val-fraction and --test-fraction"),
        ]
