"""What lesson 73 claims of graphs of symbols: they shorten, and what is equal on paper is not so in a machine (R06)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("73_symbols").module


def test_the_gradient_makes_a_graph_larger_and_simplifying_smaller(lesson):
    for formula in lesson.FORMULAS:
        written, grown, short = (len(lesson.nodes(*lesson.graphs(formula, stage)[1])) for stage in lesson.STAGES)
        assert written < grown, formula
        assert short < grown, formula


def test_what_the_graphs_compute_is_autograds(lesson):
    judges = {
        "log(1 + exp(x))": lambda x, w: torch.log(1 + torch.exp(x)),
        "tanh(w · x)": lambda x, w: torch.tanh(w * x),
        "(w + x)² / (1 + (w + x)²)": lambda x, w: (w + x) ** 2 / (1 + (w + x) ** 2),
        "exp(w) / (exp(w) + exp(x))": lambda x, w: torch.softmax(torch.stack([w, x]), 0)[0],
    }
    assert set(judges) == set(lesson.FORMULAS)
    for formula, judge in judges.items():
        x, w = torch.tensor(0.8, dtype=torch.float64, requires_grad=True), torch.tensor(-0.3, dtype=torch.float64)
        value = judge(x, w)
        value.backward()
        for stage in lesson.STAGES[1:]:
            names, results = lesson.graphs(formula, stage)
            assert lesson.compiled(names, results)(0.8, -0.3) == pytest.approx([value.item(), x.grad.item()], rel=1e-12)


def test_as_written_the_value_is_lost_and_simplified_it_is_not(lesson):
    assert lesson.at(1000, False)[0] == np.inf
    assert np.isnan(lesson.at(1000, False)[1])
    assert lesson.at(1000, True) == [1000.0, 1.0]
    assert lesson.at(10, True) == pytest.approx(lesson.at(10, False), rel=1e-9)


def test_the_film_ends_with_the_whole_graph(lesson):
    frames = list(lesson.film())
    whole = len(lesson.nodes(*lesson.graphs(lesson.FILMED, lesson.STAGES[1])[1]))
    assert frames[-1][1].startswith(f"{whole} nodes")
    assert len(frames) > 5


@pytest.mark.parametrize(
    ("line", "said"),
    [("len(lines)", "do the same"), ("len(set(lines))", "under two numbers")],
)
def test_slips_are_told_apart(line, said):
    verdict = tried("computed_once", f"def computed_once(lines):\n    return {line}")
    assert not verdict.passed
    assert said in verdict.message
