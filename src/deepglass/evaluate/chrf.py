"""chrF: how many of the runs of one to six characters are shared, blanks left out.

    chrF = 100 · (1 + β²) · P · R / (β² · P + R)      β = 2: recall counts twice as much
                                                       P, R: means over n = 1 … 6 of what is matched of
                                                       the written runs, and of the true ones

A word with another ending is half right, which BLEU calls wrong; and a short sentence has a score too.

References:
    Popović (2015), chrF: character n-gram F-score for automatic MT evaluation, https://aclanthology.org/W15-3049/
    Post (2018), https://arxiv.org/abs/1804.08771 (these scores are those of sacrebleu: chrF2)
"""

from collections import Counter

import numpy as np

LONGEST = 6  # characters of a run
BETA = 2.0
SIGNATURE = "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no"  # as sacrebleu writes it


def statistics(written: str, true: str) -> np.ndarray:
    """(18,) what chrF counts of one sentence: for n = 1 … 6 the runs that were written, that are true, and both."""
    ours, theirs = "".join(written.split()), "".join(true.split())
    found = []
    for n in range(1, LONGEST + 1):
        runs, true_runs = (Counter(text[i : i + n] for i in range(len(text) - n + 1)) for text in (ours, theirs))
        count = runs.total() if true_runs else 0  # where there is nothing to match, nothing counts as wrong
        found += [count, true_runs.total(), (runs & true_runs).total()]
    return np.array(found, np.float64)


def chrf_of(counts: np.ndarray) -> np.ndarray:
    """chrF of one or many corpora, from the sums over their sentences.

    Shape:
        - counts: (..., 18)
        - output: (...)
    """
    parts = counts.reshape(*counts.shape[:-1], LONGEST, 3)
    ours, theirs, matched = parts[..., 0], parts[..., 1], parts[..., 2]
    is_there = (ours > 0) & (theirs > 0)
    orders = np.maximum(is_there.sum(axis=-1), 1)
    precision, recall = (
        np.where(is_there, matched / np.maximum(count, 1e-300), 0).sum(axis=-1) / orders for count in (ours, theirs)
    )
    weighed = BETA**2 * precision + recall
    return np.where(weighed > 0, 100 * (1 + BETA**2) * precision * recall / np.maximum(weighed, 1e-300), 0.0)


def chrf(written: list[str], true: list[str]) -> float:
    """chrF of sentences, with one true sentence for each.

    Example:
        >>> round(chrf(["the cats"], ["the cat"]), 2)
        93.26
    """
    return float(chrf_of(sum((statistics(*pair) for pair in zip(written, true, strict=True)), np.zeros(3 * LONGEST))))
