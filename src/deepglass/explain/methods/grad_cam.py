"""Grad-CAM: which places of the last feature maps speak for the class.

    map = ReLU(Σₖ aₖ Aₖ),   aₖ = mean over places of ∂f/∂Aₖ

A feature map Aₖ that the class gains from counts as much as its mean gradient says; what is negative speaks for other
classes and is left out. The map is as coarse as the layer, and is scaled up to the picture.

Selvaraju et al. (2017), Grad-CAM, https://arxiv.org/abs/1610.02391.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.core.hooks import hooked
from deepglass.explain import Explanation, Settings
from deepglass.explain.quality.curves import by_square
from deepglass.explain.subject import Subject

TITLE = "Grad-CAM"
KINDS = ("image",)
USES = ("layer",)  # of the settings
IS_MAP = True
FEWEST_PLACES = 4  # a side, of the layer that is taken where nobody asks: two by two would show nothing


def cam(model: nn.Module, layer: nn.Module, images: Tensor, of_said: Callable[[Tensor], Tensor]) -> Tensor:
    """(B, h, w) of the layer's size, 0 or more.

    Args:
        model: In evaluation mode.
        layer: Gives feature maps (B, K, h, w).
        images: (B, C, H, W).
        of_said: From what the model says to the scores (B,) that are explained.
    """
    kept: list[Tensor] = []

    def keep(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        kept.append(output.detach().requires_grad_())
        return kept[-1]

    with hooked([layer], keep):
        (gradient,) = torch.autograd.grad(of_said(model(images)).sum(), kept[-1:])
    weights = gradient.mean(dim=(2, 3), keepdim=True)  # (B, K, 1, 1)
    return F.relu((weights * kept[-1].detach()).sum(dim=1))


def layers_of(model: nn.Module, images: Tensor) -> dict[str, tuple[nn.Module, int]]:
    """By name every module that gives feature maps with places, in the order in which they give them; and how many
    places the shorter side has.
    """
    found: dict[str, tuple[nn.Module, int]] = {}
    names = {module: name for name, module in model.named_modules() if name}

    def look(module: nn.Module, inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.dim() == 4 and min(output.shape[2:]) > 1:
            found.pop(names[module], None)
            found[names[module]] = module, min(output.shape[2:])

    with hooked(names, look), torch.no_grad():
        model(images)
    return found


def chosen_layer(model: nn.Module, images: Tensor, asked: str | None) -> tuple[str, nn.Module]:
    """The layer that was asked for, or the last one with places.

    Raises:
        OptionError: If there is no such layer, or none at all.
    """
    found = layers_of(model, images)
    if not found:
        raise OptionError(
            "--method grad-cam: this network has no layer of feature maps with places; use --method "
            "integrated-gradients, or attention where it attends"
        )
    if asked is None:
        wide = [name for name, (_, side) in found.items() if side >= FEWEST_PLACES]
        name = wide[-1] if wide else list(found)[-1]
        return name, found[name][0]
    if asked not in found:
        raise OptionError("--layer: " + catalogue.unknown("layer", asked, list(found)))
    return asked, found[asked][0]


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The places of the picture that speak for the class.

    Raises:
        OptionError: If the network has no such layer.
    """
    images = subject.parts.inputs[0].to(subject.dtype)
    name, layer = chosen_layer(subject.smooth_model, images, settings.layer)
    coarse = cam(subject.smooth_model, layer, images, subject.of_said)
    fine = F.interpolate(coarse[None], images.shape[2:], mode="bilinear", align_corners=False)[0, 0].numpy()
    owner = subject.parts.owner[0][0].numpy()
    values = by_square(fine, owner, len(subject.parts))
    figures = {"layer": name, "places": coarse.numel()}
    notes = (
        subject.notes_of_gradients
        if np.any(fine)
        else ["the map is empty: no feature of this layer speaks for the class alone"]
    )
    base, score = subject.walk_ends
    facts = {"map": fine, "figures": figures, "notes": notes, "unit": subject.unit_of_gradients}
    facts |= {"contribution_unit": "Grad-CAM", "base_is": subject.parts.walk_is}
    return subject.explanation("grad_cam", TITLE, values, score=score, base=base, **facts)
