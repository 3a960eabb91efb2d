"""What names a world, what does not, and what strangers' worlds hand over."""

import sys

import numpy as np
import pytest

from deepglass.core.errors import MissingPackageError, OptionError, TrainingError
from deepglass.rl.envs import Box, Discrete
from deepglass.rl.envs.cartpole import Env as CartPole
from deepglass.rl.running import naming, opening
from deepglass.rl.running.gymnasium_envs import GymnasiumEnvs
from tests.rl import worlds


def test_our_worlds_go_by_gymnasiums_names_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    for name in ("CartPole-v1", "Pendulum-v1", "Acrobot-v1", "GridWorld-v0"):
        world = opening.world_named(name)
        assert world.make(2, (0, 0), None).num_envs == 2
    loose = opening.world_named("cartpole")
    assert loose.name == "CartPole-v1"
    assert loose.guesses[0].value == "CartPole-v1"
    with pytest.raises(MissingPackageError, match=r"did you mean 'CartPole-v1'.*deepglass\[rl\]"):
        opening.world_named("CartPol-v1")


@pytest.mark.parametrize("source", [None, 3, "iris", "houses.csv", "runs/a", "", "data-v1.csv", np.zeros(3)])
def test_what_is_not_a_world(source):
    assert opening.world_named(source) is None


def test_a_file_of_that_name_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "CartPole-v1").write_text("a,b\n")
    assert opening.world_named("CartPole-v1") is None


def test_an_unknown_name_is_refused_with_the_nearest():
    pytest.importorskip("gymnasium")
    with pytest.raises(OptionError, match="did you mean 'CartPole-v1'"):
        opening.world_named("CartPoel-v1")
    with pytest.raises(OptionError, match="Gymnasium says"):
        opening.world_named("CartPole-v99")


def test_a_world_of_gymnasium_is_opened():
    pytest.importorskip("gymnasium")
    world = opening.world_named("MountainCar-v0")
    env = world.make(2, (0, 0), None)
    seen = env.reset()
    assert seen.shape == (2, 2)
    assert env.max_steps == 200
    assert env.solved_at == -110.0
    frozen = opening.world_named("FrozenLake-v1").make(1, (0, 0), 7)
    assert frozen.observation_shape == (16,)  # a number as one-hot
    assert frozen.reset().sum() == 1
    assert frozen.max_steps == 7


def test_a_class_in_a_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("from tests.rl.worlds import Line as Own\nfrom deepglass.rl.envs.cartpole import Env\nx = 1\n")
    env = opening.world_named(f"{path}:Own").make(3, (0, 0), None)
    assert isinstance(env, GymnasiumEnvs)
    assert env.max_steps == 20
    assert isinstance(opening.world_named(f"{path}:Env").make(2, (0, 0), None), CartPole)
    with pytest.raises(OptionError, match="did you mean 'Own'"):
        opening.world_named(f"{path}:Owm")
    with pytest.raises(OptionError, match="is not a file"):
        opening.world_named(f"{tmp_path}/gone.py:Own")
    path.write_text("import nothing_of_this_name\n")
    with pytest.raises(OptionError, match=r"cannot be imported.*nothing_of_this_name"):
        opening.world_named(f"{path}:Own")


def test_a_constructor_that_fails_is_a_message(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "class Own:\n    def __init__(self):\n        raise KeyError('map')\n    def step(self, action): pass\n"
    )
    world = opening.world_named(f"{path}:Own")
    assert world.guesses[0].option == "--max-episode-steps"
    with pytest.raises(TrainingError, match=r"cannot be made .KeyError"):
        world.make(1, (0, 0), None)


def opened(kind, count=2, seed=0, limit=20):
    return GymnasiumEnvs("mine", kind, count, (seed, 0), limit)


def walk(env, steps):
    env.reset()
    return [env.step(np.array([0, 1])) for _ in range(steps)]


@pytest.mark.parametrize("what", worlds.MESSAGES)
def test_whatever_a_world_does_wrong_is_said_with_the_step(what):
    env = opened(worlds.hostile(what))
    with pytest.raises(TrainingError, match=worlds.MESSAGES[what]) as caught:
        walk(env, 10)
    assert "step 5 of episode 1" in str(caught.value) or "a new episode" in str(caught.value)


