"""Norms of weights and gradients by layer, against a direct sum."""

import torch
from torch import nn

from deepglass.training.layer_norms import is_looked_at, layer_norms


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))


def test_they_are_the_roots_of_the_sums_of_squares():
    model = network()
    model(torch.randn(5, 3)).square().mean().backward()
    found = layer_norms(model)
    assert list(found) == ["0", "2"]
    for name in found:
        weight, bias = model[int(name)].weight, model[int(name)].bias
        weights = (weight.square().sum() + bias.square().sum()).sqrt().item()
        gradient = (weight.grad.square().sum() + bias.grad.square().sum()).sqrt().item()
        torch.testing.assert_close(found[name], [weights, gradient])


def test_a_layer_that_got_no_gradient_says_so():
    model = network()
    model[0].requires_grad_(False)
    model(torch.randn(5, 3)).sum().backward()
    assert layer_norms(model)["0"][1] is None
    assert layer_norms(model)["2"][1] > 0


def test_a_network_without_weights_has_none():
    assert layer_norms(nn.ReLU()) == {}


def test_later_epochs_are_looked_at_more_seldom():
    looked = [epoch for epoch in range(1, 1001) if is_looked_at(epoch)]
    assert looked[:32] == list(range(1, 33))
    assert looked[32:34] == [34, 36]
    assert len(looked) == 111
