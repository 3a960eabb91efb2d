"""Random programs on both engines: no silent difference in value, dtype, shape, gradient, or in refusing.

`python -m bench.programs` runs many more. A program that differs is printed in its smallest form, as a file to run.
"""

import numpy as np
import pytest
from programs.fuzz import Program, WildGradient, fuzz
from programs.pair import Pair
from programs.shrink import script, shrink

from deepglass import glass

CHUNK = 250


@pytest.mark.parametrize("chunk", range(12))
def test_random_programs_do_the_same_on_both_engines(chunk):
    outcome = fuzz(range(chunk * CHUNK, (chunk + 1) * CHUNK))
    assert not outcome.different, outcome.report()
    assert outcome.lines > 8 * CHUNK
    assert sum(outcome.left_out.values()) < 0.02 * outcome.lines, outcome.left_out.most_common(5)


def test_infinite_gradients_come_back_as_pytorchs_through_every_layer():
    outcome = fuzz(range(300), WildGradient)
    assert not outcome.different, outcome.report()


@pytest.mark.parametrize("lead", [(2, 2), (2,), ()])
@pytest.mark.parametrize("mask", ["", ", is_causal=True", ", attn_mask=T.ones(2, 3, dtype=T.bool)", ", scale=0.5"])
@pytest.mark.parametrize("width", [1, 2])
def test_an_infinite_gradient_comes_back_through_attention(lead, mask, width):
    draw = np.random.default_rng(0)

    def leaf(*shape):
        return f"T.tensor({draw.normal(size=(*lead, *shape)).round(2).tolist()}, dtype=T.float64, requires_grad=True)"

    gradient = np.ones((*lead, 2, width))
    gradient[..., 1, 0] = -np.inf
    lines = [f"x1 = {leaf(2, 2)}", f"x2 = {leaf(3, 2)}", f"x3 = {leaf(3, width)}",
             f"x4 = F.scaled_dot_product_attention(x1, x2, x3{mask})",
             f"x4.backward(T.tensor({gradient.tolist()}, dtype=T.float64))"]  # fmt: skip
    pair = Pair()
    assert [pair.run(line) for line in lines] == [None] * 5


def test_a_seed_makes_the_same_program_every_time():
    assert Program(3).pair.lines == Program(3).pair.lines
    assert Program(3).pair.lines != Program(4).pair.lines


# The judge is judged: faults that are put into the engine are found, and cut down to what matters

LEAF = "x1 = T.tensor([[0.3, -1.25], [0.0, 2.7]], dtype=T.float64, requires_grad=True)"
FAULTS = {
    "value": ("exp", lambda x: x.exp() * 1.01, ["x2 = T.exp(x1)"]),
    "gradient": ("relu", lambda x: x.clamp_min(0), ["x2 = T.relu(x1)", "x2.sum().backward()"]),
    "dtype": ("sign", lambda x: x.sign().float(), ["x2 = T.sign(x1.detach())"]),
    "shape": ("mean", lambda x, dim: x.mean(dim, True), ["x2 = T.mean(x1, 0)"]),
    "requires_grad": ("square", lambda x: x.square().detach(), ["x2 = T.square(x1)"]),
    "accepts": ("mm", lambda a, b: a, ["x2 = T.mm(x1, T.ones(3, 3))"]),
    "raw error": ("mm", lambda a, b: a.array @ b.array, ["x2 = T.mm(x1, T.ones(3, 3))"]),
    "layout": ("square", lambda x: x.square().mT.contiguous().mT, ["x2 = T.square(x1)"]),
    "refuses": ("mm", glass.bmm, ["x2 = T.mm(x1, x1)"]),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_in_the_engine_is_found_and_the_program_cut_down(kind, monkeypatch):
    name, fault, lines = FAULTS[kind]
    monkeypatch.setattr(glass, name, fault)
    pair = Pair()
    program = ["x9 = T.ones(3)", LEAF, "x8 = x1 * 2", *lines]
    difference = next(filter(None, map(pair.run, program)))
    assert difference.kind == kind
    smallest, found = shrink(program, difference)
    assert (found.kind, len(smallest)) == (kind, 1 + len(lines))
    assert script(smallest).startswith("import torch as T")


def test_rounding_is_no_difference_and_a_tie_is_one(monkeypatch):
    lines = ["x1 = T.tensor([0.1234, 1e8, -1e8], dtype=T.float64)", "x2 = (x1 * x1).sum() - x1[1] ** 2 * 2"]
    pair = Pair()
    assert [pair.run(line) for line in lines] == [None, None]  # the order of summation changes half of the digits
    monkeypatch.setattr(glass, "amax", lambda x: x.max(0)[0])
    pair = Pair()
    lines = ["x1 = T.tensor([0.1234, 0.1234], dtype=T.float64, requires_grad=True)", "T.amax(x1).backward()"]
    assert [difference and difference.kind for difference in map(pair.run, lines)] == [None, "gradient"]
