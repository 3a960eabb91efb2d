"""What learns from two views is held against loops that follow the formulas word by word."""

import math

import pytest
import torch
from torch.nn.functional import cosine_similarity

from deepglass.training.contrast import agreement, nt_xent


def by_hand(codes, temperature):
    """NT-Xent of each view, term by term; the two of an example are averaged."""
    count = len(codes) // 2
    found = []
    for i in range(2 * count):
        other = (i + count) % (2 * count)
        near = {j: math.exp(float(cosine_similarity(codes[i], codes[j], dim=0)) / temperature)
                for j in range(2 * count) if j != i}  # fmt: skip
        found.append(-math.log(near[other] / sum(near.values())))
    return [(found[i] + found[i + count]) / 2 for i in range(count)]


@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_nt_xent_is_what_its_formula_says(count, temperature):
    codes = torch.randn(2 * count, 5, generator=torch.Generator().manual_seed(count)) * 3
    assert nt_xent(codes, temperature).tolist() == pytest.approx(by_hand(codes, temperature), abs=1e-5)


def test_two_examples_at_right_angles_cost_what_one_can_work_out():
    """Each view sees its own other at cosine 1 and two strangers at cosine 0: log(e + 2) − 1."""
    codes = torch.eye(2)[[0, 1, 0, 1]]
    assert nt_xent(codes, 1.0).tolist() == pytest.approx([math.log(math.e + 2) - 1] * 2, abs=1e-6)


def test_a_collapse_costs_as_much_as_guessing_and_nothing_where_views_have_only_to_agree():
    codes = torch.ones(12, 4)
    assert nt_xent(codes, 0.2).tolist() == pytest.approx([math.log(11)] * 6, abs=1e-5)
    assert agreement(codes, codes).tolist() == pytest.approx([0] * 6, abs=1e-6)


def test_nt_xent_is_that_of_lightly():
    lightly = pytest.importorskip("lightly.loss")
    first, second = torch.randn(2, 6, 8, generator=torch.Generator().manual_seed(0))
    theirs = lightly.NTXentLoss(temperature=0.3)(first, second)
    assert float(nt_xent(torch.cat([first, second]), 0.3).mean()) == pytest.approx(float(theirs), abs=1e-5)


def test_agreement_is_what_its_formula_says_and_teaches_the_one_who_foresees_alone():
    foreseen, said = (torch.randn(6, 4, generator=torch.Generator().manual_seed(i)).requires_grad_() for i in (0, 1))
    found = agreement(foreseen, said)
    pairs = [[2 - 2 * float(cosine_similarity(foreseen[i], said[(i + 3) % 6], dim=0).detach()) for i in (k, k + 3)]
             for k in range(3)]  # fmt: skip
    assert found.tolist() == pytest.approx([sum(pair) / 2 for pair in pairs], abs=1e-5)
    found.sum().backward()
    assert said.grad is None
    assert foreseen.grad is not None


def test_gradient_pulls_the_own_view_near_and_pushes_others_away():
    codes = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6], [-0.6, 0.8]], requires_grad=True)
    nt_xent(codes, 0.5).sum().backward()
    moved = codes.detach() - 0.01 * codes.grad
    near = lambda rows, i, j: float(cosine_similarity(rows[i], rows[j], dim=0))  # noqa: E731
    assert near(moved, 0, 2) > near(codes, 0, 2)
    assert near(moved, 1, 2) < near(codes, 1, 2)
