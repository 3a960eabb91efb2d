"""What lesson 54 claims about values, waiting and surprise (M01)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("54_reward").module


def test_news_travels_one_cell_per_sweep(lesson):
    from itertools import islice

    mdp = lesson.world(lesson.walls())
    for sweep, (V, _) in enumerate(islice(lesson.sweeps(mdp), 9), 1):
        assert (V[lesson.number(lesson.START)] > 0) == (sweep >= 3)
        far = [lesson.number((row, 0)) for row in range(2, 8)]  # on the way to the far treasure
        assert (V[far[0]] > 0) == (sweep >= 3)
    path = lesson.settled(lesson.walls())[2]
    assert path[-1] == lesson.FAR
    assert len(path) - 1 == 8


@pytest.mark.parametrize(("gamma", "goal"), [(0.5, "NEAR"), (0.8, "NEAR"), (0.81, "FAR"), (0.99, "FAR")])
def test_from_which_discount_on_waiting_pays(lesson, gamma, goal):
    """3 γ⁵ = 1 at 0.803."""
    assert lesson.settled(lesson.walls(), gamma)[2][-1] == getattr(lesson, goal)
    assert round((1 / 3) ** (1 / 5), 3) == 0.803


def test_values_solve_bellmans_equation(lesson):
    mdp, Q, _ = lesson.settled(lesson.walls("a maze"))
    V = Q.max(axis=1)
    assert np.abs(mdp.action_values(V).max(axis=1) - V).max() < 1e-10
    last = [V for V, _ in zip((V for V, _ in lesson.sweeps(mdp)), range(200), strict=False)][-1]
    assert np.abs(last - V).max() < 1e-8


def test_a_world_that_is_walled_off_leads_nowhere(lesson):
    blocked = np.zeros((8, 8))
    blocked[6, :2], blocked[7, 1] = 1, 1
    assert lesson.reached(lesson.settled(blocked)[2]).startswith("nowhere")
    assert lesson.settled(np.ones((8, 8)))[0].P.sum() == 64 * 4  # everything painted: still a world


def test_who_never_tries_never_learns_and_optimism_mends_it(lesson):
    mdp, exact, _ = lesson.settled(lesson.walls())
    for epsilon in (0.0, 0.1, 0.2, 0.4):  # random moves hardly help
        assert lesson.walk(mdp, lesson.learn(lesson.STEPS, epsilon))[-1] == lesson.NEAR
    assert lesson.walk(mdp, lesson.learn(3 * lesson.STEPS, 0.0))[-1] == lesson.NEAR  # nor does time alone
    hopeful = lesson.learn(lesson.STEPS, 0.0, optimism=3)
    assert lesson.walk(mdp, hopeful)[-1] == lesson.FAR
    start = lesson.number(lesson.START)
    assert hopeful[start].max() == pytest.approx(exact[start].max(), abs=0.02)


def test_the_film_stops_when_only_the_near_treasure_is_known(lesson):
    from deepglass.course.widgets.film import Film

    film = next(widget for widget in opened("54_reward").widgets if isinstance(widget, Film))
    assert film.waits_for == "guess"
    assert "near treasure" in film.captions[film.held - 1]
    assert not any("far treasure" in caption for caption in film.captions[: film.held])
    assert "far treasure" in film.captions[-1]


def test_an_end_that_is_forgotten_is_told(lesson):
    code = "return value + rate * (reward + gamma * max(following) - value)"
    found = tried("surprise", f"def surprise(value, reward, following, is_end, rate, gamma):\n    {code}")
    assert not found.passed
