"""Graphs of symbols: their gradients are autograd's, simplified they are equal, compiled they are functions (R06)."""

import numpy as np
import pytest
import torch

from deepglass.glass.foundations import symbols
from deepglass.glass.foundations.symbols import compiled, exp, gradient, log, nodes, simplified, source, symbol, tanh

FORMULAS = {
    "a neuron": lambda x, y, m: m.tanh(x * y + 0.5) * 2.0 - y,
    "a logistic loss": lambda x, y, m: m.log(1.0 + m.exp(-(x * y))),
    "softmax of two": lambda x, y, m: m.exp(x) / (m.exp(x) + m.exp(y)),
    "shared": lambda x, y, m: (x + y) * (x + y) / (1.0 + (x + y) * (x + y)),
    "nothing of y": lambda x, y, m: x * x * x,
    "differences": lambda x, y, m: 1.0 - x - (y - 2.0) / (3.0 - x) + 1.0 / x,
}


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("is_short", [False, True])
def test_values_and_gradients_are_autograds(name, is_short):
    x, y = symbol("x"), symbol("y")
    result = FORMULAS[name](x, y, symbols)
    graphs = [result, *gradient(result, [x, y])]
    f = compiled([x, y], simplified(*graphs) if is_short else graphs)
    for seed in range(5):
        a, b = np.random.default_rng(seed).uniform(0.5, 2, 2)
        p, q = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (a, b))
        judge = FORMULAS[name](p, q, torch)
        judge.backward()
        slopes = [0.0 if t.grad is None else t.grad.item() for t in (p, q)]
        assert f(a, b) == pytest.approx([judge.item(), *slopes], rel=1e-12, abs=1e-12)


def test_a_gradient_of_a_gradient_is_the_second_derivative():
    x = symbol("x")
    second = gradient(gradient(tanh(x) * x, [x])[0], [x])[0]
    p = torch.tensor(0.7, dtype=torch.float64)
    judge = torch.func.grad(torch.func.grad(lambda t: t.tanh() * t))(p)
    assert compiled([x], [second])(0.7) == pytest.approx(judge.item(), rel=1e-12)


def test_simplified_graphs_are_shorter_and_share():
    x, y = symbol("x"), symbol("y")
    result = (x + y) * (x + y)
    graphs = [result, *gradient(result, [x, y])]
    assert len(nodes(*simplified(*graphs))) < len(nodes(*graphs))
    assert len(nodes(*simplified((x * y) + (x * y)))) == 4  # x, y, one product, one sum
    assert simplified((x + 0) * 1)[0] is x
    assert str(simplified(symbols.as_symbol(2) * 3)[0]) == "6.0"
    minus = -x
    assert simplified(-minus)[0] is x
    assert str(simplified(x * 0 + log(exp(y)))[0]) == "y"


def test_where_the_formula_overflows_the_simplified_one_does_not():
    x = symbol("x")
    naive = log(1.0 + exp(x))
    with np.errstate(over="ignore"):
        assert compiled([x], [naive])(1000.0) == np.inf
    assert compiled([x], simplified(naive))(1000.0) == 1000.0
    slope = compiled([x], simplified(*gradient(simplified(naive)[0], [x])))
    assert slope(2.0) == pytest.approx(torch.sigmoid(torch.tensor(2.0, dtype=torch.float64)).item())


def test_nothing_is_computed_before_the_function_is_called():
    x = symbol("x")
    graph = log(x - x)  # of zero: a number would complain
    assert source([x], [graph]).splitlines() == [
        "def computed(x):",
        "    t0 = -x",
        "    t1 = x + t0",
        "    t2 = np.log(t1)",
        "    return t2",
    ]


def test_arrays_go_through_the_same_function():
    x = symbol("x")
    values = np.linspace(-2, 2, 7)
    assert np.allclose(compiled([x], gradient(tanh(x), [x]))(values), 1 - np.tanh(values) ** 2)


def test_what_is_missing_is_named():
    x, y = symbol("x"), symbol("y")
    with pytest.raises(ValueError, match="need y as well"):
        compiled([x], [x * y])
    for name in ("x; y", "if", "t0"):
        with pytest.raises(ValueError, match="name that Python can have"):
            compiled([symbol(name)], [x])


def test_what_is_not_finite_is_left_to_the_function():
    x = symbol("x")
    with np.errstate(over="ignore"):
        assert compiled([x], simplified(exp(symbols.as_symbol(1000)) * x))(1.0) == np.inf
    assert simplified(symbols.as_symbol(1) / 0)[0].operation == "div"
