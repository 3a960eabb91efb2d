import copy

import pytest
import torch
from torch import nn

from deepglass.training.config import TrainConfig
from deepglass.training.fast.adam import FusedAdam
from deepglass.training.optimizers import build_optimizer, unhooked_step


def learner(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))


def descend(model, update, steps, seed=1):
    torch.manual_seed(seed)
    for _ in range(steps):
        model.zero_grad()
        model(torch.randn(16, 5)).square().mean().backward()
        update()


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_it_takes_the_steps_of_pytorch(name):
    ours, theirs = learner(), learner()
    config = TrainConfig(optimizer=name, learning_rate=0.01, weight_decay=0.1)
    lean = unhooked_step(build_optimizer(ours, config))
    assert isinstance(lean, FusedAdam)
    descend(ours, lean, 5)
    descend(theirs, build_optimizer(theirs, config).step, 5)
    assert len(lean.gathered) == 2
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters()))


def test_it_follows_a_state_that_is_put_back():
    model, config = learner(), TrainConfig(optimizer="adamw", learning_rate=0.01)
    optimizer = build_optimizer(model, config)
    lean = unhooked_step(optimizer)
    descend(model, lean, 3)
    weights, state = copy.deepcopy(model.state_dict()), copy.deepcopy(optimizer.state_dict())
    descend(model, lean, 3, seed=2)
    expected = copy.deepcopy(model.state_dict())
    model.load_state_dict(weights)
    optimizer.load_state_dict(state)
    descend(model, lean, 3, seed=2)
    assert all(torch.equal(value, expected[name]) for name, value in model.state_dict().items())


def test_where_others_hold_parts_of_a_weight_pytorch_takes_the_step():
    model = learner()
    model[0].weight.full_tensor = lambda: None  # as FSDP's have
    optimizer = build_optimizer(model, TrainConfig(optimizer="adam", learning_rate=0.01))
    assert not isinstance(unhooked_step(optimizer), FusedAdam)


def test_layers_that_are_frozen_meanwhile_stay_as_they_are():
    model = learner()
    lean = unhooked_step(build_optimizer(model, TrainConfig(optimizer="adam", learning_rate=0.01)))
    descend(model, lean, 2)
    before = model[0].weight.detach().clone()
    model[0].requires_grad_(False)
    for p in model[0].parameters():
        p.grad = None
    descend(model, lean, 2)
    assert torch.equal(model[0].weight, before)
