"""Where a linear item autoencoder begins: at EASE, with the penalty, the fading and the scale that validation prefers.

EASE knows which items go together and nothing of their order. The network of `models/item_autoencoder.py` holds its
strongest directions and a weight for every age of an event, so it begins no worse, and learns on from there.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse

from deepglass.evaluate.metrics.recommendation import ndcg, ranks_of
from deepglass.rivals import ease

FADES = (0.0, 5.0, 10.0, 20.0, 40.0, 80.0)  # events; 0: all ages count alike
SCALES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)  # of scores, so that their softmax is as sure as right
AT_ONCE = 256  # users whose scores for all items are held at once


@dataclass(frozen=True)
class Asked:
    """What is to be answered, and by whom nothing may be recommended twice.

    tokens: (N, T) the last events, the newest at the end. owned: (N, I) sparse, all that a user has.
    held: (N, k) places of what came next in the catalogue, below 0 where it does not have it.
    """

    tokens: np.ndarray
    owned: sparse.csr_matrix
    held: np.ndarray

    @property
    def num_items(self) -> int:
        """I."""
        shape: Any = self.owned.shape
        return shape[1]

    def histories(self, fade: float) -> sparse.csr_matrix:
        """(N, I) what went in, each event by its age."""
        N, T = self.tokens.shape
        rows, columns = np.nonzero(self.tokens)
        weights = np.exp(-(T - 1 - columns) / fade) if fade else np.ones(len(rows))
        places = (rows, self.tokens[rows, columns] - 1)
        return sparse.csr_matrix((weights.astype(np.float32), places), shape=(N, self.num_items))

    def ranks(self, found: ease.Ease, fade: float) -> np.ndarray:
        """(N, k) of what came next."""
        given, parts = self.histories(fade), []
        for first in range(0, len(self.tokens), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            parts.append(ranks_of(without(found.scores(given[part]), self.owned[part]), self.held[part]))
        return np.concatenate(parts)


def without(scores: np.ndarray, owned: sparse.csr_matrix) -> np.ndarray:
    """Scores (n, I), -inf for what a user has already."""
    scores[owned.nonzero()] = -np.inf
    return scores


def best_penalty(found: ease.Spectrum, asked: Asked, rank: int | None = None, fade: float = 0.0) -> float:
    """λ under which what came next stands highest."""
    return max(ease.PENALTIES, key=lambda penalty: ndcg(asked.ranks(ease.fit(found, penalty, rank), fade)).mean())


def begin(model: Any, taken: sparse.csr_matrix, asked: Asked) -> None:
    """Set the weights of a linear item autoencoder.

    Args:
        model: Fresh; its own `fade` is kept where somebody asked for one.
        taken: (N, I) the training histories.
        asked: Validation.
    """
    found, rank = ease.spectrum(taken), model.decoder.in_features
    penalty = best_penalty(found, asked, rank)
    start = ease.fit(found, penalty, rank)
    fades = FADES if model.fade is None else (model.fade,)
    fade = max(fades, key=lambda fade: ndcg(asked.ranks(start, fade)).mean())
    scale = min(SCALES, key=lambda scale: _surprise(start, asked, fade, scale))
    encoder, decoder = (_padded(part, model.decoder.in_features) for part in (start.taken, start.given * scale))
    with torch.no_grad():
        model.encoder.weight.copy_(encoder)
        model.decoder.weight.copy_(decoder)
        model.decoder.bias.zero_()
        if model.fades:
            ages = torch.arange(len(model.log_weight), dtype=torch.float32)
            model.log_weight.copy_(-ages / fade if fade else torch.zeros_like(ages))


def _surprise(found: ease.Ease, asked: Asked, fade: float, scale: float) -> float:
    """Mean −log p of what came next."""
    known = asked.held >= 0
    rows = np.flatnonzero(known.any(axis=1))[:AT_ONCE]
    if not len(rows):
        return 0.0
    scores = torch.from_numpy(without(found.scores(asked.histories(fade)[rows]) * scale, asked.owned[rows]))
    logs = scores.log_softmax(dim=1).numpy()
    of_held = np.take_along_axis(logs, asked.held[rows].clip(0), axis=1)
    return float(-of_held[known[rows]].mean())


def _padded(part: np.ndarray, width: int) -> torch.Tensor:
    """(I + 1, C): nothing for padding, and zeros where there are fewer directions than numbers."""
    whole = np.zeros((len(part) + 1, width), np.float32)
    whole[1:, : part.shape[1]] = part
    return torch.from_numpy(whole)
