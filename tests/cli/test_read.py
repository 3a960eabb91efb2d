"""`deepglass read`: every topic leads to the file's own text, to its formula and to a test that is there."""

import ast
import json
from dataclasses import replace

import pytest

from deepglass.api import definitions, read
from deepglass.cli.read import command
from deepglass.core import catalogue, topics
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.zoo import architectures

NAMES = (
    "lstm",
    "gru",
    "conv2d",
    "adam",
    "softmax",
    "dropout",
    "perceptron",
    "relu",
    "layer-norm",
    "F.gelu",
    "embedding",
)
WORDS = [name for topic in topics.topics().values() if topic.read for name in topic.names]
MODELS = sorted({model.name for model in architectures.all_models()})


@pytest.fixture(autouse=True)
def normal():
    yield
    console.mode = "normal"


@pytest.mark.parametrize("topic", [*WORDS, *NAMES, *MODELS])
def test_a_topic_is_answered_with_the_files_own_text(topic):
    result = read.read(topic)
    for piece in result["pieces"]:
        file, _, line = piece["place"].removeprefix("deepglass/").partition(":")
        lines = (definitions.PACKAGE / file).read_text(encoding="utf-8").splitlines()
        code = piece["code"].splitlines()
        assert lines[int(line) - 1 : int(line) - 1 + len(code)] == code
        ast.parse(piece["code"])
    assert result["tests"]
    assert all(test["installed"] for test in result["tests"])


@pytest.mark.parametrize(
    ("topic", "file", "words", "also"),
    [
        ("lstm", "glass/nn/functional/recurrent.py", "np.tanh(c", "glass/nn/recurrent.py"),
        ("conv2d", "glass/nn/functional/conv.py", "as_strided", "glass/nn/conv.py"),
        ("batch-norm", "glass/nn/functional/norm.py", "def _standardise", "glass/nn/normalisation.py"),
        ("adam", "glass/optim/adam.py", "m_correction", ""),
        ("backward", "glass/autograd.py", "vjp(gradient)", ""),
        ("cross-entropy", "glass/nn/functional/loss.py", "def cross_entropy", "glass/nn/loss.py"),
        ("perceptron", "glass/classic/perceptron.py", "mistakes_", "models/perceptron.py"),
        ("gpt", "models/gpt.py", 'TASKS = ("language-modelling",)', ""),
        ("resnet50", "models/resnet.py", "class Bottleneck", ""),
        ("glass/op.py", "glass/op.py", "def op(function=None", ""),
        ("glass", "glass/tiny.py", "class Neuron", "glass/optim/sgd.py"),
        ("attention", "glass/nn/functional/attention.py", "softmax(QKᵀ/√d", ""),
        ("strides", "glass/foundations/strides.py", "class Array", ""),
        ("matrix product", "glass/foundations/matrices.py", "def matmul", ""),
        ("Gram-Schmidt", "glass/foundations/vector_spaces.py", "def orthonormal_basis", ""),
        ("normal distribution", "glass/foundations/distributions.py", "Box and Muller", ""),
        ("support vector machine", "glass/classic/linear_svc.py", "def hinge", ""),
    ],
)
def test_the_idea_is_in_what_is_shown(topic, file, words, also):
    result = read.read(topic)
    assert result["pieces"][0]["place"].startswith(f"deepglass/{file}:")
    assert words in "\n".join(piece["code"] for piece in result["pieces"])
    assert any(also in other["place"] for other in result["also"]) or not also


def test_the_way_through_the_engine_is_told_in_order():
    result = read.read("glass")
    assert [piece["name"] for piece in result["pieces"]] == ["tiny"]
    way = ["op", "run_backward", "elementwise", "linear", "conv", "module", "sgd"]
    assert [place["name"] for place in result["also"]] == way
    told = (definitions.PACKAGE / "glass" / "__init__.py").read_text(encoding="utf-8")
    places = [told.index(f"    {name} ") if f"    {name} " in told else told.index(f".{name} ") for name in way]
    assert places == sorted(places)
    assert all(place["formula"] for place in result["also"])


def test_what_is_printed_of_attention_begins_with_the_formula():
    assert read.read("attention")["pieces"][0]["formula"].startswith("softmax(QKᵀ/√d")


def test_spelling_does_not_matter():
    assert read.read("batch_norm")["pieces"] == read.read("Batch Norm")["pieces"]
    assert read.read("LSTMCell")["pieces"][0]["name"] == "LSTMCell"


def test_an_unknown_topic_names_its_neighbours():
    with pytest.raises(OptionError, match=r"unknown topic 'atention'; did you mean Attention"):
        read.read("atention")


