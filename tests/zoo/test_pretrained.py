"""Published weights: found, checked, renamed; everything else is refused by name, and no code is ever run."""

import json
import os
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file

from deepglass.core import catalogue
from deepglass.core.errors import MissingPackageError, OptionError, WeightsError
from deepglass.zoo import architectures, hub
from deepglass.zoo.pretrained import fill, head_of, open_weights, published
from tests.models.checkpoints import bert_folder

RESNET = architectures.entry("resnet18")


def small_cnn(num_classes=3, seed=0, **values):
    torch.manual_seed(seed)
    return architectures.load("cnn", num_classes=num_classes, in_channels=3, width=4, **values)


def opened(path, name="cnn"):
    return open_weights(str(path), architectures.entry(name))


def save_cnn(path, **values):
    model = small_cnn(**values)
    save_file(model.state_dict(), path)
    return model


# -- what fits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["model.safetensors", "w.pth", "w.pt", "w.bin"])
def test_every_kind_of_file_gives_the_same_weights(tmp_path, name):
    model = small_cnn()
    if name.endswith("safetensors"):
        save_file(model.state_dict(), tmp_path / name)
    else:
        torch.save(
            {"state_dict": {f"module.{k}": v for k, v in model.state_dict().items()}, "model": 0}["state_dict"],
            tmp_path / name,
        )
    for path in (tmp_path / name, tmp_path):
        other = small_cnn(seed=1)
        said = fill(other, opened(path), ["a", "b", "c"])
        body = {k: v for k, v in model.state_dict().items() if not k.startswith("head.")}
        assert all(torch.equal(other.state_dict()[k], v) for k, v in body.items())
        assert said.startswith("the head (head) is new, for 3 classes")


def test_a_head_for_other_classes_is_drawn_anew_and_one_for_the_same_is_kept_in_our_order(tmp_path):
    model = save_cnn(tmp_path / "model.safetensors")
    (tmp_path / "labels.json").write_text(json.dumps(["dog", "cat", "owl"]))
    same, other = small_cnn(seed=1), small_cnn(seed=1, num_classes=5)
    drawn = other.head.weight.clone()
    weights = opened(tmp_path)
    assert fill(same, weights, ["cat", "dog", "owl"]) == "the head (head) is kept: it answers the same question"
    assert torch.equal(same.head.weight, model.head.weight[[1, 0, 2]])
    assert "the weights know 3 others" in fill(other, weights, list("abcde"))
    assert torch.equal(other.head.weight, drawn)
    assert torch.equal(other.stem.conv.weight, model.stem.conv.weight)


def test_half_precision_becomes_float32_and_missing_batch_counters_are_no_mistake(tmp_path):
    state = small_cnn().half().state_dict()
    save_file({k: v for k, v in state.items() if "num_batches" not in k}, tmp_path / "w.safetensors")
    model = small_cnn(seed=1)
    fill(model, opened(tmp_path / "w.safetensors"), list("abc"))
    assert torch.equal(model.stem.conv.weight, state["stem.conv.weight"].float())


