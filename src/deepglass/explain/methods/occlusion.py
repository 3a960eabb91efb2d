"""Occlusion: how far the score falls when one part is hidden and all others stay.

    cᵢ = f(x) − f(x without i)

One question per part, and the plainest of all answers. Parts that say the same hide each other: without either the
other still speaks, and both look idle.

Zeiler & Fergus (2014), Visualizing and Understanding Convolutional Networks, https://arxiv.org/abs/1311.2901 (squares
of pictures); Li, Monroe & Jurafsky (2016), Understanding Neural Networks through Representation Erasure,
https://arxiv.org/abs/1612.08220 (words).
"""

from typing import TYPE_CHECKING

import numpy as np

from deepglass.explain import Explanation, Settings
from deepglass.explain.coalitions import Game

if TYPE_CHECKING:
    from deepglass.explain.subject import Subject

TITLE = "occlusion"
KINDS = ("columns", "image", "video", "text", "series", "prompt", "events")
USES = ("base",)  # of the settings
ASKS_SCORES = True


def drops(game: Game, count: int) -> np.ndarray:
    """(M,) how far the score falls without each part."""
    present = questions(count)
    return concluded(present, game(present))[0]


def questions(count: int, samples: int | None = None, seed: int = 0) -> np.ndarray:
    """(1 + M, M) all parts, then all but one each."""
    return np.concatenate([np.ones((1, count), bool), ~np.eye(count, dtype=bool)])


def concluded(present: np.ndarray, scores: np.ndarray, seed: int = 0) -> tuple[np.ndarray, None, None]:
    """(M,) from the scores of the questions; nothing is drawn, so there are no intervals."""
    return scores[0] - scores[1:], None, None


def explain(subject: "Subject", settings: Settings) -> Explanation:
    """What each part is worth beside all others."""
    values = drops(subject.game, len(subject.parts))
    return subject.explanation("occlusion", TITLE, values, figures={"evaluations": subject.asked})