@pytest.mark.parametrize("topic", ["../../setup.py", "/etc/hosts", str(read.CHECKOUT / "tests" / "shared_data.py")])
def test_files_outside_the_package_are_no_topic(topic):
    with pytest.raises(OptionError, match="unknown topic"):
        read.read(topic)


@pytest.mark.parametrize(
    ("topic", "file", "name"),
    [
        ("F.gelu", "tests/glass/test_op_db.py", "test_operator_agrees_with_pytorch"),
        ("randn", "tests/glass/test_tensor.py", "test_the_same_seed_draws_pytorchs_numbers"),
        ("orthogonal_", "tests/glass/test_modules.py", "test_initialiser_draws_pytorchs_numbers"),
        ("clip_grad_value_", "tests/glass/test_optim_db.py", "test_clip_grad_norm_equals_pytorch"),
        ("StepLR", "tests/glass/test_optim_db.py", "test_schedule_equals_pytorch"),
        ("Adagrad", "tests/glass/test_optim_db.py", "test_twenty_steps_equal_pytorch"),
        ("BatchNorm2d", "tests/glass/test_module_db.py", "test_module_equals_pytorch"),
        ("glass/autograd.py", "tests/glass/test_gradients.py", "test_gradient_equals_central_difference"),
        ("tabm", "tests/models/test_both_engines.py", "test_both_engines_agree"),
        ("beam search", "tests/models/decoding/test_beam.py", "test_a_wide_beam_finds_what_exhaustive_search_finds"),
    ],
)
def test_the_nearest_judge_is_named_first(topic, file, name):
    first = read.read(topic)["tests"][0]
    assert (first["place"].partition(":")[0], first["name"]) == (file, name)


def test_every_judge_is_there():
    for path in (read.CHECKOUT / "tests").rglob("test_*.py"):
        for name, places in (catalogue.assigned(path, "PROVES") or {}).items():
            assert f"def {name}(" in path.read_text(encoding="utf-8")
            assert all((catalogue.PACKAGE / place).exists() for place in places)


def test_a_topic_without_code_says_so(monkeypatch):
    empty = replace(topics.topics()["C01"], id="Z01", title="Nothing of it", words={}, read=(), lesson=())
    monkeypatch.setattr(topics, "named", lambda text: empty if text == "Z01" else None)
    with pytest.raises(OptionError, match=f"no code on {empty.id} .* yet; `deepglass topics {empty.id}`"):
        read.read(empty.id)


def test_a_word_that_is_only_a_part_of_a_topic_shows_that_part():
    assert read.read("layer norm")["pieces"][0]["name"] == "layer_norm"
    assert read.read("Length-Penalty")["pieces"][0]["place"].startswith("deepglass/models/decoding/beam.py")
    assert read.read("standard deviation")["pieces"][0]["name"] == "std"


def test_without_a_checkout_the_test_is_still_named(monkeypatch, tmp_path):
    monkeypatch.setattr(read, "CHECKOUT", tmp_path)
    tests = read.read("softmax")["tests"]
    named = topics.named("softmax")
    assert named
    assert [f"{test['place']}::{test['name']}" for test in tests] == list(named.proof)
    assert not any(test["installed"] for test in tests)


def test_the_contents_name_every_model_file_and_everything_public_of_the_engine():
    contents = read.contents()
    assert {f"models/{model.file}.py" for model in architectures.all_models()} <= set(contents)
    assert "LSTM" in contents["glass/nn/recurrent.py"]["names"]
    assert contents["glass/autograd.py"]["about"].startswith("The tape")


def test_in_a_pipe_the_code_is_bare(capsys):
    command(["softmax"])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert read.read("softmax")["pieces"][0]["code"] in out
    assert "deepglass/glass/ops/reduce.py:" in out
    assert "test   tests/lessons/test_08_activations.py:" in out


def test_on_a_terminal_it_is_highlighted_with_the_files_line_numbers(capsys, monkeypatch):
    monkeypatch.setattr(type(console), "is_terminal", property(lambda self: True))
    monkeypatch.setenv("FORCE_COLOR", "1")
    command(["softmax"])
    out = capsys.readouterr().out
    assert "\x1b[" in out
    assert f"{read.read('softmax')['pieces'][0]['line']} " in out


def test_json_is_one_document(capsys):
    command(["gru"], json=True)
    assert json.loads(capsys.readouterr().out)["topic"] == "gru"
    command(None, json=True)
    assert "glass/tensor.py" in json.loads(capsys.readouterr().out)
