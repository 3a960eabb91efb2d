"""Gradients of single examples against asking one by one; clipping bounds each of them."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from deepglass.training.private.gradients import ExampleGradients


def loss(model, batch):
    return F.cross_entropy(model(batch[0]), batch[1])


class Last(nn.Module):
    """The last step of a recurrent layer, which `vmap` cannot take."""

    def __init__(self):
        super().__init__()
        self.gru, self.head = nn.GRU(3, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.gru(x)[0][:, -1])


NETWORKS = {
    "layers": (nn.Sequential(nn.Flatten(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2)), (2, 3)),
    "convolution": (
        nn.Sequential(nn.Conv2d(1, 4, 3), nn.GroupNorm(2, 4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2)),
        (1, 6, 6),
    ),
    "recurrent": (Last(), (5, 3)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_clipped_sum_is_that_of_asking_one_by_one(name):
    model, shape = NETWORKS[name]
    generator = torch.Generator().manual_seed(0)
    X, y = torch.randn(7, *shape, generator=generator), torch.arange(7) % 2
    found, losses = ExampleGradients(model, loss).clipped_sum((X, y), clip=0.3)
    expected = {key: torch.zeros_like(p) for key, p in model.named_parameters()}
    for i in range(7):
        model.zero_grad()
        one = loss(model, (X[i : i + 1], y[i : i + 1]))
        one.backward()
        norm = torch.sqrt(sum(p.grad.square().sum() for p in model.parameters()))
        for key, p in model.named_parameters():
            expected[key] += p.grad * min(1.0, 0.3 / float(norm))
        assert float(losses[i]) == pytest.approx(float(one), abs=1e-5)
    for key, total in expected.items():
        torch.testing.assert_close(found[key], total, atol=1e-5, rtol=1e-4)


def test_no_example_pulls_farther_than_the_clip():
    model = nn.Linear(4, 2)
    gradients = ExampleGradients(model, loss)
    X, y = 1000 * torch.ones(1, 4), torch.tensor([0])
    for clip in (0.5, 2.0):
        found, _ = gradients.clipped_sum((X, 1 - y), clip)
        norm = torch.sqrt(sum(total.square().sum() for total in found.values()))
        assert float(norm) <= clip * (1 + 1e-5)


def test_what_is_frozen_has_no_gradient():
    model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    model[0].requires_grad_(False)
    found, _ = ExampleGradients(model, loss).clipped_sum((torch.ones(2, 4), torch.tensor([0, 1])), 1.0)
    assert set(found) == {"1.weight", "1.bias"}


def test_pieces_of_a_large_batch_add_up(monkeypatch):
    model, batch = nn.Linear(4, 2), (torch.randn(9, 4), torch.arange(9) % 2)
    whole, _ = ExampleGradients(model, loss).clipped_sum(batch, 1.0)
    monkeypatch.setattr("deepglass.training.private.gradients.MOST_NUMBERS", 20)
    pieces, losses = ExampleGradients(model, loss).clipped_sum(batch, 1.0)
    assert len(losses) == 9
    for name, total in whole.items():
        torch.testing.assert_close(pieces[name], total)
