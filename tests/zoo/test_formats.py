"""Weights of a stranger load equal or are refused: every field of transformers' configuration classes, one by one.

For each field a value other than the usual one is put into a small model of transformers with random weights. It is
published, opened here, and then either answers as transformers does, or is refused by the name of the field. A field
that is said to change no answer must change none of transformers'.
"""

import json
import random

import pytest
import torch
from safetensors.torch import load_file, save_file

from deepglass.core import catalogue
from deepglass.core.errors import WeightsError
from deepglass.zoo import architectures, published_config, published_formats
from deepglass.zoo.pretrained import fill, open_weights
from tests.models.judge import theirs
from tests.zoo import strangers
from tests.zoo.strangers import PUBLISHED, ROPES, is_same, ours, published, reopened


@pytest.fixture(autouse=True)
def without_guessing(monkeypatch):
    """What else the weights may be is found out by building every model, which is tested elsewhere."""
    monkeypatch.setattr("deepglass.zoo.pretrained.identify_architecture", lambda *_: "")


def rewrite(folder, without=(), **values):
    """Change a published configuration as text: what somebody else's program may have written."""
    path = folder / "config.json"
    content = {name: value for name, value in json.loads(path.read_text()).items() if name not in without} | values
    path.write_text(json.dumps(content))


def unused_of(model_type):
    return (*published_config.UNUSED, *published_formats.all_formats()[model_type].UNUSED)


# -- every field ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model_type", PUBLISHED)
def test_every_field_is_honoured_harmless_or_refused_by_name(model_type, tmp_path):
    case, format, unused = PUBLISHED[model_type], published_formats.all_formats()[model_type], unused_of(model_type)
    usual = published(tmp_path / "usual", case)
    assert is_same(ours(tmp_path / "usual", model_type, usual.judge), usual.answer)
    honoured, wrong = set(), []
    for field, value in strangers.variations(usual.judge.config.to_dict()):
        folder = tmp_path / f"{field}-{len(list(tmp_path.iterdir()))}"
        try:
            strange = published(folder, case, **{field: value})
        except Exception:  # transformers cannot do it either: then its file must be refused
            usual.judge.save_pretrained(folder)
            strange = None
        rewrite(folder, **{field: value})
        try:
            came = ours(folder, model_type, (strange or usual).judge)
        except WeightsError as error:
            if field in unused or field not in str(error):
                wrong.append(f"{field}={value!r}: {error}")
            continue
        if strange is None or not is_same(came, strange.answer):
            wrong.append(f"{field}={value!r} loads and answers otherwise")
            continue
        is_seen = not is_same(strange.answer, usual.answer)
        if field in unused and is_seen:
            wrong.append(f"{field}={value!r} is not harmless")
        if is_seen or field in strangers.WITHOUT_EFFECT:
            honoured.add(field)
    assert not wrong
    claimed = (format.READ.keys() | format.WORKED_OUT.keys()) & usual.judge.config.to_dict().keys()
    assert claimed - honoured <= strangers.TOGETHER_ONLY  # what is said to be honoured was seen to be


@pytest.mark.parametrize("model_type", PUBLISHED)
def test_an_absent_field_means_what_transformers_takes(model_type, tmp_path):
    case, format = PUBLISHED[model_type], published_formats.all_formats()[model_type]
    sized = {field for field, (ours, _) in format.READ.items() if ours in (*published_config.SIZES, *COUNTS)}
    class_defaults = theirs_config(case).to_dict()
    for field in sized - {"vocab_size", "n_inner"}:  # of a size that no tensor has nobody believes a word
        assert format.READ[field][1] == class_defaults[field], field
    odd = {field: value for field, value in strangers.ODD.items() if field in class_defaults}
    usual, wrong = published(tmp_path, case, **odd), []
    assert is_same(ours(tmp_path, model_type, usual.judge), usual.answer)
    whole = json.loads((tmp_path / "config.json").read_text())
    has_head = "lm_head.weight" in load_file(tmp_path / "model.safetensors")
    for field in sorted((odd.keys() | format.WORKED_OUT.keys()) & whole.keys()):
        (tmp_path / "config.json").write_text(json.dumps(whole))
        rewrite(tmp_path, without=[field, *strangers.DERIVED])
        try:
            strange = reopened(tmp_path, case, usual)
        except Exception:  # sizes of the class that these weights have not
            strange = None
        if strange is None or (field == "tie_word_embeddings" and not has_head and not class_defaults[field]):
            with pytest.raises(WeightsError):
                ours(tmp_path, model_type, usual.judge)
        elif not is_same(ours(tmp_path, model_type, strange.judge), strange.answer):
            wrong.append(field)
    assert not wrong


