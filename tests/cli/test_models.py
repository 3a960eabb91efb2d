"""`deepglass models`: every architecture in one line, and one with all its layers."""

import json
import re

import pytest

from deepglass.cli import models
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.zoo import architectures, published_formats
from tests.commands import deepglass

COUNTS = pytest.mark.slow("counts every model")


@pytest.fixture(autouse=True)
def normal():
    yield
    console.mode = "normal"


@pytest.fixture(scope="module")
def records(counted_models):
    """What `deepglass models --json` prints, counted in this session."""
    patch = pytest.MonkeyPatch()
    printed = []
    patch.setattr(console, "result", printed.append)
    models.command(json=True)
    patch.undo()
    return printed[0]


@COUNTS
def test_every_model_of_the_folder_is_listed_once(records):
    listed = sorted((record["model"], record["tasks"]) for record in records)
    assert listed == sorted((entry.name, entry.tasks) for entry in architectures.all_models())


@COUNTS
def test_each_has_its_numbers_and_its_paper(records):
    for record in records:
        assert record["parameters"] > 0, record
        assert record["flops"] > 0 or record["tasks"] == ("word-vectors",), record  # who looks up multiplies nothing
        assert record["training_bytes"] > 4 * record["weights_bytes"] == 16 * record["parameters"], record
        assert record["source"], record
    (resnet,) = [record for record in records if record["model"] == "resnet50"]
    assert (resnet["parameters"], resnet["source"], resnet["example"]) == (
        25_557_032,
        "He et al. 2015",
        "3×224×224 pixels",
    )


@COUNTS
def test_every_task_has_its_default_first(records):
    defaults = {task: record["model"] for record in records for task in record["default_of"]}
    assert defaults["image-classification"] == "cnn"
    assert len(defaults) == len({task for record in records for task in record["tasks"]})
    first = next(record for record in records if "image-classification" in record["tasks"])
    assert first["model"] == "cnn"


def test_one_task_lists_its_models_alone(capsys):
    models.command(task="tabular-regression")
    out = capsys.readouterr().out
    assert "tabm" in out
    assert "(default)" in out
    assert "resnet18" not in out


def test_one_model_shows_settings_layers_and_sums(capsys):
    models.command(name="cnn", image_size="16", num_classes="10", width="8")
    out = capsys.readouterr().out
    assert "--num-stages" in out
    assert re.search(r"Conv2d +1×8×16×16 +1×16×8×8 +1,152 +147 k", out)
    assert "timing 5 forward passes" in out
    assert " ms" in out
    assert "1×16×16 pixels" in out


def test_the_record_of_one_model(monkeypatch):
    printed = []
    monkeypatch.setattr(console, "result", printed.append)
    models.command(name="mlp", task="tabular-classification", num_features="4", hidden_dim="8", time=False, json=True)
    record = json.loads(json.dumps(printed[0]))
    assert record["parameters"] == 4 * 8 + 8 + 8 * 8 + 8 + 8 * 2 + 2
    assert record["milliseconds"] is None
    shapes = [(layer["name"], layer["shape_in"], layer["shape_out"]) for layer in record["layers"]]
    assert ("layers.0", [1, 4], [1, 8]) in shapes
    assert {setting["name"] for setting in record["settings"]} >= {"hidden_dim", "num_layers"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "resnet19"}, "unknown model 'resnet19'; did you mean"),
        ({"task": "vision"}, "unknown task 'vision'"),
        ({"name": "cnn", "task": "forecasting"}, "does not fit forecasting"),
        ({"name": "cnn", "num_heads": "2"}, "unknown option 'num_heads'"),
        ({"name": "cnn", "image_size": "large"}, "--image-size: expected int, got 'large'"),
        ({"name": "cnn", "image_size": "0"}, "--image-size: expected 1 or more, got 0"),
        ({"image_size": "32"}, "--image-size needs a model"),
        ({"name": "gpt", "num_heads": "3"}, "embed_dim 128 is not divisible by num_heads 3"),
    ],
)
def test_a_mistake_is_a_message(arguments, message):
    with pytest.raises(OptionError, match=message):
        models.command(**arguments)


def test_the_help_shows_the_settings_of_the_named_model():
    out = deepglass("models", "resnet18", "--help").stdout
    assert "--image-size" in out
    assert "--depth" in out
    assert "--num-heads" not in out


def test_the_table_of_published_weights_names_every_field_once(capsys):
    console.mode = "normal"
    models.command(published=True, json=True)
    found = json.loads(capsys.readouterr().out)
    types = [model_type for one in found["formats"] for model_type in one["model_types"]]
    assert sorted(types) == sorted(published_formats.all_formats())
    for one in found["formats"]:
        assert not one["honoured"].keys() & one["only"].keys()
        assert not (one["honoured"].keys() | one["only"].keys()) & set(one["harmless"])
    assert found["hub"]["gpt2"] == "hub:openai-community/gpt2"


def test_the_table_of_published_weights_of_one_model(capsys):
    models.command(name="vit-base", published=True)
    out = capsys.readouterr().out
    assert "deit" in out
    assert "roberta" not in out
    assert '"gelu"' in out
    models.command(name="cnn", published=True)
    assert "No config.json of transformers is read for cnn" in capsys.readouterr().out
