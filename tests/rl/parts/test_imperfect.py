"""A wire delays, disturbs and recalls as it says, and goes on to the bit."""

import numpy as np
import pytest

from deepglass.core.errors import OptionError
from deepglass.rl.envs import arm, car, cartpole, pendulum
from deepglass.rl.parts.imperfect import Imperfect, Wire, behind


def walk(env, actions):
    return [env.reset(), *(env.step(action).observation for action in actions)]


def actions_of(count, seed=0):
    return np.random.default_rng(seed).uniform(-2, 2, (count, 3, 1)).astype(np.float32)


@pytest.mark.parametrize("delay", [0, 1, 3])
def test_a_delayed_world_does_what_was_asked_for_so_many_steps_ago(delay):
    actions = actions_of(12)
    late = walk(Imperfect(pendulum.Env(3, seed=1), Wire(delay=delay)), actions)
    shifted = np.concatenate((np.zeros((delay, 3, 1)), actions))[:12]
    assert (np.array(late) == np.array(walk(pendulum.Env(3, seed=1), shifted))).all()


def test_choices_wait_too():
    chosen = np.ones((6, 2), int)
    late = walk(Imperfect(cartpole.Env(2, seed=1), Wire(delay=2)), chosen)
    assert (np.array(late) == np.array(walk(cartpole.Env(2, seed=1), np.array([[0, 0]] * 2 + [[1, 1]] * 4)))).all()


def test_noise_is_as_wide_as_asked_and_not_in_the_world():
    env, clean = (make(pendulum.Env(400, seed=1)) for make in (lambda e: Imperfect(e, Wire(noise=0.3), 5), lambda e: e))
    off = []
    env.reset(), clean.reset()
    for _ in range(10):
        idle = np.zeros((400, 1))
        off.append(env.step(idle).observation - clean.step(idle).observation)
    off = np.array(off)
    assert off.std() == pytest.approx(0.3, rel=0.03)
    assert abs(off.mean()) < 0.02
    assert abs(np.corrcoef(off[0].ravel(), off[1].ravel())[0, 1]) < 0.1  # drawn anew each step
    assert (env.env.physics == clean.physics).all()


def test_what_is_on_its_way_is_shown_the_oldest_first():
    env = Imperfect(arm.Env(2, seed=0), Wire(delay=1, recall=3))
    env.reset()
    sent = np.random.default_rng(0).uniform(-1, 1, (5, 2, 2)).astype(np.float32)
    for action in sent:
        seen = env.step(action).observation
    assert seen.shape == (2, 16)
    assert (seen[:, 10:] == np.concatenate(sent[2:], axis=1)).all()
    assert env.observation_names[-1] == "action 2, 1 back"


def test_a_new_episode_begins_with_an_empty_wire():
    env = Imperfect(arm.Env(2, seed=0, max_steps=3), Wire(delay=2, recall=2))
    env.reset()
    for _ in range(3):
        step = env.step(np.ones((2, 2)))
    assert step.truncated.all()
    assert (step.final[:, 10:] == 1).all()
    assert (step.observation[:, 10:] == 0).all()
    assert (env.sent == 0).all()


def test_a_state_goes_on_to_the_bit():
    wire = Wire(noise=0.1, delay=2, recall=1)
    one, other = Imperfect(pendulum.Env(3, seed=1, max_steps=7), wire, 3), Imperfect(pendulum.Env(3, seed=8), wire, 9)
    walk(one, actions_of(10))
    kept = one.state()
    kept = {**kept, "env": {k: np.array(v) if isinstance(v, np.ndarray) else v for k, v in kept["env"].items()}}
    generators = [np.random.default_rng() for _ in range(2)]
    for rng, own in zip(generators, (one.rng, one.env.rng), strict=True):
        rng.bit_generator.state = own.bit_generator.state
    other.env.max_steps = 7
    other.load_state({**kept, "rng": generators[0], "env": {**kept["env"], "rng": generators[1]}})
    assert other.steps_taken == one.steps_taken == 30
    for action in actions_of(10, seed=1):
        assert (one.step(action).observation == other.step(action).observation).all()


def test_the_same_seed_is_the_same_noise():
    made = [behind(pendulum.Env, Wire(noise=0.2))(3, (seed, 0), None) for seed in (1, 1, 2)]
    walks = [np.array(walk(env, actions_of(5))) for env in made]
    assert (walks[0] == walks[1]).all()
    assert (walks[0] != walks[2]).any()


def test_pictures_take_a_delay_but_no_noise():
    env = pendulum.Env(1)
    env.observation_shape = (8, 8, 3)
    Imperfect(env, Wire(delay=1))
    for wire in (Wire(noise=1.0), Wire(recall=1)):
        with pytest.raises(OptionError, match="row of numbers"):
            Imperfect(env, wire)


def test_the_expert_of_a_world_advises_behind_a_wire_too():
    world = car.Env(3, seed=1)
    assert (Imperfect(world, Wire(noise=0.1, delay=1)).advice() == world.advice()).all()
    assert Imperfect(pendulum.Env(3), Wire(delay=1)).advice() is None
