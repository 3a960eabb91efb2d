"""Attacks: exact where the answer is known, inside the ball and the range always, the same for the same seed."""

import pytest
import torch

from deepglass.attacks import all_rows, with_gradient, worse
from deepglass.attacks.ball import Ball
from deepglass.attacks.fgsm import fgsm
from deepglass.attacks.margin import cross_entropy, margin
from deepglass.attacks.pgd import pgd
from deepglass.attacks.random_points import random_points
from deepglass.attacks.square import square


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def linear(F=6, seed=0):
    """A linear model of two classes with labels ±1: loss = log(1 + exp(−y · w·x)), as Goodfellow et al. have it."""
    draw = generator(seed)
    w, x = torch.randn(F, generator=draw), torch.rand(20, F, generator=draw)
    y = (2 * torch.randint(0, 2, (20,), generator=draw) - 1).float()
    return w, x, y, lambda points, rows: torch.nn.functional.softplus(-y[rows] * (points @ w))


def ball_of(x, epsilon, norm="linf", unit=1.0, low=-torch.inf, high=torch.inf):
    return Ball(x, epsilon, *(torch.as_tensor(part, dtype=x.dtype) for part in (unit, low, high)), norm)


ATTACKS = {
    "fgsm": lambda losses, ball, seed: fgsm(losses, ball),
    "fgsm from a random start": lambda losses, ball, seed: fgsm(losses, ball, generator(seed), starts_anywhere=True),
    "pgd": lambda losses, ball, seed: pgd(losses, ball, steps=5, restarts=3, generator=generator(seed)),
    "square": lambda losses, ball, seed: square(losses, ball, queries=30, generator=generator(seed)),
    "random points": lambda losses, ball, seed: random_points(losses, ball, draws=5, generator=generator(seed)),
}


def test_one_step_is_exact_for_a_linear_model():
    w, x, y, losses = linear()
    found = fgsm(losses, ball_of(x, 0.1))
    assert torch.allclose(found.points, x - 0.1 * y[:, None] * w.sign(), atol=1e-6)
    expected = torch.nn.functional.softplus(-y * (x @ w) + 0.1 * w.abs().sum())  # the closed form of their section 5
    assert torch.allclose(found.losses, expected, atol=1e-5)


def test_many_steps_reach_the_worst_corner_of_a_linear_model_and_no_more():
    w, x, y, losses = linear()
    for restarts in (1, 4):
        found = pgd(losses, ball_of(x, 0.1), steps=10, restarts=restarts, generator=generator())
        assert torch.allclose(found.points, x - 0.1 * y[:, None] * w.sign(), atol=1e-6)


def test_in_the_euclidean_ball_the_worst_point_lies_along_the_weights():
    w, x, y, losses = linear()
    for found in (fgsm(losses, ball_of(x, 0.5, "l2")), pgd(losses, ball_of(x, 0.5, "l2"), steps=40)):
        assert torch.allclose(found.points, x - 0.5 * y[:, None] * w / w.norm(), atol=1e-4)


def test_units_of_the_user_are_those_of_the_ball():
    """What the network sees is scaled by 1/50 and 1/5: the corner is ε in the user's unit, whatever the scale."""
    w, x, y, losses = linear(2)
    unit = torch.tensor([1 / 50, 1 / 5])
    found = fgsm(losses, ball_of(x, 0.1, unit=unit))
    assert torch.allclose(found.points - x, -0.1 * unit * y[:, None] * w.sign(), atol=1e-6)
    assert torch.allclose(ball_of(x, 0.1, unit=unit).distance(found.points), torch.full((20,), 0.1), atol=1e-5)
    of_l2 = pgd(losses, ball_of(x, 0.3, "l2", unit=unit), steps=50)
    own = unit * w
    assert torch.allclose((of_l2.points - x) / unit, -0.3 * y[:, None] * own / own.norm(), atol=1e-3)


def test_random_search_reaches_the_corner_of_a_linear_model():
    w, x, _, _ = linear()

    def margins(points, rows):  # not above 0, so that the search does not stop early
        return points @ w - 100

    found = square(margins, ball_of(x, 0.1), queries=400, generator=generator())
    corner = x + 0.1 * w.sign()
    assert (found.points @ w > corner @ w - 0.05 * 0.1 * w.abs().sum()).all()


def test_an_example_that_is_fooled_is_not_asked_again():
    x, asked = torch.zeros(4, 3), []

    def losses(points, rows):
        asked.append(len(rows))
        return torch.where(rows % 2 == 0, 1.0, -1.0)

    square(losses, ball_of(x, 0.1), queries=5, generator=generator())
    assert asked == [4, 4, 2, 2, 2, 2]


