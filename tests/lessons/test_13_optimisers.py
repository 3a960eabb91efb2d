"""What lesson 13 claims about optimisers (F04, F05, F06; with every option in tests/glass/test_optim_db.py)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried

THEIRS = {
    "SGD": lambda w: torch.optim.SGD([w], lr=0.03),
    "Momentum": lambda w: torch.optim.SGD([w], lr=0.03, momentum=0.8),
    "RMSprop": lambda w: torch.optim.RMSprop([w], lr=0.1, alpha=0.9),
    "Adam": lambda w: torch.optim.Adam([w], lr=0.2, betas=(0.8, 0.99)),
}


@pytest.fixture(scope="module")
def lesson():
    return opened("13_optimisers").module


@pytest.mark.parametrize("name", list(THEIRS))
def test_twenty_steps_of_each_racer_equal_pytorchs(lesson, name):
    w = torch.tensor(lesson.START, dtype=torch.float64, requires_grad=True)
    racer, places = THEIRS[name](w), [lesson.START]
    for _ in range(20):
        racer.zero_grad()
        lesson.height(w).backward()
        racer.step()
        places.append(tuple(w.tolist()))
    np.testing.assert_allclose(lesson.path(name, 20), places, rtol=0, atol=1e-10)


def test_momentum_and_adam_arrive_before_plain_descent(lesson):
    steps = {name: lesson.arrival(lesson.path(name, 400)) for name in ("SGD", "Momentum", "Adam")}
    assert max(steps["Momentum"], steps["Adam"]) < steps["SGD"]


def test_the_first_step_of_adam_and_rmsprop_is_equally_long_along_both_ways(lesson):
    first = {name: np.abs(lesson.path(name, 1)[1] - lesson.START) for name in lesson.RACERS}
    assert first["Adam"] == pytest.approx([lesson.RATES["Adam"]] * 2)
    assert first["RMSprop"][0] == pytest.approx(first["RMSprop"][1])
    assert first["SGD"][1] == pytest.approx(first["SGD"][0] * lesson.STEEP * lesson.START[1] / -lesson.START[0])


def test_plain_descent_flies_off_a_wall_that_is_too_steep_and_adam_does_not(lesson):
    top = lesson.height(np.array(lesson.START), 70)
    assert lesson.height(lesson.path("SGD", 60, 0.03, 70)[-1], 70) > 10 * top
    assert lesson.height(lesson.path("SGD", 60, 0.03, 65)[-1], 65) < top
    assert lesson.height(lesson.path("SGD", 60, 0.004, 70)[-1], 70) < 0.1 * top
    assert lesson.height(lesson.path("Adam", 60, 0.2, 400)[-1], 400) < 0.1 * top


def test_only_those_that_divide_do_not_care_about_the_units_of_the_loss(lesson):
    def scaled(name, factor):
        w = lesson.glass.tensor(np.array(lesson.START), requires_grad=True)
        racer = lesson.optimiser(name, [w], 0.01)
        for _ in range(10):
            racer.zero_grad()
            (factor * lesson.height(w, 5.0)).backward()
            racer.step()
        return w.detach().numpy()

    for name in ("RMSprop", "Adam"):
        assert scaled(name, 1000.0) == pytest.approx(scaled(name, 1.0), abs=1e-6)
    for name in ("SGD", "Momentum"):
        assert np.abs(scaled(name, 1000.0) - scaled(name, 1.0)).max() > 1


def test_adagrads_strides_only_shrink(lesson):
    moved = np.abs(np.diff(lesson.path("Adagrad", 40, 0.2), axis=0)).sum(1)
    assert (np.diff(moved) < 0).all()


def test_the_film_stops_before_it_tells():
    from deepglass.course.widgets.film import Film

    film = next(widget for widget in opened("13_optimisers").widgets if isinstance(widget, Film))
    assert (film.waits_for, film.held) == ("guess", 6)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return w - rate * v, mu * v + g", "the new velocity"),
        ("v = mu * v + g\n    return w + rate * v, v", "against the velocity"),
        ("return w - rate * g", "return w, v"),
    ],
)
def test_wrong_momentum_is_told_what_is_wrong(body, said):
    assert said in tried("momentum", f"def momentum(w, v, g, rate, mu):\n    {body}").message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("v = mu * v - rate * g\n    return w + v, v", "Polyak"),
        ("v = mu * v + (1 - mu) * g\n    return w - rate * v, v", "Adam"),
    ],
)
def test_other_conventions_are_right_and_hear_their_name(body, said):
    verdict = tried("momentum", f"def momentum(w, v, g, rate, mu):\n    {body}")
    assert verdict.passed
    assert said in verdict.message
