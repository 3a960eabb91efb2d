"""Occlusion: how far the score falls when one part is hidden and all others stay.

    cᵢ = f(x) − f(x without i)

One question per part, and the plainest of all answers. Parts that say the same hide each other: without either the
other still speaks, and both look idle.

Zeiler & Fergus (2014), Visualizing and Understanding Convolutional Networks, https://arxiv.org/abs/1311.2901 (squares
of pictures); Li, Monroe & Jurafsky (2016), Understanding Neural Networks through Representation Erasure,
https://arxiv.org/abs/1612.08220 (words).
"""

import numpy as np

from deepglass.explain import Explanation, Settings
from deepglass.explain.coalitions import Game
from deepglass.explain.subject import Subject

TITLE = "occlusion"
KINDS = ("columns", "image", "text", "series", "prompt")
USES = ("base",)  # of the settings


def drops(game: Game, count: int) -> np.ndarray:
    """(M,) how far the score falls without each part."""
    scores = game(np.concatenate([np.ones((1, count), bool), ~np.eye(count, dtype=bool)]))
    return scores[0] - scores[1:]


def explain(subject: Subject, settings: Settings) -> Explanation:
    """What each part is worth beside all others."""
    values = drops(subject.game, len(subject.parts))
    return subject.explanation("occlusion", TITLE, values, figures={"evaluations": subject.asked})
