"""What lesson 82 claims of two answers and their mean, of late orders, and of a pendulum (T04)."""

import numpy as np
import pytest

from deepglass.glass.foundations import inverse_kinematics as ik
from deepglass.rl.envs import pendulum
from tests.lessons.opened import opened
from tests.lessons.tried import tried

pytestmark = pytest.mark.slow("trains the two networks of the lesson, and steers arms")


@pytest.fixture(scope="module")
def lesson():
    return opened("82_reach_and_swing").module


def test_told_angles_it_reaches_past_the_place_and_told_misses_it_arrives(lesson):
    places = lesson.goals(300, 5)
    tips = ik.forward(lesson.net(lesson.ANGLES)(ik.tensor(places.astype(np.float32)))).detach().numpy()
    assert (np.hypot(*tips.T) > np.hypot(*places.T)).mean() > 0.9
    assert lesson.missed(lesson.ANGLES).mean() > 20
    assert lesson.missed(lesson.MISSES).mean() < 4


def test_the_coin_makes_the_elbow_straight(lesson):
    places = lesson.goals(300, 5)
    bends = np.degrees(lesson.net(lesson.ANGLES)(ik.tensor(places.astype(np.float32))).detach().numpy()[:, 1])
    assert abs(bends.mean()) < 10
    assert abs(np.degrees(ik.solutions(places)[0, :, 1]).mean() - 100) < 15  # the text says 100 degrees to either side


def test_on_every_position_of_the_sliders_the_mean_of_both_ways_misses_and_the_network_does_not(lesson):
    for bearing in np.radians([-60, -30, 0, 30, 60]):
        for far in (0.4, 0.6, 0.8):
            place = far * np.array([[np.cos(bearing), np.sin(bearing)]])
            mean = ik.solutions(place).mean(axis=0)
            assert np.hypot(*(ik.forward(ik.tensor(mean)).numpy() - place)[0]) == pytest.approx(1 - far)
            assert ik.misses(lesson.net(lesson.MISSES), place)[0] < 0.08


def test_without_delay_nearly_every_start_reaches_its_goal(lesson):
    assert lesson.steered(0)[2] >= 95


def test_a_delay_breaks_a_stiff_arm_first_and_foresight_mends_it(lesson):
    late = {stiffness: lesson.steered(2, lesson.SEES, stiffness)[2] for stiffness in (3.0, 5.0)}
    assert late[5.0] < late[3.0]
    assert lesson.steered(3)[2] <= 10
    assert lesson.steered(3, lesson.FORESEES)[2] >= 95


def test_what_is_foreseen_is_what_comes(lesson):
    env = lesson.Imperfect(lesson.arm.Env(4, 0), lesson.Wire(delay=3))
    env.reset()
    orders = np.random.default_rng(0).uniform(-1, 1, (6, 4, 2)).astype(np.float32)
    for order in orders[:3]:
        env.step(order)
    said = lesson.foreseen(lesson.arm.Env(4), env.env.physics[6:], env.env.physics[:4], env.sent)
    for order in orders[3:]:
        env.step(order)
    assert np.allclose(env.env.physics[:4], said)


def test_late_hands_do_not_rest(lesson):
    still, late = (lesson.steered(delay)[1][-40:] for delay in (0, 3))
    assert np.median(np.abs(np.diff(still, axis=0))) < 0.2 < np.median(np.abs(np.diff(late, axis=0)))


def test_another_arm_leaves_a_gap(lesson):
    found = [lesson.steered(3, lesson.FORESEES, 3.0, other)[2] for other in lesson.OTHER]
    assert found[0] > min(found[1:]) + 20


def test_straight_to_the_top_sticks_where_the_motor_and_the_weight_are_equal(lesson):
    angle = lesson.swung(lesson.STRAIGHT, 180)[0][-40:]
    assert angle.min() > 60
    assert pendulum.STRONGEST < 1.5 * pendulum.GRAVITY / 3  # 2 N m against 5


@pytest.mark.parametrize("start", [20, 60, 120, 180])
def test_along_the_swing_it_gets_to_the_top_from_everywhere(lesson, start):
    angle, lacks = lesson.swung(lesson.PUMP, start)
    assert angle[-20:].max() < 5
    assert abs(lacks[-1]) < 0.2


def test_the_energy_is_that_of_the_formula(lesson):
    angle, lacks = lesson.swung(lesson.PUMP, 120)
    assert angle[0] == pytest.approx(120)
    assert lacks[0] == pytest.approx(5 * (1 - np.cos(np.radians(120))))


def test_the_film_ends_nearer_than_it_began(lesson):
    said = [caption for _, caption in lesson.reaching()]
    half = len(said) // 2
    off = [int(caption.split(":")[1].split()[0]) for caption in said]
    assert off[half - 1] < 0.3 * off[0]
    assert off[-1] < 0.3 * off[half]


def test_slips_are_told_apart():
    code = "def tip_speed(q1, q2, w1, w2):\n    x = 0.5 * np.sin(q1) * w1 + 0.5 * np.sin(q1 + q2) * (w1 + w2)\n"
    code += "    return np.array([x, 0.5 * np.cos(q1) * w1 + 0.5 * np.cos(q1 + q2) * (w1 + w2)])"
    assert "minus a sine" in tried("tip_speed", code).message
