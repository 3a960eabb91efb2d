"""The arc of pure pursuit goes through its point, and whoever keeps to the safe speed can brake for every bend."""

import math

import numpy as np
import pytest

from deepglass.rl.driving.pure_pursuit import safe_speed, steering


@pytest.mark.parametrize("goal", [(8.0, 3.0), (5.0, -4.0), (12.0, 0.0), (2.0, 6.0)])
def test_a_car_that_keeps_its_wheels_as_they_are_told_comes_to_the_point(goal):
    place, heading, wheelbase = np.array([[1.0, 2.0]]), 0.7, 2.5
    turn = np.array([[math.cos(heading), math.sin(heading)], [-math.sin(heading), math.cos(heading)]])
    target = np.array([goal]) @ turn + place
    curvature = math.tan(steering(place, np.array([heading]), target, wheelbase)[0]) / wheelbase
    x, y, angle, nearest = *place[0], heading, math.inf
    for _ in range(40_000):  # by millimetres
        x, y, angle = x + 0.001 * math.cos(angle), y + 0.001 * math.sin(angle), angle + 0.001 * curvature
        nearest = min(nearest, math.hypot(x - target[0, 0], y - target[0, 1]))
    assert nearest < 0.02


def test_who_brakes_from_the_safe_speed_holds_the_grip_in_every_bend():
    curvature, distance = np.array([[0.0, 0.1, 0.02]]), np.array([[0.0, 10.0, 20.0]])
    speed = safe_speed(curvature, distance, grip=5.0, braking=3.0)[0]
    assert speed == pytest.approx(math.sqrt(50 + 60))  # the bend of 10 m radius, 10 m ahead
    at_bend = math.sqrt(speed**2 - 2 * 3.0 * 10.0)
    assert at_bend**2 * 0.1 == pytest.approx(5.0)
