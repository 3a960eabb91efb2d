"""SmoothGrad: gradient × input, averaged over copies of the input with a little noise.

    cᵢ = (xᵢ − base_i) · E[∂f/∂xᵢ (x + ε)],   ε ~ N(0, σ²),  σ = 0.15 · (max x − min x)

The gradient of a deep network trembles from pixel to pixel; its mean over a small neighbourhood does not.

Smilkov et al. (2017), SmoothGrad, https://arxiv.org/abs/1706.03825 (their noise level is our NOISE).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from deepglass.explain import Explanation, Settings
from deepglass.explain.subject import Subject

TITLE = "SmoothGrad"
KINDS = ("columns", "image", "text", "series", "prompt", "events")
USES = ("samples", "seed", "base")  # of the settings
IS_MAP = True
NOISE, USUAL = 0.15, 50  # share of the range, noisy copies: the authors find 10 to 20 % and 50 enough


def attributions(leaves: Any, samples: int = USUAL, noise: float = NOISE, seed: int = 0) -> Sequence[Tensor]:
    """One (1, …) for each of the `Leaves` of an example."""
    generator = torch.Generator().manual_seed(seed)
    noisy = [_noisy(x, samples, noise, generator) for x in leaves.points]
    gradients = [gradient.mean(dim=0, keepdim=True) for gradient in leaves.gradients(noisy)]
    return [(x - base) * g for x, base, g in zip(leaves.points, leaves.base, gradients, strict=True)]


def _noisy(x: Tensor, samples: int, noise: float, generator: torch.Generator) -> Tensor:
    deviation = noise * (x.max() - x.min()) if x.numel() else 0.0
    drawn = torch.randn(samples, *x.shape[1:], generator=generator, dtype=x.dtype)
    return x + deviation * drawn  # (samples, …)


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The smoothed contribution of each part."""
    samples = settings.samples or USUAL
    found = attributions(subject.leaves, samples, seed=settings.seed)
    return subject.of_leaves("smooth_grad", TITLE, found, figures={"noisy copies": samples})