COUNTS = ("num_layers", "num_heads")


def theirs_config(case):
    import transformers

    return getattr(transformers, case.config)()


@pytest.mark.parametrize("model_type", PUBLISHED)
def test_random_settings_load_equal_or_are_refused(model_type, tmp_path):
    case, format, draw = PUBLISHED[model_type], published_formats.all_formats()[model_type], random.Random(0)
    usual = theirs_config(case).to_dict() | case.values
    pairs = [pair for pair in strangers.variations(usual) if pair[0] in format.READ.keys() | format.WORKED_OUT.keys()]
    pairs += [(field, value) for field, value in strangers.ODD.items() if field in usual] * 3
    loaded, wrong = 0, []
    for number in range(12):
        values = dict(draw.sample(pairs, 4))
        try:
            strange = published(tmp_path / str(number), case, **values)
        except Exception:  # transformers cannot do it either
            continue
        try:
            came = ours(tmp_path / str(number), model_type, strange.judge)
        except WeightsError as error:
            wrong += [] if any(field in str(error) for field in values) else [error]
        else:
            wrong += [] if is_same(came, strange.answer) else [values]
            loaded += 1
    assert not wrong
    assert loaded


@pytest.mark.parametrize("model_type", PUBLISHED)
def test_names_that_are_fields_no_more_change_nothing(model_type, tmp_path):
    case, format = PUBLISHED[model_type], published_formats.all_formats()[model_type]
    usual, wrong = published(tmp_path, case), []
    names = (*format.UNUSED, *(published_config.UNUSED if model_type == "bert" else ()))
    whole = (tmp_path / "config.json").read_text()
    odd = {"torch_dtype": "float64", "attn_implementation": "eager", "_attn_implementation": "eager", "num_labels": 3}
    for name in sorted(set(names) - usual.judge.config.to_dict().keys()):
        (tmp_path / "config.json").write_text(whole)
        rewrite(tmp_path, **{name: odd.get(name, 7)})
        strange = reopened(tmp_path, case, usual)
        came = ours(tmp_path, model_type, usual.judge)
        wrong += [] if is_same(strange.answer, usual.answer) and is_same(came, usual.answer) else [name]
    assert not wrong


@pytest.mark.parametrize("model_type", ["qwen2", "smollm3", "granite"])
def test_a_head_dim_that_the_class_does_not_declare_counts(model_type, tmp_path):
    strange = published(tmp_path, PUBLISHED[model_type], head_dim=16)
    assert strange.judge.model.layers[0].self_attn.q_proj.weight.shape == (64, 32)
    assert is_same(ours(tmp_path, model_type, strange.judge), strange.answer)


# -- what takes several fields --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rope", ROPES, ids=lambda rope: "-".join(map(str, rope.values())))
@pytest.mark.parametrize("key", ["type", "rope_type"])
def test_rotary_positions_in_the_older_spelling(rope, key, tmp_path):
    case = PUBLISHED["llama"]
    usual = published(tmp_path, case, rope_parameters={"rope_type": "default", "rope_theta": 1e4})
    scaling = {key: rope["rope_type"]} | {name: v for name, v in rope.items() if not name.startswith("rope_")}
    rewrite(tmp_path, without=["rope_parameters"], rope_theta=rope["rope_theta"], rope_scaling=scaling)
    strange = reopened(tmp_path, case, usual)
    if rope["rope_type"] == "dynamic" or {"truncate", "partial_rotary_factor"} & rope.keys():
        with pytest.raises(WeightsError, match="rope_scaling"):
            ours(tmp_path, "llama", usual.judge)
    else:
        assert not is_same(strange.answer, usual.answer)
        assert is_same(ours(tmp_path, "llama", usual.judge), strange.answer)


@pytest.mark.parametrize("rope", [ROPES[3], ROPES[4]], ids=["llama3", "yarn"])
def test_the_original_length_may_be_said_outside(rope, tmp_path):
    usual = published(tmp_path, PUBLISHED["llama"], rope_parameters=rope)
    rewrite(tmp_path, original_max_position_embeddings=200)
    strange = reopened(tmp_path, PUBLISHED["llama"], usual)
    assert not is_same(strange.answer, usual.answer)
    assert is_same(ours(tmp_path, "llama", usual.judge), strange.answer)


