"""Weights that are computed from others: PyTorch's spectral norm judges ours, step by step."""

import copy

import numpy as np
import pytest
import torch
from torch_bridge import as_array, to_glass

from deepglass import glass

PROVES = {
    "test_spectral_norm_is_pytorchs": ("glass/nn/utils/parametrizations.py", "glass/nn/utils/parametrize.py"),
}  # read by `deepglass read`

LAYERS = {
    "linear": (lambda nn: nn.Linear(5, 4), (3, 5), {}),
    "linear-steps": (lambda nn: nn.Linear(5, 4), (3, 5), {"n_power_iterations": 3, "dim": 1}),
    "bias": (lambda nn: nn.Linear(5, 4), (3, 5), {"name": "bias"}),
    "conv": (lambda nn: nn.Conv2d(2, 3, 2), (2, 2, 4, 4), {}),
    "transposed": (lambda nn: nn.ConvTranspose2d(2, 3, 2), (2, 2, 4, 4), {}),
}


def normed(engine, make, options):
    """A layer under spectral norm, in float64."""
    module = make(engine.nn).double()
    return engine.nn.utils.parametrizations.spectral_norm(module, **options)


@pytest.mark.parametrize("kind", LAYERS)
def test_spectral_norm_is_pytorchs(kind):
    make, shape, options = LAYERS[kind]
    torch.manual_seed(0)
    theirs, ours = (normed(engine, make, options) for engine in (torch, glass))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    for is_training in (True, True, False):  # what a forward remembers, the next begins with
        theirs.train(is_training), ours.train(is_training)
        inputs = torch.randn(shape, dtype=torch.float64)
        expected, came = theirs(inputs), ours(to_glass(inputs))
        np.testing.assert_allclose(as_array(came), expected.detach(), rtol=1e-9, atol=1e-11)
        expected.square().sum().backward()
        came.square().sum().backward()
    for (name, parameter), other in zip(theirs.named_parameters(), ours.parameters(), strict=True):
        np.testing.assert_allclose(as_array(other.grad), parameter.grad, rtol=1e-8, atol=1e-10, err_msg=name)
    for (name, buffer), other in zip(theirs.named_buffers(), ours.buffers(), strict=True):
        np.testing.assert_allclose(as_array(other), buffer, rtol=1e-9, err_msg=name)


def test_two_forwards_before_one_backward_keep_what_each_needs():
    make, shape, options = LAYERS["linear"]
    torch.manual_seed(1)
    theirs, ours = (normed(engine, make, options) for engine in (torch, glass))
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    one, other = torch.randn(shape, dtype=torch.float64), torch.randn(shape, dtype=torch.float64)
    (theirs(one) - theirs(other)).square().sum().backward()
    (ours(to_glass(one)) - ours(to_glass(other))).square().sum().backward()
    expected = theirs.parametrizations.weight.original.grad
    np.testing.assert_allclose(as_array(ours.parametrizations["weight"].original.grad), expected, rtol=1e-8)


def test_no_input_is_stretched_by_more_than_one():
    layer = glass.nn.utils.parametrizations.spectral_norm(glass.nn.Linear(6, 6))
    for _ in range(200):
        layer(glass.randn(1, 6))
    assert np.linalg.norm(layer.weight.detach().numpy(), 2) == pytest.approx(1, abs=1e-4)


def test_rules_follow_each_other_and_a_copy_has_its_own():
    class Twice(glass.nn.Module):
        def forward(self, weight):
            return weight * 2

    parametrize = glass.nn.utils.parametrize
    layer = glass.nn.Linear(2, 2)
    before = layer.weight.detach().numpy().copy()
    for _ in range(2):
        parametrize.register_parametrization(layer, "weight", Twice())
    np.testing.assert_array_equal(layer.weight.detach().numpy(), 4 * before)
    assert parametrize.is_parametrized(layer)
    assert not parametrize.is_parametrized(layer, "bias")
    twin = copy.deepcopy(layer)
    with glass.no_grad():
        twin.parametrizations["weight"].original.zero_()
    np.testing.assert_array_equal(layer.weight.detach().numpy(), 4 * before)
    assert not twin.weight.detach().numpy().any()


def test_mistakes_are_named():
    nn = glass.nn
    with pytest.raises(ValueError, match="wait"):
        nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2), "wait")
    with pytest.raises(ValueError, match="n_power_iterations"):
        nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2), n_power_iterations=0)
    with pytest.raises(ValueError, match="'bios'"):
        nn.utils.parametrize.register_parametrization(nn.Linear(2, 2), "bios", nn.Identity())
    with pytest.raises(NotImplementedError, match="weight_norm is left out"):
        nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))
