"""Other cars keep their lane and their pace, are seen by the rays, and may not be touched."""

import numpy as np
import pytest

from deepglass.rl.driving import traffic
from deepglass.rl.driving.tracks import random_tracks
from deepglass.rl.envs.car import HEADING, OTHERS, SPEED, TRACK, Config, Env, X, Y
from deepglass.rl.running import opening
from deepglass.rl.running.episodes import play

THREE = Config(traffic=3)


def test_others_stand_in_their_lanes_along_the_road():
    tracks = random_tracks(4, np.random.default_rng(0))
    track, ways = np.arange(4), np.tile(np.array([[0.0], [31.0], [77.7]]), 4)
    place, along = traffic.poses(tracks, track, ways)
    assert place.shape == along.shape == (4, 3, 2)
    first = tracks.middle[:, 0] - traffic.LANE * traffic.left_of(tracks.along[:, 0])
    assert place[:, 0] == pytest.approx(first)
    for one in range(4):
        off = np.linalg.norm(place[one][:, None] - tracks.middle[one], axis=2).min(axis=1)
        assert (np.abs(off - traffic.LANE) < 0.6).all()
    same, _ = traffic.poses(tracks, track, ways + tracks.length)
    assert same == pytest.approx(place)


def test_they_move_at_their_pace_and_are_far_from_the_start():
    env = Env(50, seed=1, config=THREE)
    env.reset()
    length = env.tracks.length[env.physics[TRACK].astype(int)]
    before = env.physics[OTHERS:].copy()
    assert (before > 30).all()
    assert (before < length - 30).all()
    env.step(np.zeros((50, 2)))
    assert (env.physics[OTHERS:] - before) % length == pytest.approx(np.full((3, 50), traffic.PACE * 0.1))


def test_a_ray_ends_at_the_tail_of_a_car_ahead():
    env = Env(1, seed=0, config=Config(traffic=1))
    env.reset()
    free = env.rays(env.physics)[0]
    env.physics[OTHERS] = 12.0  # the right lane, metres ahead
    place, along = env.others(env.physics)
    env.physics[[X, Y], 0] = place[0, 0] - 10 * along[0, 0]
    env.physics[HEADING, 0] = np.arctan2(along[0, 0, 1], along[0, 0, 0])
    seen = env.rays(env.physics)[0]
    assert seen[3] == pytest.approx(10 + traffic.BODY[0], abs=1e-4)  # straight ahead
    assert len(free) == len(seen) == env.observation_shape[0] - 1


@pytest.mark.parametrize(
    ("ahead", "aside", "is_hit"), [(4.0, 0, True), (4.7, 0, False), (0, 1.9, True), (0, 2.3, False)]
)
def test_who_touches_another_car_is_out(ahead, aside, is_hit):
    env = Env(1, seed=0, config=Config(traffic=1))
    env.reset()
    env.physics[OTHERS], env.physics[SPEED] = 40.0, traffic.PACE
    place, along = env.others(env.physics)
    left = traffic.left_of(along)
    env.physics[[X, Y], 0] = (place - ahead * along + aside * left)[0, 0]
    env.physics[HEADING, 0] = np.arctan2(along[0, 0, 1], along[0, 0, 0])
    assert env.crashed().tolist() == [is_hit]


def test_a_crash_ends_the_episode_without_a_lap():
    env = Env(1, seed=0, config=Config(traffic=1))
    env.reset()
    env.physics[OTHERS] = 1.0  # beside, half in one's way
    step = env.step(np.zeros((1, 2)))
    assert step.terminated[0]
    assert not step.reached[0]


def test_an_expert_finds_the_clear_lane_and_gets_round():
    length = np.full(3, 300.0)
    ways = np.array([[20.0, 290.0, 100.0], [95.0, 60.0, 20.0]])  # the right lane, the left lane
    assert traffic.clear_lane(np.zeros(3), ways, length).tolist() == [traffic.LANE, 0.0, -traffic.LANE]
    env = Env(40, seed=(4, 5), config=THREE)
    assert play(lambda _: env.advice(), env, 40).reached.mean() >= 0.95
    blind = Env(40, seed=(4, 5), config=THREE)
    alone = Env(40, seed=(4, 5))
    alone.reset()

    def as_if_alone(_):
        alone.physics = blind.physics[:OTHERS]
        return alone.advice()

    assert play(as_if_alone, blind, 40).reached.mean() < 0.2


def test_traffic_is_an_option_of_the_name_and_goes_on_to_the_bit():
    world = opening.world_named("Car-v0:traffic=2,grip=5")
    one, other = world.make(3, (0, 0), None), world.make(3, (1, 0), None)
    one.reset()
    one.step(one.advice())
    other.load_state(one.state())
    actions = one.advice()
    assert len(one.shapes(0)) == len(Env(1).shapes(0)) + 2
    assert (one.step(actions).observation == other.step(actions).observation).all()
