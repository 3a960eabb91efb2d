"""Pruning and distillation without a run: the masks, the loss, what a student is drawn to."""

import pytest
import torch
from torch import nn

from deepglass.deploy.shrink.distil import Distilled, soft_loss
from deepglass.deploy.shrink.prune import PrunedLearner, masks_of


class Squares:
    """A task that wants the model to say the target."""

    monitor, better = "loss", "lower"

    def loss(self, model, batch):
        return (model(batch[0]) - batch[1]).square().mean()

    def outputs(self, model, examples):
        return [weights.clone() for weights in model.parameters()]


def test_the_smallest_weights_of_each_layer_are_masked():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(20, 30), nn.Linear(30, 5))
    network[1].weight.data /= 1000
    masks = masks_of(network, 0.8)
    assert set(masks) == {"0.weight", "1.weight"}
    for name, mask in masks.items():
        assert int(mask.sum()) == round(0.2 * mask.numel())
        size = network.get_parameter(name).abs()
        assert size[mask == 1].min() > size[mask == 0].max()


def test_pruned_weights_are_zero_whenever_they_are_used():
    torch.manual_seed(0)
    network = nn.Linear(20, 10)
    learner = PrunedLearner(Squares(), masks_of(network, 0.5))
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.1)
    batch = (torch.randn(64, 20), torch.randn(64, 10))
    for _ in range(5):
        optimizer.zero_grad()
        learner.loss(network, batch).backward()
        optimizer.step()
    weights, _ = learner.outputs(network, None)
    assert int((weights == 0).sum()) == 100
    assert learner.monitor == "loss"
    assert not hasattr(learner, "preprocessor")


def test_the_soft_loss_is_that_of_the_paper():
    student, teacher, T = torch.randn(6, 4), torch.randn(6, 4), 3.0
    p, q = (teacher / T).softmax(1), (student / T).softmax(1)
    expected = T**2 * (p * (p / q).log()).sum(1).mean()
    torch.testing.assert_close(soft_loss(student, teacher, T), expected)


SHAPES = {
    "ensemble from ensemble": ((5, 8, 3), (5, 8, 3)),
    "ensemble from one": ((5, 8, 3), (5, 3)),
    "one from ensemble": ((5, 3), (5, 8, 3)),
    "ensembles of two sizes": ((5, 2, 3), (5, 8, 3)),
    "language": ((2, 7, 11), (2, 7, 11)),
}


@pytest.mark.parametrize("case", SHAPES)
def test_a_student_that_says_what_its_teacher_says_has_no_loss(case):
    student, teacher = (torch.ones(shape) * torch.arange(shape[-1]) for shape in SHAPES[case])
    assert float(soft_loss(student, teacher, 2.0)) == pytest.approx(0, abs=1e-6)
    assert float(soft_loss(-student, teacher, 2.0)) > 0.1


def test_numbers_are_drawn_to_the_numbers_of_the_teacher():
    assert float(soft_loss(torch.zeros(4, 2), torch.ones(4, 2), None)) == 1
    assert float(soft_loss(torch.zeros(4, 8, 1), torch.full((4, 1), 2.0), None)) == 4


def test_the_teacher_sees_what_the_student_sees_and_stays_as_it_is():
    student, teacher = nn.Linear(3, 1), nn.Sequential(nn.Linear(3, 1), nn.Dropout(0.9))
    batch = (torch.randn(50, 3), torch.randn(50, 1))
    loss = Distilled(Squares(), teacher, None, 0.25).loss(student, batch)
    hard = (student(batch[0]) - batch[1]).square().mean()
    soft = (student(batch[0]) - teacher[0](batch[0])).square().mean()
    torch.testing.assert_close(loss, 0.75 * hard + 0.25 * soft)
    loss.backward()
    assert student.weight.grad is not None
    assert teacher[0].weight.grad is None
