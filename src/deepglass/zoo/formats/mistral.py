"""Mistral 7B: a Llama whose tokens see a window.

https://huggingface.co/docs/transformers/model_doc/mistral
"""

from deepglass.zoo.formats import llama
from deepglass.zoo.formats._rotary import rotary_settings, with_rotary_scale
from deepglass.zoo.published_config import PublishedConfig, Rule

MODEL_TYPES = ("mistral",)
MODEL = "llama"
READ = llama.READ | {"intermediate_size": ("mlp_dim", 14336), "sliding_window": ("sliding_window", 4096)}
FIXED = llama.FIXED | {"attention_bias": (False,)}
WORKED_OUT = {name: rule for name, rule in llama.WORKED_OUT.items() if name != "attention_bias"} | {
    "num_key_value_heads": Rule(8, "any"),
    "max_position_embeddings": Rule(131072, "any"),
}
UNUSED = ("pad_token_id",)


def settings(config: PublishedConfig) -> dict:
    """Heads, positions."""
    return llama.key_value_heads(config) | rotary_settings(config)


tensors = with_rotary_scale
