"""Kinematics against independent formulas, and a network that learns from misses beside one that copies angles."""

import numpy as np
import pytest

from deepglass import glass
from deepglass.glass.foundations import inverse_kinematics as ik

PROVES = {  # read by `deepglass read`
    "test_the_jacobian_is_that_of_central_differences_and_of_autograd": ("glass/foundations/inverse_kinematics.py",),
}


def goals(count, seed):
    """To the right of the shoulder, evenly over the area."""
    rng = np.random.default_rng(seed)
    far, bearing = np.sqrt(rng.uniform(0.3**2, 0.95**2, count)), rng.uniform(-np.pi / 2, np.pi / 2, count)
    return far[:, None] * np.stack([np.cos(bearing), np.sin(bearing)], axis=1)


def tips(angles):
    return ik.forward(glass.tensor(np.asarray(angles, float))).numpy()


def test_the_tip_is_the_sum_of_two_complex_numbers():
    angles = np.random.default_rng(0).uniform(-4, 4, (50, 2))
    where = 0.5 * np.exp(1j * angles[:, 0]) + 0.5 * np.exp(1j * angles.sum(axis=1))
    assert np.allclose(tips(angles), np.stack([where.real, where.imag], axis=1))


def test_the_jacobian_is_that_of_central_differences_and_of_autograd():
    angles, e = np.random.default_rng(0).uniform(-3, 3, (20, 2)), 1e-6
    found = ik.jacobian(angles)
    for j in range(2):
        push = e * np.eye(2)[j]
        assert np.allclose(found[:, :, j], (tips(angles + push) - tips(angles - push)) / (2 * e), atol=1e-8)
    for i in range(2):
        at = glass.tensor(angles, requires_grad=True)
        ik.forward(at)[:, i].sum().backward()
        assert np.allclose(found[:, i], at.grad.numpy())


def test_both_solutions_reach_the_goal_with_the_elbow_on_either_side():
    wanted = goals(50, 1)
    left, right = ik.solutions(wanted)
    assert np.allclose(tips(left), wanted)
    assert np.allclose(tips(right), wanted)
    assert (left[:, 1] > 0).all()
    assert np.allclose(right[:, 1], -left[:, 1])


def test_what_is_out_of_reach_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1 from the shoulder"):
        ik.solutions([[0.8, 0.8]])


def test_damped_steps_arrive_and_are_shorter_near_the_stretched_arm():
    wanted = goals(100, 2)
    start = np.tile([0.3, 0.8], (100, 1))
    *_, last = ik.damped_least_squares(start, wanted)
    assert np.hypot(*(tips(last) - wanted).T).max() < 1e-3
    nearly_straight, beyond = np.array([[0.0, 0.01]]), np.array([[0.8, 0.0]])
    first = {damping: list(ik.damped_least_squares(nearly_straight, beyond, 1, damping))[1] for damping in (0.0, 0.1)}
    assert np.abs(first[0.0] - nearly_straight).max() > 30  # radians in one step
    assert np.abs(first[0.1] - nearly_straight).max() < 1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_mean_of_two_right_answers_is_the_straight_arm_and_misses_mend_it(seed):
    wanted, unseen = goals(500, seed), goals(300, seed + 10)
    shown = ik.solutions(wanted)[np.random.default_rng(seed).integers(0, 2, 500), np.arange(500)]
    copies, learns = ik.network(seed=seed), ik.network(elbow=1.0, seed=seed)
    list(ik.train(copies, wanted, shown, steps=400))
    *_, last = ik.train(learns, wanted, steps=400)
    with glass.no_grad():
        bend = copies(glass.tensor(unseen.astype(np.float32)))[:, 1].numpy()
    assert np.abs(bend).mean() < 0.35  # where the answers are 1.9 to either side, on average
    assert ik.misses(copies, unseen).mean() > 0.25
    assert ik.misses(learns, unseen).mean() < 0.05
    assert last == pytest.approx(float((ik.misses(learns, wanted) ** 2).mean() / 2), rel=0.1)
