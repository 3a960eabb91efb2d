"""Fifty layers on bundled digits: with the identity they learn, without it they do not, at any learning rate."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from deepglass import glass
from deepglass.glass.foundations import fifty_layers

CHANCE = np.log(10)  # the loss of ten classes guessed blindly


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    chosen = np.random.default_rng(0).permutation(len(X))[:512]
    return X[chosen] / 16, y[chosen]


def final_loss(digits, depth, shortcut, learning_rate=0.03, steps=30):
    losses = fifty_layers.train(fifty_layers.build(depth, shortcut), *digits, learning_rate, steps)
    return losses[-5:].mean()


def test_both_nets_have_fifty_layers_and_the_same_weights():
    plain, residual = (fifty_layers.build(50, shortcut) for shortcut in (0, 1))
    linear = [layer for layer in residual.modules() if isinstance(layer, glass.nn.Linear)]
    assert len(linear) == 50
    for one, other in zip(plain.parameters(), residual.parameters(), strict=True):
        np.testing.assert_array_equal(one.detach().numpy(), other.detach().numpy())


@pytest.mark.parametrize(("shortcut", "rate"), [(1, 0.03), (0, 0.1), (0, 0.03), (0, 0.01)])
def test_the_identity_shortcut_trains_at_fifty_layers_where_the_plain_net_does_not(digits, shortcut, rate):
    """On the digits that they learn from, so it is not overfitting; and no other rate rescues the plain net."""
    loss = final_loss(digits, 50, shortcut, rate)
    assert loss < 1.2 if shortcut else loss > 0.85 * CHANCE


def test_a_short_plain_net_learns(digits):
    assert final_loss(digits, 6, 0, steps=60) < 0.4


def test_fifty_plain_layers_mix_all_digits_up_and_the_identity_keeps_something_of_them(digits):
    X, y = digits[0][:200], digits[1][:200]
    plain, residual = (fifty_layers.kept(fifty_layers.build(50, shortcut), X, y) for shortcut in (0, 1))
    assert plain[0] == residual[0] > 0.7
    assert plain[-8:].mean() < 0.15  # chance is a tenth
    assert residual[-8:].mean() > 0.22


def test_blame_explodes_on_its_way_through_the_plain_net(digits):
    X, y = digits[0][:128], digits[1][:128]
    grows = []
    for shortcut in (0, 1):
        blame = fifty_layers.blame(fifty_layers.build(50, shortcut), X, y)
        grows.append(blame[0] / blame[-1])
    assert grows[0] > 50 * grows[1]
    assert grows[0] > 1000


def test_a_block_is_pytorchs(digits):
    """Its answer and the gradient of its input, with the weights carried over."""
    ours = fifty_layers.build(4).double()[2]
    x, g = np.random.default_rng(0).normal(size=(2, 16, 24))
    held = glass.tensor(x, requires_grad=True)
    y = ours(held)
    y.backward(glass.tensor(g))
    parts = {name: torch.tensor(value.numpy()) for name, value in ours.state_dict().items()}
    theirs = torch.tensor(x, requires_grad=True)
    h = theirs
    for i in (1, 2):
        h = torch.nn.functional.linear(h, parts[f"linear{i}.weight"], parts[f"linear{i}.bias"])
        h = torch.nn.functional.batch_norm(
            h, None, None, parts[f"norm{i}.weight"], parts[f"norm{i}.bias"], training=True
        )
        h = torch.relu(h) if i == 1 else h
    answer = torch.relu(theirs + h)
    answer.backward(torch.tensor(g))
    np.testing.assert_allclose(y.detach().numpy(), answer.detach().numpy(), atol=1e-10)
    np.testing.assert_allclose(held.grad.numpy(), theirs.grad.numpy(), atol=1e-10)
