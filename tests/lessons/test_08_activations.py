"""What lesson 8 claims about the bends.

Values and gradients on PyTorch's own samples: tests/glass/test_op_db.py; softmax on random rows: test_gradients.py.
"""

from itertools import pairwise

import numpy as np
import pytest
import torch

from deepglass import glass
from deepglass.glass.nn import functional as F
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("08_activations").module


def test_without_a_bend_twelve_neurons_make_the_least_squares_line(lesson):
    states, losses = lesson.learn(lesson.BENDS["no bend"])
    _, curve = lesson.pieces_of(lesson.BENDS["no bend"], states[-1])
    np.testing.assert_allclose(np.diff(curve, 2), 0, atol=1e-5)
    line = np.polyval(np.polyfit(lesson.PLACES, lesson.CURVE, 1), lesson.PLACES)
    assert losses[-1] == pytest.approx(np.mean((line - lesson.CURVE) ** 2), abs=1e-3)


def test_training_with_a_step_fails_where_every_curved_bend_succeeds(lesson):
    states, losses = lesson.learn(lesson.BENDS["step"])
    for first, last in zip(states[0][:2], states[-1][:2]):  # weights and biases below the step
        np.testing.assert_array_equal(first, last)
    assert losses[-1] > 0.3
    for title in ("sigmoid", "tanh", "ReLU"):
        assert lesson.learn(lesson.BENDS[title])[1][-1] < 0.01


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_values_and_slopes_are_pytorchs_also_at_zero_and_far_out(lesson, name):
    z = [-1000.0, -30.0, -2.0, -0.5, 0.0, 0.5, 2.0, 30.0, 1000.0]
    value, slope = lesson.slope(getattr(F, name), z)
    theirs = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    expected = getattr(torch, name)(theirs)
    expected.sum().backward()
    np.testing.assert_allclose(value, expected.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(slope, theirs.grad.numpy(), atol=1e-12)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()


def test_the_step_has_no_slope(lesson):
    value, slope = lesson.slope(lesson.BENDS["step"], [-3.0, -0.1, 0.1, 3.0])
    assert value.tolist() == [0, 0, 1, 1]
    assert not slope.any()


def test_tanh_is_centred_on_zero_and_sigmoid_is_not():
    sums = glass.tensor(np.random.default_rng(1).normal(0, 1.5, 5000))
    assert abs(glass.tanh(sums).mean().item()) < 0.05
    assert glass.sigmoid(sums).mean().item() == pytest.approx(0.5, abs=0.03)


def test_dead_units_never_wake_and_a_leak_mends_the_curve(lesson):
    states, losses = lesson.learn(F.relu, push=4.0)
    alive = [~(lesson.PLACES[:, None] @ w + b <= 0).all(0) for w, b, _, _ in states]
    assert lesson.dead_units(*states[0][:2], lesson.PLACES[:, None]) == 9 == 12 - alive[0].sum()
    for before, after in pairwise(alive):
        assert not (after & ~before).any()
    assert losses[-1] > 0.4
    assert lesson.learn(lambda z: F.leaky_relu(z, 0.02), push=4.0)[1][-1] < 0.02
    assert lesson.dead_units(*lesson.learn(F.relu)[0][-1][:2], lesson.PLACES[:, None]) == 0


def test_softmax_sums_to_one_ignores_a_shift_and_does_not_overflow():
    logits = np.array([[2.0, 1.0, -1.0], [1e4, 9_999.0, -1e4], [0.0, 0.0, 0.0]])
    shares = F.softmax(glass.tensor(logits), dim=-1).numpy()
    np.testing.assert_allclose(shares.sum(1), 1)
    np.testing.assert_allclose(F.softmax(glass.tensor(logits + 7.0), dim=-1).numpy(), shares, atol=1e-12)
    assert np.isfinite(shares).all()


def test_softmaxs_jacobian_is_pytorchs():
    logits = [2.0, 1.0, -1.0]
    expected = torch.autograd.functional.jacobian(
        lambda z: torch.softmax(z, -1), torch.tensor(logits, dtype=torch.float64)
    )
    rows = []
    for k in range(3):
        z = glass.tensor(np.array(logits)).requires_grad_()
        F.softmax(z, dim=-1)[k].backward()
        rows.append(z.grad.numpy())
    np.testing.assert_allclose(rows, expected.numpy(), atol=1e-12)


def test_ten_slopes_of_a_sigmoid_are_a_millionth_and_the_weights_can_make_up_for_it():
    assert pytest.approx(1e-6, rel=0.05) == 0.25**10
    for weight, factor in ((1.0, 0.25**10), (4.0, 1.0)):
        x = start = glass.zeros(1, dtype=glass.float64).requires_grad_()
        for _ in range(10):
            x = glass.sigmoid(weight * (x - x.detach()))  # every sum at zero, where the slope is a quarter
        x.sum().backward()
        assert start.grad.item() == pytest.approx(factor)


def test_from_one_example_positive_inputs_give_all_weights_blame_of_one_sign():
    rng = np.random.default_rng(0)
    for heard, same in ((rng.random((1, 8)), True), (rng.normal(size=(1, 8)), False)):
        layer = glass.nn.Linear(8, 3).double()
        glass.tanh(layer(glass.tensor(heard))).sum().backward()
        signs = np.sign(layer.weight.grad.numpy())
        assert (np.abs(signs.sum(1)) == 8).all() == same


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return np.exp(z) / np.exp(z).sum()", "nan"),
        ("return np.exp(z - z.max())", "must add up to 1"),
        ("z = z - z.mean()\n    return np.exp(z) / np.exp(z).sum()", "nan"),
    ],
)
def test_a_softmax_that_overflows_or_does_not_add_up_is_told_so(body, said):
    assert said in tried("softmax", f"def softmax(z):\n    {body}").message
