"""The valley around a solution: its middle is the solution, its directions are as long as the filters."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from deepglass.see.panels import valley


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 2)).eval()


@pytest.fixture
def loss():
    torch.manual_seed(5)
    x, y = torch.randn(20, 3), torch.randint(2, (20,))
    return lambda model: F.cross_entropy(model(x), y)


def test_the_middle_is_the_loss_of_the_weights_and_they_are_left_as_they_were(loss):
    model = network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    at, heights = valley.landscape(model, loss)
    middle = valley.GRID // 2
    assert at[middle] == 0.0
    assert heights[middle, middle] == loss(model).item()
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_the_weights_come_back_after_an_error_too(loss):
    model = network()
    before = model[0].weight.clone()

    def fails(model):
        raise ValueError("no loss")

    with pytest.raises(ValueError, match="no loss"):
        valley.landscape(model, fails)
    assert torch.equal(model[0].weight, before)


def test_every_filter_of_a_direction_is_as_long_as_its_own_and_biases_stay():
    weights = [torch.randn(4, 3, 5, 5), torch.randn(7, 2), torch.randn(7), torch.zeros(2, 2)]
    found = valley.directions(weights, torch.Generator().manual_seed(0))
    torch.testing.assert_close(found[0].flatten(1).norm(dim=1), weights[0].flatten(1).norm(dim=1))
    torch.testing.assert_close(found[1].norm(dim=1), weights[1].norm(dim=1))
    assert not found[2].any()
    assert not found[3].any()
    assert found[0].std() > 0


def test_a_network_of_other_scale_that_says_the_same_has_the_same_valley(loss):
    """Layers times 8 and 1/8, with a ReLU between: what filters are normalised for (Li et al. 2018, section 4)."""
    model, scaled = network(), network()
    with torch.no_grad():
        scaled[0].weight.mul_(8)
        scaled[0].bias.mul_(8)
        scaled[2].weight.div_(8)
    np.testing.assert_allclose(valley.landscape(model, loss)[1], valley.landscape(scaled, loss)[1], rtol=1e-4)


def test_one_place_is_the_loss_of_weights_that_are_moved_by_hand(loss):
    model, moved = network(), network()
    at, heights = valley.landscape(model, loss, seed=3)
    generator = torch.Generator().manual_seed(3)
    own = [p.detach() for p in model.parameters()]
    first, second = valley.directions(own, generator), valley.directions(own, generator)
    with torch.no_grad():
        for p, d, e in zip(moved.parameters(), first, second, strict=True):
            p.add_(float(at[2]) * d + float(at[9]) * e)
    assert heights[9, 2] == pytest.approx(loss(moved).item(), rel=1e-5)
