"""From which probability on a label is answered: where F1 is best on the validation examples.

    F1(t) = 2·hits / (true + answered)          answered: p ≥ t

A rare label is seldom more likely than not, so a cut at a half would never find it: each label has a threshold of its
own. The best cut for five examples is the luck of these five; where so few have a label, the probabilities take the
place of the truth, and the cut is where F1 would be best if they were right.

References:
    Yang (2001), A Study of Thresholding Strategies for Text Categorization, https://doi.org/10.1145/383952.383975
    (our thresholds per label are her SCut)
    Lewis (1995), Evaluating and Optimizing Autonomous Text Classification Systems,
    https://doi.org/10.1145/215206.215366 (the expected F1)
"""

import numpy as np

FEWEST = 10  # validation examples with a label, and as many without it, that can speak for its threshold
HALF = 0.5


def choose(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(L,) thresholds, each between two probabilities of the examples.

    Args:
        probabilities: Of the validation examples, never of the test.
        truth: As booleans.

    Shape:
        - probabilities, truth: (N, L)
    """
    counts = truth.sum(axis=0)
    speaks = (counts >= FEWEST) & (len(truth) - counts >= FEWEST)
    return np.array([best_cut(p, t if s else p) for p, t, s in zip(probabilities.T, truth.T, speaks, strict=True)])


def best_cut(chances: np.ndarray, is_it: np.ndarray) -> float:
    """The threshold of the highest F1: of several, the one in the middle of the widest gap between examples.

    Args:
        chances: (N,) probabilities.
        is_it: (N,) whether the label was true, of some at least; or how probable that is.
    """
    order = np.argsort(-chances, kind="stable")
    ranked, hits = chances[order].astype(np.float64), np.cumsum(is_it[order])
    scores = 2 * hits / (is_it.sum() + np.arange(1, len(hits) + 1))  # of a cut behind the k likeliest
    below = np.append(ranked[1:], 0.0)
    gaps = np.where(scores >= scores[ranked > below].max(initial=0) - 1e-12, ranked - below, -1.0)
    best = int(np.argmax(gaps))
    return float((ranked[best] + below[best]) / 2)


def always_the_same(shares: np.ndarray) -> float:
    """The cut of shares (L,) from which on labels are best answered always, by the micro F1 of the training examples.

    What answers every example alike can do no better; a network must.
    """
    ranked = np.sort(shares)[::-1]
    scores = 2 * np.cumsum(ranked) / (ranked.sum() + np.arange(1, len(ranked) + 1))
    return float(ranked[int(scores.argmax())])
