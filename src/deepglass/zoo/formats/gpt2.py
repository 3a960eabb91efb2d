"""GPT-2 and what was trained like it.

https://huggingface.co/docs/transformers/model_doc/gpt2
"""

import torch
from torch import Tensor

from deepglass.zoo.published_config import PublishedConfig, Rule

MODEL_TYPES = ("gpt2",)
MODEL = "gpt"
READ = {
    "vocab_size": ("vocab_size", 50257),
    "n_positions": ("context", 1024),
    "n_embd": ("embed_dim", 768),
    "n_layer": ("num_layers", 12),
    "n_head": ("num_heads", 12),
    "n_inner": ("mlp_dim", None),
    "layer_norm_epsilon": ("norm_eps", 1e-5),
}
FIXED = {
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),  # two names of one formula
    "tie_word_embeddings": (True,),
}
WORKED_OUT = {
    "scale_attn_weights": Rule(True, "any"),  # both go into the weights of the queries
    "scale_attn_by_inverse_layer_idx": Rule(False, "any"),
}
UNUSED = (
    "pad_token_id",
    "n_ctx",  # n_positions said twice, in files of before 2021
    "resid_pdrop", "embd_pdrop", "attn_pdrop",
    "reorder_and_upcast_attn",  # the same in more digits
    "summary_type", "summary_use_proj", "summary_activation", "summary_proj_to_labels", "summary_first_dropout",
)  # fmt: skip


def tensors(weights: dict[str, Tensor], config: PublishedConfig) -> dict[str, Tensor]:
    """The tensors, with another scale of the scores in the queries: the first third of c_attn's outputs.

    Raises:
        WeightsError: If a setting of the attention is neither true nor false.
    """
    for field in ("scale_attn_weights", "scale_attn_by_inverse_layer_idx"):
        if not isinstance(config[field], bool):
            raise config.refused(field, "true or false")
    return {name: _scaled(name, tensor, config) for name, tensor in weights.items()}


def _scaled(name: str, tensor: Tensor, config: PublishedConfig) -> Tensor:
    prefix, is_query, _ = name.partition(".attn.c_attn.")
    number = prefix.rpartition(".")[2]
    C = int(config["n_embd"])
    if not is_query or not number.isdigit() or 3 * C not in tensor.shape:
        return tensor
    factor = 1.0 if config["scale_attn_weights"] else (C / config["n_head"]) ** 0.5
    if config["scale_attn_by_inverse_layer_idx"]:
        factor /= int(number) + 1
    factors = torch.ones(3 * C)
    factors[:C] = factor
    return tensor * (factors if tensor.shape[-1] == 3 * C else factors.unsqueeze(1))  # (in, out) as published
