"""Reading what a network of CTC says: a token or a blank at every step → a sequence, greedily or with a prefix beam.

    steps     h h - e - l l - l o o      (- is the blank)
    collapse  h     e   l     l o        repeated steps are one token, blanks go; a blank keeps two l apart

The likeliest steps are not the likeliest sequence: many ways of spreading a sequence over the steps lead to it, and
their probabilities add up. A prefix beam adds them up, for the few best beginnings. NumPy alone: this very file is a
part of `deploy/runtime` too.

References:
    Graves et al. (2006), Connectionist Temporal Classification, https://doi.org/10.1145/1143844.1143891 (best path)
    Hannun et al. (2014), First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs,
    https://arxiv.org/abs/1408.2873 (algorithm 1: prefix beam search; our ending and going_on are p_b and p_nb)
    Hannun (2017), Sequence Modeling with CTC, https://doi.org/10.23915/distill.00008
"""

import itertools
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

BLANK = 0
NEVER = -np.inf  # the logarithm of probability 0
HARDLY = -12.0  # ln p of a token below which a beam does not try it: one in 160,000

Prefix = tuple[int, ...]


def collapse(steps: Sequence[int]) -> list[int]:
    """What steps say: repetitions are one token, then blanks go.

    Example:
        >>> collapse([0, 3, 3, 0, 3, 5, 5, 0])
        [3, 3, 5]
    """
    steps = [int(step) for step in steps]
    return [step for before, step in zip([BLANK, *steps], steps) if step not in (before, BLANK)]


def steps_needed(tokens: Sequence[int]) -> int:
    """The fewest steps that can say this: one per token, and a blank between two that are alike.

    Example:
        >>> steps_needed([3, 3, 5])
        4
    """
    return len(tokens) + sum(a == b for a, b in itertools.pairwise(tokens))


def greedy(log_probs: np.ndarray) -> list[int]:
    """The likeliest token of each step, collapsed.

    Shape:
        - log_probs: (T, V)
    """
    return collapse(log_probs.argmax(axis=1).tolist())


def prefix_beam(log_probs: np.ndarray, width: int = 8) -> list[tuple[list[int], float]]:
    """The likeliest sequences, best first, with the logarithm of their probability.

    A prefix is kept with two sums over the ways that lead to it: those that end in a blank, and those that end in its
    last token. Only after a blank does the same token once more make the prefix longer.

    Args:
        log_probs: Of every step.
        width: Prefixes that are kept; 1 is nearly greedy, and as many as there are sequences is exact.

    Shape:
        - log_probs: (T, V)
    """
    beam: dict[Prefix, tuple[float, float]] = {(): (0.0, NEVER)}  # ending in a blank, ending in a token
    for step in log_probs:
        longer: dict[Prefix, list[float]] = defaultdict(lambda: [NEVER, NEVER])
        tried = [int(token) for token in np.flatnonzero(step > HARDLY) if token != BLANK]
        for prefix, (ending, going_on) in beam.items():
            total = _add(ending, going_on)
            here = longer[prefix]
            here[0] = _add(here[0], total + step[BLANK])
            if prefix:
                here[1] = _add(here[1], going_on + step[prefix[-1]])
            for token in tried:
                there = longer[(*prefix, token)]
                way = ending if prefix and token == prefix[-1] else total
                there[1] = _add(there[1], way + step[token])
        possible = [prefix for prefix, sums in longer.items() if max(sums) > NEVER]
        best = sorted(possible, key=lambda prefix: -_add(*longer[prefix]))[:width]
        beam = {prefix: (longer[prefix][0], longer[prefix][1]) for prefix in best}
    return [([*prefix], _add(*sums)) for prefix, sums in beam.items()]


def _add(a: float, b: float) -> float:
    """ln(eᵃ + eᵇ)."""
    top = max(a, b)
    return top if top == NEVER else float(top + np.log1p(np.exp(min(a, b) - top)))
