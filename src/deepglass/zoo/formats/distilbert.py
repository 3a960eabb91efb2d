"""DistilBERT: half of a BERT, without segments.

https://huggingface.co/docs/transformers/model_doc/distilbert

Sanh et al. (2019), DistilBERT, a Distilled Version of BERT, https://arxiv.org/abs/1910.01108.
"""

import torch
from torch import Tensor

from deepglass.zoo.formats import _encoder
from deepglass.zoo.published_config import PublishedConfig

MODEL_TYPES = ("distilbert",)
MODEL = "bert"
READ = {
    "vocab_size": ("vocab_size", 30522),
    "max_position_embeddings": ("max_length", 512),
    "dim": ("embed_dim", 768),
    "n_layers": ("num_layers", 6),
    "n_heads": ("num_heads", 12),
    "hidden_dim": ("mlp_dim", 3072),
}
FIXED = {"activation": ("gelu", "gelu_python")}
WORKED_OUT = {
    "pad_token_id": _encoder.PADDING,
}
UNUSED = (
    "tie_word_embeddings", "tie_weights_",  # of the head that guesses words
    "sinusoidal_pos_embds",  # how the table was filled that lies in the file
    "dropout", "qa_dropout", "seq_classif_dropout",
)  # fmt: skip
RENAMED = {
    "distilbert.": "bert.",
    "transformer.layer.": "encoder.layer.",
    "attention.q_lin": "attention.self.query",
    "attention.k_lin": "attention.self.key",
    "attention.v_lin": "attention.self.value",
    "attention.out_lin": "attention.output.dense",
    "sa_layer_norm": "attention.output.LayerNorm",
    "ffn.lin1": "intermediate.dense",
    "ffn.lin2": "output.dense",
    "output_layer_norm": "output.LayerNorm",
    "pre_classifier": "bert.pooler.dense",
}
LEFT_OUT = ("vocab_transform.", "vocab_layer_norm.", "vocab_projector.")  # of the head that guesses words

num_shifted = _encoder.num_shifted


def settings(config: PublishedConfig) -> dict:
    """Sizes of the tables, and what the file of the network itself says."""
    return {
        "vocab_size": int(config["vocab_size"]) + _encoder.num_shifted(config),
        "norm_eps": 1e-12,
        "pooler_activation": "relu",
    }


def tensors(weights: dict[str, Tensor], config: PublishedConfig) -> dict[str, Tensor]:
    """The tensors of a BERT; both segments add nothing."""
    renamed = {}
    for name, tensor in weights.items():
        for theirs, ours in RENAMED.items():
            name = name.replace(theirs, ours)
        renamed[name] = tensor
    for name in [name for name in renamed if name.endswith("embeddings.word_embeddings.weight")]:
        segments = name.replace("word_embeddings", "token_type_embeddings")
        renamed[segments] = torch.zeros(2, int(config["dim"]))
    kept = {name: tensor for name, tensor in renamed.items() if not name.startswith(LEFT_OUT)}
    return _encoder.as_ours(kept, config)
