"""Word by word: a dictionary that is counted from sentences and their translations, and nothing of grammar.

    dice(e, g) = 2 · n(e, g) / (n(e) + n(g))      n: in how many sentences, or pairs of sentences

References:
    Dice (1945), Measures of the Amount of Ecologic Association Between Species, https://doi.org/10.2307/1932409
    Melamed (2000), Models of Translational Equivalence among Words, https://aclanthology.org/J00-2004/
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.core.mteval import words_of

MOST_PAIRS = 20_000  # of sentences that are counted: words that matter come often
MARKS = ".,!?;:"


class Dictionary:
    """For each word of one language the word of the other that it shares its sentences with.

    Args:
        entries: Word by word.
    """

    def __init__(self, entries: dict[str, str]):
        self.entries = entries

    @classmethod
    def fit(cls, sources: Sequence[str], targets: Sequence[str]) -> "Dictionary":
        """Count the words of sentences and of their translations."""
        from scipy.sparse import csr_matrix

        sides: list[tuple[list[str], Any]] = []
        for texts in (sources[:MOST_PAIRS], targets[:MOST_PAIRS]):
            sentences = [sorted(set(words_of(text))) for text in texts]
            words = [*Counter(word for one in sentences for word in one)]
            place = {word: i for i, word in enumerate(words)}
            columns = np.array([place[word] for one in sentences for word in one], np.int64)
            ends = np.cumsum([0, *map(len, sentences)])
            sides.append((words, csr_matrix((np.ones(len(columns)), columns, ends), (len(sentences), len(words)))))
        (words, ours), (others, theirs) = sides
        both = (ours.T @ theirs).tocoo()
        n_ours, n_theirs = (np.asarray(counts.sum(axis=0)).ravel() for counts in (ours, theirs))
        dice = 2 * both.data / (n_ours[both.row] + n_theirs[both.col])
        order = np.lexsort((both.col, dice))  # the best of each word comes last and stays
        return cls({words[i]: others[j] for i, j in zip(both.row[order].tolist(), both.col[order].tolist())})

    def translate(self, text: str) -> str:
        """Every word by its entry; one without an entry stays as it is."""
        found = " ".join(self.entries.get(word, word) for word in words_of(text))
        for mark in MARKS:
            found = found.replace(f" {mark}", mark)
        return found or text
