"""What passes through every layer, against a forward and a backward pass by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from deepglass.see.panels.layers import numbers, statistics
from deepglass.training.update import Update


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.first, self.act, self.last = nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2)

    def forward(self, x):
        return self.last(self.act(self.first(x)))


def squared(network, batch):
    x, y = batch
    return (network(x) - y).square().mean()


@pytest.fixture
def batch():
    torch.manual_seed(2)
    return torch.randn(7, 3), torch.randn(7, 2)


def test_statistics_and_gradients_are_those_of_a_direct_backward(batch):
    network, by_hand = Net(), Net()
    first, act, last = statistics(network, [Update("all", network.parameters(), squared)], batch)
    a = by_hand.first(batch[0])
    h = a.relu()
    out = by_hand.last(h)
    for tensor in (a, h, out):
        tensor.retain_grad()
    (out - batch[1]).square().mean().backward()
    for passed, tensor in ((first, a), (act, h), (last, out)):
        assert passed.mean == pytest.approx(tensor.mean().item(), abs=1e-6)
        assert passed.std == pytest.approx(tensor.std(correction=0).item(), rel=1e-5)
        assert passed.zeros == pytest.approx((tensor == 0).float().mean().item())
        assert passed.gradient == pytest.approx(tensor.grad.norm().item(), rel=1e-5)
    for passed, layer in ((first, by_hand.first), (last, by_hand.last)):
        joined = torch.cat([p.grad.flatten() for p in layer.parameters()])
        assert passed.weight_gradient == pytest.approx(joined.norm().item(), rel=1e-5)
        assert passed.weights == pytest.approx(torch.cat([p.flatten() for p in layer.parameters()]).norm().item())
    assert act.weights is None


def test_the_network_is_left_as_it_was(batch):
    network = Net()
    statistics(network, [Update("all", network.parameters(), squared)], batch)
    assert all(p.grad is None for p in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())


def test_dead_units_are_counted_by_unit_and_not_by_number():
    x = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]])
    assert numbers(x)[2:] == (pytest.approx(4 / 6), pytest.approx(1 / 3))
    picture = torch.zeros(2, 4, 3, 3)
    picture[1, 2, 0, 0] = 1.0
    assert numbers(picture)[3] == 0.75


def test_each_update_is_followed_to_its_own_weights(batch):
    network = Net()
    updates = [
        Update("first", network.first.parameters(), squared),
        Update("last", network.last.parameters(), lambda model, given: 3 * squared(model, given)),
    ]
    first, _, last = statistics(network, updates, batch)
    alone = statistics(network, [Update("all", network.parameters(), squared)], batch)
    assert first.weight_gradient == pytest.approx(alone[0].weight_gradient, rel=1e-6)
    assert last.weight_gradient == pytest.approx(3 * alone[2].weight_gradient, rel=1e-6)


def test_a_layer_that_is_called_twice_tells_of_its_last_call():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(2, 2)

        def forward(self, x):
            return self.layer(self.layer(x))

    network, x = Twice(), torch.ones(3, 2)
    (found,) = statistics(network, [Update("all", network.parameters(), lambda m, b: m(b[0]).sum())], (x,))
    assert found.calls == 2
    assert found.mean == pytest.approx(network(x).mean().item())
    assert np.isfinite(found.gradient)
