"""A published config.json, read field by field: each is honoured, cannot change an answer, or is refused by its name.

Weights that fit a network of another kind load without a word and answer wrongly: shapes say nothing of an activation,
an epsilon, a scale. So each file in formats/ says for its model types what becomes of every field:

    MODEL_TYPES = ("mistral",)           the values of `model_type` that it reads
    MODEL = "llama"                      our file that computes it
    READ = {"hidden_size": ("embed_dim", 4096)}      → our setting or size, and what an absent field means
    FIXED = {"hidden_act": ("silu", "swish")}        nothing else is computed; the first is what an absent field means
    WORKED_OUT = {"rope_parameters": Rule(None, "…")}   → by `settings` or `tensors`; absent, and in words
    UNUSED = ("pretraining_tp",)         more fields that change no answer, beside those listed here
    def settings(config)                 our settings from the fields of WORKED_OUT, and sizes that differ from READ
    def tensors(weights, config)         the tensors under the names that our file's `from_published` knows

What an absent field means is what transformers' configuration class says (https://huggingface.co/docs/transformers).
"""

from dataclasses import dataclass
from pathlib import Path
from reprlib import Repr
from typing import Any, NamedTuple

from deepglass.core import settings as space
from deepglass.core.errors import WeightsError
from deepglass.core.wording import listing

GENERATION = (  # how a text is continued, which is asked anew each time
    "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty",
    "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
    "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "output_scores",
    "return_dict_in_generate", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values",
    "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "task_specific_params",
)  # fmt: skip
UNUSED = (  # of any model type: these change no answer of trained weights
    *GENERATION,
    "model_type", "architectures", "transformers_version", "_name_or_path", "name_or_path", "_commit_hash",
    "attn_implementation", "_attn_implementation", "_attn_implementation_autoset", "_flash_attn_2_enabled",
    "model_max_length", "max_sequence_length", "transformers.js_config", "unsloth_version", "unsloth_fixed",
    "tokenizer_class", "prefix", "id2label", "label2id", "num_labels", "_num_labels", "problem_type", "finetuning_task",
    "dtype", "torch_dtype", "use_bfloat16", "torchscript", "use_cache", "gradient_checkpointing",
    "chunk_size_feed_forward",  # the MLP in pieces, with the same result
    "output_attentions", "output_hidden_states", "output_past", "return_dict", "return_dict_in_generate",
    "bos_token_id", "eos_token_id", "eos_token_ids", "sep_token_id", "cls_token_id", "mask_token_id", "unk_token_id",
    "decoder_start_token_id",
    "initializer_range", "initializer_factor",  # of weights that are drawn; these are trained
    "attention_dropout", "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout",  # while training
)  # fmt: skip
FIXED = {  # of any model type
    "is_encoder_decoder": (False,),
    "tie_encoder_decoder": (False,),
    "is_decoder": (False,),
    "add_cross_attention": (False,),
    "cross_attention_hidden_size": (None,),
    "pruned_heads": (None, {}),
    "quantization_config": (None,),  # the numbers in the file are not weights yet
    "auto_map": (None, {}),  # the network is code that lies beside the weights, and code is not run
}

LARGEST = 1e15  # of a number that says anything
SIZES = ("embed_dim", "mlp_dim", "vocab_size", "max_length", "context")  # each is a side of a tensor
QUOTES = "'\""


class Rule(NamedTuple):
    """A field that takes more than another name.

    absent: What it means when it is not there.
    honoured: What of it is, in words.
    """

    absent: Any
    honoured: str


@dataclass(frozen=True)
class PublishedConfig:
    """A config.json of a known model type, with a value for every field that the format knows.

    path: Of the file; model_type: as it says; format: our file in formats/; values: by their names.
    """

    path: Path
    model_type: str
    format: Any
    values: dict[str, Any]

    def __getitem__(self, field: str) -> Any:
        return self.values[field]

    def refused(self, field: str, expected: str) -> WeightsError:
        """The error for a field that is neither honoured nor harmless."""
        return WeightsError(
            f"{self.path}: {field} {shown(self.values.get(field))} is not what {self.format.MODEL} computes: expected "
            f"{expected}; these weights would answer wrongly here, choose others"
        )

    def number(self, field: str, least: float = 0.0) -> float:
        """A field that has to be a finite number.

        Raises:
            WeightsError: If it is none, or below `least`.
        """
        value = self[field]
        if not is_number(value) or value < least:
            raise self.refused(field, f"a number of {least:g} or more")
        return float(value)


