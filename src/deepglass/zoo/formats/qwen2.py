"""Qwen2 and Qwen2.5: a Llama with offsets of q, k and v.

https://huggingface.co/docs/transformers/model_doc/qwen2
"""

from deepglass.zoo.formats import llama
from deepglass.zoo.formats._rotary import rotary_settings, with_rotary_scale
from deepglass.zoo.formats._windows import WINDOWS, window_settings
from deepglass.zoo.published_config import PublishedConfig, Rule

MODEL_TYPES = ("qwen2",)
MODEL = "llama"
READ = llama.READ | {"vocab_size": ("vocab_size", 151936), "intermediate_size": ("mlp_dim", 22016)}
FIXED = llama.FIXED | {"attention_bias": (True,)}
WORKED_OUT = {name: rule for name, rule in llama.WORKED_OUT.items() if name != "attention_bias"} | {
    "num_key_value_heads": Rule(32, "any"),
    "max_position_embeddings": Rule(32768, "any"),
    "max_window_layers": Rule(28, "if all blocks are alike"),
    **WINDOWS,
}
UNUSED = ("pad_token_id",)


def settings(config: PublishedConfig) -> dict:
    """Heads, positions, the window of all blocks or of none."""
    num_layers, first = int(config.number("num_hidden_layers", 1)), config.number("max_window_layers")
    usual = ["sliding_attention" if i >= first else "full_attention" for i in range(min(num_layers, 10_000))]
    own = {"attention_bias": "qkv"}
    return own | llama.key_value_heads(config) | rotary_settings(config) | window_settings(config, usual)


tensors = with_rotary_scale
