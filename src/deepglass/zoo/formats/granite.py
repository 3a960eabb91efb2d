"""Granite 3: a Llama with four factors.

https://huggingface.co/docs/transformers/model_doc/granite

Each of them stands before or behind a matrix product, so it goes into the weights, and nothing is left to compute.
"""

from torch import Tensor

from deepglass.zoo.formats import llama
from deepglass.zoo.formats._rotary import scaled_queries, with_rotary_scale
from deepglass.zoo.published_config import PublishedConfig, Rule

MODEL_TYPES = ("granite",)
MODEL = "llama"
READ = {field: found for field, found in llama.READ.items() if field != "tie_word_embeddings"}
FIXED = llama.FIXED
WORKED_OUT = llama.WORKED_OUT | {
    "tie_word_embeddings": Rule(False, "any"),
    "embedding_multiplier": Rule(1.0, "any"),  # into embed_tokens
    "logits_scaling": Rule(1.0, "any"),  # into lm_head
    "residual_multiplier": Rule(1.0, "any"),  # into o_proj and down_proj
    "attention_multiplier": Rule(1.0, "any"),  # into q_proj
}
UNUSED = ("pad_token_id",)
ENDS = (".o_proj.weight", ".o_proj.bias", ".down_proj.weight")  # of what is added to x


def settings(config: PublishedConfig) -> dict:
    """As a Llama; an output layer that is not quite embed_tokens becomes one of its own."""
    return llama.settings(config) | {"is_tied": is_tied(config)}


def is_tied(config: PublishedConfig) -> bool:
    """Whether the output layer can be embed_tokens itself.

    Raises:
        WeightsError: If the setting is neither true nor false.
    """
    if not isinstance(config["tie_word_embeddings"], bool):
        raise config.refused("tie_word_embeddings", "true or false")
    has_factor = config.number("embedding_multiplier") != 1 or config.number("logits_scaling") != 1
    return config["tie_word_embeddings"] and not has_factor


def tensors(weights: dict[str, Tensor], config: PublishedConfig) -> dict[str, Tensor]:
    """The tensors with the factors in them.

    Raises:
        WeightsError: If a factor is zero where it divides.
    """
    if config.number("logits_scaling") == 0:
        raise config.refused("logits_scaling", "a number above 0")
    head_dim = config["head_dim"] or config["hidden_size"] // config["num_attention_heads"]
    weights = scaled_queries(with_rotary_scale(weights, config), config.number("attention_multiplier") * head_dim**0.5)
    embedded = next((tensor for name, tensor in weights.items() if name.endswith("embed_tokens.weight")), None)
    if config["tie_word_embeddings"] and not is_tied(config) and embedded is not None:
        weights = {"lm_head.weight": embedded} | weights
    factors = dict.fromkeys(ENDS, config.number("residual_multiplier"))
    factors["embed_tokens.weight"] = config.number("embedding_multiplier")
    factors["lm_head.weight"] = 1 / config.number("logits_scaling")
    return {name: tensor * _factor(name, factors) for name, tensor in weights.items()}


def _factor(name: str, factors: dict[str, float]) -> float:
    return next((factor for end, factor in factors.items() if name.endswith(end)), 1.0)
