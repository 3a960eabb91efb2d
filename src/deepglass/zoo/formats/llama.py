"""Llama 1 to 3, TinyLlama, SmolLM and SmolLM2.

https://huggingface.co/docs/transformers/model_doc/llama
"""

from deepglass.zoo.formats._rotary import ROPE, rotary_settings, with_rotary_scale
from deepglass.zoo.published_config import PublishedConfig, Rule

MODEL_TYPES = ("llama",)
MODEL = "llama"
READ = {
    "vocab_size": ("vocab_size", 32000),
    "hidden_size": ("embed_dim", 4096),
    "intermediate_size": ("mlp_dim", 11008),
    "num_hidden_layers": ("num_layers", 32),
    "num_attention_heads": ("num_heads", 32),
    "head_dim": ("head_dim", None),
    "rms_norm_eps": ("norm_eps", 1e-6),
    "tie_word_embeddings": ("is_tied", False),
}
FIXED = {"hidden_act": ("silu", "swish"), "mlp_bias": (False,), "rope_interleaved": (False,)}
WORKED_OUT = {
    "num_key_value_heads": Rule(None, "any"),
    "attention_bias": Rule(False, "any"),
    **ROPE,
}
UNUSED = (
    "pad_token_id",
    "pretraining_tp",  # a product in pieces, with the same result
    "is_llama_config",
)


def settings(config: PublishedConfig) -> dict:
    """Heads, offsets, positions."""
    return key_value_heads(config) | attention_offsets(config) | rotary_settings(config)


def key_value_heads(config: PublishedConfig) -> dict:
    """As many heads of keys as of queries where nothing else is said.

    Raises:
        WeightsError: If the heads do not divide each other, or the width.
    """
    heads = int(config.number("num_attention_heads", 1))
    of_keys = heads if config["num_key_value_heads"] is None else config.number("num_key_value_heads", 1)
    if heads % of_keys:
        raise config.refused("num_key_value_heads", f"a divisor of num_attention_heads {heads}")
    if config["head_dim"] is None and config["hidden_size"] % (2 * heads):
        raise config.refused("num_attention_heads", f"a divisor of half of hidden_size {config['hidden_size']}")
    return {"num_kv_heads": int(of_keys)}


def attention_offsets(config: PublishedConfig) -> dict:
    """Offsets in all four layers of attention or in none.

    Raises:
        WeightsError: If the setting is neither true nor false.
    """
    if not isinstance(config["attention_bias"], bool):
        raise config.refused("attention_bias", "true or false")
    return {"attention_bias": "all" if config["attention_bias"] else "none"}


tensors = with_rotary_scale
