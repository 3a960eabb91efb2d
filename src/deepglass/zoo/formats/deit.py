"""DeiT, a ViT with a token that learnt from another network.

https://huggingface.co/docs/transformers/model_doc/deit

Touvron et al. (2021), Training Data-Efficient Image Transformers, https://arxiv.org/abs/2012.12877.
"""

import torch
from torch import Tensor

from deepglass.zoo.formats import vit
from deepglass.zoo.published_config import PublishedConfig

MODEL_TYPES = ("deit",)
MODEL = "vit"
READ = vit.READ
FIXED = vit.FIXED
WORKED_OUT = vit.WORKED_OUT
UNUSED = vit.UNUSED
NUM_ASKING = 2
image_side = vit.image_side


def settings(config: PublishedConfig) -> dict:
    """As a ViT, with one token more."""
    return vit.settings(config) | {"is_distilled": True}


def tensors(weights: dict[str, Tensor], config: PublishedConfig) -> dict[str, Tensor]:
    """The tensors of a ViT; two heads, whose mean is the answer, become one over both tokens."""
    weights = {name.replace("deit.", "vit."): tensor for name, tensor in vit.tensors(weights, config).items()}
    for kind in ("weight", "bias"):
        one, two = f"cls_classifier.{kind}", f"distillation_classifier.{kind}"
        if {one, two} <= weights.keys():
            mine, taught = weights.pop(one) / 2, weights.pop(two) / 2
            weights[f"classifier.{kind}"] = torch.cat([mine, taught], dim=1) if kind == "weight" else mine + taught
        elif kind == "weight" and f"classifier.{kind}" in weights:  # a head that asks the class token alone
            asks = weights[f"classifier.{kind}"]
            weights[f"classifier.{kind}"] = torch.cat([asks, torch.zeros_like(asks)], dim=1)
    return weights