def picture_net(seed=0):
    torch.manual_seed(seed)
    return torch.nn.Sequential(
        torch.nn.Conv2d(2, 4, 3, padding=1), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(4 * 25, 3)
    ).eval()


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("shape", [(7, 2, 5, 5), (7, 9), (7, 6, 2)])
def test_points_stay_in_the_ball_and_the_range_and_never_help(name, shape, norm):
    x = torch.rand(shape, generator=generator(1))
    x.flatten(1)[:, :2] = torch.tensor([0.0, 1.0])  # on the border of the range
    w = torch.randn(shape[1:], generator=generator(2))
    unit = torch.rand(shape[1:], generator=generator(3)) + 0.1
    unit.view(-1)[3] = 0.0  # must not change
    ball = ball_of(x, 0.3, norm, unit, 0.0, 1.0)

    def losses(points, rows):
        return torch.sin(3 * (points * w).flatten(1).sum(1)) - 2

    found = ATTACKS[name](losses, ball, 0)
    assert (ball.distance(found.points) <= 0.3 + 1e-5).all()
    assert (found.points >= 0).all()
    assert (found.points <= 1).all()
    assert torch.equal(found.points.flatten(1)[:, 3], x.flatten(1)[:, 3])
    assert torch.allclose(found.losses, losses(found.points, None), atol=1e-6)
    if name in ("pgd", "square"):  # they keep the worst point that they have seen, the input itself among them
        assert (found.losses >= losses(x, None) - 1e-6).all()


@pytest.mark.parametrize("name", ATTACKS)
def test_the_same_seed_gives_the_same_points(name):
    net, x = picture_net(), torch.rand(5, 2, 5, 5, generator=generator())
    targets = torch.tensor([0, 1, 2, 0, 1])

    def losses(points, rows):
        return margin(net(points), targets[rows])

    one, same, other = (ATTACKS[name](losses, ball_of(x, 0.05), seed).points for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert torch.equal(one, other) == (name == "fgsm")


def test_many_steps_find_more_than_one_where_a_loss_bends():
    x = torch.zeros(1, 1)

    def losses(points, rows):  # highest at 0.3, and one step of 1 goes to the far side
        return -((points[:, 0] - 0.3) ** 2)

    ball = ball_of(x, 1.0)
    assert pgd(losses, ball, steps=20).losses > fgsm(losses, ball).losses + 0.3


def test_inputs_on_a_device_and_weights_get_no_gradient():
    net, x = picture_net(), torch.rand(3, 2, 5, 5)
    targets = torch.zeros(3, dtype=torch.int64)
    pgd(lambda points, rows: cross_entropy(net(points), targets[rows]), ball_of(x, 0.1), steps=2)
    assert all(parameter.grad is None for parameter in net.parameters())


def test_a_gradient_that_is_absent_or_broken_counts_as_zero():
    x = torch.rand(3, 2)
    for losses in (
        lambda points, rows: points.detach().sum(1),  # no graph at all
        lambda points, rows: points.sum(1) * torch.nan,
        lambda points, rows: torch.ones(3, requires_grad=True) * 2,  # a graph without the input
    ):
        assert torch.equal(with_gradient(losses, x)[1], torch.zeros_like(x))


def test_the_margin_is_above_zero_exactly_where_the_answer_is_wrong():
    logits = torch.randn(200, 4, generator=generator())
    targets = torch.randint(0, 4, (200,), generator=generator(1))
    assert torch.equal(margin(logits, targets) > 0, logits.argmax(1) != targets)


def test_of_two_attacks_the_worse_point_counts():
    _, x, _, losses = linear()
    ball = ball_of(x, 0.1)
    both = worse(random_points(losses, ball, draws=1, generator=generator()), fgsm(losses, ball))
    assert torch.equal(both.losses, fgsm(losses, ball).losses)
    assert torch.allclose(losses(both.points, all_rows(x)), both.losses)


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("name", ATTACKS)
def test_a_ball_of_no_size_changes_nothing(name, norm):
    _, x, _, losses = linear()
    found = ATTACKS[name](losses, ball_of(x, 0.0, norm), 0)
    assert torch.allclose(found.points, x, atol=1e-7)
    assert torch.allclose(found.losses, losses(x, torch.arange(20)), atol=1e-6)


def test_random_points_fill_the_ball_evenly():
    x = torch.zeros(20_000, 3)
    cube = ball_of(x, 0.5).random(generator())
    assert torch.allclose(cube.std(0), torch.full((3,), 0.5 / 3**0.5), atol=0.01)
    sphere = ball_of(x, 0.5, "l2").random(generator())
    inner = (sphere.norm(dim=1) < 0.25).double().mean()  # an eighth of the volume
    assert abs(float(inner) - 1 / 8) < 0.01