def is_number(value: Any) -> bool:
    """Whether a value of JSON is a finite number of a size that anybody means."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST


def shown(value: Any) -> str:
    """A value in a message: not longer than a line, whatever it is."""
    brief = Repr()
    brief.maxstring = brief.maxother = brief.maxlong = 60
    brief.maxdict = 8
    return brief.repr(value)


def read(path: Path, content: dict[str, Any], model_type: str, format: Any) -> PublishedConfig:
    """Check every field of a configuration.

    Args:
        path: Of the file, for messages.
        content: What it holds.
        model_type: What it is.
        format: The file in formats/ that reads it.

    Raises:
        WeightsError: If a field is unknown, or says what our file does not compute; names it.
    """
    fixed = FIXED | format.FIXED
    absent = {field: default for field, (_, default) in format.READ.items()}
    absent |= {field: allowed[0] for field, allowed in fixed.items()}
    absent |= {field: rule.absent for field, rule in format.WORKED_OUT.items()}
    config = PublishedConfig(path, model_type, format, absent | content)
    known = absent.keys() | {*UNUSED, *format.UNUSED}
    if unknown := [field for field, value in content.items() if field not in known and value is not None]:
        name, value = shown(unknown[0]).strip(QUOTES), shown(content[unknown[0]])
        raise WeightsError(
            f"{path}: {name} {value} is not a known field of model_type {model_type}, and may change what the network "
            "computes: choose other weights, or take the field out if it changes nothing"
        )
    for field, allowed in fixed.items():
        if not any(config[field] == value and type(config[field]) is type(value) for value in allowed):
            raise config.refused(field, " or ".join(map(repr, allowed)))
    return config


def translated(config: PublishedConfig, settings: list[space.Setting]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Our settings and our sizes.

    Raises:
        WeightsError: If a field has no value that the setting can have.
    """
    known = {setting.name: setting for setting in settings}
    found = {}
    for field, (ours, absent) in config.format.READ.items():
        value = config[field]
        if value is None and absent is None:
            continue  # as our own default has it
        found[ours] = _checked(config, field, value, known.get(ours))
    own = getattr(config.format, "settings", None)
    found |= own(config) if own else {}
    dims = {name: value for name, value in found.items() if name not in known}
    return {name: value for name, value in found.items() if name in known}, dims


def _checked(config: PublishedConfig, field: str, value: Any, setting: space.Setting | None) -> Any:
    """A number or a yes that our setting, or a size, can have."""
    kinds = ("int",) if setting is None else setting.kinds
    if kinds[0] == "bool":
        if not isinstance(value, bool):
            raise config.refused(field, "true or false")
        return value
    number = config.number(field, 1 if "int" in kinds else 0)
    if "int" in kinds and number != int(number):
        raise config.refused(field, "a whole number")
    return int(number) if "int" in kinds else number


def require_sizes(config: PublishedConfig, tensors: dict[str, Any]) -> None:
    """Refuse sizes that no tensor has, before anything so large is built.

    Raises:
        WeightsError: If a size of the configuration is not one of the tensors'; names the field.
    """
    sides = {side for tensor in tensors.values() for side in tensor.shape}
    for field, (ours, _) in config.format.READ.items():
        value = config[field]
        if value is None:
            continue
        if ours in SIZES and value not in sides:
            raise config.refused(field, f"a size of the weights beside it ({listing(sorted(sides), 20)})")
        if ours == "num_layers" and value > len(tensors):
            raise config.refused(field, f"no more blocks than the weights have tensors, {len(tensors)}")
        if ours in ("num_heads", "head_dim") and value > max(sides, default=0):
            raise config.refused(field, "no more than the weights are wide")
