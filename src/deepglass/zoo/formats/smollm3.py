"""SmolLM3: a Llama of which some blocks feel no positions.

https://huggingface.co/docs/transformers/model_doc/smollm3
"""

from typing import Any

from torch import Tensor

from deepglass.zoo.formats import llama
from deepglass.zoo.formats._rotary import rotary_scale, rotary_settings, scaled_queries
from deepglass.zoo.formats._windows import WINDOWS, window_settings
from deepglass.zoo.published_config import PublishedConfig, Rule

MODEL_TYPES = ("smollm3",)
MODEL = "llama"
READ = llama.READ | {
    "vocab_size": ("vocab_size", 128256),
    "hidden_size": ("embed_dim", 2048),
    "num_hidden_layers": ("num_layers", 36),
    "num_attention_heads": ("num_heads", 16),
    "tie_word_embeddings": ("is_tied", True),
}
FIXED = llama.FIXED
WORKED_OUT = llama.WORKED_OUT | {
    "num_key_value_heads": Rule(4, "any"),
    "max_position_embeddings": Rule(32768, "any"),
    "rope_theta": Rule(2_000_000.0, "any"),
    "no_rope_layers": Rule(None, "zeros at equal distances"),
    "no_rope_layer_interval": Rule(4, "any"),
    **WINDOWS,
    "sliding_window": Rule(None, "if all blocks are alike"),
}
UNUSED = ("pad_token_id", "pretraining_tp")


def settings(config: PublishedConfig) -> dict:
    """Heads, offsets, positions and which blocks feel them."""
    blocks = blocks_with_positions(config)
    usual = ["full_attention" if has_rope else "sliding_attention" for has_rope in blocks]
    own = llama.key_value_heads(config) | llama.attention_offsets(config) | rotary_settings(config)
    return own | {"no_rope_interval": interval_of(blocks, config)} | window_settings(config, usual)


def blocks_with_positions(config: PublishedConfig) -> list[Any]:
    """For each block whether it turns its queries and keys.

    Raises:
        WeightsError: If the list is not a 0 or a 1 for each block.
    """
    said, number = config["no_rope_layers"], int(config.number("num_hidden_layers", 1))
    if said is None:
        interval = int(config.number("no_rope_layer_interval", 1))
        return [int(i % interval != 0) for i in range(1, min(number, 10_000) + 1)]
    if not isinstance(said, list) or len(said) != number or any(value not in (0, 1) for value in said):
        raise config.refused("no_rope_layers", f"{number} numbers, 1 or 0 for each block")
    return said


def interval_of(blocks: list[Any], config: PublishedConfig) -> int | None:
    """Every how many blocks one has none.

    Raises:
        WeightsError: If the blocks without positions are not at equal distances.
    """
    if all(blocks):
        return None
    interval = blocks.index(0) + 1
    if any(bool(has_rope) != (i % interval != 0) for i, has_rope in enumerate(blocks, 1)):
        raise config.refused("no_rope_layers", "zeros at equal distances, such as 1, 1, 1, 0, 1, 1, 1, 0")
    return interval


def tensors(weights: dict[str, Tensor], config: PublishedConfig) -> dict[str, Tensor]:
    """The tensors; blocks that feel no positions are not scaled for them either."""
    with_positions = {str(i) for i, has_rope in enumerate(blocks_with_positions(config)) if has_rope}
    mine = {name: t for name, t in weights.items() if with_positions & set(name.split("."))}
    return weights | scaled_queries(mine, rotary_scale(config))
