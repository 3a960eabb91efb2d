"""Out of distribution: how unlike the training is an input? Higher is stranger.

    confidence     −max p                            what everybody has
    energy         −log Σ exp(logit)                 small where no class is pulled up
    Mahalanobis    min over classes (h − μ)ᵀ Σ⁻¹ (h − μ)   how far the last hidden layer h is from every class

A score ranks inputs; from where on it is "out" is a question of how many false alarms are bearable.

References:
    Hendrycks & Gimpel (2017), A Baseline for Detecting Misclassified and Out-of-Distribution Examples,
    https://arxiv.org/abs/1610.02136
    Liu et al. (2020), Energy-based Out-of-distribution Detection, https://arxiv.org/abs/2010.03759
    Lee et al. (2018), A Simple Unified Framework for Detecting Out-of-Distribution Samples,
    https://arxiv.org/abs/1807.03888
"""

from dataclasses import dataclass

import numpy as np

from deepglass.evaluate.curves import Ladder, roc_auc

RIDGE = 1e-3  # of the mean variance, added to the covariance: few examples leave directions without any


def confidence(logits: np.ndarray) -> np.ndarray:
    """(N,) of logits (N, K)."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return -(shifted.max(axis=1) / shifted.sum(axis=1))


def energy(logits: np.ndarray) -> np.ndarray:
    """(N,) of logits (N, K)."""
    top = logits.max(axis=1)
    return -(top + np.log(np.exp(logits - top[:, None]).sum(axis=1)))


@dataclass(frozen=True)
class Mahalanobis:
    """Where the classes are in the last hidden layer, and how they spread, all alike.

    Shape:
        - means: (K, D); inverse: (D, D)
    """

    means: np.ndarray
    inverse: np.ndarray

    @classmethod
    def fit(cls, hidden: np.ndarray, groups: np.ndarray) -> "Mahalanobis":
        """Of training examples: hidden (N, D) and their classes (N,); all 0 where there are none."""
        present = np.unique(groups)
        means = np.stack([hidden[groups == group].mean(axis=0) for group in present])
        rest = hidden - means[np.searchsorted(present, groups)]
        covariance = rest.T @ rest / len(hidden)
        ridge = RIDGE * max(float(np.trace(covariance)) / len(covariance), 1e-12)
        return cls(means, np.linalg.inv(covariance + ridge * np.eye(len(covariance))))

    def __call__(self, hidden: np.ndarray) -> np.ndarray:
        """(N,) squared distances from the nearest class."""
        gaps = hidden[:, None, :] - self.means  # (N, K, D)
        return np.einsum("nkd,de,nke->nk", gaps, self.inverse, gaps).min(axis=1)


def auroc(familiar: np.ndarray, strange: np.ndarray) -> float:
    """How often a strange input has a higher score than a familiar one; ties count half."""
    is_strange = np.repeat([False, True], [len(familiar), len(strange)])
    return roc_auc(Ladder.of(np.concatenate([familiar, strange]), is_strange))