@pytest.mark.parametrize(
    ("rope", "message"),
    [
        ({"rope_type": "yarn", "rope_theta": 1e4, "factor": "4"}, "a number above 0 for factor"),
        ({"rope_type": "linear", "factor": -1}, "a number above 0 for factor"),
        ({"rope_type": "linear"}, "factor in it"),
        ({"rope_type": "llama3", "factor": 2.0}, "low_freq_factor in it"),
        ({"rope_type": "longrope", "factor": 2.0}, "rope_type default, linear, llama3, yarn"),
        ({"rope_type": "default", "mrope_section": [2, 2, 2]}, "without mrope_section"),
        ({"full_attention": {"rope_type": "default"}}, "without full_attention"),
        ([1], "an object with rope_type"),
    ],
)
def test_positions_that_are_not_computed_are_refused(rope, message, tmp_path):
    published(tmp_path, PUBLISHED["llama"])
    rewrite(tmp_path, rope_parameters=rope)
    with pytest.raises(WeightsError, match=f"rope_parameters .*{message}"):
        open_weights(str(tmp_path), architectures.entry("llama"))


@pytest.mark.parametrize(("first", "is_refused"), [(0, False), (3, False), (9, False), (1, True)])
def test_a_window_of_all_blocks_or_of_none(first, is_refused, tmp_path):
    values = {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": first}
    strange = published(tmp_path, PUBLISHED["qwen2"], **values)
    assert is_same(strange.answer, published(tmp_path / "none", PUBLISHED["qwen2"]).answer) == (first >= 3)
    if is_refused:
        with pytest.raises(WeightsError, match="layer_types"):
            ours(tmp_path, "qwen2", strange.judge)
    else:
        assert is_same(ours(tmp_path, "qwen2", strange.judge), strange.answer)


def test_two_heads_of_a_deit_answer_with_their_mean(tmp_path):
    case = PUBLISHED["deit"]._replace(model="DeiTForImageClassificationWithTeacher")
    strange = published(tmp_path, case)
    assert is_same(ours(tmp_path, "deit", strange.judge), strange.answer)


def test_an_output_layer_that_equals_the_words_but_is_not_tied(tmp_path):
    strange = published(tmp_path, PUBLISHED["llama"])
    file = tmp_path / "model.safetensors"
    tensors = load_file(file)
    save_file(tensors | {"lm_head.weight": tensors["model.embed_tokens.weight"].clone()}, file)
    ours(tmp_path, "llama", strange.judge)
    rewrite(tmp_path, tie_word_embeddings=True)
    ours(tmp_path, "llama", strange.judge)  # said twice
    save_file(tensors, file)
    with pytest.raises(WeightsError, match=r"lm_head\.weight"):  # tied, and another one comes along
        ours(tmp_path, "llama", strange.judge)


@pytest.mark.parametrize("name", ["BertForMaskedLM", "RobertaForMaskedLM", "DistilBertForMaskedLM", "RobertaModel"])
def test_a_body_without_its_summary_gets_a_new_one(name, tmp_path):
    model_type = name.removesuffix("ForMaskedLM").removesuffix("Model").lower()
    theirs(name, PUBLISHED[model_type].config, **PUBLISHED[model_type].values).save_pretrained(tmp_path)
    weights = open_weights(str(tmp_path), architectures.entry("bert"))
    torch.manual_seed(0)
    model = architectures.load("bert", num_classes=2, **weights.belongings.dims, **weights.belongings.settings)
    drawn = model.bert.pooler["dense"].weight.clone()
    said = fill(model, weights, ["a", "b"])
    assert said.startswith("the head (classifier) is new")
    assert said.endswith("and so is the layer before it")
    assert torch.equal(model.bert.pooler["dense"].weight, drawn)
    assert all(torch.equal(model.state_dict()[name], weights.tensors[name]) for name in weights.tensors)


# -- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model_type", ["gemma", "qwen3", "phi3", "gpt_neox", "electra", "albert", "swin", "LLAMA", 7, []]
)
def test_other_model_types_are_refused_by_name(model_type, tmp_path):
    published(tmp_path, PUBLISHED["llama"])
    rewrite(tmp_path, model_type=model_type)
    for name in ("llama", "bert", "resnet18"):
        with pytest.raises(WeightsError, match=r"config\.json: model_type .* is not read here.*models --published"):
            open_weights(str(tmp_path), architectures.entry(name))


