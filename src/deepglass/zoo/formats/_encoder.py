"""What the encoders of text share: two segments, and padding that is token 0 here."""

import torch
from torch import Tensor

from deepglass.zoo.published_config import PublishedConfig, Rule

PADDING = Rule(0, "any; token 0 is padding here, so others move up by one")


def num_shifted(config: PublishedConfig) -> int:
    """By how much the numbers of all tokens move up: token 0 is padding here, whatever it was there."""
    return 0 if config["pad_token_id"] == 0 else 1


def as_ours(weights: dict[str, Tensor], config: PublishedConfig) -> dict[str, Tensor]:
    """The tables of words and of segments: one word more in front where padding was not token 0, and two segments."""
    weights = dict(weights)
    for name, table in weights.items():
        if name.endswith("embeddings.word_embeddings.weight") and num_shifted(config):
            weights[name] = torch.cat([torch.zeros_like(table[:1]), table])  # (V + 1, C)
        if name.endswith("embeddings.token_type_embeddings.weight"):
            weights[name] = torch.cat([table[:1], table[-1:] if len(table) == 1 else table[1:2]])  # (2, C)
    return weights
