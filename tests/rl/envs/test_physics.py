"""Our worlds move as Gymnasium's do, time limits are truncations, and seeds are honoured."""

import numpy as np
import pytest

from deepglass.core.errors import DataError
from deepglass.rl.envs import Box, acrobot, arm, car, cartpole, grid_world, pendulum

PROVES = {  # read by `deepglass read`
    "test_a_step_agrees_with_gymnasium": ("rl/envs",),
    "test_walls_and_edges_stop_and_ends_are_worth_what_they_say": ("rl/envs/grid_world.py",),
}

WORLDS = {"CartPole-v1": cartpole.Env, "Pendulum-v1": pendulum.Env, "Acrobot-v1": acrobot.Env}
ALL = {**WORLDS, "GridWorld-v0": grid_world.Env, "Arm-v0": arm.Env, "Car-v0": car.Env}


def any_actions(env, rng):
    if isinstance(env.actions, Box):
        return rng.uniform(env.actions.low, env.actions.high, (env.num_envs, len(env.actions.low)))
    return rng.integers(0, env.actions.n, env.num_envs)


@pytest.mark.parametrize("name", WORLDS)
def test_a_step_agrees_with_gymnasium(name):
    gymnasium = pytest.importorskip("gymnasium")
    theirs, rng = gymnasium.make(name).unwrapped, np.random.default_rng(0)
    theirs.reset(seed=0)
    ours = WORLDS[name](64, seed=1)
    ours.physics = rng.uniform(-1.0, 1.0, ours.physics.shape) * (0.2 if name == "CartPole-v1" else 2.0)
    before, actions = ours.physics.copy(), any_actions(ours, rng)
    step = ours.step(actions)
    for i in range(64):
        theirs.state = before[:, i].copy()
        if hasattr(theirs, "steps_beyond_terminated"):
            theirs.steps_beyond_terminated = None
        seen, reward, terminated, _, _ = theirs.step(actions[i])
        assert np.abs(step.final[i] - seen).max() < 1e-6
        assert abs(step.reward[i] - reward) < 1e-6
        assert step.terminated[i] == terminated


def test_a_whole_episode_agrees_with_gymnasium():
    gymnasium = pytest.importorskip("gymnasium")
    theirs, ours = gymnasium.make("CartPole-v1").unwrapped, cartpole.Env(1, seed=3)
    theirs.reset(seed=0)
    theirs.state = ours.physics[:, 0].copy()
    for _ in range(100):  # the pole doubles rounding every few steps
        action = int(ours.physics[2, 0] + 0.5 * ours.physics[3, 0] > 0)  # keeps the pole up for a while
        step = ours.step(np.array([action]))
        seen, _, terminated, _, _ = theirs.step(action)
        assert np.abs(step.final[0] - seen).max() < 1e-6
        assert terminated == step.terminated[0]
        if terminated:
            break


@pytest.mark.parametrize("name", ALL)
def test_the_contract_of_a_world(name):
    env, rng = ALL[name](5, seed=0, max_steps=30), np.random.default_rng(0)
    seen = env.reset()
    assert env.name == name
    for _ in range(70):
        assert seen.shape == (5, *env.observation_shape)
        assert seen.dtype == np.float32
        step = env.step(any_actions(env, rng))
        assert step.reward.shape == step.terminated.shape == step.truncated.shape == (5,)
        assert not (step.terminated & step.truncated).any()
        same = (step.final == step.observation).reshape(5, -1).all(axis=1)
        assert same[~step.ended].all()
        assert (env.elapsed[step.ended] == 0).all()
        seen = step.observation
    assert env.steps_taken == 350
    assert len(env.observation_names) in (0, env.observation_shape[0])
    assert env.shapes(0)


@pytest.mark.parametrize("name", ALL)
def test_a_time_limit_is_a_truncation_with_its_last_observation(name):
    env, rng = ALL[name](3, seed=0, max_steps=4), np.random.default_rng(0)
    env.reset()
    for _ in range(3):
        assert not env.step(any_actions(env, rng)).truncated.any()
    step = env.step(any_actions(env, rng))
    assert step.truncated.all()
    assert not step.terminated.any()
    assert (env.elapsed == 0).all()


@pytest.mark.parametrize("name", ALL)
def test_the_same_seed_is_the_same_world_and_a_state_goes_on_to_the_bit(name):
    envs = [ALL[name](3, seed=seed, max_steps=7) for seed in (1, 1, 2)]
    rng = np.random.default_rng(0)
    actions = [any_actions(envs[0], rng) for _ in range(20)]
    walks = [np.array([env.reset(), *(env.step(action).observation for action in actions)]) for env in envs]
    assert (walks[0] == walks[1]).all()
    if name != "GridWorld-v0":
        assert (walks[0] != walks[2]).any()
    kept = envs[0].state()
    kept = {key: np.array(value) if isinstance(value, np.ndarray) else value for key, value in kept.items()}
    ahead = np.array([envs[0].step(action).observation for action in actions])
    other = ALL[name](3, seed=9, max_steps=7)
    other.load_state({**kept, "rng": envs[1].rng})
    assert (np.array([other.step(action).observation for action in actions]) == ahead).all()


def test_a_goal_is_reached_when_it_was_held_long_enough_and_forgotten_with_the_episode():
    env = pendulum.Env(3, seed=0, max_steps=60)
    env.physics = np.array([[0.0, 0.0, np.pi], [0.0, 3.0, 0.0]])  # at rest on the top, passing it, hanging
    idle = np.zeros((3, 1))
    before = [env.step(idle).reached for _ in range(env.hold)]
    assert not np.any(before[:-1])
    assert before[-1].tolist() == [True, False, False]
    for _ in range(env.hold, 59):
        env.step(idle)
    assert env.step(idle).reached[0]  # of the episode that ends here
    assert not env.step(idle).reached.any()


def test_worlds_without_a_goal_say_so():
    assert cartpole.Env(2).step(np.zeros(2, int)).reached is None


def test_a_fallen_pole_ends_and_the_world_begins_anew():
    env = cartpole.Env(2, seed=0)
    env.physics[:] = [[0, 2.4], [0, 9], [0, 0], [0, 0]]
    step = env.step(np.array([0, 1]))
    assert step.terminated.tolist() == [False, True]
    assert step.final[1, 0] > 2.4
    assert abs(step.observation[1]).max() <= 0.05


def test_walls_and_edges_stop_and_ends_are_worth_what_they_say():
    env = grid_world.Env(1, layout=("S#G", ".XG"), max_steps=10)
    walk = {"up": 0, "right": 0, "down": 3}
    for name, cell in walk.items():
        env.reset()
        assert env.step(np.array([env.actions.names.index(name)])).final[0].argmax() == cell
    pit = env.step(np.array([1]))
    assert pit.terminated[0]
    assert pit.reward[0] == pytest.approx(-1.01)


@pytest.mark.parametrize(
    ("layout", "message"),
    [(("S.", "G"), "one length"), (("SG?",), "knows S"), (("..G",), "a start S"), (("S..",), "a goal G"), ((), "rows")],
)
def test_a_map_that_cannot_be_is_refused(layout, message):
    with pytest.raises(DataError, match=message):
        grid_world.Env(1, layout=layout)
