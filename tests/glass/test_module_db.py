"""PyTorch's own database of modules judges ours: all its inputs, both modes, outputs and all gradients in float64."""

import numpy as np
import pytest
import torch
from torch.testing._internal.common_modules import module_db
from torch_bridge import as_leaves, assert_same, copy_weights, tensors, to_glass

from deepglass import glass

PROVES = {"test_module_equals_pytorch": ("glass/nn", "glass/nn/functional/recurrent.py")}  # read by `deepglass read`

OURS = [info for info in module_db if info.name.removeprefix("nn.") in vars(glass.nn)]


def test_the_engine_has_at_least_64_modules_of_the_database():
    assert len(OURS) >= 64


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("info", OURS, ids=lambda info: info.name)
def test_module_equals_pytorch(info, training):
    torch.manual_seed(0)
    samples = info.module_inputs_func(info, device="cpu", dtype=torch.float64, requires_grad=True, training=training)
    refused = 0
    for sample in samples:
        try:
            _compare(info, sample, training)
        except NotImplementedError:
            refused += 1
    assert refused < len(samples), f"all {refused} inputs of {info.name} are refused"


def _compare(info, sample, training):
    arguments = sample.constructor_input
    theirs = info.module_cls(*arguments.args, **arguments.kwargs).double().train(training)
    kind = getattr(glass.nn, info.name.removeprefix("nn."))
    ours = kind(*to_glass(arguments.args), **to_glass(arguments.kwargs)).double().train(training)
    copy_weights(theirs, ours)
    their_args, their_kwargs = as_leaves((sample.forward_input.args, sample.forward_input.kwargs))
    our_args, our_kwargs = to_glass(their_args), to_glass(their_kwargs)
    _compare_outputs(ours(*our_args, **our_kwargs), theirs(*their_args, **their_kwargs))
    our_inputs, their_inputs = (
        tensors((our_args, our_kwargs), glass.Tensor),
        tensors((their_args, their_kwargs), torch.Tensor),
    )
    assert [x.requires_grad for x in our_inputs] == [x.requires_grad for x in their_inputs]
    for x, y in zip(our_inputs, their_inputs):
        assert_same(x.grad, y.grad, 1e-5, "gradient of an input")
    grads = dict(theirs.named_parameters())
    for name, param in ours.named_parameters():
        assert_same(param.grad, grads[name].grad, 1e-5, f"gradient of {name}")
    for name, value in theirs.named_buffers():
        assert_same(dict(ours.named_buffers())[name], value, 1e-6, name)


def _compare_outputs(ours, theirs):
    """Outputs are the same, and so are the gradients of their weighted sum (left in .grad for the caller)."""
    ours, theirs = tensors(ours, glass.Tensor), tensors(theirs, torch.Tensor)
    assert len(ours) == len(theirs)
    draw = np.random.default_rng(0)
    weighted = []
    for x, y in zip(ours, theirs):
        assert_same(x, y, 1e-6, "output")
        assert x.requires_grad == y.requires_grad
        if y.requires_grad:
            weight = np.asarray(draw.normal(size=tuple(y.shape)))
            weighted.append(((x * glass.tensor(weight)).sum(), (y * torch.tensor(weight)).sum()))
    if weighted:
        sum(x for x, _ in weighted).backward()
        sum(y for _, y in weighted).backward()


@pytest.mark.parametrize("name", ["Dropout", "Dropout2d"])
def test_dropout_keeps_the_right_share_and_the_mean(name):
    glass.manual_seed(0)
    layer, x = getattr(glass.nn, name)(0.3), glass.ones(200, 50, 2, 2)
    y = layer(x).numpy()
    assert abs((y != 0).mean() - 0.7) < 0.02
    np.testing.assert_allclose(y[y != 0], 1 / 0.7, rtol=1e-6)
    shares = set((y.reshape(200, 50, -1) != 0).mean(-1).ravel())
    assert (shares == {0.0, 1.0}) == (name == "Dropout2d")  # whole channels, or single values
    assert layer.eval()(x) is x
