"""Gradient × input: how fast the score changes with each input, times how far the input is from its base.

    cᵢ = (xᵢ − base_i) · ∂f/∂xᵢ (x)

One backward pass; exact for a linear model, and only the first step of the way for any other.

Shrikumar et al. (2016), Not Just a Black Box, https://arxiv.org/abs/1605.01713; the bare gradient: Simonyan, Vedaldi &
Zisserman (2013), Deep Inside Convolutional Networks, https://arxiv.org/abs/1312.6034.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from deepglass.explain import Explanation, Settings
from deepglass.explain.subject import Subject

TITLE = "gradient × input"
KINDS = ("columns", "image", "text", "series", "prompt", "events")
USES = ("base",)  # of the settings
IS_MAP = True


def attributions(leaves: Any) -> Sequence[Tensor]:
    """One (1, …) for each of the `Leaves` of an example."""
    triples = zip(leaves.points, leaves.base, leaves.gradients(leaves.points), strict=True)
    return [(x - base) * gradient for x, base, gradient in triples]


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The first-order contribution of each part."""
    return subject.of_leaves("gradient_input", TITLE, attributions(subject.leaves))
