"""Agreement: do other methods name the same parts?

Each method answers a question of its own, so they may differ and none be wrong. Where they agree, the answer does not
hang on the question; where they do not, parts need each other or stand in for each other, and no single list of
contributions tells all. Two numbers: the rank correlation of the contributions, and how many of the largest are the
same, beside how many would be by chance.

Krishna et al. (2022), The Disagreement Problem in Explainable Machine Learning, https://arxiv.org/abs/2202.01602 (their
top-k agreement and rank correlation).
"""

from typing import Any

import numpy as np

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.explain import FOLDER, Explanation, Settings
from deepglass.explain.quality.sanity import rank_correlation
from deepglass.explain.subject import Subject

BESIDE = ("occlusion", "integrated_gradients", "kernel_shapley")  # one that hides, one that walks, one that averages
SAME = {"shapley": "kernel_shapley"}  # two ways to one answer
COUNT = 2  # methods that are asked where nobody names one
MOST_TOP, FEWEST = 5, 3  # of the largest parts; parts, of fewer ranks agree by chance


def of(subject: Subject, found: Explanation, settings: Settings) -> list[dict[str, Any]]:
    """For each other method `with`, `correlation`, `common` of the `top` largest parts, and `by_chance`.

    Raises:
        OptionError: If a method that was named gives no contributions, or the very same ones.
    """
    if settings.against is not None:
        return [_measured(subject, found, settings.against.replace("-", "_"), settings)]
    measured = []
    for file in _others(found.method, str(subject.task.explained_as)):
        try:
            measured.append(_measured(subject, found, file, settings))
        except OptionError:  # nobody asked for this one
            continue
        if len(measured) == COUNT:
            break
    return measured


def _others(method: str, kind: str) -> list[str]:
    own = SAME.get(method, method)
    return [file for file in BESIDE if file != own and kind in catalogue.constant(FOLDER, file, "KINDS")]


def _measured(subject: Subject, found: Explanation, file: str, settings: Settings) -> dict[str, Any]:
    if file == found.method:
        raise OptionError(f"--against {file.replace('_', '-')}: that is the method itself: name another one")
    method = catalogue.load(FOLDER, file)
    other = method.explain(subject, Settings(seed=settings.seed))
    if not other.parts or "contribution" not in other.parts[0]:
        raise OptionError(f"--against {file.replace('_', '-')}: it gives no contributions that could be compared")
    return {"with": other.title} | compared(found.contributions, other.contributions)


def compared(one: np.ndarray, other: np.ndarray) -> dict[str, Any]:
    """Of contributions (M,) and (M,).

    Where one of them says only what speaks for the answer, of the other that counts alone.
    """
    if min(one.min(), other.min()) < 0 <= max(one.min(), other.min()):
        one, other = np.maximum(one, 0), np.maximum(other, 0)
    top = min(MOST_TOP, -(-len(one) // 3))
    common = len(set(largest(one, top)) & set(largest(other, top)))
    by_chance = top * top / len(one)
    return {"correlation": rank_correlation(one, other), "common": common, "top": top, "by_chance": by_chance}


def largest(values: np.ndarray, count: int) -> list[int]:
    """The places of the largest, whatever their sign."""
    return np.argsort(-np.abs(values), kind="stable")[:count].tolist()
