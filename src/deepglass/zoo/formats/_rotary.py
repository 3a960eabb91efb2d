"""The rotary positions of a configuration, in both spellings, as settings of our llama.py.

    {"rope_theta": 10000.0, "rope_scaling": {"type": "linear", "factor": 2.0}}                      transformers to 4
    {"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 10000.0}}              transformers 5

https://huggingface.co/docs/transformers/internal/rope_utils
"""

import math
from typing import Any

from torch import Tensor

from deepglass.zoo.published_config import PublishedConfig, Rule, is_number

STRETCHED = "default, linear, llama3, yarn"
ROPE = {
    "rope_theta": Rule(None, "any"),
    "rope_parameters": Rule(None, STRETCHED),
    "rope_scaling": Rule(None, "the same, as it was written before"),
    "max_position_embeddings": Rule(None, "any"),
    "original_max_position_embeddings": Rule(None, "any"),
    "partial_rotary_factor": Rule(None, "1 alone"),
}
BASE = 10_000.0
KNOWN = {
    "rope_theta", "rope_type", "type", "factor", "original_max_position_embeddings", "low_freq_factor",
    "high_freq_factor", "beta_fast", "beta_slow", "attention_factor", "mscale", "mscale_all_dim", "truncate",
    "partial_rotary_factor", "finetuned",
}  # fmt: skip
YARN_FAST, YARN_SLOW = 32.0, 1.0


def parameters_of(config: PublishedConfig) -> dict[str, Any]:
    """The parameters in one dictionary, whichever way they are spelt.

    Raises:
        WeightsError: If one is unknown, or what our file does not compute.
    """
    field = "rope_scaling" if config["rope_scaling"] else "rope_parameters"
    said = config[field] or {}
    if not isinstance(said, dict) or (unknown := set(said) - KNOWN):
        what = f", without {', '.join(sorted(map(str, unknown)))}" if isinstance(said, dict) else ""  # type: ignore[possibly-undefined]
        raise config.refused(field, f"an object with rope_type {STRETCHED}{what}")
    theta = BASE if config["rope_theta"] is None else config["rope_theta"]
    found = {"rope_theta": theta} | {name: value for name, value in said.items() if value is not None}
    found["rope_type"] = found.get("rope_type", found.get("type", "default"))
    original = found.get("original_max_position_embeddings", config["max_position_embeddings"])
    found["original_max_position_embeddings"] = config["original_max_position_embeddings"] or original
    share = found.get("partial_rotary_factor", config["partial_rotary_factor"])
    if share not in (None, 1):
        raise config.refused(field if "partial_rotary_factor" in said else "partial_rotary_factor", "1")
    if found["rope_type"] not in STRETCHED.split(", ") or not found.get("truncate", True):
        raise config.refused(field, f"rope_type {STRETCHED}, and no truncate false")
    return {name: _number(config, field, name, value) for name, value in found.items()}


def _number(config: PublishedConfig, field: str, name: str, value: Any) -> Any:
    if name in ("rope_type", "type", "truncate", "finetuned") or value is None:
        return value
    if not is_number(value) or value <= 0:
        raise config.refused(field, f"a number above 0 for {name}")
    return value


def rotary_settings(config: PublishedConfig) -> dict[str, Any]:
    """Settings of llama.py."""
    found = parameters_of(config)
    kind = found["rope_type"]
    settings = {"rope_base": float(found["rope_theta"]), "rope_type": kind}
    if kind == "default":
        return settings
    original = found["original_max_position_embeddings"]
    if kind == "yarn" and original and config["max_position_embeddings"]:
        found.setdefault("factor", config["max_position_embeddings"] / original)
    needed = {"linear": ["factor"], "yarn": ["factor"], "llama3": ["factor", "low_freq_factor", "high_freq_factor"]}
    if absent := [name for name in needed[kind] if name not in found]:
        raise config.refused("rope_scaling" if config["rope_scaling"] else "rope_parameters", f"{absent[0]} in it")
    settings["rope_factor"] = float(found["factor"])
    if kind == "linear":
        return settings
    if kind == "llama3":
        slow, fast = found["low_freq_factor"], found["high_freq_factor"]
    else:
        slow, fast = found.get("beta_slow", YARN_SLOW), found.get("beta_fast", YARN_FAST)
    return settings | {
        "rope_original_context": int(original),
        "rope_slow_turns": float(slow),
        "rope_fast_turns": float(fast),
    }


def attention_factor(found: dict[str, Any]) -> float:
    """By how much YaRN stretches queries and keys: 0.1 · ln(factor) + 1 where nothing else is said (their equation 22).

    Scores over a longer text are flatter; this makes them sharper again.
    """
    if found["rope_type"] != "yarn":
        return 1.0
    if "attention_factor" in found:
        return float(found["attention_factor"])

    def stretch(weight: float) -> float:
        return 0.1 * weight * math.log(found["factor"]) + 1 if found["factor"] > 1 else 1.0

    if "mscale" in found and "mscale_all_dim" in found:
        return stretch(found["mscale"]) / stretch(found["mscale_all_dim"])
    return stretch(1.0)


def with_rotary_scale(weights: dict[str, Tensor], config: PublishedConfig) -> dict[str, Tensor]:
    """The tensors, YaRN's factor of queries and keys in the weights of the queries: a score feels its square."""
    return scaled_queries(weights, rotary_scale(config))


def rotary_scale(config: PublishedConfig) -> float:
    """By how much YaRN makes scores larger; 1 for all other positions."""
    found = parameters_of(config)
    if found["rope_type"] == "yarn" and "factor" not in found:
        found["factor"] = config["max_position_embeddings"] / found["original_max_position_embeddings"]
    return attention_factor(found) ** 2


def scaled_queries(weights: dict[str, Tensor], factor: float) -> dict[str, Tensor]:
    """The tensors, every score of attention `factor` times as large."""
    return {name: tensor * factor if ".q_proj." in name else tensor for name, tensor in weights.items()}