def test_parts_that_an_index_lists_are_read_together(tmp_path):
    state = small_cnn().state_dict()
    names = sorted(state)
    parts = {"a.safetensors": names[:5], "b.safetensors": names[5:]}
    for file, own in parts.items():
        save_file({name: state[name] for name in own}, tmp_path / file)
    index = {"weight_map": {name: file for file, own in parts.items() for name in own}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    assert opened(tmp_path).tensors.keys() == state.keys()
    save_file({names[0]: state[names[0]]}, tmp_path / "b.safetensors")
    with pytest.raises(WeightsError, match=f"{names[0]}' are in another part too"):
        opened(tmp_path)
    (tmp_path / "b.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"lacks b\.safetensors"):
        opened(tmp_path)


def test_parts_in_pytorchs_own_format_are_read_together(tmp_path):
    state = small_cnn().state_dict()
    names = sorted(state)
    for file, own in (("a.bin", names[:5]), ("b.bin", names[5:])):
        torch.save({f"_orig_mod.module.{name}": state[name] for name in own}, tmp_path / file)
    index = {"weight_map": {name: "a.bin" if name in names[:5] else "b.bin" for name in names}}
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    assert opened(tmp_path).tensors.keys() == state.keys()
    for broken in ({"weight_map": [1]}, [], {"weight_map": {"a": 3}}):
        (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps(broken))
        with pytest.raises(WeightsError, match=r"lists no parts|lacks 3"):
            opened(tmp_path)


def test_a_file_among_several_keeps_the_configuration_beside_it(tmp_path):
    bert_folder(tmp_path, hidden_act="relu")
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(WeightsError, match="hidden_act 'relu'"):
        opened(tmp_path / "model.safetensors", "bert")


def test_whole_numbers_are_no_weights(tmp_path):
    state = small_cnn().state_dict()
    for kind in (torch.int64, torch.bool):
        save_file(state | {"stem.conv.weight": state["stem.conv.weight"].to(kind)}, tmp_path / "w.safetensors")
        with pytest.raises(WeightsError, match=f"'stem.conv.weight' are {kind}, the model expects floating point"):
            fill(small_cnn(), opened(tmp_path / "w.safetensors"), list("abc"))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"architecture": "resnetblur18"}, "architecture 'resnetblur18' is not resnet18: expected 'resnet18'"),
        ({"architecture": "resnet18", "model_args": {"act_layer": "silu"}}, "model_args .* changes the network"),
        ({"model_type": "resnet"}, "model_type 'resnet' is not read here"),
    ],
)
def test_a_picture_network_of_another_kind_is_refused(tmp_path, config, message):
    save_file(architectures.load("resnet18", num_classes=3).state_dict(), tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps({"architecture": "resnet18", "num_classes": 3}))
    open_weights(str(tmp_path), RESNET)
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(WeightsError, match=message):
        open_weights(str(tmp_path), RESNET)


def test_what_lies_beside_a_transformers_checkpoint_is_understood(tmp_path):
    weights = opened(bert_folder(tmp_path, classes=["neg", "pos"]), "bert")
    found = weights.belongings
    assert found.settings == {
        "embed_dim": 32, "num_heads": 2, "num_layers": 2, "mlp_dim": 128, "norm_eps": 1e-12,
    }  # fmt: skip
    assert found.dims == {"vocab_size": 19, "max_length": 24}
    assert found.classes == ["neg", "pos"]
    model = architectures.load("bert", num_classes=2, **found.dims, **found.settings)
    assert fill(model, weights, ["neg", "pos"]).endswith("answers the same question")
    assert torch.equal(model.classifier.weight, load_file(tmp_path / "model.safetensors")["classifier.weight"])


def test_scaling_of_pictures_is_read_from_a_processor_from_timm_or_from_the_model(tmp_path):
    torch.manual_seed(0)
    save_file(architectures.load("resnet18", num_classes=3).state_dict(), tmp_path / "model.safetensors")
    own = open_weights(str(tmp_path), RESNET).belongings.scaling
    assert own.size == 224
    assert own.mean == pytest.approx([0.485 * 255, 0.456 * 255, 0.406 * 255])
    timm = {"pretrained_cfg": {"mean": [0.5] * 3, "std": [0.25] * 3, "input_size": [3, 96, 96]}}
    (tmp_path / "config.json").write_text(json.dumps(timm))
    found = open_weights(str(tmp_path), RESNET).belongings.scaling
    assert (found.mean, found.std, found.size) == ([127.5] * 3, [63.75] * 3, 96)
    processor = {"image_mean": [0, 0, 0], "image_std": [1, 1, 1], "rescale_factor": 1 / 127.5, "size": {"height": 64}}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(processor))
    found = open_weights(str(tmp_path), RESNET).belongings.scaling
    assert (found.mean, found.std, found.size) == ([0] * 3, [127.5] * 3, 64)


# -- what does not --------------------------------------------------------------------------------------------------


