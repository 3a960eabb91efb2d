"""The game of two nets: its losses by PyTorch, who learns when, and what the penalty is of."""

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

from deepglass import glass
from deepglass.glass.foundations.forger_and_detective import NEAR, Game, covered


def weights(net):
    return [weight.detach().numpy().copy() for weight in net.parameters()]


def twin(net):
    """The same net in PyTorch."""
    layers = [torch.nn.Linear(2, 32), torch.nn.Linear(32, 32), torch.nn.Linear(32, net[4].weight.shape[0])]
    for layer, ours in zip(layers, (net[0], net[2], net[4])):
        layer.weight.data = torch.tensor(ours.weight.detach().numpy())
        layer.bias.data = torch.tensor(ours.bias.detach().numpy())
    return torch.nn.Sequential(layers[0], torch.nn.LeakyReLU(0.2), layers[1], torch.nn.LeakyReLU(0.2), layers[2])


@pytest.fixture
def real():
    return np.random.default_rng(0).normal(1, 0.3, (16, 2)).astype(np.float32)


@pytest.mark.parametrize("penalty", [0.0, 2.0])
def test_both_losses_are_those_of_the_paper(real, penalty):
    game = Game(penalty=penalty)
    D, G, rng = twin(game.discriminator), twin(game.generator), np.random.default_rng(0)
    z, u = (torch.tensor(rng.normal(size=(16, 2)).astype(np.float32)) for _ in range(2))
    ours = game.discriminator_loss(glass.tensor(real)).item()
    x = torch.tensor(real)
    theirs = TF.binary_cross_entropy_with_logits(D(x), torch.ones(16, 1))
    theirs += TF.binary_cross_entropy_with_logits(D(G(z)), torch.zeros(16, 1))
    theirs += penalty / 2 * ((D(x + NEAR * u) - D(x)) / NEAR).square().mean()
    assert ours == pytest.approx(theirs.item(), rel=1e-4)
    game.rng = np.random.default_rng(0)
    theirs = TF.binary_cross_entropy_with_logits(D(G(z)), torch.ones(16, 1))
    assert game.generator_loss(16).item() == pytest.approx(theirs.item(), rel=1e-4)


def test_along_random_directions_the_mean_square_is_that_of_the_whole_slope():
    slope, u = np.array([3.0, -1.0]), np.random.default_rng(0).normal(size=(40_000, 2))
    assert ((u @ slope) ** 2).mean() == pytest.approx(slope @ slope, rel=0.03)


def test_each_loss_moves_its_own_player_only_and_evidence_is_cut_off_from_who_made_it(real):
    game = Game()
    game.discriminator_loss(glass.tensor(real)).backward()
    assert all(weight.grad is None for weight in game.generator.parameters())
    before = weights(game.discriminator)
    game.forger.zero_grad()
    game.generator_loss(16).backward()
    game.forger.step()
    assert all((one == other).all() for one, other in zip(before, weights(game.discriminator)))


@pytest.mark.parametrize("forgeries", [1, 3])
def test_in_a_turn_the_forger_steps_as_often_as_it_may(real, forgeries, monkeypatch):
    game, steps = Game(forgeries), []
    for name in ("forger", "detective"):
        optimizer = getattr(game, name)
        step = optimizer.step
        monkeypatch.setattr(optimizer, "step", lambda step=step, name=name: (steps.append(name), step()))
    game.turn(real)
    assert steps == ["detective"] + ["forger"] * forgeries


def test_the_pull_points_to_where_the_verdict_rises():
    game = Game()
    place = np.array([0.4, -0.7])
    way = game.pull(place)
    D = twin(game.discriminator)
    x = torch.tensor(place[None].astype(np.float32), requires_grad=True)
    (slope,) = torch.autograd.grad(D(x).sum(), x)
    trusted = torch.sigmoid(D(x)).item()
    np.testing.assert_allclose(way, (1 - trusted) * slope[0].numpy(), rtol=1e-3, atol=1e-6)


def test_the_share_near_each_place():
    places = np.array([[0.0, 0.0], [2.0, 0.0]])
    samples = np.array([[0.1, 0], [0, -0.1], [2, 0.05], [1, 0]])
    assert covered(samples, places, 0.2).tolist() == [0.5, 0.25]