def test_an_endless_episode_is_cut():
    env = opened(worlds.hostile("nothing"), limit=8)
    ends = walk(env, 16)
    assert [step.truncated.all() for step in ends] == [(t + 1) % 8 == 0 for t in range(16)]


def test_actions_and_observations_of_kinds_that_are_learnt():
    assert opened(worlds.Line).actions == Discrete(2)
    assert opened(worlds.Push).actions == Box((pytest.approx(-0.2),), (pytest.approx(0.2),))
    assert opened(worlds.Grey).reset().dtype == np.uint8
    shifted = type("Shifted", (worlds.Line,), {"action_space": worlds.SimpleNamespace(n=2, start=5)})
    env = opened(shifted)
    env.reset()
    env.step(np.array([0, 1]))
    assert [env.history[0], env.history[1]] == [[5], [6]]


@pytest.mark.parametrize(
    ("space", "value", "message"),
    [
        ("action_space", worlds.SimpleNamespace(nvec=[2, 2]), "actions of the kind SimpleNamespace cannot be learnt"),
        ("action_space", worlds.box(0, 3, (2,), np.int64), "cannot be learnt"),
        ("observation_space", worlds.SimpleNamespace(), "observations of the kind SimpleNamespace cannot"),
        ("observation_space", worlds.box(0, 1, (0,)), "holds nothing"),
    ],
)
def test_kinds_that_nothing_learns_are_refused(space, value, message):
    with pytest.raises(OptionError, match=message):
        opened(type("Odd", (worlds.Line,), {space: value}))


def test_a_class_without_the_interface_is_refused():
    with pytest.raises(OptionError, match="has no observation_space"):
        opened(type("Bare", (), {"reset": None, "step": None}))


def test_a_world_is_put_back_by_playing_its_episodes_again():
    one, two, other = opened(worlds.Line, seed=1), opened(worlds.Line, seed=1), opened(worlds.Line, seed=2)
    starts = [env.reset() for env in (one, two, other)]
    assert (starts[0] == starts[1]).all()
    assert (starts[0] != starts[2]).any()
    for _ in range(33):
        one.step(np.array([0, 1]))
    two.load_state(one.state())
    assert two.restarted == 0
    for _ in range(30):
        a, b = (env.step(np.array([1, 0])) for env in (one, two))
        assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_a_world_that_goes_otherwise_each_time_begins_anew():
    class Loose(worlds.Line):
        def reset(self, seed=None, options=None):
            return super().reset(None)

    one, two = opened(Loose), opened(Loose)
    one.reset()
    one.step(np.array([0, 1]))
    two.load_state(one.state())
    assert two.restarted == 2
    assert (two.elapsed == 0).all()


def test_a_world_with_options():
    world = opening.world_named("Arm-v0:load=1,delay=2,recall=2")
    env = world.make(3, (0, 0), None)
    assert world.name == "Arm-v0:load=1,delay=2,recall=2"
    assert (env.env.config.load, env.wire.delay) == (1.0, 2)
    assert env.observation_shape == (14,)
    assert len(env.observation_names) == 14


def test_a_wire_before_a_world_in_a_file(tmp_path):
    path = tmp_path / "own.py"
    path.write_text("from tests.rl.worlds import Line\n\n\nclass Own(Line):\n    pass\n")
    env = opening.world_named(f"{path}:Own:delay=3").make(2, (0, 0), None)
    env.reset()
    assert env.step(np.array([0, 1])).observation.shape == (2, 2)
    assert naming.is_file(f"{path}:Own:delay=3")
    with pytest.raises(OptionError, match="only where you name it"):
        opening.world_named(f"{path}:Own:delay=3", is_typed=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("dely=2", "did you mean 'delay'"),
        ("delay=two", "delay: expected int, got 'two'"),
        ("delay=-1", "expected 0 to 1000, got -1"),
        ("vary=1", "expected 0 to 0.9, got 1"),
        ("noise=nan", "noise: expected 0"),
        ("delay=2,", "unknown option ''"),
    ],
)
def test_options_that_a_world_does_not_have_are_refused(options, message):
    with pytest.raises(OptionError, match=message):
        opening.world_named(f"Arm-v0:{options}")


def test_options_of_what_is_no_world_are_none():
    assert opening.world_named("https://host/table.csv?a:b=1") is None
