"""ViT, and DeiT without its second token.

https://huggingface.co/docs/transformers/model_doc/vit
"""

from typing import Any

import torch
from torch import Tensor

from deepglass.zoo.published_config import PublishedConfig, Rule, is_number

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
OFFSETS = tuple(f".{layer}.weight" for layer in ("query", "key", "value", "q_proj", "k_proj", "v_proj"))
NUM_ASKING = 1  # tokens before the patches


def settings(config: PublishedConfig) -> dict:
    """The side of a patch.

    Raises:
        WeightsError: If patches do not divide the picture: transformers drops the rest, our file adds zeros.
    """
    patch, side = square(config, "patch_size"), image_side(config)
    if side % patch:
        raise config.refused("image_size", f"a multiple of patch_size {patch}")
    return {"patch_size": patch}


def image_side(config: PublishedConfig) -> int:
    """The side of a picture in pixels."""
    return square(config, "image_size")


def square(config: PublishedConfig, field: str) -> int:
    """A side in pixels, said in one number or in two that are equal.

    Raises:
        WeightsError: If height and width differ.
    """
    value: Any = config[field]
    sides = value if isinstance(value, list) and len(value) == 2 else [value]
    if not all(is_number(side) and side == int(side) > 0 for side in sides) or sides[0] != sides[-1]:
        raise config.refused(field, "one whole number, for height and width")
    return int(sides[0])


def tensors(weights: dict[str, Tensor], config: PublishedConfig) -> dict[str, Tensor]:
    """The tensors; where queries, keys and values have no offsets, they get zeros.

    Raises:
        WeightsError: If the patches do not fit, or `qkv_bias` is neither true nor false.
    """
    require_patches(weights, config)
    if not isinstance(config["qkv_bias"], bool):
        raise config.refused("qkv_bias", "true or false")
    if config["qkv_bias"]:
        return weights
    names = [name for name in weights if name.endswith(OFFSETS)]
    return weights | {name.removesuffix("weight") + "bias": torch.zeros(len(weights[name])) for name in names}


def require_patches(weights: dict[str, Tensor], config: PublishedConfig) -> None:
    """Refuse pictures and patches of another size than those of the weights.

    Raises:
        WeightsError: If pictures or patches have another size than the weights.
    """
    patch, side = square(config, "patch_size"), image_side(config)
    num_tokens = config.format.NUM_ASKING + (side // patch) ** 2
    for name, tensor in weights.items():
        if name.endswith("patch_embeddings.projection.weight") and tensor.shape[-1] != patch:
            raise config.refused("patch_size", f"{tensor.shape[-1]}, as the weights have it")
        if name.endswith("embeddings.position_embeddings") and tensor.shape[1] != num_tokens:
            raise config.refused("image_size", f"a picture of {tensor.shape[1]} tokens, as the weights have it")
    if patch > max((max(tensor.shape, default=0) for tensor in weights.values()), default=0):
        raise config.refused("patch_size", "no more than the weights are wide")
