"""Adapting by steps of gradient: MAML's gradient by hand and by differences, Reptile's direction, masks (L07)."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call

from deepglass.data.episodes import PADDING, QUERY, SUPPORT
from deepglass.tasks.learners import maml, pretraining, reptile
from deepglass.training.adapting import Episodes, adapted, courses, error, weights_of

RATE = 0.07


class Tiny(nn.Module):
    """v·tanh(w·x)"""

    def __init__(self):
        super().__init__()
        self.w, self.v = nn.Parameter(torch.tensor(0.8)), nn.Parameter(torch.tensor(-0.6))

    def forward(self, x):
        return self.v * torch.tanh(self.w * x)


def episodes(count=3, rows=6, support=3, seed=0):
    drawn = torch.Generator().manual_seed(seed)
    x, y = (torch.randn(count, rows, generator=drawn, dtype=torch.float64) for _ in range(2))
    part = torch.full((count, rows), QUERY)
    part[:, :support] = SUPPORT
    return Episodes(x.unsqueeze(-1), y, part)


def slope_and_curvature(w, v, x, y):
    """∇L (2,) and the matrix of second derivatives (2, 2) of the mean of (v·tanh(w·x) − y)², written out by hand."""
    t = np.tanh(w * x)
    d = x * (1 - t**2)  # of t by w
    dd = -2 * t * d * x  # of d by w
    off = v * t - y
    slope = np.array([2 * off * v * d, 2 * off * t]).mean(axis=1)
    ww = 2 * ((v * d) ** 2 + off * v * dd)
    wv = 2 * (v * d * t + off * d)
    return slope, np.array([[ww, wv], [wv, 2 * t**2]]).mean(axis=2)


def gradient_by_hand(net, given):
    """The mean over episodes of (I − αH)·∇L at the adapted weights."""
    theta, found = np.array([net.w.item(), net.v.item()]), []
    for x, y, part in zip(given.x[..., 0].numpy(), given.y.numpy(), given.part.numpy()):
        seen, asked = part == SUPPORT, part == QUERY
        slope, curvature = slope_and_curvature(*theta, x[seen], y[seen])
        after, _ = slope_and_curvature(*(theta - RATE * slope), x[asked], y[asked])
        found.append((np.eye(2) - RATE * curvature) @ after)
    return np.mean(found, axis=0)


def gradient_of(loss, net):
    return np.array([g.item() for g in torch.autograd.grad(loss, list(net.parameters()))])


@pytest.fixture
def net():
    return Tiny().double()


def test_the_gradient_of_maml_is_the_second_order_one_by_hand(net):
    given = episodes()
    found = gradient_of(maml.loss(net, given, 1, RATE), net)
    assert found == pytest.approx(gradient_by_hand(net, given), rel=1e-10)


def test_without_the_second_derivatives_it_would_be_another(net):
    """The test above could tell."""
    given, theta = episodes(), np.array([0.8, -0.6])
    first_order = []
    for x, y, part in zip(given.x[..., 0].numpy(), given.y.numpy(), given.part.numpy()):
        slope, _ = slope_and_curvature(*theta, x[part == SUPPORT], y[part == SUPPORT])
        asked = part == QUERY
        first_order.append(slope_and_curvature(*(theta - RATE * slope), x[asked], y[asked])[0])
    assert np.abs(np.mean(first_order, axis=0) - gradient_by_hand(net, given)).max() > 1e-2


@pytest.mark.parametrize("steps", [1, 3])
def test_the_gradient_of_maml_is_that_of_finite_differences(net, steps):
    given, found = episodes(), []
    for parameter in net.parameters():
        ends = []
        for nudge in (1e-6, -1e-6):
            with torch.no_grad():
                parameter += nudge
                ends.append(maml.loss(net, given, steps, RATE).item())
                parameter -= nudge
        found.append((ends[0] - ends[1]) / 2e-6)
    assert gradient_of(maml.loss(net, given, steps, RATE), net) == pytest.approx(np.array(found), rel=1e-6)


def test_adapting_is_plain_gradient_descent_on_the_support(net):
    given = Episodes(*(part[0] for part in episodes()))
    found = adapted(net, weights_of(net), given, 4, RATE)
    other, seen = Tiny().double(), given.part == SUPPORT
    optimizer = torch.optim.SGD(other.parameters(), lr=RATE)
    for _ in range(4):
        optimizer.zero_grad()
        (other(given.x[seen])[:, 0] - given.y[seen]).square().mean().backward()
        optimizer.step()
    assert [found["w"].item(), found["v"].item()] == pytest.approx([other.w.item(), other.v.item()], rel=1e-12)
    assert net.w.item() == pytest.approx(0.8)  # nothing was changed in place


def test_reptile_goes_towards_where_the_steps_led(net):
    given = episodes()
    whole = given._replace(part=torch.full_like(given.part, SUPPORT))
    ends = []
    for place in range(3):
        after = adapted(net, weights_of(net), Episodes(*(part[place] for part in whole)), 5, RATE)
        ends.append([net.w.item() - after["w"].item(), net.v.item() - after["v"].item()])
    found = gradient_of(reptile.loss(net, given, 5, RATE), net)
    assert found == pytest.approx(np.mean(ends, axis=0) / RATE, rel=1e-6)


def test_pretraining_looks_at_all_rows_as_they_are(net):
    given = episodes()
    expected = (net(given.x)[..., 0] - given.y).square().mean().item()
    assert pretraining.loss(net, given, 1, RATE).item() == pytest.approx(expected, rel=1e-12)


def test_rows_of_padding_change_nothing(net):
    given = episodes()
    longer = Episodes(
        torch.cat([given.x, torch.full((3, 2, 1), 9.0, dtype=torch.float64)], 1),
        torch.cat([given.y, torch.full((3, 2), 9.0, dtype=torch.float64)], 1),
        torch.cat([given.part, torch.full((3, 2), PADDING)], 1),
    )
    for way in (maml, reptile, pretraining):
        assert way.loss(net, longer, 2, RATE).item() == pytest.approx(way.loss(net, given, 2, RATE).item(), rel=1e-12)


def test_courses_are_those_of_adapting_step_by_step(net):
    given = episodes()
    said = courses(net, given, 3, RATE)
    assert said.shape == (4, 3, 6)
    single = Episodes(*(part[1] for part in given))
    for step in range(4):
        after = adapted(net, weights_of(net), single, step, RATE)
        expected = functional_call(net, after, (single.x,))[:, 0]
        assert torch.allclose(said[step, 1], expected)


def test_an_episode_without_support_stays_where_it_is(net):
    given = episodes(support=0)
    said = courses(net, given, 2, RATE)
    assert torch.equal(said[0], said[2])
    assert error(net, weights_of(net), Episodes(*(part[0] for part in given)), SUPPORT).item() == 0
