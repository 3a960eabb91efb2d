"""Small models of transformers with random weights, published into a folder, and the same opened here."""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from deepglass.zoo import architectures, published_formats
from deepglass.zoo.pretrained import fill, open_weights
from tests.models.judge import theirs

LENGTH, VOCABULARY, CLASSES, SIDE = 24, 50, ["red", "green", "blue"], 12
DRAW = torch.Generator().manual_seed(1)
TOKENS = torch.randint(3, VOCABULARY, (2, LENGTH), generator=DRAW)  # none of them a padding
LABELS = {"id2label": dict(enumerate(CLASSES)), "label2id": {name: i for i, name in enumerate(CLASSES)}}
WIDE = {"hidden_size": 32, "num_attention_heads": 4, "num_hidden_layers": 3, "intermediate_size": 48}
TEXT = WIDE | {"vocab_size": VOCABULARY, "max_position_embeddings": 32, **LABELS}
NARROW = WIDE | {"num_key_value_heads": 2, "vocab_size": VOCABULARY, "max_position_embeddings": 64}
NARROW |= {"pad_token_id": None, "bos_token_id": 1, "eos_token_id": None}
PICTURES = WIDE | {"image_size": SIDE, "patch_size": 4, **LABELS}
DISTIL = {"dim": 32, "n_heads": 4, "n_layers": 2, "hidden_dim": 48, "vocab_size": VOCABULARY}
DISTIL |= {"max_position_embeddings": 32, **LABELS}


class Published(NamedTuple):
    """A class of transformers and a small configuration of it."""

    model: str
    config: str
    values: dict[str, Any]


CAUSAL = ("Llama", "Mistral", "Qwen2", "SmolLM3", "Granite")
PUBLISHED = {name.lower(): Published(f"{name}ForCausalLM", f"{name}Config", NARROW) for name in CAUSAL} | {
    "gpt2": Published(
        "GPT2LMHeadModel", "GPT2Config",
        {"n_embd": 32, "n_head": 4, "n_layer": 3, "vocab_size": VOCABULARY, "n_positions": 32, "bos_token_id": 0}
        | {"eos_token_id": None},
    ),
    "bert": Published("BertForSequenceClassification", "BertConfig", TEXT),
    "roberta": Published("RobertaForSequenceClassification", "RobertaConfig", TEXT),
    "xlm-roberta": Published("XLMRobertaForSequenceClassification", "XLMRobertaConfig", TEXT),
    "camembert": Published("CamembertForSequenceClassification", "CamembertConfig", TEXT),
    "distilbert": Published("DistilBertForSequenceClassification", "DistilBertConfig", DISTIL),
    "vit": Published("ViTForImageClassification", "ViTConfig", PICTURES),
    "deit": Published("DeiTForImageClassification", "DeiTConfig", PICTURES),
}  # fmt: skip

