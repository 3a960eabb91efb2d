"""The car moves as the equations of the bicycle say, laps are counted, and other seeds are other tracks."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from deepglass.core.errors import OptionError
from deepglass.rl.driving.tracks import WIDTH, track_through
from deepglass.rl.envs.car import (
    DRIVEN,
    FASTEST,
    GRIP,
    HEADING,
    SECONDS,
    SPEED,
    START,
    TRACK,
    WAY,
    WHEELBASE,
    Config,
    Env,
    X,
    Y,
    drive,
)  # fmt: skip
from deepglass.rl.running import opening
from deepglass.rl.running.episodes import play

PROVES = {"test_a_step_agrees_with_an_integration_of_the_equations": ("rl/envs/car.py",)}  # read by `deepglass read`

CIRCLE = np.array([(30 * math.cos(a), 30 * math.sin(a)) for a in np.linspace(0, 2 * np.pi, 16, endpoint=False)])


def on_a_circle(count=1):
    return Env(count, tracks=track_through(CIRCLE))


def test_a_step_agrees_with_an_integration_of_the_equations():
    rng = np.random.default_rng(0)
    moving = np.stack((*rng.uniform(-20, 20, (2, 50)), rng.uniform(-4, 4, 50), rng.uniform(1, 12, 50)))
    steer, push = rng.uniform(-0.12, 0.12, 50), rng.uniform(-3, 3, 50)
    after = drive(moving, steer, push)
    for i in range(50):

        def slope(_, state, i=i):
            _, _, heading, speed = state
            return [
                speed * math.cos(heading), speed * math.sin(heading), speed * math.tan(steer[i]) / WHEELBASE, push[i],
            ]  # fmt: skip

        judge = solve_ivp(slope, (0, SECONDS), moving[:, i], rtol=1e-10, atol=1e-12).y[:, -1]
        assert after[:, i] == pytest.approx(judge, abs=2e-3)
        assert after[2:, i] == pytest.approx(judge[2:], abs=1e-9)


def test_tyres_hold_so_much_and_no_more_and_the_engine_has_its_end():
    fast = np.array([[0.0], [0.0], [0.0], [14.0]])
    turning = drive(fast, np.array([0.5]), np.zeros(1))[2, 0] / SECONDS
    assert turning * 14.0 == pytest.approx(GRIP)
    assert drive(fast, np.zeros(1), np.array([50.0]))[3, 0] == FASTEST
    assert drive(fast, np.zeros(1), np.array([-500.0]))[3, 0] == 0.0
    standing = np.zeros((4, 1))
    assert (drive(standing, np.array([0.5]), np.zeros(1)) == standing).all()


def test_another_car_turns_wider_slides_sooner_and_is_faster():
    going = np.array([[0.0], [0.0], [0.0], [6.0]])
    turned = {base: drive(going, np.array([0.2]), np.zeros(1), config=Config(wheelbase=base))[2, 0] for base in (2, 4)}
    assert turned[2] == pytest.approx(2 * turned[4])
    wet = drive(np.array([[0.0], [0.0], [0.0], [14.0]]), np.array([0.5]), np.zeros(1), config=Config(grip=3.0))
    assert wet[2, 0] / SECONDS * 14.0 == pytest.approx(3.0)
    assert drive(going, np.zeros(1), np.array([500.0]), config=Config(fastest=25.0))[3, 0] == 25.0
    assert Env(1, config=Config(wheelbase=4.5)).body[1] == pytest.approx(Env(1).body[1] + 2)


@pytest.mark.parametrize("options", ["grip=1", "traffic=7", "traffic=-1", "wheelbase=0", "fastest=90"])
def test_a_car_that_cannot_be_is_refused(options):
    with pytest.raises(OptionError, match=f"Car-v0:{options}: {options.partition('=')[0]}: expected"):
        opening.world_named(f"Car-v0:{options}")


def test_a_lap_is_counted_once_round_and_pays_a_hundred():
    env = on_a_circle(3)
    played = play(lambda _: env.advice(), env, 6)
    assert played.reached.all()
    assert played.returns == pytest.approx([100.0] * 6)
    lap = env.tracks.length[0]
    assert (played.lengths * SECONDS * FASTEST > lap).all()
    assert (played.lengths * SECONDS * START < lap).all()


def test_driving_the_wrong_way_round_is_no_lap():
    env = on_a_circle()
    env.reset()
    env.physics[HEADING] += np.pi
    earned = 0.0
    for _ in range(400):
        place, heading = env.physics[[X, Y], 0], env.physics[HEADING, 0]
        ahead = math.atan2(place[1], place[0]) - 0.2  # clockwise
        goal = 30 * np.array([math.cos(ahead), math.sin(ahead)]) - place
        turn = (math.atan2(goal[1], goal[0]) - heading + np.pi) % (2 * np.pi) - np.pi
        step = env.step(np.array([[np.clip(2 * turn, -1, 1), 0.0]]))
        earned += step.reward[0]
        assert not step.ended[0]
        assert not step.reached[0]
    assert earned < -80
    assert env.physics[DRIVEN, 0] < -150


def test_who_leaves_the_road_is_out_where_its_middle_passes_the_edge():
    env = on_a_circle()
    env.reset()
    for _ in range(200):  # straight on
        place = env.physics[[X, Y], 0]
        step = env.step(np.zeros((1, 2)))
        if step.ended[0]:
            break
    assert step.terminated[0]
    assert not step.reached[0]
    assert 30 < np.linalg.norm(place) <= 30 + WIDTH / 2 + 0.05


def test_a_lap_is_not_finished_beside_the_road():
    env = on_a_circle()
    env.reset()
    lap = env.tracks.length[0]
    out = env.tracks.middle[0, -1] * (1 + (WIDTH / 2 - 0.02) / 30)
    env.physics[[X, Y], 0], env.physics[SPEED, 0] = out, FASTEST
    env.physics[[DRIVEN, WAY], 0] = lap - 0.5
    env.physics[HEADING, 0] = math.atan2(out[1], out[0]) + np.pi / 4  # forwards and out
    step = env.step(np.zeros((1, 2)))
    assert step.terminated[0]
    assert not step.reached[0]
    assert step.reward[0] <= 0


def test_the_expert_drives_every_track_without_leaving_the_road():
    env = Env(100, seed=(4, 5))
    played = play(lambda _: env.advice(), env, 100)
    assert played.reached.all()
    assert np.median(played.lengths) * SECONDS < 40


def test_other_seeds_are_other_tracks_and_those_that_begin_together_share_none():
    one, same, other = Env(100, seed=(0, 0)), Env(100, seed=(0, 0)), Env(100, seed=(0, 3))
    assert (one.tracks.length == same.tracks.length).all()
    assert not np.isin(one.tracks.length, other.tracks.length).any()
    one.reset()
    assert len(np.unique(one.physics[TRACK])) == 100
    assert Env(250, seed=0).physics.shape == (8, 250)


def test_a_world_of_another_seed_that_is_restored_has_the_tracks_of_the_first():
    one, other = Env(2, seed=1), Env(2, seed=2)
    other.load_state(one.state())
    assert (other.tracks.length == one.tracks.length).all()
    assert (other.observe(other.physics) == one.observe(one.physics)).all()


def test_a_track_of_ones_own_is_an_option_of_the_name(tmp_path):
    path = tmp_path / "ring.csv"
    path.write_text("\n".join(f"{x},{y}" for x, y in CIRCLE))
    world = opening.world_named(f"Car-v0:track={path}")
    env = world.make(2, (0, 0), None)
    assert env.tracks.length == pytest.approx([60 * np.pi], rel=0.01)
    assert Env(1, config=Config(track=str(path))).tracks.length == env.tracks.length
