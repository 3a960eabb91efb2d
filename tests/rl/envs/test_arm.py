"""The arm obeys mechanics: energy stays, balance holds, the tip is where complex numbers say it is."""

import numpy as np
import pytest

from deepglass.rl.envs import arm

PROVES = {"test_without_friction_and_torque_energy_stays": ("rl/envs/arm.py",)}  # read by `deepglass read`


def still(config, count=20, seed=1):
    """Arms that hang nearly straight down."""
    env = arm.Env(count, seed, config=config)
    env.physics[:2] = np.random.default_rng(seed).uniform(-0.6, 0.6, (2, count))
    env.physics[0] -= np.pi / 2
    return env


def idle(env):
    return np.zeros((env.num_envs, 2))


def test_without_friction_and_torque_energy_stays():
    env = still(arm.Config(friction=0, load=0.5, vary=0.3))
    before, moved = env.energy(), 0.0
    for _ in range(99):
        env.step(idle(env))
        moved = max(moved, np.abs(env.physics[2:4]).max())
    assert 2 < moved < arm.FASTEST  # it does swing, and the limit of speed has no part in it
    assert np.abs(env.energy() - before).max() < 0.005  # of some 5 joules


def test_friction_takes_energy_and_in_the_end_the_arm_hangs():
    env = still(arm.Config(friction=2))
    energies = [env.energy()]
    for _ in range(99):
        env.step(idle(env))
        energies.append(env.energy())
    assert (np.diff(energies, axis=0) < 1e-6).all()
    assert np.abs(env.physics[0] + np.pi / 2).max() < 0.2


def test_the_torque_of_gravity_holds_the_arm():
    env = arm.Env(50, seed=2, config=arm.Config(load=0.3, vary=0.2))
    pose = env.physics[:2].copy()
    shoulder, elbow = env.weights(env.physics[6:])
    forearm = elbow * np.cos(pose.sum(axis=0))
    torque = np.stack((shoulder * np.cos(pose[0]) + forearm, forearm)) / arm.STRONGEST
    assert np.abs(torque).max() < 1
    for _ in range(10):
        env.step(torque.T)
    assert np.abs(env.physics[:2] - pose).max() < 1e-3


def test_the_tip_is_the_sum_of_two_complex_numbers():
    angles, lengths = np.random.default_rng(0).uniform(-4, 4, (2, 2, 30))
    elbow, tip = arm.joints(angles, lengths)
    first = lengths[0] * np.exp(1j * angles[0])
    both = first + lengths[1] * np.exp(1j * angles.sum(axis=0))
    assert np.allclose(elbow[0] + 1j * elbow[1], first)
    assert np.allclose(tip[0] + 1j * tip[1], both)


def test_a_motor_does_work_and_no_more():
    """What the motors put in, less what friction takes, is what the arm gains (power integrated finely)."""
    env = still(arm.Config(friction=1), count=5)
    share = np.full((5, 2), 0.1)
    state, body, before, work, h = env.physics[:4].copy(), env.physics[6:], env.energy(), 0.0, 1e-3
    for _ in range(300):
        after = env.later(state, body, arm.STRONGEST * share.T, h)
        turning = (state[2:] + after[2:]) / 2
        work = work + h * (arm.STRONGEST * share.T * turning - body[4] * turning**2).sum(axis=0)
        state = after
    env.physics[:4] = state
    assert np.abs(env.energy() - before - work).max() < 1e-3


@pytest.mark.parametrize("vary", [0.0, 0.4])
def test_goals_are_within_reach_and_arms_differ_as_much_as_is_asked(vary):
    env = arm.Env(2000, seed=3, config=arm.Config(vary=vary))
    goal, body = env.physics[4:6], env.physics[6:]
    far = np.hypot(*goal)
    assert (far <= 0.95 * (body[2] + body[3]) + 1e-9).all()
    assert (far >= np.abs(body[2] - body[3])).all()
    usual = np.array([[1.0], [1.0], [0.5], [0.5], [0.5]])
    off = np.abs(body / usual - 1)
    assert off.max() <= vary + 1e-9
    assert (off.max(axis=1) >= 0.95 * vary).all()


def test_five_steps_within_five_centimetres_reach_the_goal():
    env = arm.Env(2, seed=0, config=arm.Config(gravity=0))
    tip = arm.joints(env.physics[:2], env.physics[8:10])[1]
    env.physics[4:6] = tip + np.array([[0.049, 0.051], [0, 0]])
    found = [env.step(idle(env)).reached.tolist() for _ in range(6)]
    assert found == [[False, False]] * 4 + [[True, False]] * 2


def test_there_is_no_end_but_the_limit_of_time():
    env = arm.Env(4, seed=0)
    ends = [env.step(idle(env)) for _ in range(100)]
    assert not any(step.terminated.any() for step in ends)
    assert [step.truncated.all() for step in ends] == [False] * 99 + [True]


def test_each_step_towards_the_goal_earns_more():
    env = arm.Env(3, seed=0, config=arm.Config(gravity=0))
    tip = arm.joints(env.physics[:2], env.physics[8:10])[1]
    env.physics[4:6] = tip + np.array([[0.0, 0.1, 0.5], [0, 0, 0]])
    reward = env.step(idle(env)).reward
    assert reward[0] == pytest.approx(1.0)
    assert reward[1] == pytest.approx(np.exp(-1) - 0.1)
    assert reward[2] == pytest.approx(-0.5)
