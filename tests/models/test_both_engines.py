"""Every model of the zoo on both engines: same file, same weights, same input, so the same answers and gradients.

A new model is asked too, the day its file lies in the folder (see zoo.py).
"""

import builtins
import sys
from types import ModuleType

import numpy as np
import pytest
import torch

from deepglass import glass
from deepglass.core import catalogue
from deepglass.core.errors import OptionError
from deepglass.zoo import architectures, on_glass
from deepglass.zoo.glass_autograd import compute_on_glass
from tests.models import zoo
from tests.models.zoo import each_case

PROVES = {"test_both_engines_agree": ("models",)}  # read by `deepglass read`

DAMPING = 0.1  # of residual branches, as in a trained network; at 1, dozens of layers amplify every rounding


def pair(case: zoo.Case) -> tuple[torch.nn.Module, glass.nn.Module]:
    """The model on both engines with the same weights, none of them zero, and without dropout."""
    theirs, ours = zoo.build(case), zoo.build(case, "glass")
    zoo.fill_zeros(theirs)
    with torch.no_grad():
        for layer_name, layer in theirs.named_modules():
            if layer_name.endswith((".bn2", ".bn3")):
                layer.weight.fill_(DAMPING)
    ours.load_state_dict(on_glass.to_glass(theirs.state_dict()))
    return theirs, ours


each_mode = pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])


@each_mode
@each_case
def test_both_engines_agree(case, training):
    theirs, ours = pair(case)
    output, gradients, buffers = differences(theirs, ours, zoo.example(case).inputs, training)
    assert output < 1e-6
    assert max(gradients.values()) < 1e-6, gradients
    assert max(buffers.values(), default=0) < 1e-6, buffers


@each_case
def test_both_engines_agree_in_float32(case):
    theirs, ours = (model.eval() for model in pair(case))
    inputs = zoo.example(case).inputs
    expected = theirs(*inputs)
    came = ours(*(glass.from_numpy(x.numpy()) for x in inputs))
    assert error(came, expected) < 1e-4
    came.backward(glass.ones_like(came))
    reached = zoo.answering(case, ours.named_parameters())
    assert {str(p.grad.dtype) for _, p in reached} == {str(p.dtype) for p in theirs.parameters()}


def differences(theirs, ours, inputs, training) -> tuple[float, dict[str, float], dict[str, float]]:
    """How far the engines are apart in float64: output, gradients of all parameters, buffers.

    In float32 a rounding decides which of two nearly equal values a max pooling picks, or to which side of relu's bend
    a unit falls; single gradients then jump by percents. PyTorch's own do, from one processor to the next, so that
    they say nothing about an engine.
    """
    theirs, ours = theirs.double(), ours.double()
    inputs = [x.double() if x.is_floating_point() else x for x in inputs]
    expected = theirs.train(training)(*inputs)
    came = ours.train(training)(*(glass.from_numpy(x.numpy()) for x in inputs))
    direction = torch.randn(expected.shape, generator=torch.Generator().manual_seed(2)).to(expected.dtype)
    expected.backward(direction)
    came.backward(glass.from_numpy(direction.numpy()))
    parameters, buffers = dict(theirs.named_parameters()), dict(theirs.named_buffers())
    assert list(parameters) == [name for name, _ in ours.named_parameters()]
    reached = [(name, p) for name, p in ours.named_parameters() if p.grad is not None]
    assert [name for name, _ in reached] == [name for name, p in parameters.items() if p.grad is not None]
    return (
        error(came, expected),
        {name: error(parameter.grad, parameters[name].grad) for name, parameter in reached},
        {name: error(buffer, buffers[name]) for name, buffer in ours.named_buffers()},
    )


def error(ours: glass.Tensor, theirs: torch.Tensor) -> float:
    """The largest difference, in units of the largest value; what should be 0, such as 1e-17, counts as it is."""
    assert (str(ours.dtype), ours.shape) == (str(theirs.dtype), theirs.shape)
    a, b = ours.detach().numpy().astype(float), theirs.detach().numpy().astype(float)
    return float(np.abs(a - b).max() / max(1e-9, np.abs(b).max())) if a.size else 0.0


@pytest.mark.parametrize("file", catalogue.entries("models"))
def test_the_file_runs_unchanged_and_holds_no_torch(file):
    path = catalogue.path_of("models", file)
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "torch"}
    module = on_glass.execute.__wrapped__(path)
    assert {name: m for name, m in sys.modules.items() if name.partition(".")[0] == "torch"} == before
    assert module.Model.forward.__code__.co_filename == str(path)
    assert issubclass(module.Model, glass.nn.Module)
    for name, value in vars(module).items():
        home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None) or ""
        assert home.partition(".")[0] != "torch", name
    assert vars(module).get("torch", glass) is glass
    assert builtins.__import__("torch") is torch


