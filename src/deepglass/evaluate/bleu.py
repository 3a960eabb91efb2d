"""BLEU: how many of the runs of one to four words that were written stand in the true sentence too.

    BLEU = 100 · BP · (p₁ p₂ p₃ p₄)^¼      pₙ = matched runs of n words / written ones, over all sentences
                                            BP = exp(1 − true words / written words) where too little was written, or 1

A run counts at most as often as it stands in the true sentence. What is counted is added up over all sentences before
anything is divided, so BLEU is a score of a corpus and not the mean of sentences. A length of which nothing matches
counts as half a match, the next such a quarter, and so on (`exp`, as in mteval-v13a).

References:
    Papineni, Roukos, Ward & Zhu (2002), BLEU: a Method for Automatic Evaluation of Machine Translation,
    https://aclanthology.org/P02-1040/
    Post (2018), A Call for Clarity in Reporting BLEU Scores, https://arxiv.org/abs/1804.08771 (the words are those of
    its `13a`; these scores are those of sacrebleu)
"""

from collections import Counter

import numpy as np

from deepglass.core.mteval import words_of

LONGEST = 4  # words of a run
SIGNATURE = "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp"  # as sacrebleu writes it


def statistics(written: str, true: str) -> np.ndarray:
    """(10,) what BLEU counts of one sentence: words written and true, matched runs of 1 to 4 words, written runs."""
    ours, theirs = words_of(written), words_of(true)
    matched, count = np.zeros(LONGEST), np.zeros(LONGEST)
    for n in range(1, LONGEST + 1):
        runs, true_runs = (Counter(zip(*(words[i:] for i in range(n)))) for words in (ours, theirs))
        matched[n - 1] = (runs & true_runs).total()
        count[n - 1] = runs.total()
    return np.array([len(ours), len(theirs), *matched, *count])


def bleu_of(counts: np.ndarray) -> np.ndarray:
    """BLEU of one or many corpora, from the sums over their sentences.

    Shape:
        - counts: (..., 10)
        - output: (...)
    """
    written, true = counts[..., 0], counts[..., 1]
    matched, count = counts[..., 2:6], counts[..., 6:]
    with np.errstate(divide="ignore", invalid="ignore"):
        halvings = np.cumsum((matched == 0) & (count > 0), axis=-1)
        precisions = np.where(matched > 0, matched, 0.5**halvings) / count  # (..., 4)
        brevity = np.where(written < true, np.exp(1 - true / written), 1.0)
        score = 100 * brevity * np.exp(np.log(precisions).mean(axis=-1))
    return np.where((matched > 0).any(axis=-1) & (count > 0).all(axis=-1), score, 0.0)


def bleu(written: list[str], true: list[str]) -> float:
    """BLEU of sentences, with one true sentence for each.

    Example:
        >>> round(bleu(["the cat sat on the mat"], ["the cat sat on a mat"]), 2)
        53.73
    """
    return float(bleu_of(sum((statistics(*pair) for pair in zip(written, true, strict=True)), np.zeros(10))))