def test_the_first_name_and_the_first_shape_that_do_not_fit_are_named(tmp_path):
    state = small_cnn().state_dict()
    save_file({k: v for k, v in state.items() if k != "stages.0.0.conv.weight"}, tmp_path / "short.safetensors")
    with pytest.raises(
        WeightsError, match=r"no weights 'stages\.0\.0\.conv\.weight' \(8, 4, 3, 3\).*model expects.*of the model's"
    ):
        fill(small_cnn(), opened(tmp_path / "short.safetensors"), list("abc"))
    save_file(state | {"stem.conv.weight": torch.zeros(5, 3, 3, 3)}, tmp_path / "wide.safetensors")
    with pytest.raises(
        WeightsError, match=r"'stem\.conv\.weight' have shape \(5, 3, 3, 3\), the model expects \(4, 3, 3, 3\)"
    ):
        fill(small_cnn(), opened(tmp_path / "wide.safetensors"), list("abc"))
    save_file(state | {"extra": torch.zeros(1)}, tmp_path / "more.safetensors")
    with pytest.raises(WeightsError, match="'extra' that the model lacks"):
        fill(small_cnn(), opened(tmp_path / "more.safetensors"), list("abc"))


def test_weights_of_another_architecture_are_recognised(tmp_path):
    torch.manual_seed(0)
    save_file(architectures.load("lenet5", num_classes=10).state_dict(), tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match=r"does not fit the model cnn.*\(0 of the model's .* look like lenet5"):
        fill(small_cnn(), opened(tmp_path / "w.safetensors"), list("abc"))


def test_a_relative_that_computes_otherwise_is_refused(tmp_path):
    bert_folder(tmp_path, hidden_act="relu")
    with pytest.raises(
        WeightsError, match=r"config\.json: hidden_act 'relu' is not what bert computes: expected 'gelu'"
    ):
        opened(tmp_path, "bert")


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.system, (f"touch {self.path}",))


@pytest.mark.parametrize("save", [torch.save, lambda thing, path: path.write_bytes(pickle.dumps(thing))])
def test_a_pickle_that_carries_code_is_refused_and_never_run(tmp_path, save):
    save({"stem.conv.weight": Evil(tmp_path / "was-here")}, tmp_path / "w.pth")
    with pytest.raises(
        WeightsError, match=r"(it asks for (posix|nt)\.system|is no file of weights).*othing of it was run"
    ):
        opened(tmp_path / "w.pth")
    assert not (tmp_path / "was-here").exists()


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth"])
def test_damaged_and_empty_files_are_refused(tmp_path, name):
    path = tmp_path / name
    state = small_cnn().state_dict()
    save_file(state, path) if name.endswith("safetensors") else torch.save(state, path)
    whole = path.read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"\xff" + whole[1:], b"not weights at all" * 9):
        path.write_bytes(content)
        with pytest.raises(WeightsError, match=r"empty|damaged|no file of weights"):
            opened(path)


@pytest.mark.parametrize(
    ("name", "tensor", "message"),
    [
        (
            "stem.conv.weight",
            torch.full((4, 3, 3, 3), float("nan")),
            "'stem.conv.weight' hold a number that is infinite",
        ),
        ("stem.conv.weight", torch.zeros(4, 3, 3, 3, dtype=torch.int8), "are int8, expected floating point"),
    ],
)
def test_numbers_that_are_no_weights_are_refused(tmp_path, name, tensor, message):
    save_file(small_cnn().state_dict() | {name: tensor}, tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match=message):
        opened(tmp_path / "w.safetensors")


def test_things_that_hold_no_weights_are_refused(tmp_path):
    torch.save([1, 2], tmp_path / "list.pt")
    torch.save({"epoch": 3}, tmp_path / "dict.pt")
    (tmp_path / "none").mkdir()
    for path, message in (("list.pt", "got a list"), ("dict.pt", "tensor under 'epoch'"), ("none", "has no weights")):
        with pytest.raises(WeightsError, match=message):
            opened(tmp_path / path)
    with pytest.raises(WeightsError, match="several weights"):
        opened(tmp_path)
    with pytest.raises(WeightsError, match="no such file or folder"):
        opened(tmp_path / "absent.pth")