LLAMA3 = {"rope_type": "llama3", "rope_theta": 1e4, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
YARN = {"rope_type": "yarn", "rope_theta": 500.0, "factor": 4.0, "original_max_position_embeddings": 16}
ROPES = [
    {"rope_type": "default", "rope_theta": 100.0},
    {"rope_type": "linear", "rope_theta": 100.0, "factor": 4.0},
    LLAMA3 | {"original_max_position_embeddings": 32},
    LLAMA3,  # the original length is that of the model
    YARN,
    YARN | {"attention_factor": 2.0, "beta_fast": 8.0, "beta_slow": 0.5},
    YARN | {"mscale": 0.7, "mscale_all_dim": 1.5},
    YARN | {"truncate": False},
    {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0},
    {"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 0.5},
]
OTHER = {  # values of fields whose kind does not say a good one
    "hidden_size": [48], "num_attention_heads": [2], "num_key_value_heads": [4, 1], "num_hidden_layers": [2, 5],
    "intermediate_size": [40], "head_dim": [16, 6], "vocab_size": [61], "max_position_embeddings": [40],
    "hidden_act": ["gelu", "relu"], "rope_parameters": ROPES, "sliding_window": [5, 100, None],
    "no_rope_layers": [[1, 1, 1], [1, 0, 1], [0, 0, 0], [0, 1, 1]], "no_rope_layer_interval": [1, 2],
    "layer_types": [["sliding_attention"] * 3, ["full_attention", "sliding_attention", "full_attention"]],
    "rms_norm_eps": [0.5], "layer_norm_eps": [0.5], "layer_norm_epsilon": [0.5],
    "n_embd": [48], "n_head": [2], "n_layer": [2], "n_inner": [40], "n_positions": [40],
    "activation_function": ["gelu", "relu", "gelu_pytorch_tanh"], "activation": ["relu"],
    "dim": [48], "n_heads": [2], "n_layers": [3], "hidden_dim": [40], "type_vocab_size": [1, 2, 3],
    "image_size": [16, [SIDE, SIDE], [SIDE, 24]], "patch_size": [6, [4, 4]], "num_channels": [1],
    "pad_token_id": [0, 1, 2], "bos_token_id": [2], "eos_token_id": [2], "dtype": ["float64"],
    "pooler_act": ["relu"], "pooler_output_size": [16], "pruned_heads": [{"0": [1]}],
    "transformers_version": ["4.0.0"], "architectures": [["Other"]], "_name_or_path": ["elsewhere"],
    "problem_type": ["multi_label_classification"], "classifier_dropout": [0.3], "summary_type": ["last"],
    "summary_activation": ["tanh"], "chunk_size_feed_forward": [4],
}  # fmt: skip
SAME = 1e-5  # in parts of the largest number
KEPT = {"model_type", "id2label", "label2id", "return_dict"}  # without which there is nothing to compare
WITHOUT_EFFECT = {"max_position_embeddings", "n_positions", "image_size", "pad_token_id"}  # on texts without padding


ODD = {  # none of them the usual one, all honoured
    "rms_norm_eps": 0.03, "layer_norm_eps": 0.03, "layer_norm_epsilon": 0.03, "attention_bias": True,
    "tie_word_embeddings": True, "scale_attn_weights": False, "scale_attn_by_inverse_layer_idx": True,
    "embedding_multiplier": 3.0, "logits_scaling": 2.0, "residual_multiplier": 0.3, "attention_multiplier": 0.2,
    "no_rope_layers": [1, 0, 1], "qkv_bias": False, "sliding_window": 5,
    "rope_parameters": {"rope_type": "linear", "rope_theta": 100.0, "factor": 4.0},
}  # fmt: skip
DERIVED = ("layer_types",)  # which transformers writes from other fields
TOGETHER_ONLY = {"layer_types", "sliding_window", "use_sliding_window", "max_window_layers"}  # see Qwen2 below


def variations(usual: dict[str, Any]) -> list[tuple[str, Any]]:
    """Each field with values that are not the usual one."""
    fields = usual.keys() - KEPT
    return [
        (field, value) for field in sorted(fields) for value in others(field, usual[field]) if value != usual[field]
    ]


def others(field: str, usual: Any) -> list[Any]:
    """Values that are not the usual one."""
    if field in OTHER:
        return OTHER[field]
    if isinstance(usual, bool):
        return [not usual]
    if isinstance(usual, int | float):
        return [usual * 3 + (0 if isinstance(usual, int) and usual else 0.25)]
    return [7]  # of a field that nobody here has heard of


class Strange(NamedTuple):
    """A model of transformers, and what it answers."""

    judge: Any
    answer: Tensor


def published(folder: Path, case: Published, **values: Any) -> Strange:
    """Publish a small model and ask it."""
    own = {"attn_implementation": "eager"} if "output_attentions" in values else {}
    judge = theirs(case.model, case.config, **case.values | values | own)
    judge.save_pretrained(folder)
    return Strange(judge, asked(judge.double()))


def reopened(folder: Path, case: Published, usual: Strange) -> Strange:
    """What transformers itself makes of a configuration, with the weights of a model that it made before."""
    import transformers

    config = getattr(transformers, case.config).from_pretrained(folder)
    judge = getattr(transformers, case.model)(config).double().eval()
    judge.load_state_dict(usual.judge.state_dict())
    return Strange(judge, asked(judge))


@torch.no_grad()
def asked(judge: Any) -> Tensor:
    """The answer of a model of transformers."""
    if "Image" in type(judge).__name__:
        side, channels = judge.config.image_size, judge.config.num_channels
        height, width = (side, side) if isinstance(side, int) else side
        answer = judge(pictures(channels, height, width))
    else:
        answer = judge(TOKENS.clone())
    return answer[0] if isinstance(answer, tuple) else answer.logits


def pictures(channels: int, height: int, width: int) -> Tensor:
    draw = torch.Generator().manual_seed(2)
    return torch.randn(2, channels, height, width, generator=draw, dtype=torch.float64)


@torch.no_grad()
def ours(folder: Path, model_type: str, judge: Any) -> Tensor:
    """What the same weights answer here."""
    entry = architectures.entry(published_formats.all_formats()[model_type].MODEL)
    weights = open_weights(str(folder), entry)
    found = weights.belongings
    task = {"num_classes": len(CLASSES), "context": LENGTH}
    if entry.file == "vit":
        side = judge.config.image_size
        task |= {
            "in_channels": judge.config.num_channels,
            "image_size": (side, side) if isinstance(side, int) else side,
        }
    model = architectures.load(entry.name, **task | found.dims | found.settings).eval()
    head = fill(model, weights, CLASSES if entry.file in ("bert", "vit") else None)
    assert entry.file not in ("bert", "vit") or head.endswith("answers the same question")
    model = model.double()
    if entry.file == "vit":
        return model(pictures(judge.config.num_channels, *task["image_size"]))
    shift = int(entry.file == "bert" and judge.config.pad_token_id != 0)
    return model(TOKENS + shift)


def difference(came: Tensor, expected: Tensor) -> float:
    """The largest, in parts of the largest number; angles and RMSNorm of transformers are float32 always."""
    return float((came - expected).abs().max() / expected.abs().max())


def is_same(came: Tensor, expected: Tensor) -> bool:
    return came.shape == expected.shape and difference(came, expected) < SAME
