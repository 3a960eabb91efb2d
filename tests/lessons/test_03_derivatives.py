"""What lesson 3 claims about slopes. Every rule of the engine against differences: tests/glass/test_gradients.py."""

import numpy as np
import pytest
import torch

from deepglass import glass
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("03_derivatives").module


@pytest.mark.parametrize(
    "curve",
    [
        lambda x: x**3 - 2 * x,
        lambda x: (x * x + 1).log(),
        lambda x: (x.sin() * x).exp(),
        lambda x: x.sigmoid() / (x * x + 2).sqrt(),
        lambda x: (2 * x).tanh() * x.cos(),
    ],
)
def test_slopes_are_those_of_differences_to_six_digits_and_pytorchs(lesson, curve):
    x, h = np.array([-1.4, -0.6, 0.3, 0.9, 1.7]), 1e-5
    slope = lesson.slopes(curve, x)[1]
    up, down = (curve(glass.tensor(x + step)).numpy() for step in (h, -h))
    np.testing.assert_allclose((up - down) / (2 * h), slope, rtol=1e-6)
    at = torch.tensor(x, requires_grad=True)
    curve(at).sum().backward()
    assert at.grad is not None
    np.testing.assert_allclose(slope, at.grad.numpy(), rtol=1e-12)


def test_near_enough_a_smooth_curve_is_a_line_and_a_corner_never(lesson):
    spread = {}
    for title, (curve, x) in lesson.CURVES.items():
        inside = lesson.slopes(curve, x + 2.0**-10 * np.linspace(-1, 1, 42))[1]
        spread[title] = np.ptp(inside)
    assert spread["a wave"] < 0.01
    assert spread["a hill"] < 0.01
    assert spread["a corner"] == 2
    assert lesson.quotients(*lesson.CURVES["a corner"], 1e-9) == (-1, 1)


def test_the_gradient_is_the_steepest_way_and_knows_all_others(lesson):
    uphill, h = lesson.gradient(lesson.PLACE), 1e-6
    assert uphill == pytest.approx([2 * lesson.PLACE[0], 6 * lesson.PLACE[1]])
    angles = np.deg2rad(np.arange(0, 360, 1))
    ways = np.stack([np.cos(angles), np.sin(angles)], 1)
    measured = [
        (lesson.landscape(*(lesson.PLACE + h * way)) - lesson.landscape(*(lesson.PLACE - h * way))) / (2 * h)
        for way in ways
    ]
    np.testing.assert_allclose(measured, ways @ uphill, atol=1e-6)
    assert max(measured) == pytest.approx(np.linalg.norm(uphill), rel=1e-3)
    level = np.array([-uphill[1], uphill[0]])
    assert level @ uphill == pytest.approx(0, abs=1e-12)


def test_descent_reaches_the_lowest_place_but_not_straight(lesson):
    walk = lesson.descent([-2, 1.1], rate=0.3, count=60)
    heights = lesson.landscape(*walk.T)
    assert (np.diff(heights) < 0).all()
    assert heights[-1] < 1e-9
    assert (np.sign(walk[1:6, 1]) != np.sign(walk[:5, 1])).all()  # it zigzags across the valley


def test_too_small_a_step_is_as_bad_as_too_large_a_one_and_both_sides_mend_it(lesson):
    one, two = ([lesson.error_of(h, sides) for h in lesson.STEPS] for sides in (False, True))
    for errors in (one, two):
        best = int(np.argmin(errors))
        assert 2 <= best <= 9
        assert errors[0] > 100 * errors[best] < errors[-1]
    assert one[13] > 1e-4  # the state in which the reader finds it
    assert min(two) < min(one) / 10
    assert min(two) < 1e-9


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("(f(x + h) - f(x)) / h", "from one side only"),
        ("(f(x + h) - f(x - h)) / h", "it is 2·h"),
        ("None", "gives nothing back"),
    ],
)
def test_a_wrong_difference_is_told_what_is_wrong(line, said):
    assert said in tried("slope", f"def slope(f, x, h):\n    return {line}").message


def test_the_way_down_leads_to_a_trough_that_need_not_be_the_deepest(lesson):
    curve, ends = lesson.CURVES["a wave"][0], []
    for x in (-0.3, 1.2):
        for _ in range(400):
            x -= 0.05 * lesson.slopes(curve, [x])[1][0]
        height, slope = (value[0] for value in lesson.slopes(curve, [x]))
        assert slope == pytest.approx(0, abs=1e-6)
        ends.append(height)
    assert ends[1] > ends[0] + 0.5


def test_the_limit_and_its_number_are_two_formulas():
    formulas = opened("03_derivatives").html
    assert r"\lim_{h" in formulas
    assert "Here:" in formulas
