"""Concept vectors (TCAV): does the class grow when what the network sees moves towards a concept of yours?

    v = direction that separates h(concept) from h(other pictures),      score = share of examples with ∇_h f · v > 0

The concept is a folder of pictures that show it, such as stripes. The line that separates them from other pictures in a
layer h is drawn anew several times from different halves; where the shares are not clearly another than those of a line
between random halves of the other pictures, the concept is said to make no difference.

Kim et al. (2018), Interpretability Beyond Feature Attribution: Quantitative Testing with Concept Activation Vectors,
https://arxiv.org/abs/1711.11279.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.errors import DataError, OptionError
from deepglass.core.hooks import hooked
from deepglass.explain import Explanation, Settings
from deepglass.explain.methods.grad_cam import chosen_layer
from deepglass.explain.rows import new_rows
from deepglass.explain.subject import Subject

TITLE = "concept vectors (TCAV)"
KINDS = ("image",)
USES = ("concept", "against", "layer", "seed")  # of the settings
EXPLAINS = "rows"
ROUNDS = 10  # lines
FEWEST, MOST = 10, 200  # pictures of each side, and examples that are asked
SURE = 0.05


def activations(model: nn.Module, layer: nn.Module, images: Tensor) -> Tensor:
    """(n, K) of a layer, the mean over its places."""
    kept: list[Tensor] = []
    with hooked([layer], lambda module, inputs, output: kept.append(output)), torch.no_grad():
        model(images)
    return kept[-1].flatten(2).mean(dim=2)


def sensitivities(model: nn.Module, layer: nn.Module, images: Tensor, of_said: Any) -> Tensor:
    """(n, K) how the score of each picture grows with each feature, evenly over its places."""
    kept: list[Tensor] = []

    def cut(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        kept.append(output.detach().requires_grad_())
        return kept[-1]

    with hooked([layer], cut):
        (gradient,) = torch.autograd.grad(of_said(model(images)).sum(), kept[-1:])
    return gradient.flatten(2).sum(dim=2)


def direction(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """(K,) from the negative to the positive side of the line that separates them best, length 1."""
    from sklearn.linear_model import LogisticRegression

    x = np.concatenate([positive, negative])
    scale = x.std(axis=0) + 1e-12
    y = np.repeat([1, 0], [len(positive), len(negative)])
    weights = LogisticRegression(C=0.1, max_iter=500).fit(x / scale, y).coef_[0] / scale
    return weights / (np.linalg.norm(weights) or 1.0)


def shares(gradients: np.ndarray, one: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(ROUNDS,) the share of examples whose score grows along the line of random halves of each side."""
    found = []
    for _ in range(ROUNDS):
        halves = [x[rng.permutation(len(x))[: max(2, len(x) // 2)]] for x in (one, other)]
        found.append(float((gradients @ direction(*halves) > 0).mean()))
    return np.array(found)


def explain(subject: Subject, settings: Settings) -> Explanation:
    """How often the class grows towards the concept, beside lines that mean nothing.

    Raises:
        OptionError: If no concept is given, or there is no such layer.
        DataError: If there are too few pictures.
    """
    if settings.concept is None or settings.against is None:
        raise OptionError(
            "--method concepts needs --concept FOLDER with pictures that show it, and --against FOLDER with others"
        )
    model = subject.smooth_model
    sides = [_pictures(subject, folder) for folder in (settings.concept, settings.against)]
    name, layer = chosen_layer(model, sides[0][:1], settings.layer)
    images = _as_model(subject, subject.rows.inputs(list(range(min(MOST, len(subject.rows)))))[0])
    gradients = sensitivities(model, layer, images, subject.of_said).double().numpy()
    shown, others = (activations(model, layer, x).double().numpy() for x in sides)
    rng = np.random.default_rng(settings.seed)
    found = shares(gradients, shown, others, rng)
    half = rng.permutation(len(others))
    random = np.concatenate([shares(gradients, *(others[p] for p in np.array_split(half, 2)), rng) for _ in range(2)])
    return _told(subject, name, found, random, settings)


def _told(subject: Subject, layer: str, found: np.ndarray, random: np.ndarray, settings: Settings) -> Explanation:
    from scipy.stats import mannwhitneyu

    p = float(mannwhitneyu(found, random).pvalue) if np.ptp(np.append(found, random)) else 1.0
    sides = ((str(settings.concept), found), ("random pictures", random))
    parts = [
        {"name": name, "contribution": float(x.mean()), "low": float(x.min()), "high": float(x.max())}
        for name, x in sides
    ]
    notes = [] if p < SURE else ["the concept makes no clear difference: lines between random pictures do as well"]
    figures = {"layer": layer, "p of no difference": p, "lines": ROUNDS}
    facts = {"parts": parts, "figures": figures, "notes": notes, "picture": None}
    return subject.bare("concepts", TITLE, unit="share of examples whose score grows", **facts)


def _pictures(subject: Subject, folder: str) -> Tensor:
    """Of a folder, as the network takes them. Raises DataError if there are too few."""
    rows = new_rows(subject.run, folder)
    if len(rows) < FEWEST:
        raise DataError(f"{folder} has {len(rows)} pictures: expected {FEWEST} or more to draw a line")
    return _as_model(subject, rows.inputs(list(range(min(MOST, len(rows)))))[0])


def _as_model(subject: Subject, images: Tensor) -> Tensor:
    return images.to(subject.dtype)
