"""What lesson 5 claims about the perceptron."""

import numpy as np
import pytest

from deepglass.glass.classic import Perceptron
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("05_perceptron").module


def test_it_rests_within_the_bound_on_two_hundred_separable_sets(lesson):
    outcomes = lesson.two_hundred_sets()
    assert len(outcomes) == 200
    assert (outcomes[:, 0] <= outcomes[:, 1]).all()


def weights_after_each_mistake(points: np.ndarray, rounds: int) -> list[tuple[float, ...]]:
    w, b, path = np.zeros(2), 0.0, []
    for x1, x2, kind in np.tile(points, (rounds, 1)):
        sign = 2 * kind - 1
        if sign * (w @ [x1, x2] + b) <= 0:
            w, b = w + sign * np.array([x1, x2]), b + sign
            path.append((*w.round(9), b))
    return path


def test_on_xor_the_weights_go_round_in_a_cycle(lesson):
    path = weights_after_each_mistake(np.array(lesson.XOR), rounds=50)
    period = next(k for k in range(1, 20) if path[-1] == path[-1 - k])
    assert path[-period:] == path[-2 * period : -period]
    assert not Perceptron(max_iter=500).fit(np.array(lesson.XOR)[:, :2], np.array(lesson.XOR)[:, 2]).converged_


def test_the_product_mends_xor(lesson):
    X, y = np.array(lesson.XOR)[:, :2], np.array(lesson.XOR)[:, 2]
    lifted = np.column_stack([X, X[:, 0] * X[:, 1]])
    assert Perceptron().fit(lifted, y).score(lifted, y) == 1.0


def test_the_first_picture_takes_some_swings_and_rests(lesson):
    X, y = np.array(lesson.TWO_CLOUDS)[:, :2], np.array(lesson.TWO_CLOUDS)[:, 2]
    fitted = Perceptron().fit(X, y)
    assert fitted.converged_
    assert 5 <= fitted.mistakes_ <= 15


def test_the_step_has_no_slope_to_learn_from():
    z = np.linspace(-2, 2, 400)  # an even number of points: none lies on the jump
    slope = (np.heaviside(z + 1e-6, 0) - np.heaviside(z - 1e-6, 0)) / 2e-6
    assert (slope == 0).all()


@pytest.mark.slow("a lesson in a real browser")
def test_the_browser_makes_the_engines_mistakes_and_a_moved_point_changes_the_picture(course, browser, lesson):
    page = browser.new_page()
    page.goto(f"{course}/lessons/05_perceptron/")
    plane = page.locator(".dg-plane").first
    plane.wait_for()
    fitted = Perceptron().fit(np.array(lesson.TWO_CLOUDS)[:, :2], np.array(lesson.TWO_CLOUDS)[:, 2])
    page.get_by_text("the line rests").first.wait_for(timeout=120_000)
    assert page.locator(".dg-facts").first.inner_text().startswith(f"{fitted.mistakes_} mistakes")
    page.get_by_label("It depends on where I put it").check()
    page.get_by_role("button", name="That is my guess").click()
    plane.evaluate("plane => plane.scrollIntoView({block: 'center'})")
    before = plane.locator("circle[data-index='9']").get_attribute("cx")
    box = plane.bounding_box()
    at = lambda x, y: (box["x"] + box["width"] * (x + 1) / 2, box["y"] + box["height"] * (1 - y) / 2)  # noqa: E731
    x, y, _ = lesson.TWO_CLOUDS[9]
    page.mouse.move(*at(x, y))
    page.mouse.down()
    page.mouse.move(*at(0.3, -0.6), steps=5)
    page.mouse.up()
    moved = "([point, before]) => point.getAttribute('cx') !== before"
    page.wait_for_function(moved, arg=[plane.locator("circle[data-index='9']").element_handle(), before])
    facts = page.locator(".dg-facts").first
    page.wait_for_function(
        "facts => facts.innerText.includes('no line can be right about all')", arg=facts.element_handle()
    )
    assert "line=" in page.url  # the set-up can be handed out
    page.close()


def test_no_line_parts_versicolor_from_virginica():
    """All four measurements: no w, b with sign·(w·x + b) ≥ 1, which a linear program would find."""
    from scipy.optimize import linprog
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True)
    for wanted, first in ((False, 1), (True, 0)):
        two = np.isin(y, (first, first + 1))
        sign = np.where(y[two] == first, 1.0, -1.0)
        rows = -sign[:, None] * np.column_stack([X[two], np.ones(two.sum())])
        found = linprog(np.zeros(5), A_ub=rows, b_ub=-np.ones(two.sum()), bounds=(None, None))
        assert found.success is wanted


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return w, b", "the line is wrong"),
        ("return w + y * x, b + y", "moves only when it is wrong"),
        ("return (w + y * x, b + y) if y * (w @ x + b) < 0 else (w, b)", "On the line it is undecided"),
        ("return None", "return w, b"),
    ],
)
def test_a_wrong_rule_is_told_which_point_and_which_weights(body, said):
    message = tried("update", f"def update(w, b, x, y):\n    {body}").message
    assert "For the point" in message
    assert said in message or said == "return w, b"
