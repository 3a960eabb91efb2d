"""How well pictures and sentences find each other: recall at 1, 5 and 10, both ways.

    recall at k = share of questions whose own answer is among the k nearest of all

Several pictures may have the same sentence, and then each of them answers it. Nearness is the cosine.

References:
    Karpathy & Fei-Fei (2015), Deep Visual-Semantic Alignments, https://arxiv.org/abs/1412.2306 (recall both ways)
"""

from typing import Any

import numpy as np

from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score

AT = (1, 5, 10)
WAYS = ("words_to_picture", "picture_to_words")


def ranks(pictures: np.ndarray, texts: np.ndarray, groups: np.ndarray) -> dict[str, np.ndarray]:
    """Of every question how many wrong answers are nearer than its nearest right one, or as near.

    Args:
        pictures: (N, D) of length 1.
        texts: (N, D) of length 1, of the sentence of each picture.
        groups: (N,) the same for pictures with the same sentence.

    Returns:
        (S,) for each different sentence, in the order of its first picture, and (N,) for each picture.
    """
    _, first = np.unique(groups, return_index=True)
    first = np.sort(first)
    near = texts[first] @ pictures.T  # (S, N)
    is_own = groups[first][:, None] == groups
    return {"words_to_picture": _nearer(near, is_own), "picture_to_words": _nearer(near.T, is_own.T)}


def evaluate(pictures: np.ndarray, texts: np.ndarray, groups: np.ndarray) -> dict[str, Any]:
    """Recalls with Wilson's 95 % intervals; arguments as of `ranks`."""
    found = ranks(pictures, texts, groups)
    recalls = {
        f"{way}_{k}": score(float((before < k).mean()), intervals.wilson(int((before < k).sum()), len(before)))
        for way, before in found.items()
        for k in AT
    }
    sentences = len(found["words_to_picture"])
    return {
        "kind": "image_text",
        "count": len(pictures),
        "headline": ["words_to_picture_1", "picture_to_words_1", "words_to_picture_5"],
        **recalls,
        "details": {"sentences": sentences, "chance": 1 / sentences},
    }


def losses(pictures: np.ndarray, texts: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(N,) of each picture the share of sentences that are nearer than its own."""
    found = ranks(pictures, texts, groups)
    return found["picture_to_words"] / max(1, len(found["words_to_picture"]) - 1)


def _nearer(near: np.ndarray, is_own: np.ndarray) -> np.ndarray:
    """(Q,) wrong answers that are at least as near as the nearest right one, by nearness (Q, A)."""
    own = np.where(is_own, near, -np.inf).max(axis=1, keepdims=True)
    return ((near >= own) & ~is_own).sum(axis=1)
