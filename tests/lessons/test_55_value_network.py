"""What lesson 55 claims about a network that learns from its own guesses (M02)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("55_value_network").module


@pytest.fixture(scope="module")
def whole(lesson):
    return lesson.course(slow=True, memory=True, seen=1)


def test_with_both_it_learns_and_believes_nothing_impossible(lesson, whole):
    steps, believed = whole
    assert steps.shape == believed.shape == (len(lesson.SEEDS), lesson.UPDATES // lesson.EVERY + 1)
    assert steps[:, -3:].mean() > 4 * steps[:, 0].mean()
    assert believed.max() < 1


def test_a_network_that_runs_after_itself_believes_the_impossible(lesson):
    steps, believed = lesson.course(slow=False, memory=True, seen=1)
    assert (believed.max(axis=1) > 1).all()
    assert believed.max() > 10
    steps_both, both = lesson.course(slow=True, memory=True, seen=1)
    assert steps[:, -3:].mean() < 0.7 * steps_both[:, -3:].mean()
    assert both.max() < 1


def test_seeing_more_before_the_guess_calms_it_as_well(lesson):
    believed = lesson.course(slow=False, memory=True, seen=10, seeds=(0,))[1]
    assert believed.max() < 0.2 * lesson.course(slow=False, memory=True, seen=1, seeds=(0,))[1].max()


def test_without_a_memory_the_pole_falls_sooner(lesson, whole):
    steps = lesson.course(slow=True, memory=False, seen=1)[0]
    assert steps[:, -3:].mean() < 0.7 * whole[0][:, -3:].mean()


@pytest.mark.parametrize("count", [2, 10, 50])
def test_the_largest_of_right_guesses_is_too_large_and_another_network_is_right_about_it(lesson, count):
    one, other = lesson.largest(count)
    assert one > 0.5
    assert abs(other) < 4 / np.sqrt(lesson.DRAWS)
    assert lesson.largest(50)[0] > lesson.largest(10)[0] > lesson.largest(2)[0]


def test_the_guess_is_answered_rightly(lesson):
    """The mean of the largest of ten normal numbers is 1.539."""
    assert lesson.largest(10)[0] == pytest.approx(1.539, abs=0.05)


def test_the_target_on_the_page_is_that_of_the_learner(lesson):
    import torch

    from deepglass.rl.parts.replay import Batch

    look, state = lesson.practice()[-1], np.array([[0.1], [0.2], [0.05], [-0.3]])
    now = lesson.surprise(look, state)
    learner = lesson.Learner(lesson.Env(16, 0), lesson.settings(), 0)
    learner.network.load_state_dict(look.network.state_dict())
    learner.target.load_state_dict(look.target.state_dict())
    env = lesson.Env(1, 0)
    env.physics = state
    step = env.step(np.array([now.Q.argmax()]))
    one = np.ones(1, np.float32)
    batch = Batch(step.final, np.zeros(1, int), one, lesson.GAMMA * one, step.final, one, np.zeros(1, int))
    assert float(learner.targets(batch)[0]) == pytest.approx(now.target, abs=1e-5)
    assert isinstance(learner.policy, torch.nn.Module)


def test_a_pole_that_falls_is_followed_by_nothing(lesson):
    falling = np.array([[0.0], [0.0], [np.deg2rad(11)], [1.0]])
    now = lesson.surprise(lesson.practice()[-1], falling)
    assert now.fell
    assert now.target == pytest.approx(1 - lesson.GAMMA)


def test_the_slow_network_is_half_way_after_fourteen_updates(lesson):
    left = [(1 - lesson.SLOW) ** count for count in (13, 14)]
    assert left[0] > 0.5 > left[1]


def test_plain_q_learning_in_place_of_double_is_told():
    code = "return (1 - gamma) * reward + (not is_end) * gamma * max(slow)"
    found = tried("double_target", f"def double_target(reward, is_end, gamma, present, slow):\n    {code}")
    assert not found.passed
    assert "plain DQN" in found.message