def test_a_damaged_configuration_beside_the_weights_is_named(tmp_path):
    bert_folder(tmp_path)
    for content in ("{", "", "[]", "null", '{"a":' * 100_000, '{"hidden_size": ' + "9" * 10_000 + "}", "\x00"):
        (tmp_path / "config.json").write_text(content)
        with pytest.raises(WeightsError, match=r"config\.json"):
            opened(tmp_path, "bert")
    (tmp_path / "config.json").write_text(json.dumps({"id2label": [[]], "pretrained_cfg": 3}))
    with pytest.raises(WeightsError, match="cannot be understood"):
        opened(tmp_path, "bert")


# -- the hub --------------------------------------------------------------------------------------------------------


def test_the_hub_without_network_is_a_clear_error(monkeypatch):
    from huggingface_hub import errors

    def unreachable(name, revision, allow_patterns, ignore_patterns):
        assert (name, revision) == ("owner/name", "v1")
        assert set(allow_patterns) == {"*.safetensors", "*.json", "*.txt"}
        raise errors.LocalEntryNotFoundError("no network")

    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)
    with pytest.raises(WeightsError, match=r"hub:owner/name@v1 cannot be downloaded.*pass a folder"):
        open_weights("hub:owner/name@v1", RESNET)
    for odd in ("hub:name", "hub:a/b/c", "hub:a/b@", "hub:"):
        with pytest.raises(OptionError, match="expected hub:OWNER/NAME"):
            open_weights(odd, RESNET)


def test_weights_from_the_hub_are_read_from_its_folder(monkeypatch, tmp_path):
    save_cnn(tmp_path / "model.safetensors")
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: str(tmp_path))
    assert opened("hub:somebody/cnn").folder == tmp_path


def test_without_the_package_its_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    with pytest.raises(MissingPackageError, match=r"deepglass\[hub\]"):
        hub.download("hub:owner/name")


def test_known_names_are_addresses_of_models_that_exist():
    known = {entry.name: published(entry) for entry in architectures.all_models() if published(entry)}
    assert known["resnet18"] == "hub:timm/resnet18.tv_in1k"
    assert all(hub.NAME.fullmatch(address) for address in known.values())
    timm = {name: address.removeprefix("hub:timm/") for name, address in known.items() if "hub:timm/" in address}
    assert all(address.partition(".")[0] == name.replace("-", "_") for name, address in timm.items())
    for file in catalogue.entries("models"):
        names = set(catalogue.constant("models", file, "PUBLISHED", {}))
        assert names <= {entry.name for entry in architectures.all_models() if entry.file == file}, file
    with pytest.raises(OptionError, match="nobody is known to publish weights of cnn"):
        opened("hub")


def test_the_head_that_a_file_names_is_a_layer_of_its_model():
    from deepglass.zoo.example_inputs import example_for

    for entry in {entry.file: entry for entry in architectures.all_models()}.values():
        if catalogue.constant("models", entry.file, "HEAD") is None:
            continue
        task = next(iter(entry.tasks), None)
        with torch.device("meta"):
            dims = example_for(entry, task).dims
            model = architectures.load(entry.name, task=task, **dims)
        assert list(model.get_submodule(head_of(model, entry)).parameters()), entry.name


@pytest.mark.parametrize("labels", [{"1": "neg", "2": "pos"}, {"0": "neg", "2": "pos"}, {"neg": 0, "pos": 0}])
def test_classes_without_an_output_of_their_own_are_refused(tmp_path, labels):
    bert_folder(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"id2label": labels}))
    with pytest.raises(WeightsError, match="expected 0 to 1, each once"):
        opened(tmp_path, "bert")


def test_classes_in_any_order_belong_to_their_numbers(tmp_path):
    bert_folder(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    for labels in ({"1": "pos", "0": "neg"}, {"pos": 1, "neg": "0"}):
        (tmp_path / "config.json").write_text(json.dumps(config | {"id2label": labels}))
        assert opened(tmp_path, "bert").belongings.classes == ["neg", "pos"]
