"""The first page: its gradients are PyTorch's, and its neuron learns."""

import operator
import random
import runpy

import pytest
import torch

from deepglass.glass import tiny

PROVES = {"test_values_and_gradients_are_pytorchs": ("glass/tiny.py",)}  # read by `deepglass read`

WAYS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
FORMULAS = {
    "sum": lambda a, b: a + b + a,
    "product": lambda a, b: a * b * a,
    "difference": lambda a, b: a - b * 2,
    "quotient": lambda a, b: a / b,
    "power": lambda a, b: a**3 + b**-1 + (a * b) ** 2,
    "numbers on the left": lambda a, b: 2 * a + 3 * b,
    "exponential": lambda a, b: (a * b).exp(),
    "tangent": lambda a, b: (a * 2 + b).tanh(),
    "one number in many places": lambda a, b: (a * a + a).tanh() * (a + b) + a**2,
    "a long way": lambda a, b: ((a * b).tanh() + (a - b).exp()) / (a * a + 1),
}


def gradients(leaves):
    """PyTorch's, of leaves that may not have been reached."""
    return [0.0 if x.grad is None else x.grad.item() for x in leaves]


@pytest.mark.parametrize("name", FORMULAS)
def test_values_and_gradients_are_pytorchs(name):
    ours = [tiny.Scalar(0.7), tiny.Scalar(-1.3)]
    theirs = [torch.tensor(x.value, dtype=torch.float64, requires_grad=True) for x in ours]
    y, expected = FORMULAS[name](*ours), FORMULAS[name](*theirs)
    y.backward()
    expected.backward()
    assert y.value == pytest.approx(expected.item(), rel=1e-14)
    assert [x.grad for x in ours] == pytest.approx(gradients(theirs), rel=1e-12)


def test_gradients_of_random_graphs_are_pytorchs():
    for seed in range(30):
        draw = random.Random(seed)
        ours = [tiny.Scalar(draw.uniform(-1, 1)) for _ in range(3)]
        theirs = [torch.tensor(x.value, dtype=torch.float64, requires_grad=True) for x in ours]
        leaves = list(zip(ours, theirs))
        for _ in range(12):
            (i, j), way = draw.choices(range(len(ours)), k=2), draw.choice("+-*t")
            for numbers in (ours, theirs):
                a, b = numbers[i], numbers[j]
                numbers.append(a.tanh() if way == "t" else WAYS[way](a, b))
        sum(ours, tiny.Scalar(0.0)).backward()
        sum(theirs).backward()
        assert [a.grad for a, _ in leaves] == pytest.approx(gradients(b for _, b in leaves), rel=1e-10, abs=1e-12)


def test_gradients_add_up_over_passes_as_pytorchs_do():
    x = tiny.Scalar(2.0)
    y = (x * x).tanh() * x
    y.backward()
    once = x.grad
    y.backward()
    assert x.grad == pytest.approx(2 * once)


def test_a_neuron_takes_pytorchs_steps():
    examples = [((0.5, -1.0), 1.0), ((1.5, 0.25), -1.0), ((-0.5, 0.75), 0.5)]
    neuron = tiny.Neuron(2, seed=3)
    w = torch.tensor([w.value for w in neuron.weights], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=0.3)
    X, y = (torch.tensor(part, dtype=torch.float64) for part in zip(*examples))
    for loss in tiny.train(neuron, examples, steps=20, learning_rate=0.3):
        expected = ((X @ w + b).tanh() - y).square().mean()
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
        assert loss == pytest.approx(expected.item(), rel=1e-10)
    assert [x.value for x in neuron.weights] == pytest.approx(w.tolist(), rel=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_a_neuron_learns_when_both_inputs_are_on(seed):
    examples = [((0, 0), -1), ((0, 1), -1), ((1, 0), -1), ((1, 1), 1)]
    neuron = tiny.Neuron(2, seed)
    losses = tiny.train(neuron, examples)
    assert losses[-1] < losses[0] / 10
    assert all(neuron(x).value * y > 0.5 for x, y in examples)


def test_it_runs_from_the_command_line(capsys):
    runpy.run_path(tiny.__file__, run_name="__main__")
    assert "(1, 1): wanted  1, answers +0." in capsys.readouterr().out


def test_it_is_one_page():
    with open(tiny.__file__, encoding="utf-8") as file:
        assert len([line for line in file if line.strip()]) <= 100
