"""What is known of each node, as numbers: its columns, the words of its text, or nothing but which node it is.

    numbers and categories  → scaled, one column for each level
    words of a text         → 1/n for each of its n different words, as Kipf & Welling (2017) prepare papers
    neither                 → a column for each node of the training

Nodes are not drawn from anywhere: the graph is there whole, and only labels are missing. So all nodes of the training
tell how their columns are scaled, those of the test too; labels play no part in it.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require
from deepglass.data.preprocess.tabular import TabularPreprocessor
from deepglass.data.preprocess.text import split_words
from deepglass.data.reading.columns import describe

FEWEST_OF_A_WORD = 2  # nodes that share it: a word of one node tells nothing of others
MOST_WORDS = 5_000
MOST_NUMBERS = 1 << 27  # of all nodes together: half a gigabyte
NOT_LEARNT = ("id", "constant", "text")  # kinds of columns


@dataclass
class NodeFeatures:
    """What the nodes of the training have taught about columns and words.

    Attributes:
        columns: Of numbers and categories; None where there are none.
        text: The column of a text; empty where there is none.
        words: That are counted, the most frequent first.
        names: Of the nodes, where these have neither columns nor text.
    """

    columns: TabularPreprocessor | None = None
    text: str = ""
    words: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @classmethod
    def fit(cls, frame: pd.DataFrame, names: list[str], text: str, guesses: list[Guess]) -> "NodeFeatures":
        """Learn from all nodes of the training.

        Args:
            frame: Their columns, without name, neighbours and target.
            names: Of the nodes.
            text: The column of a text; empty for none.
            guesses: Takes what was decided.

        Raises:
            DataError: If a column holds infinities, or so many nodes need columns to be told apart by.
        """
        rest = frame.drop(columns=[text] if text else [])
        known = [column for column in describe(rest) if column.kind not in NOT_LEARNT]
        columns = TabularPreprocessor.fit(rest, scaling="standard", guesses=guesses) if known else None
        counts = Counter(word for cell in frame[text].dropna() for word in set(split_words(str(cell)))) if text else {}
        words = [word for word, count in Counter(counts).most_common(MOST_WORDS) if count >= FEWEST_OF_A_WORD]
        found = cls(columns, text if words else "", words)
        if columns is None and not words:
            found.names = names
            guesses.append(Guess("features", "which node it is", "no column describes it", "a column for each fact"))
        if len(names) * found.num_features > MOST_NUMBERS:
            raise DataError(
                f"{len(names):,} nodes of {found.num_features:,} numbers each would fill the memory: expected at most "
                f"{MOST_NUMBERS:,} numbers; leave columns out with --ignore, or give nodes columns that describe them"
            )
        return found

    @property
    def num_features(self) -> int:
        """F, numbers of a node."""
        of_columns = self.columns.num_features + sum(self.columns.cardinalities) if self.columns else 0
        return of_columns + len(self.words) + len(self.names)

    @property
    def needed(self) -> list[str]:
        """Columns that new nodes must have."""
        return [*(self.columns.columns if self.columns else []), *([self.text] if self.text else [])]

    def transform(self, frame: pd.DataFrame, names: list[str]) -> np.ndarray:
        """(N, F) float32 of some nodes.

        Raises:
            DataError: If a column is missing or does not fit.
        """
        parts = [np.zeros((len(frame), 0), np.float32)]
        if self.columns is not None:
            numbers, codes = self.columns.transform(frame)
            levels = [np.arange(count) == codes[:, [place]] for place, count in enumerate(self.columns.cardinalities)]
            parts += [numbers, *levels]
        if self.text:
            parts.append(self._counted(frame))
        if self.names:
            parts.append(_one_hot(names, self.names))
        return np.concatenate(parts, axis=1).astype(np.float32)

    def _counted(self, frame: pd.DataFrame) -> np.ndarray:
        if self.text not in frame:
            raise DataError(
                f"column {self.text!r} is missing: expected the text of each node; add it, empty if unknown"
            )
        places = {word: place for place, word in enumerate(self.words)}
        found = np.zeros((len(frame), len(self.words)), np.float32)
        for row, cell in enumerate(frame[self.text]):
            known = [] if pd.isna(cell) else sorted({places[w] for w in split_words(str(cell)) if w in places})
            found[row, known] = 1 / max(1, len(known))
        return found

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        columns = self.columns.state() if self.columns else None
        return {"columns": columns, "text": self.text, "words": self.words, "names": self.names}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "NodeFeatures":
        """What gave `state`.

        Raises:
            ValueError: If it does not fit.
        """
        columns = read(state, "columns", dict[str, Any] | None)
        text, words, names = read(state, "text", str), read(state, "words", list[str]), read(state, "names", list[str])
        require(len(set(words)) == len(words) and bool(words) == bool(text), "words of a text, each once")
        require(len(set(names)) == len(names), "names of nodes, each once")
        found = cls(TabularPreprocessor.from_state(columns) if columns else None, text, words, names)
        require(found.num_features > 0, "columns, words or names")
        return found


def _one_hot(names: list[str], known: list[str]) -> np.ndarray:
    """(N, n) 1 in the column of each name, nothing for one that is not known."""
    places = {name: place for place, name in enumerate(known)}
    found = np.zeros((len(names), len(known)), np.float32)
    for row, name in enumerate(names):
        if name in places:
            found[row, places[name]] = 1
    return found