def test_the_two_modules_of_a_file_are_strangers():
    model = architectures.entry("gpt")
    on_torch, on_glass = (architectures.module_of(model, engine) for engine in ("torch", "glass"))
    assert on_torch.nn is torch.nn
    assert on_glass.nn is glass.nn
    assert on_torch.Model is not on_glass.Model


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("import os", "imports 'os'.*may import torch"),
        ("from torch.distributed import init_process_group", "torch.distributed.*left out of the glass engine"),
        ("from . import gpt", r"imports '\.'"),
    ],
)
def test_other_imports_are_refused(tmp_path, line, message):
    (tmp_path / "odd.py").write_text(line + "\n")
    with pytest.raises(OptionError, match=message):
        on_glass.execute(tmp_path / "odd.py")


def test_weights_go_across_and_back():
    theirs, _ = pair(zoo.case("cnn"))
    back = on_glass.to_torch(on_glass.to_glass(theirs.state_dict()))
    assert list(back) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        assert torch.equal(back[name], value)
        assert back[name].data_ptr() != value.data_ptr()


def test_an_unknown_engine_names_the_two():
    with pytest.raises(OptionError, match="torch, glass"):
        architectures.load("mlp", engine="glas", num_features=1, num_outputs=1)


def test_a_torch_model_on_glass_gives_torchs_autograd_all_gradients():
    theirs, ours = (model.double() for model in pair(zoo.case("cnn")))
    images = zoo.example(zoo.case("cnn")).inputs[0].double()
    reference = pair(zoo.case("cnn"))[0].double()
    joined = compute_on_glass(theirs, ours).train()
    inputs = [images.clone().requires_grad_() for _ in range(2)]
    for model, x in ((joined, inputs[0]), (reference.train(), inputs[1])):
        model(x).square().sum().backward()
    torch.testing.assert_close(inputs[0].grad, inputs[1].grad)
    for (name, a), b in zip(joined.named_parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name)
    for (name, a), b in zip(joined.named_buffers(), reference.buffers(), strict=True):
        torch.testing.assert_close(a, b, msg=name)  # running statistics were written for both


def test_nothing_is_recorded_without_gradients():
    joined = compute_on_glass(*pair(zoo.case("mlp")))
    inputs = zoo.example(zoo.case("mlp")).inputs
    with torch.no_grad():
        assert not joined(*inputs).requires_grad
    assert joined(*inputs).requires_grad
    assert not joined.requires_grad_(False)(*inputs).requires_grad


OPTIONS = {  # of files that are also what other people publish; each switches lines that no default reaches
    "llama-linear": ("llama", {"rope_type": "linear", "rope_factor": 4.0, "attention_bias": "qkv"}),
    "llama-llama3": ("llama", {"rope_type": "llama3", "rope_factor": 4.0, "rope_original_context": 16}),
    "llama-yarn": ("llama", {"rope_type": "yarn", "rope_factor": 4.0, "rope_original_context": 16, "head_dim": 6}),
    "llama-window": ("llama", {"sliding_window": 3, "no_rope_interval": 2, "attention_bias": "all"}),
    "bert-mean": ("bert", {"pooling": "mean"}),
    "bert-relu": ("bert", {"pooler_activation": "relu", "norm_eps": 0.1, "mlp_dim": 40}),
    "vit-distilled": ("vit", {"is_distilled": True, "norm_eps": 0.1, "mlp_dim": 40}),
    "gpt": ("gpt", {"norm_eps": 0.1, "mlp_dim": 40}),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_both_engines_agree_on_options_of_published_weights(option):
    name, settings = OPTIONS[option]
    entry = architectures.entry(name)
    case = zoo.Case(entry, entry.tasks[0])
    usual, theirs, ours = zoo.build(case), zoo.build(case, **settings), zoo.build(case, "glass", **settings)
    zoo.fill_zeros(theirs)
    ours.load_state_dict(on_glass.to_glass(theirs.state_dict()))
    inputs = zoo.example(case).inputs
    output, gradients, _ = differences(theirs, ours, inputs, training=False)
    assert output < 1e-6
    assert max(gradients.values()) < 1e-6, gradients
    fitting = {n: t for n, t in theirs.state_dict().items() if usual.state_dict().get(n, t[:0]).shape == t.shape}
    usual.load_state_dict(fitting, strict=False)
    inputs = [x.double() if x.is_floating_point() else x for x in inputs]
    assert not torch.allclose(usual.double().eval()(*inputs), theirs(*inputs), atol=1e-4)  # the option does something
