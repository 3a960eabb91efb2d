"""Contributions add up on every family of the zoo, are Captum's, and a jump is found and not covered up."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from deepglass.explain.leaves import Leaves
from deepglass.explain.methods.integrated_gradients import MOST_STEPS, TOLERANCE, integrate
from tests.explain.parts import parts_of
from tests.models import zoo
from tests.models.zoo import each_case

LARGE = 1_000_000  # weights: such a network of random ones bends so often that only a short way is walked in a test
SHORT = 0.9999
BENT = ("captioner", "flow", "transformer")  # files whose small networks bend thousands of times on the whole way
OF_PAIRS = ("image-text", "retrieval")  # beside sentences they answer for pairs of a batch; one side alone is embedded
A_HUNDREDTH = 0.99
FROM_DUSK = 0.01  # instance norm sees a picture alike at any brightness, and its chain all but jumps where black ends


def leaves_of(model, inputs, of_said, share=0.0, hidden=1):
    return Leaves(model.double().eval().requires_grad_(False), parts_of(inputs, share=share, hidden=hidden), of_said)


def integrated(leaves):
    return integrate(leaves.score, leaves.gradients, leaves.points, leaves.base)


@each_case
def test_contributions_add_up_on_every_model(case):
    model = zoo.build(case)
    zoo.fill_zeros(model)
    share = FROM_DUSK if any(isinstance(part, nn.InstanceNorm2d) for part in model.modules()) else 0.0
    share = A_HUNDREDTH if case.entry.file in BENT else share
    share = SHORT if sum(p.numel() for p in model.parameters()) > LARGE else share
    inputs = zoo.example(case).inputs
    if case.task in OF_PAIRS:
        inputs = inputs[:1]
    hidden = 2 if case.task == "retrieval" else 1  # whose 1 is no word, but the end of a turn
    leaves = leaves_of(model, inputs, mixed, share, hidden)
    found, difference = integrated(leaves), of_inputs(leaves)
    missed = abs(leaves.by_part(found.attributions).sum() - difference)
    assert missed <= TOLERANCE * max(1, abs(difference))
    assert missed <= 0.05 * abs(difference)  # also where the whole difference is small
    assert found.holds
    assert found.steps < MOST_STEPS


def mixed(said):
    """(n,) all that a model answers, in fixed shares."""
    said = said.reshape(len(said), -1).double()
    return said @ torch.linspace(0, 3, said.shape[1], dtype=torch.float64).cos()


def of_inputs(leaves):
    """The difference of the scores of the inputs themselves, and not of the leaves."""
    base = tuple(x.double() if x.is_floating_point() else x for x in leaves.parts.base)
    with torch.no_grad():
        return float(leaves.of_said(leaves.model(*leaves.inputs)) - leaves.of_said(leaves.model(*base)))


class Reused(nn.Module):
    """One ReLU module twice and a max pooling, which the rules of DeepLIFT do not survive."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3)
        self.relu, self.head = nn.ReLU(), nn.Linear(36, 3)

    def forward(self, x):
        x = self.relu(self.first(x))
        x = F.max_pool2d(self.relu(self.second(x)), 2)
        return self.head(x.flatten(1))


def reused():
    torch.manual_seed(0)
    return Reused(), (torch.randn(1, 1, 10, 10),)


def test_a_reused_relu_and_max_pooling_add_up():
    model, inputs = reused()
    found = integrated(leaves_of(model, inputs, lambda said: said[:, 1]))
    assert found.holds
    assert abs(found.gap) <= TOLERANCE * max(1, abs(found.difference))


def test_contributions_are_captums():
    captum = pytest.importorskip("captum.attr", reason="the package captum is not installed: pip install captum")
    model, inputs = reused()
    leaves = leaves_of(model, inputs, lambda said: said[:, 1])
    ours = integrated(leaves).attributions[0]
    x = inputs[0].double()
    theirs = captum.IntegratedGradients(model).attribute(x, torch.zeros_like(x), target=1, n_steps=2_000)
    assert torch.allclose(ours, theirs, atol=2e-3)


def test_a_line_needs_the_first_pieces_alone():
    model = nn.Linear(3, 1)
    found = integrated(leaves_of(model, (torch.tensor([[1.0, -2.0, 3.0]]),), lambda said: said[:, 0]))
    assert found.steps == 24
    assert torch.allclose(found.attributions[0], model.weight * torch.tensor([1.0, -2.0, 3.0]).double())


class Step(nn.Module):
    """1 above 0.3, as a tree answers, and a slope."""

    def forward(self, x):
        return (x[:, :1] > 0.3).to(x.dtype) + x[:, 1:2]


def test_a_jump_is_left_as_a_gap_and_given_to_nobody():
    found = integrated(leaves_of(Step(), (torch.tensor([[1.0, 0.5]]),), lambda said: said[:, 0]))
    assert not found.holds
    assert abs(found.gap - 1) < 1e-9
    assert torch.allclose(found.attributions[0], torch.tensor([[0.0, 0.5]]).double())


def test_steps_that_are_given_are_not_passed_by_far():
    model, inputs = reused()
    leaves = leaves_of(model, inputs, lambda said: said[:, 1])
    found = integrate(leaves.score, leaves.gradients, leaves.points, leaves.base, most_steps=10)
    assert found.steps == 24
