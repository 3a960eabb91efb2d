"""What lesson 10 claims about feed-forward networks (B02)."""

import numpy as np
import pytest
import torch

from deepglass import glass
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("10_feed_forward").module


def test_a_hidden_layer_of_two_solves_xor(lesson):
    X, y = lesson.xor_clouds()
    for bend in ("tanh", "relu"):
        assert lesson.right(lesson.trained(X, y, bend=bend), X, y) == len(y)


def test_without_a_bend_xor_stays_unsolved_whatever_the_seed(lesson):
    X, y = lesson.xor_clouds()
    for seed in range(4):
        assert lesson.right(lesson.trained(X, y, bend="none", seed=seed, steps=150), X, y) < 0.8 * len(y)


def test_layers_without_a_bend_multiply_out_to_one_neuron(lesson):
    X, y = lesson.xor_clouds()
    net = lesson.trained(X, y, bend="none", steps=50)
    W, b, v, c = lesson.parameters_of(net)
    assert lesson.said(net, X)[:, 0] == pytest.approx(X @ (v @ W) + v @ b + c, abs=1e-5)


def test_a_ring_needs_three_hidden_units(lesson):
    X, y = lesson.ring()
    for seed in range(4):
        assert lesson.right(lesson.trained(X, y, 2, seed=seed, steps=600, wide=2), X, y) < len(y)
    assert lesson.right(lesson.trained(X, y, 3, seed=0, steps=600, wide=2), X, y) == len(y)


def test_in_the_hidden_layer_a_straight_line_parts_the_clouds(lesson):
    X, y = lesson.xor_clouds()
    net = opened("10_feed_forward").defs["xor_net"]
    _, _, v, c = lesson.parameters_of(net)
    hidden = lesson.said(net[:2], X)
    assert ((hidden @ v + c > 0) == y).all()


def test_forward_and_gradients_equal_pytorchs():
    """An MLP of two hidden layers, float64, to 1e-10."""
    draw = np.random.default_rng(0)
    arrays = [draw.normal(size=size) for size in ((5, 4), (5,), (6, 5), (6,), (3, 6), (3,))]
    inputs = draw.normal(size=(7, 4))
    outcomes = []
    for engine in (glass, torch):
        nn = engine.nn
        net = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 3)).double()
        for weight, array in zip(net.parameters(), arrays):
            weight.data = engine.tensor(array)
        output = net(engine.tensor(inputs))
        (output**2).mean().backward()
        outcomes.append([output.detach().numpy(), *(weight.grad.numpy() for weight in net.parameters())])
    for ours, theirs in zip(*outcomes):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10)


def test_two_lines_leave_a_way_out_whatever_the_weights():
    """The sum of two bends that only rise is as large as in the middle, or larger, all along one ray to infinity."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        W, b, v = rng.normal(size=(2, 2)) * 3, rng.normal(size=2), rng.normal(size=2)
        out = np.linalg.solve(W, np.sign(v))  # the way on which both of them rise
        along = np.array([v @ np.tanh(W @ (t * out) + b) for t in np.linspace(0, 50, 40)])
        assert (np.diff(along) >= -1e-12).all()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("v @ (W @ x + b) + c", "bend is missing"),
        ("v @ np.tanh(W @ x + b)", "last bias c"),
        ("np.tanh(W @ x + b)", "one number"),
    ],
)
def test_a_wrong_net_is_told_what_is_missing(line, said):
    assert said in tried("network", f"def network(x, W, b, v, c):\n    return {line}").message
