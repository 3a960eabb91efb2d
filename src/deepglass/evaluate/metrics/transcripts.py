"""How well what was said is written down: word error rate, and where the errors are.

    WER = (substitutions + insertions + deletions) / words that were said

The errors are those of the cheapest alignment of both sentences, found by the edit distance. All errors of all
sentences are added up before they are divided, so long sentences count more; a rate may exceed 1, for more words can
be invented than were said. Intervals resample whole sentences, whose words depend on each other.

References:
    Levenshtein (1966), Binary codes capable of correcting deletions, insertions, and reversals
    Bisani & Ney (2004), Bootstrap estimates for confidence intervals in ASR performance evaluation,
    https://doi.org/10.1109/ICASSP.2004.1326009
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from deepglass.core.errors import DataError
from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score

MOST_PAIRS = 20  # confusions that are kept for the report


class Edits(NamedTuple):
    """How many of each kind turn what was said into what was written, and how much was said."""

    substitutions: int
    insertions: int
    deletions: int
    count: int

    @property
    def errors(self) -> int:
        """All of them."""
        return self.substitutions + self.insertions + self.deletions


def edits(said: Sequence[str], written: Sequence[str]) -> tuple[Edits, list[tuple[str, str]]]:
    """The cheapest way from one sequence to the other, and its pairs; "" stands where one of both has nothing.

    Args:
        said: The truth, as words or characters.
        written: The answer.

    Example:
        >>> edits("three one four".split(), "tree one four four".split())
        (Edits(substitutions=1, insertions=1, deletions=0, count=3), [('three', 'tree'), ('one', 'one'), ...])
    """
    cost = _costs(said, written)
    pairs: list[tuple[str, str]] = []
    i, j = len(said), len(written)
    while i or j:  # back along the cheapest way
        if i and j and cost[i, j] == cost[i - 1, j - 1] + (said[i - 1] != written[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((said[i], written[j]))
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
            pairs.append((said[i], ""))
        else:
            j -= 1
            pairs.append(("", written[j]))
    pairs.reverse()
    substituted = sum(bool(a and b and a != b) for a, b in pairs)
    return Edits(substituted, sum(not a for a, _ in pairs), sum(not b for _, b in pairs), len(said)), pairs


def _costs(said: Sequence[str], written: Sequence[str]) -> np.ndarray:
    """(n + 1, m + 1) fewest edits between the first i of one and the first j of the other."""
    cost = np.zeros((len(said) + 1, len(written) + 1), np.int64)
    cost[:, 0], cost[0] = np.arange(len(said) + 1), np.arange(len(written) + 1)
    for i, one in enumerate(said, 1):
        for j, other in enumerate(written, 1):
            same = cost[i - 1, j - 1] + (one != other)
            cost[i, j] = min(same, cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    return cost


def counted(said: Sequence[str], written: Sequence[str], of_characters: bool = False) -> np.ndarray:
    """(N, 4) substitutions, insertions, deletions and length of each sentence."""
    take = list if of_characters else str.split
    rows = [edits(take(a), take(b))[0] for a, b in zip(said, written, strict=True)]
    return np.array(rows, np.int64).reshape(-1, 4)


def rate(table: np.ndarray) -> float:
    """The error rate of all sentences together, from what `counted` gives."""
    return float(table[:, :3].sum() / max(1, table[:, 3].sum()))


def evaluate(written: Sequence[str], said: Sequence[str], *, seed: int = 0) -> dict[str, Any]:
    """Every score of transcripts, with 95 % intervals, in the form that `scores.py` describes.

    Args:
        written: The answers.
        said: The truth.
        seed: Of the bootstrap.

    Raises:
        DataError: If there is nothing to judge.
    """
    if not len(said) or not any(sentence.split() for sentence in said):
        raise DataError("no word was said in any of the sounds to judge: expected transcripts")
    words, letters = counted(said, written), counted(said, written, of_characters=True)
    right = (words[:, :3].sum(axis=1) == 0).astype(float)
    scores = {
        "word_error_rate": _with_interval(words[:, :3].sum(axis=1), words[:, 3], seed),
        "character_error_rate": _with_interval(letters[:, :3].sum(axis=1), letters[:, 3], seed),
        "sentences_right": score(right.mean(), intervals.mean_interval(right, seed=seed)),
    }
    for place, name in enumerate(("substitution_rate", "insertion_rate", "deletion_rate")):
        scores[name] = _with_interval(words[:, place], words[:, 3], seed)
    return {
        "kind": "transcripts",
        "count": len(said),
        "headline": ["word_error_rate", "character_error_rate", "sentences_right"],
        **scores,
        "details": {"words": int(words[:, 3].sum()), "errors": int(words[:, :3].sum())} | _confusions(said, written),
    }


def _with_interval(errors: np.ndarray, lengths: np.ndarray, seed: int) -> dict[str, float | None]:
    columns = np.stack([errors, lengths], axis=1).astype(np.float64)
    means = intervals.resampled_means(columns, seed=seed)
    with np.errstate(all="ignore"):
        spread = means[:, 0] / np.maximum(means[:, 1], 1e-9)
    return score(errors.sum() / max(1, lengths.sum()), intervals.percentile_interval(spread))


def _confusions(said: Sequence[str], written: Sequence[str]) -> dict[str, Any]:
    """The most frequent errors: what was said, what was written, how often."""
    counts: dict[tuple[str, str], int] = {}
    for one, other in zip(said, written, strict=True):
        for pair in edits(one.split(), other.split())[1]:
            if pair[0] != pair[1]:
                counts[pair] = counts.get(pair, 0) + 1
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_PAIRS]
    return {"confusions": [[a, b, count] for (a, b), count in most]}
