"""RoBERTa, XLM-RoBERTa and CamemBERT: a BERT that counts positions from another number.

https://huggingface.co/docs/transformers/model_doc/roberta

A BERT whose positions are counted from the number after that of padding, and whose pooler is part of its classifier.
"""

from torch import Tensor

from deepglass.zoo.formats import _encoder, bert
from deepglass.zoo.published_config import PublishedConfig, Rule

MODEL_TYPES = ("roberta", "xlm-roberta", "camembert")
MODEL = "bert"
READ = bert.READ | {"vocab_size": ("vocab_size", 50265)}
FIXED = bert.FIXED
WORKED_OUT = bert.WORKED_OUT | {
    "pad_token_id": Rule(1, "any; positions begin after it"),
}
UNUSED = bert.UNUSED
RENAMED = {"roberta.": "bert.", "classifier.dense.": "bert.pooler.dense.", "classifier.out_proj.": "classifier."}
LEFT_OUT = ("lm_head.", "pooler.", "roberta.pooler.")  # the classifier has one of its own

num_shifted = _encoder.num_shifted


def settings(config: PublishedConfig) -> dict:
    """Sizes of the tables; the first positions belong to padding.

    Raises:
        WeightsError: If padding leaves no positions.
    """
    first, positions = first_position(config), int(config["max_position_embeddings"])
    if positions <= first:
        raise config.refused("max_position_embeddings", f"more than {first}, which padding takes")
    return bert.settings(config) | {"max_length": positions - first}


def first_position(config: PublishedConfig) -> int:
    """The row of the first token in the table of positions."""
    return int(config.number("pad_token_id")) + 1


def tensors(weights: dict[str, Tensor], config: PublishedConfig) -> dict[str, Tensor]:
    """The tensors of a BERT."""
    kept = {name: tensor for name, tensor in weights.items() if not name.startswith(LEFT_OUT)}
    renamed = {_renamed(name): tensor for name, tensor in kept.items() if not name.endswith("position_ids")}
    for name, table in renamed.items():
        if name.endswith("embeddings.position_embeddings.weight"):
            renamed[name] = table[first_position(config) :].contiguous()
    return _encoder.as_ours(renamed, config)


def _renamed(name: str) -> str:
    theirs = next((theirs for theirs in RENAMED if name.startswith(theirs)), "")
    return RENAMED.get(theirs, "") + name.removeprefix(theirs)
