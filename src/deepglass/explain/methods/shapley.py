"""Exact Shapley values: what a part adds, averaged over every order in which the parts could arrive.

    φᵢ = Σ_S |S|! (M − |S| − 1)! / M! · (v(S ∪ {i}) − v(S))        over all coalitions S without i

The one division of v(all) − v(none) that is symmetric, gives nothing to a part that never matters, adds up over
games, and leaves nothing over. It asks for the score of all 2ᴹ coalitions, so it is for few parts.

Shapley (1953), A Value for n-Person Games, https://doi.org/10.1515/9781400881970-018; Lundberg & Lee (2017), A Unified
Approach to Interpreting Model Predictions, https://arxiv.org/abs/1705.07874.
"""

from math import comb
from typing import TYPE_CHECKING

import numpy as np

from deepglass.core.errors import OptionError
from deepglass.explain import Explanation, Settings
from deepglass.explain.coalitions import Game, every

if TYPE_CHECKING:
    from deepglass.explain.subject import Subject

TITLE = "exact Shapley values"
KINDS = ("columns", "image", "video", "text", "series", "prompt", "events")
USES = ("base",)  # of the settings
ASKS_SCORES = True
MOST_PARTS = 12


def exact(game: Game, count: int) -> np.ndarray:
    """(M,) Shapley values of a game of M players.

    Example:
        >>> exact(lambda present: present.sum(axis=1) ** 2.0, 3)  # three alike share 9
        array([3., 3., 3.])
    """
    coalitions = every(count)
    scores, sizes = game(coalitions), coalitions.sum(axis=1)
    weights = np.array([1 / (count * comb(count - 1, size)) for size in range(count)])
    values = np.zeros(count)
    for player in range(count):
        without = np.flatnonzero(~coalitions[:, player])
        added = scores[without + (1 << player)] - scores[without]
        values[player] = weights[sizes[without]] @ added
    return values


def questions(count: int, samples: int | None = None, seed: int = 0) -> np.ndarray:
    """(2ᴹ, M) all coalitions."""
    return every(count)


def concluded(present: np.ndarray, scores: np.ndarray, seed: int = 0) -> tuple[np.ndarray, None, None]:
    """(M,) from the scores of all coalitions; nothing is drawn, so there are no intervals."""
    return exact(lambda _: scores, present.shape[1]), None, None


def explain(subject: "Subject", settings: Settings) -> Explanation:
    """The contribution of each part to the score.

    Raises:
        OptionError: If there are more than twelve parts.
    """
    count = len(subject.parts)
    if count > MOST_PARTS:
        raise OptionError(
            f"--method shapley asks for every coalition of at most {MOST_PARTS} {subject.parts.kind}, and there are "
            f"{count}: use --method kernel-shapley, which draws coalitions"
        )
    values = exact(subject.game, count)
    found = subject.explanation("shapley", TITLE, values, figures={"evaluations": 1 << count})
    return subject.with_sum(found)
