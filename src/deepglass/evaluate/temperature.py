"""Temperature scaling: one number that makes a network as sure as it is right, without changing a single answer.

    p' ∝ p^(1/T),   T where −Σ log p'(true) is smallest;   T > 1: it was too sure, T < 1: too modest

With β = 1/T the loss is convex, and its slope β ↦ mean(Σ p'·log p − log p(true)) rises: it is zero at one place only.

References:
    Guo et al. (2017), On Calibration of Modern Neural Networks, https://arxiv.org/abs/1706.04599
"""

import numpy as np

LEAST = 1e-12  # stands for a probability of 0, whose logarithm there is not
COLDEST, HOTTEST = 1e-2, 1e2
EDGE = 1.01  # times an end: nearer, the search has run into it
HALVINGS = 60  # of the way between them: to the last digit


def tempered(probs: np.ndarray, temperature: float) -> np.ndarray:
    """(N, K) probabilities whose logarithms are divided by a temperature."""
    logits = np.log(np.clip(probs.astype(np.float64), LEAST, 1)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def fit_temperature(probs: np.ndarray, targets: np.ndarray) -> float:
    """The temperature that makes the truths likeliest, between 1/100 and 100.

    Shape:
        - probs: (N, K), of examples that were not learnt from; targets: (N,)
    """
    logs = np.log(np.clip(probs.astype(np.float64), LEAST, 1))
    own = logs[np.arange(len(targets)), targets].mean()
    low, high = np.log(1 / HOTTEST), np.log(1 / COLDEST)  # of β
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        slope = (tempered(probs, np.exp(-middle)) * logs).sum(axis=1).mean() - own
        low, high = (middle, high) if slope < 0 else (low, middle)
    return float(np.exp(-(low + high) / 2))


def is_inside(temperature: float) -> bool:
    """Whether a fitted temperature was found, and is not just the end of what is looked at."""
    return EDGE * COLDEST < temperature < HOTTEST / EDGE
