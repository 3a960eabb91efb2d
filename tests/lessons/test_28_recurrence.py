"""What lesson 28 claims about recurrence and time (I01, E03)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened


@pytest.fixture(scope="module")
def lesson():
    return opened("28_recurrence").module


def torchs_states(lesson, u, reach):
    """The states and ∂L/∂u of the page's unit on PyTorch's tape, the state detached where it is cut."""
    u = torch.tensor(u, dtype=torch.float64, requires_grad=True)
    h, states = torch.zeros((), dtype=torch.float64), [0.0]
    for t, x in enumerate(lesson.X):
        h = torch.tanh(lesson.W * float(x) + u * (h.detach() if t == lesson.T - reach else h))
        states.append(h.item())
    (0.5 * (h - lesson.TARGET) ** 2).backward()
    return np.array(states), u.grad.item()


@pytest.mark.parametrize("u", [0.3, 0.8, 1.2])
@pytest.mark.parametrize("reach", [1, 5, 20])
def test_the_numbers_on_the_page_are_those_of_autograd(lesson, u, reach):
    states, _, said = lesson.one_unit(u, reach)
    expected, gradient = torchs_states(lesson, u, reach)
    np.testing.assert_allclose(states, expected, atol=1e-12)
    assert said.sum() == pytest.approx(gradient, abs=1e-12)


def test_the_blame_that_arrives_is_the_product_in_the_formula(lesson):
    states, arriving, _ = lesson.one_unit(0.8)
    for t in (1, 10, 17, 20):
        factors = 0.8 * (1 - states[t + 1 :] ** 2)
        assert arriving[t - 1] == pytest.approx((states[-1] - lesson.TARGET) * factors.prod())
        assert (factors <= 0.8).all()


def test_at_first_the_last_uses_hold_most_of_the_blame(lesson):
    sizes = np.abs(lesson.one_unit(0.8)[2])
    assert sizes[-5:].sum() > 0.75 * sizes.sum()
    assert sizes[:5].sum() < 0.01 * sizes.sum()


def test_that_is_so_for_this_input_and_not_for_every_one(lesson):
    """A single pulse through a linear cell: every later use says the same, so the page claims nothing of all inputs."""
    x, u = np.eye(1, 12)[0], 0.8
    states = [0.0]
    for value in x:
        states.append(value + u * states[-1])
    said = [u ** (12 - t) * states[t - 1] for t in range(1, 13)]
    np.testing.assert_allclose(said[1:], said[1], rtol=1e-12)


@pytest.mark.parametrize("stretch", [0.5, 0.7, 0.9, 1.0])
def test_up_to_one_the_blame_is_at_most_the_power(lesson, stretch):
    blame, *_ = lesson.remember(80, stretch, steps=0)
    assert (blame <= stretch ** np.arange(80) * (1 + 1e-9)).all()


def test_beyond_one_it_may_explode_and_need_not(lesson):
    assert 1e-3 < lesson.remember(80, 1.2, steps=0)[0][-1] < 100
    assert lesson.remember(80, 3.0, steps=0)[0][-1] > 1e4


@pytest.mark.parametrize(("length", "stretch", "learns"), [(80, 0.7, 0), (10, 0.7, 1), (80, 1.0, 1), (80, 3.0, 0)])
def test_it_learns_where_the_blame_arrives(lesson, length, stretch, learns):
    _, losses, right = lesson.remember(length, stretch)
    assert (right > 0.95) if learns else (right < 0.6)
    assert losses[-10:].mean() < 0.1 if learns else losses[-10:].mean() > 0.6


def test_the_pages_blame_is_that_of_autograd(lesson):
    rnn, head = torch.nn.RNN(1, 16).double(), torch.nn.Linear(16, 1).double()
    x = torch.tensor(lesson.sequences(1, 12, np.random.default_rng(0))[0][0])
    h, sums = torch.zeros(16, dtype=torch.float64), []
    for value in x:
        sums.append(rnn.weight_ih_l0 @ value + rnn.bias_ih_l0 + rnn.weight_hh_l0 @ h + rnn.bias_hh_l0)
        sums[-1].retain_grad()
        h = torch.tanh(sums[-1])
    head(h).backward()
    expected = np.array([total.grad.norm().item() for total in sums[::-1]])
    np.testing.assert_allclose(lesson.before_learning(rnn, head, x.numpy()), expected / expected[0], rtol=1e-9)


def test_the_film_stops_before_it_tells():
    from deepglass.course.widgets.film import Film

    film = next(widget for widget in opened("28_recurrence").widgets if isinstance(widget, Film))
    assert film.waits_for == "guess"
    assert "Use 20" in film.captions[film.held - 1]
    assert "Blame" in film.captions[film.held]
