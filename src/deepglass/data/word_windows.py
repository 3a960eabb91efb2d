"""Examples for word vectors: a word and those around it, drawn anew every time; counted pairs; pairs to be told apart.

    text as ids ── thin out frequent words ── a window of random width around each ── words in, words to be scored

References:
    Mikolov et al. (2013), Distributed Representations of Words and Phrases, https://arxiv.org/abs/1310.4546
    (section 2.3: a word with share p of the text is kept with probability √(t/p) + t/p, as in their program)
    Levy, Goldberg & Dagan (2015), Improving Distributional Similarity, https://aclanthology.org/Q15-1016 (windows)
"""

import numpy as np
import torch
from torch import Tensor

from deepglass.data.examples import Batch

NONE = 0  # where there is no word
SHARE_OF_NOISE = 0.75  # power of the frequency with which words are drawn by chance; theirs


class WordWindows:
    """A place of the text per example; places of frequent words are often skipped, so batches differ in length.

    Args:
        ids: (n,) int64, 0 between texts.
        window: Most words on either side; as many as are drawn from 1 to `window` count.
        keep: (V,) probability that an occurrence of each word is kept.
        from_context: The words around go in and the middle is scored (CBOW), instead of the other way round.

    Shape:
        - a batch: tokens (b, 1) and candidates (b, 2·window), or the two exchanged, and the middle words (b,); b ≤ B
    """

    def __init__(self, ids: Tensor, window: int, keep: Tensor, from_context: bool = False):
        self.ids, self.window, self.keep, self.from_context = ids, window, keep, from_context

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, indices: Tensor) -> Batch:
        ids, window = self.ids, self.window
        places = indices.to(ids.device)
        places = places[self._kept(ids[places])]  # (b,)
        offsets = torch.arange(-window, window + 1, device=ids.device)
        offsets = offsets[offsets != 0]  # (2w,)
        around = places.unsqueeze(1) + offsets  # (b, 2w)
        radius = torch.randint(1, window + 1, (len(places), 1), device=ids.device)
        is_there = (around >= 0) & (around < len(ids)) & (offsets.abs() <= radius)
        contexts = ids[around.clamp(0, len(ids) - 1)]
        contexts = contexts * (is_there & self._kept(contexts))
        middle = ids[places]
        if self.from_context:
            has_any = (contexts != NONE).any(dim=1)
            return contexts[has_any], middle[has_any].unsqueeze(1), middle[has_any]
        return middle.unsqueeze(1), contexts, middle

    def _kept(self, ids: Tensor) -> Tensor:
        return torch.rand(ids.shape, device=ids.device) < self.keep[ids]

    def to(self, device: torch.device) -> "WordWindows":
        return WordWindows(self.ids.to(device), self.window, self.keep.to(device), self.from_context)


def keep_probability(counts: np.ndarray, threshold: float) -> np.ndarray:
    """(V,) how often an occurrence of each word is kept: √(t/p) + t/p of its share p of the text, 1 at most.

    Args:
        counts: (V,) occurrences; word 0 is never kept.
        threshold: t; 0 keeps all. At least the share of the rarest word: of few words all are frequent, and none would
            be left.
    """
    share = counts / max(1, counts.sum())
    if threshold and (share > 0).any():
        threshold = max(threshold, float(share[share > 0].min()))
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.sqrt(threshold / share) + threshold / share if threshold else np.ones(len(counts))
    kept = np.where(counts > 0, np.minimum(1.0, kept), 0.0)
    kept[NONE] = 0.0
    return kept


def noise_shares(counts: np.ndarray) -> np.ndarray:
    """(V,) how often each word is drawn by chance: its frequency to the power of ¾."""
    shares = counts.astype(np.float64) ** SHARE_OF_NOISE
    shares[NONE] = 0.0
    return shares / shares.sum()


def pairs_to_tell_apart(
    ids: np.ndarray, window: int, keep: np.ndarray, counts: np.ndarray, most: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Words of a text, and for each one that stands near it and one that is drawn by chance.

    Args:
        ids: (n,) of a text that was not learnt from, 0 between texts.
        window: Most words on either side that are near; the nearer, the more often, as windows of random width have it.
        keep: (V,) as in training; counts: (V,) by both of which the others are drawn as often as those that are near.
        most: Pairs at most.
        seed: The same seed draws the same pairs.

    Returns:
        words (m,), and (m, 2) the near one and the other.
    """
    rng = np.random.default_rng(seed)
    reached = np.arange(window, 0, -1)  # of the radii 1 to w that training draws, how many reach a distance of 1 to w
    distance = rng.choice(window, len(ids), p=reached / reached.sum()) + 1
    distance *= rng.choice((-1, 1), len(ids))
    near = np.arange(len(ids)) + distance
    inside = np.flatnonzero((near >= 0) & (near < len(ids)))
    word, near = ids[inside], ids[near[inside]]
    known = (word != NONE) & (near != NONE) & (word != near)
    taken = known & (rng.random(len(word)) < keep[word]) & (rng.random(len(word)) < keep[near])
    if not taken.any():  # a short text: better too many frequent words than nothing to judge by
        taken = known
    word, near = word[taken], near[taken]
    if len(word) > most:
        chosen = np.sort(rng.choice(len(word), most, replace=False))
        word, near = word[chosen], near[chosen]
    chances = counts * keep
    other = rng.choice(len(counts), len(word), p=chances / chances.sum())
    return word, np.stack([near, other], axis=1)
