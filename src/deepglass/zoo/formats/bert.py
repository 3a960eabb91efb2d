"""BERT and what was trained like it.

https://huggingface.co/docs/transformers/model_doc/bert
"""

from torch import Tensor

from deepglass.zoo.formats import _encoder
from deepglass.zoo.published_config import PublishedConfig, Rule

MODEL_TYPES = ("bert",)
MODEL = "bert"
READ = {
    "vocab_size": ("vocab_size", 30522),
    "max_position_embeddings": ("max_length", 512),
    "hidden_size": ("embed_dim", 768),
    "num_hidden_layers": ("num_layers", 12),
    "num_attention_heads": ("num_heads", 12),
    "intermediate_size": ("mlp_dim", 3072),
    "layer_norm_eps": ("norm_eps", 1e-12),
}
FIXED = {"hidden_act": ("gelu", "gelu_python"), "position_embedding_type": ("absolute",)}
WORKED_OUT = {
    "type_vocab_size": Rule(2, "any; a text has two segments at most"),
    "pad_token_id": _encoder.PADDING,
}
UNUSED = (
    "tie_word_embeddings",  # of the head that guesses words
    "directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head",
    "pooler_type",  # six of Google's own program, which nobody reads
)  # fmt: skip

num_shifted = _encoder.num_shifted


def settings(config: PublishedConfig) -> dict:
    """Sizes of the tables."""
    return {"vocab_size": int(config["vocab_size"]) + _encoder.num_shifted(config)}


def tensors(weights: dict[str, Tensor], config: PublishedConfig) -> dict[str, Tensor]:
    """The tensors, their tables as ours."""
    return _encoder.as_ours(weights, config)
