"""ViT, and DeiT without its second token.

https://huggingface.co/docs/transformers/model_doc/vit
"""

from typing import Any

import torch
from torch import Tensor

from deepglass.models._published_config import PublishedConfig, Rule

MODEL_TYPES = ("vit",)
MODEL = "vit"
READ = {
    "hidden_size": ("embed_dim", 768),
    "num_hidden_layers": ("num_layers", 12),
    "num_attention_heads": ("num_heads", 12),
    "intermediate_size": ("mlp_dim", 3072),
    "layer_norm_eps": ("norm_eps", 1e-12),
}
FIXED = {"hidden_act": ("gelu", "gelu_python")}
WORKED_OUT = {
    "image_size": Rule(224, "squares"),
    "patch_size": Rule(16, "squares"),
    "num_channels": Rule(3, "any"),
    "qkv_bias": Rule(True, "any"),
}
UNUSED = (
    "encoder_stride",  # of a head that paints what was covered
    "tie_word_embeddings",
    "pooler_output_size", "pooler_act",  # the classifier reads the class token itself
)  # fmt: skip
OFFSETS = ("query", "key", "value")


def settings(config: PublishedConfig) -> dict:
    """The side of a patch."""
    image_side(config)
    return {"patch_size": square(config, "patch_size")}


def image_side(config: PublishedConfig) -> int:
    """The side of a picture in pixels."""
    return square(config, "image_size")


def square(config: PublishedConfig, field: str) -> int:
    """A side in pixels, said in one number or in two that are equal.

    Raises:
        WeightsError: If height and width differ.
    """
    value: Any = config[field]
    sides = set(map(str, value)) if isinstance(value, list) and len(value) == 2 else {str(value)}
    side = sides.pop()
    if sides or not side.isdigit() or int(side) < 1:
        raise config.refused(field, "one whole number, for height and width")
    return int(side)


def tensors(weights: dict[str, Tensor], config: PublishedConfig) -> dict[str, Tensor]:
    """The tensors; where queries, keys and values have no offsets, they get zeros."""
    if not isinstance(config["qkv_bias"], bool):
        raise config.refused("qkv_bias", "true or false")
    for name, tensor in weights.items():
        if name.endswith("patch_embeddings.projection.weight") and tensor.shape[-1] != square(config, "patch_size"):
            raise config.refused("patch_size", f"{tensor.shape[-1]}, as the weights have it")
    if config["qkv_bias"]:
        return weights
    zeros = {
        name.removesuffix("weight") + "bias": torch.zeros(len(tensor))
        for name, tensor in weights.items()
        if name.endswith(tuple(f".{layer}.weight" for layer in (*OFFSETS, "q_proj", "k_proj", "v_proj")))
    }
    return weights | zeros
