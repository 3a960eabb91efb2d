"""Distances along rays are those of geometry done one ray and one piece of edge at a time."""

import numpy as np
import pytest

from deepglass.rl.driving.rays import distances
from deepglass.rl.envs.car import ANGLES, HEADING, REACH, TRACK, Env, X, Y


def by_hand(chains, x, y, direction, reach):
    """Every piece of every chain, as two lines that are solved for where they meet."""
    nearest, (dx, dy) = reach, (np.cos(direction), np.sin(direction))
    for chain in chains:
        for (ax, ay), (bx, by) in zip(chain, np.roll(chain, -1, axis=0), strict=True):
            matrix = np.array([[dx, ax - bx], [dy, ay - by]])
            if abs(np.linalg.det(matrix)) < 1e-12:
                continue
            far, share = np.linalg.solve(matrix, [ax - x, ay - y])
            if far >= 0 and 0 <= share <= 1:
                nearest = min(nearest, far)
    return nearest


def test_rays_of_cars_all_over_the_road_end_where_they_meet_its_edge():
    env, rng = Env(40, seed=3), np.random.default_rng(0)
    env.reset()
    for _ in range(25):  # somewhere on the road, turned somehow
        env.step(np.clip(env.advice() + rng.normal(0, 0.6, (40, 2)), -1, 1))
    env.physics[HEADING] += rng.uniform(-1.0, 1.0, 40)
    ours = env.rays(env.physics)
    for i in range(0, 40, 5):
        x, y, heading, track = env.physics[[X, Y, HEADING, TRACK], i]
        edges = env.tracks.edges[int(track)].astype(float).swapaxes(0, 1)
        theirs = [by_hand(edges, x, y, heading + angle, REACH) for angle in ANGLES]
        assert ours[i] == pytest.approx(theirs, abs=1e-4)


def test_a_box_is_seen_from_its_middle_and_a_ray_that_meets_nothing_is_as_long_as_it_may_be():
    box = np.array([(3, -4), (3, 4), (-3, 4), (-3, -4), (3, -4)], float)[None, :, None]
    angles = np.radians([0, 90, 180, 270])
    assert distances(box, np.zeros((1, 2)), np.zeros(1), angles, 10.0)[0] == pytest.approx([3, 4, 3, 4])
    assert distances(box, np.zeros((1, 2)), np.radians([90.0]), angles, 10.0)[0] == pytest.approx([4, 3, 4, 3])
    assert distances(box, np.array([[2.0, 1.0]]), np.zeros(1), angles, 10.0)[0] == pytest.approx([1, 3, 5, 5])
    assert distances(box, np.array([[50.0, 0.0]]), np.zeros(1), angles, 10.0)[0] == pytest.approx([10] * 4)


def test_the_nearest_of_several_edges_counts():
    walls = np.array([[[(2.0, -1.0), (5.0, -1.0)], [(2.0, 1.0), (5.0, 1.0)]]])  # two chains, one behind the other
    assert distances(walls, np.zeros((1, 2)), np.zeros(1), np.zeros(1), 10.0) == pytest.approx(np.array([[2.0]]))
