"""A linear reward model: every token of an answer has a worth, and so has its length.

The worths are fitted to the comparisons by Bradley and Terry's model. It sees no prompt and no order: what it ranks
rightly, a taste for words and length explains.
"""

from collections.abc import Sequence

import numpy as np

from deepglass.training import bradley_terry

PENALTIES = (0.1, 1.0, 10.0)  # of which the held-out comparisons choose


class WordWorths:
    """Worths of tokens, fitted to comparisons.

    Args:
        chosen: Ids of each answer that was preferred.
        rejected: Of the other one.
        vocab_size: V.
        penalty: Of large worths.
    """

    def __init__(
        self, chosen: Sequence[np.ndarray], rejected: Sequence[np.ndarray], vocab_size: int, penalty: float = 1.0
    ):
        self.vocab_size = vocab_size
        self.weights = bradley_terry.fit_linear(self.features(chosen), self.features(rejected), penalty)

    def features(self, answers: Sequence[np.ndarray]) -> np.ndarray:
        """(n, V + 1) how often each token comes, and the square root of how many there are."""
        found = np.zeros((len(answers), self.vocab_size + 1))
        for row, ids in zip(found, answers, strict=True):
            row[:-1] = np.bincount(ids, minlength=self.vocab_size)
            row[-1] = np.sqrt(len(ids))
        return found

    def scores(self, answers: Sequence[np.ndarray]) -> np.ndarray:
        """(n,) the reward of each answer."""
        return self.features(answers) @ self.weights
