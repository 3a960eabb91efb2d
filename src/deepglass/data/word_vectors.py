"""Word vectors as a user asks them: what is near a word, what "king - man + woman" leads to, how alike two words are.

    near(q) = the words with the largest cosine to q        q = the sum of unit vectors, each added or taken away

References:
    Mikolov, Yih & Zweig (2013), Linguistic Regularities in Continuous Space Word Representations,
    https://aclanthology.org/N13-1090 (analogies by adding and taking away)
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from deepglass.core.errors import DataError, OptionError

SIGNS = {"+": 1.0, "-": -1.0, "−": -1.0}
MOST_COUNT = 1_000_000


@dataclass
class WordVectors:
    """Words and their vectors.

    Attributes:
        words: Each once, the most frequent first.
        vectors: (V, C) float32.
        unseen: Makes a vector (C,) for a word that is not among them; None where that cannot be.
        form: From a word as it is written to its form among `words`.
    """

    words: list[str]
    vectors: np.ndarray
    unseen: Callable[[str], np.ndarray] | None = None
    form: Callable[[str], str] = field(default=str)

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each word is."""
        return {word: i for i, word in enumerate(self.words)}

    @cached_property
    def units(self) -> np.ndarray:
        """(V, C) vectors of length 1; zeros stay."""
        return unit(self.vectors)

    def place(self, word: str) -> int | None:
        """Where a word is, as it is written or in the form in which words are counted; None where it is not."""
        forms = (word, word.lower(), self.form(word.lower()))
        return next((self.places[form] for form in forms if form in self.places), None)

    def vector(self, word: str) -> np.ndarray:
        """(C,) of a word.

        Raises:
            DataError: If it has none; names those that are written nearly so.
        """
        place = self.place(word)
        if place is not None:
            return self.vectors[place]
        made = self.unseen(self.form(word.lower())) if self.unseen else None
        if made is None or not np.any(made):
            meant = difflib.get_close_matches(word.lower(), self.words[:MOST_COUNT], n=3)
            hint = f"; did you mean {', '.join(meant)}?" if meant else ""
            raise DataError(f"{word!r} has no vector: it was too rare in the training text, or not in it{hint}")
        return made

    def near(self, query: str, count: int = 10) -> list[tuple[str, float]]:
        """The words nearest to a word, or to a sum such as "king - man + woman", and their cosines.

        Args:
            query: One word, or words with + and - between them; these words themselves are left out.
            count: How many.

        Raises:
            DataError: If a word has no vector.
            OptionError: If there is no word, or the count is out of its range.
        """
        if not 1 <= count <= MOST_COUNT:
            raise OptionError(f"--count: expected 1 to {MOST_COUNT:,}, got {count:,}")
        parts = parsed(query)
        total = sum(sign * unit(self.vector(word)) for sign, word in parts)
        cosines = self.units @ unit(np.asarray(total))
        given = {place for _, word in parts if (place := self.place(word)) is not None}
        order = [int(i) for i in np.argsort(-cosines, kind="stable") if int(i) not in given]
        return [(self.words[i], float(cosines[i])) for i in order[:count]]

    def likeness(self, one: str, other: str) -> float:
        """The cosine of two words.

        Raises:
            DataError: If one has no vector.
        """
        return float(unit(self.vector(one)) @ unit(self.vector(other)))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Of length 1 along the last dimension; zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-12)


def parsed(query: str) -> list[tuple[float, str]]:
    """ "king - man + woman" → [(1, "king"), (-1, "man"), (1, "woman")]; words without a sign between are added.

    Raises:
        OptionError: If there is no word, or a sign without a word.

    Example:
        >>> parsed("king - man")
        [(1.0, 'king'), (-1.0, 'man')]
    """
    found, sign = [], 1.0
    is_open = False  # behind a sign
    for part in query.split():
        if part in SIGNS:
            sign, is_open = SIGNS[part], True
        else:
            found.append((sign, part))
            sign, is_open = 1.0, False
    if not found or is_open:
        raise OptionError(f'which word is {query!r} near? Expected a word, or a sum such as "king - man + woman"')
    return found