def test_another_models_type_names_the_model(tmp_path):
    published(tmp_path, PUBLISHED["gpt2"])
    with pytest.raises(WeightsError, match="'gpt2' is not llama: pass --model gpt"):
        open_weights(str(tmp_path), architectures.entry("llama"))


@pytest.mark.parametrize(
    "field",
    [
        {"is_decoder": True}, {"add_cross_attention": True}, {"auto_map": {"AutoModel": "code.Model"}},
        {"quantization_config": {"bits": 4}}, {"pruned_heads": {"1": [0]}}, {"hidden_size": True},
        {"hidden_size": "32"}, {"hidden_size": 10**9}, {"num_hidden_layers": 10**9}, {"num_attention_heads": 10**9},
        {"num_hidden_layers": 0}, {"num_hidden_layers": 2.5}, {"layer_norm_eps": float("nan")},
        {"layer_norm_eps": -1.0}, {"layer_norm_eps": None}, {"position_embedding_type": "relative_key"},
        {"alibi_slopes": 8}, {"hidden_size": 10**400}, {"layer_norm_eps": 1e300}, {"type_vocab": ["x" * 9999] * 999},
        {"vocab_size": 10**9}, {"max_position_embeddings": 10**9}, {"is_decoder": 0},
    ],
    ids=str,
)  # fmt: skip
def test_settings_that_would_answer_otherwise_are_refused(field, tmp_path):
    published(tmp_path, PUBLISHED["bert"])
    rewrite(tmp_path, **field)
    with pytest.raises(WeightsError, match=rf"config\.json: .*{next(iter(field))} ") as caught:
        open_weights(str(tmp_path), architectures.entry("bert"))
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "field",
    [
        {"image_size": 15}, {"image_size": 24}, {"image_size": [12, 16]}, {"image_size": "12"}, {"image_size": []},
        {"patch_size": 5}, {"patch_size": 3}, {"patch_size": 10**9, "image_size": 10**9}, {"patch_size": None},
        {"patch_size": True}, {"qkv_bias": 1}, {"hidden_act": "gelu_new"}, {"hidden_act": ["gelu"]},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("model_type", ["vit", "deit"])
def test_pictures_of_another_size_than_the_weights_are_refused(model_type, field, tmp_path):
    published(tmp_path, PUBLISHED[model_type])
    rewrite(tmp_path, **field)
    with pytest.raises(WeightsError, match=r"config\.json: (image_size|patch_size|qkv_bias|hidden_act) "):
        open_weights(str(tmp_path), architectures.entry("vit"))


def test_fields_that_say_nothing_are_no_reason_to_refuse(tmp_path):
    strange = published(tmp_path, PUBLISHED["bert"])
    rewrite(tmp_path, of_a_later_version=None, output_past=True, torch_dtype="bfloat16", unsloth_version="1", top_k=5)
    assert is_same(ours(tmp_path, "bert", strange.judge), strange.answer)


def test_an_old_file_without_model_type_is_that_of_the_paper(tmp_path):
    strange = published(tmp_path, PUBLISHED["gpt2"])
    rewrite(tmp_path, without=["model_type"])
    assert is_same(ours(tmp_path, "gpt2", strange.judge), strange.answer)
    rewrite(tmp_path, scale_attn_weights=3)
    with pytest.raises(WeightsError, match="scale_attn_weights"):
        open_weights(str(tmp_path), architectures.entry("gpt"))


def test_every_file_of_the_folder_is_tested_and_names_a_model():
    assert published_formats.all_formats().keys() == PUBLISHED.keys()
    for format in published_formats.all_formats().values():
        assert format.MODEL in catalogue.entries("models")
        settings = {
            setting.name
            for entry in architectures.all_models()
            if entry.file == format.MODEL
            for setting in entry.settings
        }
        ours = {name for name, _ in format.READ.values()}
        assert ours <= settings | {"vocab_size", "max_length", "context"}
        assert not format.READ.keys() & (format.FIXED.keys() | format.WORKED_OUT.keys() | {*format.UNUSED})
