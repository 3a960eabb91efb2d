"""Back-propagation through time, use by use: PyTorch's autograd on the unrolled graph, and its RNN, are the judges."""

import numpy as np
import pytest
import torch

from deepglass.glass.foundations.through_time import blame_of_uses, shares, unroll

PROVES = {  # read by `deepglass read`
    "test_it_equals_autograd_on_the_unrolled_graph_wherever_it_is_cut": ("glass/foundations/through_time.py",)
}

T, INPUTS, H = 9, 3, 4


@pytest.fixture
def case():
    rng = np.random.default_rng(0)
    sizes = ((T, INPUTS), (H, INPUTS), (H, H), (H,), (H,))
    x, W, U, b, h0 = (rng.normal(0, 0.6, size) for size in sizes)
    return x, W, U, b, h0, rng.normal(size=(T, H))  # the last: how much each state counts in the loss


def own_gradients(case, cuts=()):
    """∂L/∂W, ∂L/∂U, ∂L/∂b and ∂L/∂x of L = Σ direct·h."""
    x, W, U, b, h0, direct = case
    states = unroll(x, W, U, b, h0)
    blame = blame_of_uses(states, U, direct, cuts)
    return shares(blame, x).sum(0), shares(blame, states[:-1]).sum(0), blame.sum(0), blame @ W


def autograd(case, cuts=()):
    """The same from PyTorch's tape; the state that goes into the uses in `cuts` is detached."""
    x, W, U, b, h0, direct = (torch.tensor(part) for part in case)
    for leaf in (x, W, U, b):
        leaf.requires_grad_()
    h, loss = h0, torch.zeros((), dtype=torch.float64)
    for t in range(T):
        h = torch.tanh(W @ x[t] + U @ (h.detach() if t in cuts else h) + b)
        loss = loss + direct[t] @ h
    loss.backward()
    return [leaf.grad.numpy() for leaf in (W, U, b, x)]


def test_states_and_gradients_are_those_of_pytorchs_rnn(case):
    x, W, U, b, h0, direct = case
    rnn = torch.nn.RNN(INPUTS, H).double()
    with torch.no_grad():
        for param, value in zip(rnn.parameters(), (W, U, b, np.zeros(H))):
            param.copy_(torch.tensor(value))
    states, last = rnn(torch.tensor(x), torch.tensor(h0)[None])
    (states * torch.tensor(direct)).sum().backward()
    own = unroll(x, W, U, b, h0)
    np.testing.assert_allclose(own[1:], states.detach(), atol=1e-12)
    np.testing.assert_allclose(own[-1], last[0].detach(), atol=1e-12)
    for mine, param in zip(own_gradients(case)[:3], rnn.parameters()):
        np.testing.assert_allclose(mine, param.grad, atol=1e-12)


@pytest.mark.parametrize("cuts", [(), {3}, {2, 5, 7}, {0}, set(range(T))], ids=str)
def test_it_equals_autograd_on_the_unrolled_graph_wherever_it_is_cut(case, cuts):
    for mine, theirs in zip(own_gradients(case, cuts), autograd(case, cuts)):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)


@pytest.mark.parametrize("reach", [1, 3, T - 1])
def test_cut_it_lacks_exactly_the_shares_of_the_uses_behind_the_cut(case, reach):
    x, W, U, b, h0, direct = case
    direct = np.concatenate([np.zeros((T - 1, H)), direct[-1:]])  # a loss at the end alone
    states = unroll(x, W, U, b, h0)
    whole = shares(blame_of_uses(states, U, direct), states[:-1])
    cut = shares(blame_of_uses(states, U, direct, {T - reach}), states[:-1])
    np.testing.assert_array_equal(cut[: T - reach], 0)
    np.testing.assert_allclose(cut[T - reach :], whole[T - reach :], atol=1e-15)
    difference = own_gradients((x, W, U, b, h0, direct))[1] - own_gradients((x, W, U, b, h0, direct), {T - reach})[1]
    np.testing.assert_allclose(difference, whole[: T - reach].sum(0), atol=1e-12)
    assert np.abs(difference).max() > 1e-6
